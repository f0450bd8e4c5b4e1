// Making and reading values from outside. What an embedder keeps beyond one call must be pinned.

extension VM {
  // MARK: Symbols and variables

  public func intern(_ name: String) -> Symbol { symbols.intern(name) }
  public func symbol(_ name: String) -> Value { .symbol(symbols.intern(name)) }

  public func global(_ id: GlobalID) -> Value {
    let value = globals[Int(id.rawValue)]
    return value.isUnset ? .none : value
  }

  /// Overrides a param, or sets a variable.
  public func setGlobal(_ id: GlobalID, _ value: Value) {
    heap.share(value)
    globals[Int(id.rawValue)] = value
  }

  /// The value in a cell that `bind` was given; other values are themselves.
  public func read(_ cell: Value) -> Value {
    guard cell.tag == .cell else { return cell }
    let value = heap.slots[cell.handle].payload
    heap.share(value)
    return value.isUnset ? .none : value
  }

  public func write(_ cell: Value, _ value: Value) {
    precondition(cell.tag == .cell, "only a cell can be written")
    heap.share(value)
    heap.slots[cell.handle].payload = value
  }

  /// How many positional arguments a function takes.
  public func arity(_ function: Value) -> ClosedRange<Int>? {
    guard function.tag == .closure else { return nil }
    let entry = functions[Int(heap.slots[function.handle].extra)]
    return entry.requiredCount...entry.parameterCount
  }

  /// Octets of the heap in use, garbage included.
  public var heapOctets: Int { heap.octetsInUse }

  // MARK: Pins

  public func pin(_ value: Value) -> Int {
    heap.share(value)
    return heap.pin(value)
  }
  public func unpin(_ pin: Int) { heap.unpin(pin) }
  public func pinned(_ pin: Int) -> Value { heap.pins.pointee[pin] }

  // MARK: Heap values

  /// An empty text when the heap's limit is reached: the next safe point then ends the run.
  public func makeString(_ text: String) -> Value {
    (try? heap.makeString(text)) ?? heap.emptyString()
  }

  /// Octets that are no text, kept as one.
  public func makeOctets(_ octets: UnsafeRawBufferPointer) -> Value {
    (try? heap.makeString(octets.bindMemory(to: UInt8.self))) ?? heap.emptyString()
  }

  /// Shows the octets of a string, in place.
  public func withOctets(_ value: Value, _ body: (UnsafeRawBufferPointer) -> Void) {
    guard value.tag == .string else { return }
    body(UnsafeRawBufferPointer(heap.octets(value)))
  }

  public func string(_ value: Value) -> String? {
    value.tag == .string ? heap.text(value) : nil
  }

  public func makeList(_ elements: [Value]) -> Value {
    for element in elements { heap.share(element) }
    return heap.makeList(elements)
  }

  public func makeMap(_ entries: [(Value, Value)]) -> Value {
    let map = heap.makeMap()
    for (key, value) in entries {
      heap.share(value)
      try? heap.set(key, value, in: map)
    }
    return map
  }

  /// The value under a key, or nil.
  public func mapValue(_ map: Value, _ key: Value) -> Value? {
    guard map.tag == .map, let place = try? heap.find(key, in: map) else { return nil }
    return heap.entries(map)[place * 2 + 1]
  }

  public func list(_ value: Value) -> [Value]? {
    value.tag == .list ? Array(heap.elements(value)) : nil
  }

  public func listCount(_ value: Value) -> Int? {
    value.tag == .list ? heap.slots[value.handle].count : nil
  }

  public func listElement(_ value: Value, _ index: Int) -> Value {
    precondition(value.tag == .list, "no list")
    let elements = heap.elements(value)
    precondition(index >= 0 && index < elements.count, "no such element")
    return elements[index]
  }

  public func map(_ value: Value) -> [(key: Value, value: Value)]? {
    guard value.tag == .map else { return nil }
    let entries = heap.entries(value)
    var result: [(key: Value, value: Value)] = []
    for index in stride(from: 0, to: entries.count, by: 2) {
      result.append((entries[index], entries[index + 1]))
    }
    return result
  }

  /// The elements of an Int range or a list, as a sweep needs them; at most a million.
  ///
  /// - Parameter places: which of them, as far as they are there; nil for all.
  public func elements(_ value: Value, _ places: Range<Int>? = nil) -> [Value]? {
    if let all = list(value) { return Array(all[(places ?? all.indices).clamped(to: all.indices)]) }
    guard value.tag == .range, let range = try? intRange(value), range.count <= 1_000_000 else {
      return nil
    }
    let all = 0..<Int(range.count)
    return (places ?? all).clamped(to: all).map { .int(range.lower &+ Int64($0) &* range.step) }
  }

  // MARK: Records

  /// Registers the fields of a record; equal lists give equal shapes.
  public func shape(_ fields: [Symbol]) -> Int {
    if let known = state.pointee.shapes.firstIndex(where: { $0.symbols == fields }) { return known }
    state.pointee.shapes.append(ShapeEntry(fields))
    return state.pointee.shapes.count - 1
  }

  public func makeRecord(_ shape: Int, _ values: [Value]) -> Value {
    precondition(
      state.pointee.shapes[shape].count == values.count, "a record needs a value for each field")
    return makeRecord(shape) { fields in
      for (index, value) in values.enumerated() { fields[index] = value }
    }
  }

  /// A record whose fields `fill` writes in place: no array is made.
  public func makeRecord<Failure: Error>(
    _ shape: Int, fill: (UnsafeMutableBufferPointer<Value>) throws(Failure) -> Void
  ) throws(Failure) -> Value {
    let count = state.pointee.shapes[shape].count
    let record = heap.makeValues(.record, extra: UInt32(shape), count: count)
    let fields = heap.elements(record)
    try fill(fields)
    for field in fields { heap.share(field) }
    return record
  }

  public func isRecord(_ value: Value) -> Bool { value.tag == .record }
  /// The field names of a record, in order.
  public func fields(_ record: Value) -> [Symbol] {
    precondition(record.tag == .record, "no record")
    return state.pointee.shapes[Int(heap.slots[record.handle].extra)].symbols
  }

  /// The fields of a record in order, in place, if it is one of this shape.
  @inline(__always)
  public func contents(_ value: Value, ofShape shape: Int) -> UnsafeBufferPointer<Value>? {
    guard value.tagOctet == ValueTag.record.rawValue,
      heap.slots[value.handle].extra == UInt32(shape)
    else { return nil }
    return UnsafeBufferPointer(heap.elements(value))
  }
}
