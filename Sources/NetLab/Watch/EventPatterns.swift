// From a pattern as written (`server.pool.*`, `ftp.writer[*].wake`) to the records it is for.

import NetScript
import NetStack

extension Bench {
  /// The filters of a pattern. Once the simulation is built: only then nodes have numbers there.
  ///
  /// - Parameter indexes: values of the pattern's indexes, in order.
  func filters(
    _ pattern: [PatternStep], _ indexes: [Value], at span: SourceSpan
  ) throws(RuntimeError) -> [EventFilter] {
    var rest = indexes[...]
    var nodes: [Value] = []
    for (place, step) in pattern.dropLast().enumerated() {
      if place == 0 {
        nodes = [try start(step, &rest, at: span)]
      } else {
        nodes = try advance(nodes, step, &rest, at: span)
      }
    }
    guard let last = pattern.last, !nodes.isEmpty || pattern.count > 1 else {
      throw RuntimeError(
        "N201", "this names no event", at: span, help: "`on server.pool.wait(e) { … }`")
    }
    var found: [EventFilter] = []
    for node in nodes {
      // `server.*.*` passes over what has no events.
      if nodes.count > 1, case .anyMember = last, !hasEvents(node) { continue }
      found.append(try filter(node, last, at: span))
    }
    return found
  }

  private func start(
    _ step: PatternStep, _ indexes: inout ArraySlice<Value>, at span: SourceSpan
  ) throws(RuntimeError) -> Value {
    switch step {
    case .root(let name): return try root(name, at: span)
    case .lexicalRoot: return indexes.popFirst() ?? .none
    default: throw RuntimeError("N201", "a pattern begins with a name", at: span)
    }
  }

  private func advance(
    _ nodes: [Value], _ step: PatternStep, _ indexes: inout ArraySlice<Value>, at span: SourceSpan
  ) throws(RuntimeError) -> [Value] {
    var next: [Value] = []
    let index: Value
    if case .index = step { index = indexes.popFirst() ?? .none } else { index = .none }
    for node in nodes {
      guard node.asNode != nil else {
        throw RuntimeError("N201", "\(vm.text(node)) has no events", at: span)
      }
      switch step {
      case .member(let name): next.append(try member(of: node, name, at: span))
      case .index: next.append(try element(of: node, index, at: span))
      case .anyIndex: next += vm.list(try selectAll(of: node, at: span)) ?? []
      case .anyMember: next += childNodes(node)
      case .root, .lexicalRoot:
        throw RuntimeError("N201", "a pattern has one beginning", at: span)
      }
    }
    return next
  }

  private func childNodes(_ node: Value) -> [Value] {
    guard let raw = node.asNode else { return [] }
    let id = NodeID(rawValue: raw)
    guard id.space == .tree else { return [] }
    return tree[id].children.map { $0.value }
  }

  private func hasEvents(_ node: Value) -> Bool {
    guard let raw = node.asNode, NodeID(rawValue: raw).space == .tree,
      let scope = eventScope(NodeID(rawValue: raw))
    else { return false }
    return EventCatalogue.kinds(scope.owner, nil) != 0
  }

  private func filter(
    _ node: Value, _ step: PatternStep, at span: SourceSpan
  ) throws(RuntimeError) -> EventFilter {
    guard let raw = node.asNode, NodeID(rawValue: raw).space == .tree else {
      throw RuntimeError("N201", "\(vm.text(node)) has no events", at: span)
    }
    let id = NodeID(rawValue: raw)
    let scope = eventScope(id)
    var event: Word?
    var text = ""
    switch step {
    case .member(let name):
      event = words.word(name)
      text = vm.symbols.name(name)
    case .anyMember: break
    default: throw RuntimeError("N201", "an event is a name or `*`", at: span)
    }
    guard let scope, text.isEmpty || event != nil,
      EventCatalogue.kinds(scope.owner, event) != 0
    else { throw noEvent(text, id, scope?.owner, at: span) }
    var filter = scope.filter
    filter.kinds = EventCatalogue.kinds(scope.owner, event)
    return filter
  }

  /// What of the engine a node's events come from.
  func eventScope(_ id: NodeID) -> (owner: Word, filter: EventFilter)? {
    var filter = EventFilter(kinds: 0)
    let node = tree[id]
    switch node.role {
    case .builtin(let word):
      switch word {
      case .lan, .link: filter.object = node.object
      case .nic, .task, .bufferClass:
        filter.host = node.host
        filter.object = node.object
      default: filter.host = node.host
      }
      return (word, filter)
    case .place(let word) where word == .clusters || word == .mbufs:
      filter.host = node.host
      filter.bufferClass = word == .clusters ? .clusters : .mbufs
      return (.pool, filter)
    default: return nil
    }
  }

  func noEvent(
    _ text: String, _ id: NodeID, _ owner: Word?, at span: SourceSpan
  ) -> RuntimeError {
    let names = owner.map(EventCatalogue.names) ?? []
    let near = Spelling.nearest(to: text, among: names)
    let all = names.map { "`\($0)`" }.joined(separator: ", ")
    return RuntimeError(
      "N201", "no event `\(text)` in `\(path(of: id))`", at: span,
      help: near.map { "did you mean `\($0)`?" }
        ?? (names.isEmpty ? nil : "events here: \(all)"))
  }
}
