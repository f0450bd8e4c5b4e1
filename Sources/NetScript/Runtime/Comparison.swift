// Equality, order and membership.
//
// `==` is structural and false between different types, but numbers without dimension are one
// family; an error compared with a value is equal only to itself. `<` needs one dimension.

extension VM {
  /// Deeper structures than this are refused: nobody compares them on purpose.
  static let depthLimit = 100

  public func equal(_ first: Value, _ second: Value) -> Bool {
    isEqual(first, second, depth: 0)
  }

  func isEqual(_ first: Value, _ second: Value, depth: Int) -> Bool {
    if first.tagOctet == second.tagOctet {
      switch first.tag {
      case .none, .unset: return true
      case .bool, .int, .node, .symbol, .native, .closure, .cell, .policy:
        return first.bits == second.bits
      case .real: return first.double == second.double
      case .quantity:
        return first.bits == second.bits
          && (first.head ^ second.head) & Head.dimensionMask == 0
      case .rational:
        return (first.head ^ second.head) & Head.dimensionMask == 0
          && heap.exact(first).isEqual(to: heap.exact(second))
      case .string: return heap.areEqual(first, second)
      case .list, .range, .record, .distribution:
        return areElementsEqual(first, second, depth: depth)
      case .map: return areMapsEqual(first, second, depth: depth)
      }
    }
    guard let left = plainDouble(first), let right = plainDouble(second) else { return false }
    if first.head == Head.real || second.head == Head.real { return left == right }
    guard let one = operand(first), let other = operand(second),
      let a = aligned(one, isRatio: true), let b = aligned(other, isRatio: true)
    else { return false }
    return a.isEqual(to: b)
  }

  private func areElementsEqual(_ first: Value, _ second: Value, depth: Int) -> Bool {
    if first.bits == second.bits { return true }
    let (left, right) = (heap.elements(first), heap.elements(second))
    let (one, other) = (heap.slots[first.handle], heap.slots[second.handle])
    guard left.count == right.count, depth < VM.depthLimit else { return false }
    guard one.extra == other.extra else { return false }
    for index in 0..<left.count where !isEqual(left[index], right[index], depth: depth + 1) {
      return false
    }
    return true
  }

  /// Equal keys with equal values; the order does not matter.
  private func areMapsEqual(_ first: Value, _ second: Value, depth: Int) -> Bool {
    if first.bits == second.bits { return true }
    let (left, right) = (heap.entries(first), heap.entries(second))
    guard left.count == right.count, depth < VM.depthLimit else { return false }
    for index in stride(from: 0, to: left.count, by: 2) {
      guard let other = try? heap.find(left[index], in: second),
        isEqual(left[index + 1], right[other * 2 + 1], depth: depth + 1)
      else { return false }
    }
    return true
  }

  /// For `==` and `!=`: an errno on one side and a measured value on the other is a mistake only
  /// where order is asked, because `r == .ENOBUFS` is how a script looks at an error.
  public func compare(_ first: Value, _ second: Value) throws(RuntimeError) -> Int {
    if first.head == Head.int && second.head == Head.int {
      return first.integer < second.integer ? -1 : first.integer == second.integer ? 0 : 1
    }
    if first.tagOctet == ValueTag.quantity.rawValue,
      (first.head ^ second.head) & Head.dimensionMask == 0
    {
      return first.integer < second.integer ? -1 : first.integer == second.integer ? 0 : 1
    }
    if first.tag == .string && second.tag == .string { return compareStrings(first, second) }
    if first.head == Head.real || second.head == Head.real {
      guard let left = plainDouble(first), let right = plainDouble(second) else {
        throw mismatch("compare", first, second)
      }
      return left < right ? -1 : left == right ? 0 : 1
    }
    guard let left = operand(first), let right = operand(second),
      left.dimension == right.dimension
    else { throw mismatch("compare", first, second) }
    let isRatio = left.isRatio || right.isRatio
    guard let one = aligned(left, isRatio: isRatio), let other = aligned(right, isRatio: isRatio)
    else { throw overflow("these numbers need more than 128 bits") }
    return one.isEqual(to: other) ? 0 : one.isLess(than: other) ? -1 : 1
  }

  private func compareStrings(_ first: Value, _ second: Value) -> Int {
    let (left, right) = (heap.octets(first), heap.octets(second))
    for index in 0..<min(left.count, right.count) where left[index] != right[index] {
      return left[index] < right[index] ? -1 : 1
    }
    return left.count == right.count ? 0 : left.count < right.count ? -1 : 1
  }

  /// `x in y`: a range by its bounds, a list or map by equality, a string by its text.
  func isMember(_ value: Value, of container: Value) throws(RuntimeError) -> Bool {
    switch container.tag {
    case .range:
      let range = heap.range(container)
      if value.isError { throw errorUsed(value) }
      guard try compare(range.lower, value) <= 0 else { return false }
      let atEnd = try compare(value, range.upper)
      guard atEnd < 0 || (atEnd == 0 && !range.isHalfOpen) else { return false }
      guard !range.step.isNone else { return true }
      let distance = try arithmetic(.subtract, value, range.lower)
      let rest = try arithmetic(.modulo, distance, range.step)
      return rest.bits == 0
    case .list:
      for element in heap.elements(container) where equal(element, value) { return true }
      return false
    case .map: return try heap.find(try key(value), in: container) != nil
    case .string:
      guard value.tag == .string else { throw mismatch("look for", value, container) }
      return find(heap.octets(value), in: heap.octets(container), from: 0) != nil
    default:
      throw RuntimeError(
        FaultCode.wrongType,
        "`in` needs a range, a list, a map or a text, not "
          + kindPhrase(container))
    }
  }

  func find(
    _ needle: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, from start: Int
  ) -> Int? {
    var place = start
    while place + needle.count <= text.count {
      var index = 0
      while index < needle.count && text[place + index] == needle[index] { index += 1 }
      if index == needle.count { return place }
      place += 1
    }
    return nil
  }

  /// What a map may be asked for: names, numbers and texts, nothing that could change.
  func key(_ value: Value) throws(RuntimeError) -> Value {
    switch value.tag {
    case .bool, .int, .symbol, .node, .string, .quantity, .none: return value
    default:
      throw RuntimeError(FaultCode.wrongType, "\(kindPhrase(value)) cannot be a key")
    }
  }
}

/// A range taken apart.
struct RangeParts {
  var lower: Value
  var upper: Value
  /// `none`, or what `by` said.
  var step: Value
  var isHalfOpen: Bool
}

extension Heap {
  func makeRange(_ parts: RangeParts) -> Value {
    let value = makeValues(.range, extra: parts.isHalfOpen ? 1 : 0, count: 3)
    let storage = slots[value.handle].values
    storage[0] = parts.lower
    storage[1] = parts.upper
    storage[2] = parts.step
    return value
  }

  func range(_ value: Value) -> RangeParts {
    let slot = slots[value.handle]
    precondition(slot.count == 3, "a range without its three parts")
    return RangeParts(
      lower: slot.values[0], upper: slot.values[1], step: slot.values[2],
      isHalfOpen: slot.extra == 1)
  }
}
