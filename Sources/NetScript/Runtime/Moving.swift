// Values from one machine to another: heap handles, symbols and boxed quantities mean something in
// their own machine only.
//
// For values of options, which are reckoned before the run's machine is there. Whatever has code
// or a place in a world stays where it is.

extension VM {
  /// How deep and how large a value may be that is moved: more than anybody types.
  private static let movableDepth = 100
  private static let movableCount = 100_000

  /// A value of another machine as one of this; `nil` for functions, nodes, policies and records,
  /// and for what is too large.
  public func adopt(_ value: Value, from other: VM) -> Value? {
    var room = VM.movableCount
    return adopt(value, from: other, depth: 0, &room)
  }

  private func adopt(_ value: Value, from other: VM, depth: Int, _ room: inout Int) -> Value? {
    room -= 1
    guard room > 0, depth < VM.movableDepth else { return nil }
    switch value.tag {
    case .none, .bool, .int, .real, .quantity: return value
    case .symbol: return value.asSymbol.map { symbol(other.symbols.name($0)) }
    case .string: return other.string(value).map(makeString)
    case .rational: return heap.box(other.heap.exact(value), head: value.head)
    case .list:
      return adoptAll(other.heap.elements(value), from: other, depth, &room).map(makeList)
    case .map:
      guard let entries = adoptAll(other.heap.entries(value), from: other, depth, &room) else {
        return nil
      }
      return makeMap(
        stride(from: 0, to: entries.count, by: 2).map { (entries[$0], entries[$0 + 1]) })
    case .range, .distribution:
      let extra = other.heap.slots[value.handle].extra
      guard let parts = adoptAll(other.heap.elements(value), from: other, depth, &room) else {
        return nil
      }
      let copy = heap.makeValues(value.tag, extra: extra, count: parts.count)
      for (index, part) in parts.enumerated() {
        heap.share(part)
        heap.slots[copy.handle].values[index] = part
      }
      return copy
    case .unset, .node, .native, .closure, .record, .cell, .policy: return nil
    }
  }

  private func adoptAll(
    _ values: UnsafeMutableBufferPointer<Value>, from other: VM, _ depth: Int, _ room: inout Int
  ) -> [Value]? {
    var copies: [Value] = []
    for value in values {
      guard let copy = adopt(value, from: other, depth: depth + 1, &room) else { return nil }
      copies.append(copy)
    }
    return copies
  }
}
