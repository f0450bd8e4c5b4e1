// N312: what was declared can take more clusters than there are. Said before the run, to those who
// do not look for it: a script that asks `wedged`, `holders` and the like hears of it.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// One for each host whose sum is known and too large.
  func poolWarnings() -> [Diagnostic] {
    var warnings: [Diagnostic] = []
    if plan.mentions([.wedged, .stalled, .budget, .holders, .waiters, .blame]) { return [] }
    // What is wrong with a `load()` is said when somebody asks for the budget.
    let loads = try? asPredicate({ () throws(RuntimeError) in
      try declaredLoads(at: plan.program.root.span)
    })
    let hosts = Set((loads ?? []).map { $0.host })
    for record in stations.records where record.stack >= 0 && hosts.contains(record.host) {
      guard let span = tree[record.node].span,
        let budget = try? asPredicate({ () throws(RuntimeError) in
          try self.budget(of: record.host, at: span)
        }), let warning = warning(record.node, budget, at: span)
      else { continue }
      warnings.append(warning)
    }
    return warnings
  }

  private func warning(_ host: NodeID, _ budget: Budget, at span: SourceSpan) -> Diagnostic? {
    let rule = budget.rule
    guard !budget.loads.isEmpty, let need = rule.need, case (.unsafe, _) = rule.verdict else {
      return nil
    }
    var labels: [DiagnosticLabel] = []
    for load in budget.loads {
      guard let label = label(load), !labels.contains(where: { $0.span == label.span }) else {
        continue
      }
      labels.append(label)
    }
    let enough = need + (rule.promise?.keeps ?? 0)
    // A share that binds is unsafe with any pool.
    guard enough > rule.have else { return nil }
    let name = path(of: host)
    return Diagnostic(
      .warning, code: "N312",
      title: "`\(name)`'s pool can run out: \(enough) of \(rule.have) clusters", at: span,
      secondary: labels, why: parts(rule),
      help: "`\(name).pool.clusters = \(enough)` is always enough; `print budget(\(name))`")
  }

  /// "32 in rings + 59 in send buffers".
  private func parts(_ rule: BudgetRule) -> String {
    let unread = rule.unread ?? 0
    let sent = (rule.sockets ?? 0) - unread
    var parts: [String] = []
    func add(_ count: Int64, _ what: String) {
      if count > 0 { parts.append("\(count) \(what)") }
    }
    add(rule.ring, "in rings")
    if sent + unread >= unread + rule.unreaped {
      add(sent, "in send buffers")
      add(unread, "unread")
    } else {
      add(unread, "unread")
      add(rule.unreaped, "sent and not reaped")
    }
    add(rule.needsSpare ? 1 : 0, "for the next frame")
    add(rule.promise?.keeps ?? 0, "kept for rx")
    return parts.dropFirst().reduce(parts.first ?? "") { $0 + " + " + $1 }
  }

  private func label(_ load: DeclaredLoad) -> DiagnosticLabel? {
    guard let span = tree[load.node].span else { return nil }
    switch load.load {
    case .writers(let count, let write, _):
      let size = write.map { "\($0)B" } ?? "any size"
      let sockets = count.map { $0 == 1 ? "" : "\($0) sockets, " } ?? ""
      return DiagnosticLabel(span, "\(sockets)writes of \(size)")
    case .unreadDatagrams: return DiagnosticLabel(span, "read by nobody")
    case .datagrams, .unreadStream, .received: return nil
    }
  }
}
