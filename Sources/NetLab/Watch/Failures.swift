// What is said about an expectation that did not hold: the time, the values, and why.

import NetScript
import NetStack

extension Bench {
  /// A moment as text: `8min 46.6s`.
  func moment(_ instant: Instant) -> String { TimeText.text(instant) }

  func failure(
    _ one: Expectation, _ site: StatementSite, at now: Instant
  ) throws(RuntimeError) -> [String] {
    let property = propertyText(site, 0)
    var lines: [String] = []
    switch one.judgement.modal {
    case .always: lines.append("`\(property)` was false at \(moment(now))")
    case .never: lines.append("`\(property)` was true at \(moment(now))")
    case .eventually:
      lines.append("`\(property)` was not true\(holdText(one)) up to \(moment(now))")
      if let seen = seenText(one) { lines.append(seen) }
    case .whenever:
      let since = moment(one.judgement.triggeredAt ?? now)
      lines.append(
        "`\(property)` at \(since), and `\(propertyText(site, 1))` not by \(moment(now))")
    case .finally: lines.append("`\(property)` was false at the end, \(moment(now))")
    }
    let values = valuesText(site)
    if !values.isEmpty { lines.append(values) }
    return lines + elsewhere(site) + (try whyLines(site))
  }

  /// What the end of the run says about one that was not decided before.
  func endDetail(_ one: Expectation, _ site: StatementSite, at now: Instant) -> [String] {
    let property = propertyText(site, 0)
    switch one.judgement.verdict {
    case .fail: return (try? failure(one, site, at: now)) ?? []
    case .vacuous where one.judgement.modal == .whenever:
      return ["`\(property)` was never true in \(moment(now)), so nothing was checked"]
        + [seenText(one), "help: more load, or drop the expectation"].compactMap { $0 }
    case .vacuous: return ["its window had no instant in \(moment(now))"]
    case .open:
      return ["the run ended at \(moment(now)), before it could be decided"]
    default: return []
    }
  }

  private func holdText(_ one: Expectation) -> String {
    guard let hold = one.judgement.hold else { return "" }
    return " for \(moment(.zero + hold)) on end"
  }

  func propertyText(_ site: StatementSite, _ index: Int) -> String {
    index < site.texts.count ? site.texts[index] : ""
  }

  /// Values of the paths that an expectation names: `server.pool.clusters.free is 0`.
  func valuesText(_ site: StatementSite) -> String {
    var texts: [String] = []
    for index in site.paths {
      let path = program.paths[index]
      guard !path.isCalled, !path.steps.isEmpty, texts.count < 6 else { continue }
      guard let (text, value) = value(ofPath: path) else { continue }
      let entry = "\(text) is \(Self.shortened(value))"
      if !texts.contains(entry) { texts.append(entry) }
    }
    return texts.joined(separator: " · ")
  }

  /// A list of frames would be thousands of lines.
  private static func shortened(_ value: String) -> String {
    value.utf8.count <= 200 ? value : value.prefix(160) + " … (\(value.count) characters)"
  }

  /// Walks a path again; nil for one with an index that is no plain symbol or number.
  private func value(ofPath path: PathSite) -> (String, String)? {
    let file = program.files[path.rootSpan.file]
    var end = path.rootSpan.end
    guard var value = try? root(path.root, at: path.rootSpan) else { return nil }
    var owner = Value.none
    for step in path.steps {
      guard value.asNode != nil else { return nil }
      owner = value
      if let name = step.name {
        guard let next = try? member(of: value, name, at: step.span) else { return nil }
        value = next
      } else {
        guard let index = index(from: file.text(step.span)),
          let next = try? element(of: value, index, at: step.span)
        else { return nil }
        value = next
      }
      end = max(end, step.span.end)
    }
    if let raw = value.asNode, NodeID(rawValue: raw).space == .tree { return nil }
    let origin = owner.asNode.flatMap { originText(NodeID(rawValue: $0), path.steps.last?.name) }
    return (file.text(path.rootSpan.start..<end), vm.text(value) + (origin ?? ""))
  }

  /// `[.sndbuf]` or `[2]` as written.
  private func index(from text: String) -> Value? {
    let inner = text.filter { $0 != "[" && $0 != "]" && $0 != " " }
    if let number = Int64(inner) { return .int(number) }
    guard inner.first == "." else { return nil }
    return vm.symbol(String(inner.dropFirst()))
  }

  /// Why the things it names stand still, if they do.
  func whyLines(_ site: StatementSite) throws(RuntimeError) -> [String] {
    for index in site.paths {
      guard let value = try? root(program.paths[index].root, at: site.span),
        let raw = value.asNode, NodeID(rawValue: raw).space == .tree
      else { continue }
      let lines = try oracleWhy(value, isShort: true)
      if !lines.isEmpty { return lines }
    }
    return []
  }
}
