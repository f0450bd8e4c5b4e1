// N225: traffic whose two ends share no medium.

import NetScript

extension Bench {
  /// Only a kind that is told both ends is asked: its parts take them from it.
  func checkReach(_ id: NodeID, _ template: KindTemplate) {
    let own = template.parameters.compactMap { words.word($0.name) }
    guard own.contains(.from), own.contains(.to), let span = tree[id].span,
      let from = nodeField(id, .from, [.host]), let to = nodeField(id, .to, [.host]), from != to
    else { return }
    // Where somebody has declared a route there may be a way that this does not see.
    if declared.contains(where: { tree[$0].role == .builtin(.route) }) { return }
    let near = links(of: from)
    if links(of: to).contains(where: { near.contains($0) }) { return }
    if isPluggedAmiss(from) || isPluggedAmiss(to) { return }
    let known = near.first ?? links(of: to).first
    diagnostics.append(
      Diagnostic(
        code: "N225",
        title:
          "`\(path(of: id))` cannot reach: `\(path(of: from))` and `\(path(of: to))` share no lan",
        at: span, label: plugs(of: from) + " · " + plugs(of: to),
        help: "`nic eth0 { lan = \(known.map { path(of: $0) } ?? "…") }` in both"))
    forgetUnplugged(from)
    forgetUnplugged(to)
  }

  /// `server: eth0 on `office` (line 14)`.
  private func plugs(of host: NodeID) -> String {
    var texts: [String] = []
    for child in interfaces(of: host) {
      let link = nodeField(child, .lan, [.lan, .link]).map { "on `\(path(of: $0))`" }
      let place = tree[child].span.map { " (line \(line(of: $0)))" } ?? ""
      texts.append("\(name(tree[child].name)) \(link ?? "has no `lan`")\(place)")
    }
    return "\(path(of: host)): \(texts.isEmpty ? "no nic" : texts.joined(separator: ", "))"
  }

  /// Whether the `lan` of a nic names nothing: that is told already.
  private func isPluggedAmiss(_ host: NodeID) -> Bool {
    interfaces(of: host).contains { nic in
      ownField(nic, words.symbol(.lan)).flatMap { mention($0) } != nil
    }
  }

  /// That its nic has no `lan` has been told now.
  private func forgetUnplugged(_ host: NodeID) {
    for child in interfaces(of: host) {
      diagnostics.removeAll { $0.code == "N207" && $0.primary.span == tree[child].span }
    }
  }
}
