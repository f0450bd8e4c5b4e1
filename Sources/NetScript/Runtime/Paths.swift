// Members, elements and loops: what `x.name`, `x[i]`, `x[*]` and `for` do with each type.

extension VM {
  /// - Parameter embedder: the VM's own, which the dispatch loop has at hand.
  @inline(__always)
  func member(
    _ object: Value, _ name: Symbol, _ embedder: any Embedder, at span: SourceSpan
  ) throws(RuntimeError) -> Value {
    if object.tagOctet == ValueTag.node.rawValue {
      return try embedder.member(of: object, name, at: span)
    }
    return try ownMember(object, name, at: span)
  }

  /// A member of something that is no node.
  private func ownMember(
    _ object: Value, _ name: Symbol, at span: SourceSpan
  ) throws(RuntimeError) -> Value {
    switch object.tag {
    case .record:
      guard let value = recordField(object, name) else { throw noMember(object, name) }
      return value
    case .list: return try members(object, name, at: span)
    default:
      if object.isError { throw errorUsed(object) }
      throw noMember(object, name)
    }
  }

  /// `server.tcp.conn[*].snd.wnd`: of each element, in order.
  private func members(
    _ list: Value, _ name: Symbol, at span: SourceSpan
  ) throws(RuntimeError) -> Value {
    let count = heap.slots[list.handle].count
    let result = heap.makeList(capacity: count)
    heap.temporaries.append(result)
    defer { heap.temporaries.removeLast() }
    for index in 0..<count {
      let element = heap.slots[list.handle].values[index]
      // Not the element but the list was meant.
      if index == 0, isNumber(element) || element.tag == .string { throw noMember(list, name) }
      try heap.append(try member(element, name, embedder, at: span), to: result)
    }
    return result
  }

  func recordField(_ record: Value, _ name: Symbol) -> Value? {
    let slot = heap.slots[record.handle]
    let names = state.pointee.shapes[Int(slot.extra)].names
    for index in 0..<slot.count where names[index] == name { return slot.values[index] }
    return nil
  }

  func noMember(_ object: Value, _ name: Symbol) -> RuntimeError {
    if object.tag == .node, let fault = embedder.undeclared(object) { return fault }
    let text = symbols.name(name)
    return RuntimeError(
      FaultCode.noSuchMember, "\(kindPhrase(object)) has no `\(text)`",
      help: memberHelp(object, text))
  }

  /// What else could be meant by `object.text`.
  private func memberHelp(_ object: Value, _ text: String) -> String? {
    switch object.tag {
    case .record:
      let names = fields(object).map { symbols.name($0) }
      return Spelling.nearest(to: text, among: names).map { "did you mean `\($0)`?" }
        ?? "fields here: \(names.joined(separator: " "))"
    case .list, .map, .string:
      let habits = ["length", "size", "count"]
      if habits.contains(text) { return "`len(x)`, or `x.len()`" }
      let methods = KnownName.allCases.map { $0.text }
      if methods.contains(text) { return "a method is called: `x.\(text)(…)`" }
      if let near = Spelling.nearest(to: text, among: methods + ["length"]) {
        return near == "length" ? "`len(x)`, or `x.len()`" : "did you mean `x.\(near)(…)`?"
      }
      return object.tag == .map
        ? "maps are read with brackets: `m[\"\(text)\"]` or `m[.k]`" : nil
    default: return nil
    }
  }

  func setMember(
    _ object: Value, _ name: Symbol, _ value: Value, operation: Int, at span: SourceSpan
  ) throws(RuntimeError) {
    guard object.tag == .node else {
      if object.isError { throw errorUsed(object) }
      throw RuntimeError(
        FaultCode.wrongType, "the fields of \(kindPhrase(object)) cannot be set")
    }
    try embedder.setMember(
      of: object, name, to: value, pathOperation(operation), at: span)
  }

  func setElement(
    _ object: Value, _ key: Value, _ value: Value, operation: Int, at span: SourceSpan
  ) throws(RuntimeError) {
    guard object.tag == .node else {
      if object.isError { throw errorUsed(object) }
      throw RuntimeError(
        FaultCode.wrongType, "only an element of a variable or a node can be set here")
    }
    try embedder.setElement(
      of: object, key, to: value, pathOperation(operation), at: span)
  }

  /// Parent, index and preset lie in a row.
  func declare(
    _ site: Int, _ window: UnsafeMutablePointer<Value>
  ) throws(RuntimeError) -> Value {
    try embedder.declare(
      program.declarations[site], parent: window[0], index: window[1], preset: window[2])
  }

  func pathOperation(_ number: Int) -> PathOperation {
    PathOperation(rawValue: UInt8(number)) ?? .set
  }

  /// `user[*].writer[1]`: the element of each.
  func elementOfEach(
    _ selection: Value, _ key: Value, at span: SourceSpan
  ) throws(RuntimeError) -> Value {
    guard selection.tag == .list else {
      throw RuntimeError(
        FaultCode.wrongType, "a selection is a list of nodes, not \(kindPhrase(selection))")
    }
    let count = heap.slots[selection.handle].count
    let result = heap.makeList(capacity: count)
    heap.temporaries.append(result)
    defer { heap.temporaries.removeLast() }
    for index in 0..<count {
      let part = heap.slots[selection.handle].values[index]
      guard part.tag == .node else {
        throw RuntimeError(
          FaultCode.wrongType, "of each in a selection only nodes have elements",
          help: "name the selection first: `let all = …`, `all[0]`")
      }
      try heap.append(try embedder.element(of: part, key, at: span), to: result)
    }
    return result
  }

  func selectAll(_ object: Value, at span: SourceSpan) throws(RuntimeError) -> Value {
    switch object.tag {
    case .node: return try embedder.selectAll(of: object, at: span)
    case .list: return object
    default:
      throw RuntimeError(FaultCode.wrongType, "`[*]` needs a node, not \(kindPhrase(object))")
    }
  }

  // MARK: Elements

  func element(
    _ container: Value, _ key: Value, at span: SourceSpan, shares: Bool = true
  ) throws(RuntimeError) -> Value {
    var result: Value
    switch container.tag {
    case .list:
      let index = try listIndex(container, key)
      result = heap.slots[container.handle].values[index]
    case .map:
      guard let place = try heap.find(try self.key(key), in: container) else {
        throw RuntimeError(
          FaultCode.outOfRange, "the map has no \(quoted(key))",
          help: "`m.get(k, default)` does not mind")
      }
      result = heap.slots[container.handle].values[place * 2 + 1]
    case .node:
      result =
        shares
        ? try embedder.element(of: container, key, at: span)
        : try embedder.elementToChange(of: container, key, at: span) ?? .unset
    case .string:
      guard key.head == Head.int else { throw mismatch("index", container, key) }
      let octets = heap.octets(container)
      guard key.integer >= 0, key.integer < octets.count else {
        throw outOfRange(key.integer, octets.count)
      }
      result = try heap.makeString([octets[Int(key.integer)]])
    default:
      if container.isError { throw errorUsed(container) }
      throw RuntimeError(FaultCode.wrongType, "\(kindPhrase(container)) has no elements")
    }
    if shares { heap.share(result) }
    return result
  }

  /// As a script would write it: a text in quotes.
  public func quoted(_ value: Value) -> String {
    var text: [UInt8] = []
    append(value, isQuoted: true, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  private func listIndex(_ list: Value, _ key: Value) throws(RuntimeError) -> Int {
    guard key.head == Head.int else {
      if key.isError { throw errorUsed(key) }
      throw RuntimeError(FaultCode.wrongType, "an index must be an Int, not \(kindPhrase(key))")
    }
    let count = heap.slots[list.handle].count
    guard key.integer >= 0, key.integer < count else { throw outOfRange(key.integer, count) }
    return Int(key.integer)
  }

  /// Sets an element and returns what the variable holds from now on: the container or its copy.
  func settingElement(
    _ container: Value, _ key: Value, _ value: Value, at span: SourceSpan
  ) throws(RuntimeError) -> Value {
    switch container.tag {
    case .list:
      let index = try listIndex(container, key)
      let list = try heap.unique(container)
      heap.slots[list.handle].values[index] = value
      return list
    case .map:
      let map = try heap.unique(container)
      try heap.set(try self.key(key), value, in: map)
      return map
    case .node:
      try embedder.setElement(of: container, key, to: value, .set, at: span)
      return container
    default:
      if container.isError { throw errorUsed(container) }
      throw RuntimeError(
        FaultCode.wrongType, "\(kindPhrase(container)) has no elements to set")
    }
  }

  func list(_ values: UnsafeMutablePointer<Value>, _ count: Int) -> Value {
    let list = heap.makeValues(.list, count: count)
    for index in 0..<count { heap.slots[list.handle].values[index] = values[index] }
    return list
  }

  func appendAll(
    _ list: Value, _ values: UnsafeMutablePointer<Value>, _ count: Int
  ) throws(RuntimeError) {
    for index in 0..<count { try heap.append(values[index], to: list) }
  }

  func putAll(
    _ map: Value, _ pairs: UnsafeMutablePointer<Value>, _ count: Int
  ) throws(RuntimeError) {
    for index in 0..<count {
      try heap.set(try key(pairs[index * 2]), pairs[index * 2 + 1], in: map)
    }
  }

  // MARK: Ranges and loops

  func range(
    _ lower: Value, _ upper: Value, isHalfOpen: Bool
  ) throws(RuntimeError) -> Value {
    _ = try compare(lower, upper)
    return heap.makeRange(
      RangeParts(lower: lower, upper: upper, step: .none, isHalfOpen: isHalfOpen))
  }

  func range(_ range: Value, by step: Value) throws(RuntimeError) -> Value {
    guard range.tag == .range else {
      throw RuntimeError(FaultCode.wrongType, "`by` needs a range, not \(kindPhrase(range))")
    }
    var parts = heap.range(range)
    let zero = try arithmetic(.subtract, parts.lower, parts.lower)
    guard try compare(step, zero) > 0 else {
      throw RuntimeError(FaultCode.outOfRange, "a step must be more than 0")
    }
    parts.step = step
    return heap.makeRange(parts)
  }

  /// Count and step of a range of Ints.
  func intRange(_ range: Value) throws(RuntimeError) -> (lower: Int64, count: UInt64, step: Int64) {
    let parts = heap.range(range)
    guard let lower = parts.lower.asInt, let upper = parts.upper.asInt else {
      throw RuntimeError(
        FaultCode.wrongType, "a range of \(kindPhrase(parts.lower)) has no elements",
        help: "only `x in a..b` can be asked of it; count with Ints and multiply")
    }
    let step = parts.step.asInt ?? 1
    guard lower < upper || (lower == upper && !parts.isHalfOpen) else { return (lower, 0, step) }
    let distance = UInt64(bitPattern: upper &- lower)
    let count =
      parts.isHalfOpen
      ? (distance - 1) / step.magnitude + 1 : (distance / step.magnitude).addingClamped(1)
    return (lower, count, step)
  }

  /// State of a loop: `[0]` none for Ints (then its bits count the turns) or the list or map, `[1]`
  /// next value or index, `[2]` turns left, `[3]` names in the head and the step; variables from
  /// `[4]`.
  func prepareLoop(
    _ state: UnsafeMutablePointer<Value>, names: Int, at code: UnsafePointer<UInt32>,
    _ function: Int
  ) throws(RuntimeError) {
    var sequence = state[0]
    if sequence.tag == .node {
      sequence = try embedder.selectAll(of: sequence, at: span(function, code))
    }
    switch sequence.tag {
    case .int, .range:
      let (lower, count, step) =
        sequence.tag == .range
        ? try intRange(sequence) : (0, UInt64(max(sequence.integer, 0)), 1)
      state[0] = .none
      state[1] = .int(lower)
      state[2] = .int(Int64(bitPattern: count))
      state[3] = Value(head: UInt64(names), bits: UInt64(bitPattern: step))
    case .list, .map:
      heap.share(sequence)
      state[0] = sequence
      state[1] = .int(0)
      state[2] = .int(heap.slots[sequence.handle].count)
      state[3] = Value(head: UInt64(names), bits: 0)
    default:
      if sequence.isError { throw errorUsed(sequence) }
      throw RuntimeError(
        FaultCode.wrongType, "cannot walk through \(kindPhrase(sequence))",
        help: "a loop takes a list, a map, a range of Ints or an Int")
    }
  }

  func nextElement(_ state: UnsafeMutablePointer<Value>) -> Bool {
    let index = state[1].integer
    guard index < state[2].integer else { return false }
    state[1].bits &+= 1
    let values = heap.slots[state[0].handle].values
    let isMap = state[0].tagOctet == ValueTag.map.rawValue
    let second = isMap ? values[Int(index) * 2 + 1] : values[Int(index)]
    heap.share(second)
    if state[3].head == 1 {
      state[4] = isMap ? values[Int(index) * 2] : second
    } else {
      state[4] = isMap ? values[Int(index) * 2] : .int(index)
      state[5] = second
    }
    return true
  }

  // MARK: Records

  func record(_ shape: Int, _ values: UnsafeMutablePointer<Value>, _ count: Int) -> Value {
    let record = heap.makeValues(.record, extra: UInt32(shape), count: count)
    for index in 0..<count { heap.slots[record.handle].values[index] = values[index] }
    return record
  }
}

extension UInt64 {
  fileprivate func addingClamped(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? UInt64.max : sum
  }
}
