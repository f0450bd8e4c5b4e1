// From a place or an event as somebody types it at a command (`server.pool.*`, `office.frame`) to
// the records that it is for.
//
// Names are those of the world's tree. A place stands for all events of it and of what is in it.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// nil with the reason when there is nothing of that name.
  func pick(_ text: String) throws(RuntimeError) -> Pick {
    if text.isEmpty || text == "*" { return Pick(text: "*", filters: []) }
    var indexes: [Value] = []
    let pattern = try steps(of: text, &indexes)
    var failure: RuntimeError?
    do throws(RuntimeError) {
      return Pick(text: text, filters: try filters(pattern, indexes, at: program.root.span))
    } catch { failure = error }
    // It names no event; so it may name a place.
    guard let place = try? node(named: text), case let found = filters(below: place),
      !found.isEmpty
    else { throw failure ?? RuntimeError("N201", "`\(text)` names no event") }
    return Pick(text: text, filters: found)
  }

  /// A place by its path.
  func node(named text: String) throws(RuntimeError) -> NodeID {
    var indexes: [Value] = []
    let pattern = try steps(of: text, &indexes)
    var rest = indexes[...]
    var value = Value.none
    for step in pattern {
      switch step {
      case .root(let name): value = try root(name, at: program.root.span)
      case .member(let name): value = try member(of: value, name, at: program.root.span)
      case .index:
        value = try element(of: value, rest.popFirst() ?? .none, at: program.root.span)
      default: throw RuntimeError("N201", "`\(text)` is no one place")
      }
    }
    guard let raw = value.asNode, NodeID(rawValue: raw).space == .tree,
      tree[NodeID(rawValue: raw)].role != .forward
    else { throw RuntimeError("N201", "`\(text)` is no place of this world") }
    return NodeID(rawValue: raw)
  }

  private func filters(below id: NodeID) -> [EventFilter] {
    if case .builtin(.host) = tree[id].role {
      return [EventFilter(kinds: .max, host: tree[id].host)]
    }
    var found: [EventFilter] = []
    if let scope = eventScope(id) {
      var filter = scope.filter
      filter.kinds = EventCatalogue.kinds(scope.owner, nil)
      if filter.kinds != 0 { found.append(filter) }
    }
    for child in tree[id].children { found += filters(below: child) }
    return found
  }

  /// `ftp.writer[1].wake`: a name, then members, indexes and stars.
  private func steps(
    of text: String, _ indexes: inout [Value]
  ) throws(RuntimeError) -> [PatternStep] {
    var steps: [PatternStep] = []
    var rest = text[...]
    while let first = rest.first {
      if first == "[" {
        guard let end = rest.firstIndex(of: "]") else {
          throw RuntimeError("N201", "`\(text)`: a `]` is missing")
        }
        let inner = String(rest[rest.index(after: rest.startIndex)..<end])
        steps.append(inner == "*" ? .anyIndex : .index)
        if inner != "*" { indexes.append(index(inner)) }
        rest = rest[rest.index(after: end)...]
        continue
      }
      if first == "." { rest.removeFirst() }
      let name = rest.prefix { $0 != "." && $0 != "[" }
      let isName = name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
      guard !name.isEmpty, name == "*" || isName else {
        throw RuntimeError(
          "N201", "`\(text)` names no event", help: "`server.pool.wait`, `server.pool.*`")
      }
      if steps.isEmpty {
        steps.append(.root(vm.intern(String(name))))
      } else {
        steps.append(name == "*" ? .anyMember : .member(vm.intern(String(name))))
      }
      rest = rest.dropFirst(name.count)
    }
    return steps
  }

  private func index(_ text: String) -> Value {
    if let number = Int64(text) { return .int(number) }
    if text.hasPrefix(".") { return vm.symbol(String(text.dropFirst())) }
    return vm.makeString(String(text.filter { $0 != "\"" }))
  }

  /// Where an event that is still to come will happen.
  func isOf(_ pick: Pick, _ event: Event) -> Bool {
    if pick.isAll { return true }
    let place = Int(event.object)
    let host: Int32
    switch event.kind {
    case .delivery: return pick.filters.contains { $0.host < 0 && $0.object == event.object }
    case .bridged, .outputFree, .arrival:
      let link = simulation.ports[place].link
      return pick.filters.contains { $0.host < 0 && $0.object == link }
    case .sent, .late: host = simulation.ports[place].host
    case .cpu, .interruptEnd, .poll, .callout: host = event.object
    case .wake, .timeout, .console, .waitOver:
      return pick.filters.contains {
        $0.host == simulation.tasks[place].host
          && ($0.object < 0 || $0.object == event.object)
      }
    }
    return pick.filters.contains { $0.host == host }
  }
}
