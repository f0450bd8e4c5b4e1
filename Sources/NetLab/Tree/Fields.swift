// Fields: setting them in layers before time 0, changing the live ones later, reading them.

import NetScript

extension Bench {
  public func setMember(
    of node: Value, _ name: Symbol, to value: Value, _ operation: PathOperation,
    at span: SourceSpan
  ) throws(RuntimeError) {
    try refuseInPolicy(at: span)
    try refuseInPredicate("a field set", at: span)
    guard let raw = node.asNode else { preconditionFailure("a field of something that is no node") }
    let id = NodeID(rawValue: raw)
    guard id.space == .tree else {
      throw RuntimeError("N422", "`\(path(of: id))` has no fields to set", at: span)
    }
    if phase == .run {
      noteDeed()
      if collectsChanges { return collect(node, name, value, operation, span) }
      try setLive(id, name, value, operation, at: span)
      return watch.versions.invalidate()
    }
    guard phase < .run else { return }
    var wanted = value
    if operation != .set {
      wanted = try combined(currentValue(id, name), value, operation, at: span)
    }
    store(FieldValue(name: name, value: wanted, layer: layer(of: id), span: span), in: id)
  }

  /// Who sets a field now: a block its own, everything else a path.
  private func layer(of id: NodeID) -> Layer {
    switch activity {
    case .variant: return .variant
    case .kind: return .block
    default: return openDeclarations.last == id ? .block : .path
    }
  }

  /// Keeps the field of the later layer; of one layer, the later in time.
  func store(_ field: FieldValue, in id: NodeID) {
    var field = field
    field.pin = Int32(vm.pin(field.value))
    let count = tree[id].fields.count
    for index in 0..<count where tree[id].fields[index].name == field.name {
      if tree[id].fields[index].layer > field.layer {
        vm.unpin(Int(field.pin))
        return
      }
      vm.unpin(Int(tree[id].fields[index].pin))
      tree[id].fields[index] = field
      return
    }
    tree[id].fields.append(field)
  }

  private func currentValue(_ id: NodeID, _ name: Symbol) -> Value {
    if let value = ownField(id, name) { return value }
    guard case .builtin(let kind) = tree[id].role, let word = words.word(name),
      let field = Schema.field(word, of: kind)
    else { return .none }
    return fieldValue(id, field)
  }

  /// `+=` and `-=` of counts and quantities of one dimension.
  func combined(
    _ old: Value, _ change: Value, _ operation: PathOperation, at span: SourceSpan
  ) throws(RuntimeError) -> Value {
    func reckon(_ a: Int64, _ b: Int64) throws(RuntimeError) -> Int64 {
      let (sum, overflow) =
        operation == .add ? a.addingReportingOverflow(b) : a.subtractingReportingOverflow(b)
      if overflow { throw RuntimeError("N420", "the sum is beyond 64 bits", at: span) }
      return sum
    }
    if let a = old.asInt, let b = change.asInt { return .int(try reckon(a, b)) }
    if let a = old.asBaseUnits, let b = change.asBaseUnits, let dimension = old.dimension,
      dimension == change.dimension
    {
      return .quantity(try reckon(a, b), dimension, unit: old.unit)
    }
    throw RuntimeError(
      "N212", "cannot change \(vm.text(old)) by \(vm.text(change))", at: span,
      help: "both sides need one dimension")
  }

  // MARK: Reading

  /// The field's value: set, inherited, or the schema's standard.
  func fieldValue(_ id: NodeID, _ field: FieldSchema) -> Value {
    if isBuilt, field.isLive { note(.variables) }
    if field.word == .active, isBuilt { return .bool(isActive(id)) }
    if let value = ownField(id, words.symbol(field.word)) { return value }
    switch field.standard {
    case .required, .rule: return .none
    case .derived:
      for case .node(let kinds) in field.measures {
        return inherited(words.symbol(field.word), kinds, from: id) ?? .none
      }
      return .none
    case .bool(let value): return .bool(value)
    case .count(let value):
      if case .factor = field.measures[0] { return .int(value / 1000) }
      return .int(value)
    case .octets(let value): return .data(octets: value)
    case .nanoseconds(let value): return .time(nanoseconds: value)
    case .bitsPerSecond(let value): return .rate(bitsPerSecond: value)
    case .symbol(let word): return .symbol(words.symbol(word))
    }
  }

  /// An unset Node field: that of the nearest instance around it, or the declaration of that kind,
  /// be it the engine's or a script's.
  func inherited(_ name: Symbol, _ kinds: some Collection<Word>, from id: NodeID) -> Value? {
    var at = tree.owner(of: id)
    while at != .none {
      switch tree[at].role {
      case .builtin(let kind): if kinds.contains(kind) { return at.value }
      case .instance(let kind):
        if let value = ownField(at, name), !value.isNone { return value }
        if program.kinds[kind].name == self.name(name) { return at.value }
      default: break
      }
      at = tree.owner(of: at)
    }
    return nil
  }

  /// A node that a Node field names, if it is one of these kinds.
  func nodeField(_ id: NodeID, _ word: Word, _ kinds: some Collection<Word>) -> NodeID? {
    let value =
      ownField(id, words.symbol(word)) ?? inherited(words.symbol(word), kinds, from: id) ?? .none
    guard let raw = value.asNode else { return nil }
    let found = NodeID(rawValue: raw)
    guard found.space == .tree, case .builtin(let kind) = tree[found].role, kinds.contains(kind)
    else { return nil }
    return found
  }
}
