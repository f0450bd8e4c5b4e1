// Paths as the VM walks them: roots, members, elements, selections.
//
// Before the simulation is built a path may run ahead of what it names: it becomes a mention, and
// an error if nothing has taken the name at the end of elaboration.

import NetScript
import NetSim
import NetStack

extension Bench {
  public func root(_ name: Symbol, at span: SourceSpan) throws(RuntimeError) -> Value {
    try refuseInPolicy(at: span, unlessFault: true)
    if let known = tree.child(name, of: Tree.root) { return known.value }
    switch words.word(name) {
    case .now:
      note(.now)
      return .time(nanoseconds: observedNow.nanoseconds)
    case .seed: return .int(Int64(bitPattern: plan.seed))
    case .caseName: return vm.makeString(plan.title)
    default: break
    }
    guard !isBuilt else {
      let fault = undeclared(name, at: span)
      throw RuntimeError(fault.code, fault.title, at: span, help: fault.help)
    }
    return child(name, of: Tree.root, mentionedAt: span).value
  }

  /// What programs reach for over and over: fields of instances, and what is declared in a thing.
  public func knownMember(of node: Value, _ name: Symbol) -> Value? {
    guard isBuilt, activity.mayReach, let raw = node.asNode else { return nil }
    let id = NodeID(rawValue: raw)
    guard id.isOfTree else { return nil }
    switch tree[id].role {
    case .instance:
      if name == words.symbol(.active) { return nil }
      if let value = ownField(id, name) {
        note(.variables)
        return value
      }
    case .builtin, .place, .event: break
    case .root, .forward, .family: return nil
    }
    return tree.child(name, of: id)?.value
  }

  public func member(
    of node: Value, _ name: Symbol, at span: SourceSpan
  ) throws(RuntimeError) -> Value {
    try refuseInPolicy(at: span)
    guard let raw = node.asNode else {
      preconditionFailure("a member of something that is no node")
    }
    let id = NodeID(rawValue: raw)
    switch id.space {
    case .tree: break
    case .socket: return try socketMember(id, name, at: span)
    case .buffer: return try bufferMember(id, name, at: span)
    case .collector: return try collectorMember(id, name)
    }
    switch tree[id].role {
    case .instance(let kind): return try instanceMember(id, kind, name, at: span)
    case .builtin(let kind): return try builtinMember(id, kind, name, at: span)
    case .place, .event: return try placeMember(id, name, at: span)
    case .forward:
      guard isBuilt else { return child(name, of: id, mentionedAt: span).value }
      throw unknown(tree[id].name, in: tree.owner(of: id), at: span)
    case .family:
      throw RuntimeError(
        "N201", "`\(path(of: id))` needs an index here", at: span,
        help: "`\(path(of: id))[1]`, or `\(path(of: id))[*]` for all")
    case .root: preconditionFailure("the tree's top has no name")
    }
  }

  // MARK: Instances of script kinds

  private func instanceMember(
    _ id: NodeID, _ kind: Int, _ name: Symbol, at span: SourceSpan
  ) throws(RuntimeError) -> Value {
    // What the block said of `active` held at time 0.
    if isBuilt && words.word(name) == .active {
      note(.variables)
      return .bool(isActive(id))
    }
    if let value = ownField(id, name) {
      note(.variables)
      return value
    }
    if let child = tree.child(name, of: id) { return child.value }
    if let value = boundMember(id, name) { return value }
    switch words.word(name) {
    case .active: return .bool(isActive(id))
    case .starts: return .time(nanoseconds: 0)
    default: break
    }
    if isBuilt { throw unknown(name, in: id, at: span) }
    return child(name, of: id, mentionedAt: span).value
  }

  /// A field that was set, or that the building of an instance gave a value.
  func ownField(_ id: NodeID, _ name: Symbol) -> Value? {
    for field in tree[id].fields where field.name == name { return field.value }
    return nil
  }

  func boundMember(_ id: NodeID, _ name: Symbol) -> Value? {
    let count = tree[id].members.count
    for index in 0..<count where tree[id].members[index].name == name {
      note(.variables)
      return vm.read(tree[id].members[index].value)
    }
    return nil
  }

  // MARK: The engine's kinds

  private func builtinMember(
    _ id: NodeID, _ kind: Word, _ name: Symbol, at span: SourceSpan
  ) throws(RuntimeError) -> Value {
    if let child = tree.child(name, of: id) { return child.value }
    if let value = boundMember(id, name) { return value }
    if let word = words.word(name), let schema = Schema.kind(kind) {
      if let place = schema.place(word) { return try enter(place, of: id, at: span) }
      if let field = schema.field(word) { return fieldValue(id, field) }
      if kind == .host, let made = implicit(word, in: id) { return made.value }
    }
    // Only hosts and tasks can have what the schema does not know: things a script declares there.
    guard !isBuilt, kind == .host || kind == .task else { throw unknown(name, in: id, at: span) }
    return child(name, of: id, mentionedAt: span).value
  }

  /// Groups and engine tasks that every host with a stack has.
  func implicit(_ word: Word, in host: NodeID) -> NodeID? {
    guard let role = Schema.roleInHost(word) else { return nil }
    let known = tree.child(words.symbol(word), of: host)
    if let known { return known }
    return tree.add(role, parent: host, name: words.symbol(word), span: tree[host].span)
  }

  /// A measurement's value, or the group that measurements stand in.
  private func enter(
    _ place: PlaceSchema, of id: NodeID, at span: SourceSpan
  ) throws(RuntimeError) -> Value {
    if place.isLeaf && !place.isIndexed { return try measured(id, place.word, at: span) }
    let role: NodeRole = place.isEvent ? .event(place.word) : .place(place.word)
    return tree.add(role, parent: id, name: words.symbol(place.word), span: span).value
  }

  private func placeMember(
    _ id: NodeID, _ name: Symbol, at span: SourceSpan
  ) throws(RuntimeError) -> Value {
    if let child = tree.child(name, of: id) { return child.value }
    guard let word = words.word(name) else { throw unknown(name, in: id, at: span) }
    switch tree[id].role {
    case .event:
      guard word == .count || word == .last else { throw unknown(name, in: id, at: span) }
      if word == .last && isBuilt { try refuseMissed(id, at: span) }
      return try measured(id, word, at: span)
    case .place(let own):
      if isBuilt, let value = measure(id, word) { return value }
      guard let schema = placeSchema(of: id, own)?.child(word) else {
        if let field = placeField(id, name) { return fieldValue(id, field) }
        throw unknown(name, in: id, at: span)
      }
      return try enter(schema, of: id, at: span)
    default: preconditionFailure("a place that is none")
    }
  }

  private func measured(
    _ id: NodeID, _ word: Word, at span: SourceSpan
  ) throws(RuntimeError) -> Value {
    guard isBuilt else {
      throw RuntimeError(
        "N301", "`\(path(of: id)).\(word.rawValue)` is a measurement, and nothing is built yet",
        at: span, help: "`at 0s { … }`, or read it after `run`")
    }
    guard let value = measure(id, word) else {
      throw unknown(words.symbol(word), in: id, at: span)
    }
    return value
  }

  // MARK: Elements and selections

  public func element(
    of node: Value, _ index: Value, at span: SourceSpan
  ) throws(RuntimeError) -> Value {
    try refuseInPolicy(at: span)
    guard let raw = node.asNode else { preconditionFailure("an element of something else") }
    let id = NodeID(rawValue: raw)
    if id.space == .collector { return try collectorElement(id, index) }
    if id.space == .tree {
      switch tree[id].role {
      case .family, .forward: return try element(index, of: id, at: span, declaring: false).value
      case .place(let word): return try indexedPlace(id, word, index, at: span)
      default: break
      }
    }
    throw RuntimeError("N422", "`\(path(of: id))` has no elements", at: span)
  }

  public func elementToChange(
    of node: Value, _ index: Value, at span: SourceSpan
  ) throws(RuntimeError) -> Value? {
    if let raw = node.asNode, hasNoCount(NodeID(rawValue: raw), index) { return nil }
    return try element(of: node, index, at: span)
  }

  public func setElement(
    of node: Value, _ index: Value, to value: Value, _ operation: PathOperation,
    at span: SourceSpan
  ) throws(RuntimeError) {
    try refuseInPolicy(at: span)
    guard let raw = node.asNode else { preconditionFailure("an element of something else") }
    let id = NodeID(rawValue: raw)
    guard id.space == .collector else {
      throw RuntimeError("N422", "elements of `\(path(of: id))` cannot be set", at: span)
    }
    try refuseInPredicate("an element set", at: span)
    try setCollectorElement(id, index, value, operation)
  }

  public func selectAll(of node: Value, at span: SourceSpan) throws(RuntimeError) -> Value {
    try refuseInPolicy(at: span)
    guard let raw = node.asNode else { preconditionFailure("a selection of something else") }
    let id = NodeID(rawValue: raw)
    guard id.space == .tree else {
      throw RuntimeError("N422", "`\(path(of: id))` has no elements", at: span)
    }
    switch tree[id].role {
    case .forward:
      tree[id].role = .family
      return vm.makeList([])
    case .family:
      var found: [Value] = []
      for child in tree[id].children where tree[child].role != .forward {
        found.append(child.value)
      }
      return vm.makeList(found)
    case .place(.conn):
      guard isBuilt else { break }
      note(.tcp, host: tree[id].host)
      return vm.makeList(connections(of: id).map { connectionNode(host: tree[id].host, pcb: $0) })
    default: break
    }
    throw RuntimeError("N422", "`\(path(of: id))` has no elements", at: span)
  }
}
