// Library functions that call back into the script, and sorting.
//
// What they hold between two callbacks is a heap *temporary*: a collection may happen inside one.

extension VM {
  /// The list that a function works on; a range of Ints is one too.
  func source(_ value: Value, for name: String) throws(RuntimeError) -> Value {
    switch value.tag {
    case .list: return value
    case .range: return try elements(of: value)
    default:
      if value.isError { throw errorUsed(value) }
      throw RuntimeError(
        FaultCode.wrongType, "`\(name)` needs a list, not \(kindPhrase(value))")
    }
  }

  func mapped(_ window: UnsafeMutablePointer<Value>) throws(RuntimeError) -> Value {
    let list = try source(window[0], for: "map")
    let result = heap.makeList(capacity: heap.slots[list.handle].count)
    let mark = heap.temporaries.count
    heap.temporaries.append(list)
    heap.temporaries.append(result)
    defer { heap.temporaries.removeLast(heap.temporaries.count - mark) }
    for index in 0..<heap.slots[list.handle].count {
      var element = heap.slots[list.handle].values[index]
      try heap.append(try callNested(window[1], &element, 1), to: result)
    }
    return result
  }

  func filtered(_ window: UnsafeMutablePointer<Value>) throws(RuntimeError) -> Value {
    let list = try source(window[0], for: "filter")
    let result = heap.makeList()
    let mark = heap.temporaries.count
    heap.temporaries.append(list)
    heap.temporaries.append(result)
    defer { heap.temporaries.removeLast(heap.temporaries.count - mark) }
    for index in 0..<heap.slots[list.handle].count {
      var element = heap.slots[list.handle].values[index]
      guard try truth(try callNested(window[1], &element, 1)) else { continue }
      heap.share(element)
      try heap.append(element, to: result)
    }
    return result
  }

  /// `any`, `all` and `count`, with a predicate or of a list of Bools; `count(list)` is its length.
  func tested(
    _ function: LibraryFunction, _ window: UnsafeMutablePointer<Value>, _ count: Int
  ) throws(RuntimeError) -> Value {
    let list = try source(window[0], for: function.name)
    if function == .count && count == 1 { return .int(heap.slots[list.handle].count) }
    heap.temporaries.append(list)
    defer { heap.temporaries.removeLast() }
    var hits = 0
    for index in 0..<heap.slots[list.handle].count {
      var element = heap.slots[list.handle].values[index]
      let holds = try truth(count == 1 ? element : try callNested(window[1], &element, 1))
      if holds && function == .any { return .bool(true) }
      if !holds && function == .all { return .bool(false) }
      if holds { hits += 1 }
    }
    return function == .count ? .int(hits) : .bool(function == .all)
  }

  /// A stable merge sort, by the values or by what `key` makes of them: as many comparisons as any
  /// sort needs, none that the standard library could order differently in another version.
  func sorted(_ value: Value, by key: Value) throws(RuntimeError) -> Value {
    let list = try source(value, for: "sort")
    let result = try heap.copy(list)
    let count = heap.slots[result.handle].count
    let mark = heap.temporaries.count
    heap.temporaries.append(result)
    defer { heap.temporaries.removeLast(heap.temporaries.count - mark) }
    var keys = result
    if !key.isNone {
      keys = heap.makeValues(.list, count: count)
      heap.temporaries.append(keys)
      for index in 0..<count {
        var element = heap.slots[result.handle].values[index]
        let made = try callNested(key, &element, 1)
        heap.slots[keys.handle].values[index] = made
      }
    }
    let order = try order(of: keys, count)
    let source = heap.slots[list.handle].values
    for (place, index) in order.enumerated() {
      heap.slots[result.handle].values[place] = source[Int(index)]
    }
    return result
  }

  /// The permutation that sorts the list.
  private func order(of keys: Value, _ count: Int) throws(RuntimeError) -> [Int32] {
    var order = [Int32](unsafeUninitializedCapacity: count) { buffer, filled in
      for index in 0..<count { buffer[index] = Int32(index) }
      filled = count
    }
    var other = order
    let values = heap.slots[keys.handle].values
    var width = 1
    while width < count {
      var start = 0
      while start < count {
        let middle = min(start + width, count)
        let end = min(start + 2 * width, count)
        var (left, right) = (start, middle)
        for place in start..<end {
          var takesLeft = right >= end
          if left < middle && !takesLeft {
            takesLeft = try compare(values[Int(order[left])], values[Int(order[right])]) <= 0
          }
          other[place] = takesLeft ? order[left] : order[right]
          if takesLeft { left += 1 } else { right += 1 }
        }
        start = end
      }
      swap(&order, &other)
      width *= 2
    }
    return order
  }
}
