// Methods of lists, maps and strings. `push` is an instruction; all others leave their receiver.

extension VM {
  func callLibraryMethod(
    _ receiver: Value, _ name: Symbol, _ window: UnsafeMutablePointer<Value>, _ count: Int
  ) throws(RuntimeError) -> Value {
    guard name.rawValue < UInt32(KnownName.allCases.count),
      let known = KnownName(rawValue: UInt8(name.rawValue))
    else { throw noMember(receiver, name) }
    weigh(receiver)
    switch receiver.tag {
    case .list: return try listMethod(receiver, known, window, count)
    case .map: return try mapMethod(receiver, known, window, count)
    default: return try stringMethod(receiver, known, window, count)
    }
  }

  private func need(
    _ wanted: ClosedRange<Int>, _ count: Int, _ name: KnownName
  ) throws(RuntimeError) {
    guard wanted.contains(count) else {
      let text =
        wanted.lowerBound == wanted.upperBound
        ? "\(wanted.lowerBound)" : "\(wanted.lowerBound) to \(wanted.upperBound)"
      throw RuntimeError(
        FaultCode.wrongArguments,
        "`\(name.text)` takes \(text) argument\(text == "1" ? "" : "s"), not \(count)")
    }
  }

  private func missing(_ receiver: Value, _ name: KnownName) -> RuntimeError {
    noMember(receiver, Symbol(rawValue: UInt32(name.rawValue)))
  }

  private func listMethod(
    _ list: Value, _ name: KnownName, _ window: UnsafeMutablePointer<Value>, _ count: Int
  ) throws(RuntimeError) -> Value {
    let elements = heap.elements(list)
    switch name {
    case .first, .last:
      try need(0...0, count, name)
      guard let value = name == .first ? elements.first : elements.last else {
        throw RuntimeError(FaultCode.outOfRange, "`\(name.text)` of an empty list")
      }
      return value
    case .push:
      throw RuntimeError(
        FaultCode.wrongType, "`push` changes its list, so the list must be in a `var`")
    case .drop:
      try need(0...1, count, name)
      let dropped = count == 0 ? 1 : try wholeNumber(window[0])
      return try slice(list, from: min(max(dropped, 0), elements.count), to: elements.count)
    case .slice:
      try need(1...2, count, name)
      let start = min(max(try wholeNumber(window[0]), 0), elements.count)
      let end = count == 1 ? elements.count : try wholeNumber(window[1])
      return try slice(list, from: start, to: min(max(end, start), elements.count))
    case .contains, .has:
      try need(1...1, count, name)
      return .bool(try isMember(window[0], of: list))
    case .find:
      try need(1...1, count, name)
      for index in 0..<elements.count where equal(elements[index], window[0]) {
        return .int(index)
      }
      return .none
    case .reverse:
      let result = try heap.copy(list)
      var reversed = heap.elements(result)
      reversed.reverse()
      return result
    case .join:
      try need(0...1, count, name)
      return try joined(list, separator: count == 0 ? .none : window[0])
    case .len: return .int(elements.count)
    default: throw missing(list, name)
    }
  }

  private func slice(_ list: Value, from start: Int, to end: Int) throws(RuntimeError) -> Value {
    try heap.reserve((end - start) * 16)
    let result = heap.makeValues(.list, count: end - start)
    let source = heap.slots[list.handle].values
    for index in start..<end {
      heap.share(source[index])
      heap.slots[result.handle].values[index - start] = source[index]
    }
    return result
  }

  private func joined(_ list: Value, separator: Value) throws(RuntimeError) -> Value {
    let elements = heap.elements(list)
    var used = 0
    for index in 0..<elements.count {
      if index > 0 && !separator.isNone { used = append(separator, toScratch: used) }
      used = append(elements[index], toScratch: used)
      try heap.reserve(used)
    }
    return try heap.makeString(heap.scratch, used)
  }

  /// `+` of two lists or two texts; `nil` when it is neither.
  func joined(_ first: Value, _ second: Value) throws(RuntimeError) -> Value? {
    if first.tag == .list && second.tag == .list {
      let (left, right) = (heap.elements(first), heap.elements(second))
      try heap.reserve((left.count + right.count) * 16)
      let result = heap.makeValues(.list, count: left.count + right.count)
      let target = heap.slots[result.handle].values
      for index in 0..<left.count {
        heap.share(left[index])
        target[index] = left[index]
      }
      for index in 0..<right.count {
        heap.share(right[index])
        target[left.count + index] = right[index]
      }
      return result
    }
    guard first.tag == .string && second.tag == .string else { return nil }
    return try heap.join(first, second)
  }

  private func mapMethod(
    _ map: Value, _ name: KnownName, _ window: UnsafeMutablePointer<Value>, _ count: Int
  ) throws(RuntimeError) -> Value {
    switch name {
    case .get:
      try need(1...2, count, name)
      guard let place = try heap.find(try key(window[0]), in: map) else {
        return count == 2 ? window[1] : .none
      }
      return heap.slots[map.handle].values[place * 2 + 1]
    case .has, .contains:
      try need(1...1, count, name)
      return .bool(try heap.find(try key(window[0]), in: map) != nil)
    case .keys, .values:
      try need(0...0, count, name)
      let offset = name == .keys ? 0 : 1
      let result = heap.makeValues(.list, count: heap.slots[map.handle].count)
      let source = heap.slots[map.handle].values
      for index in 0..<heap.slots[map.handle].count {
        heap.share(source[index * 2 + offset])
        heap.slots[result.handle].values[index] = source[index * 2 + offset]
      }
      return result
    case .remove:
      try need(1...1, count, name)
      let unwanted = try heap.find(try key(window[0]), in: map)
      let result = heap.makeMap()
      let entries = heap.entries(map)
      for index in stride(from: 0, to: entries.count, by: 2) where index / 2 != unwanted {
        heap.share(entries[index + 1])
        try heap.set(entries[index], entries[index + 1], in: result)
      }
      return result
    case .len: return .int(heap.slots[map.handle].count)
    default: throw missing(map, name)
    }
  }

  func wholeNumber(_ value: Value) throws(RuntimeError) -> Int {
    guard let number = value.asInt else {
      if value.isError { throw errorUsed(value) }
      throw RuntimeError(
        FaultCode.wrongType, "a whole number is needed here, not \(kindPhrase(value))")
    }
    return Int(number)
  }

  // MARK: Strings

  private func stringMethod(
    _ string: Value, _ name: KnownName, _ window: UnsafeMutablePointer<Value>, _ count: Int
  ) throws(RuntimeError) -> Value {
    let octets = heap.octets(string)
    switch name {
    case .upper, .lower:
      try need(0...0, count, name)
      let (low, high): (UInt8, UInt8) = name == .upper ? (97, 122) : (65, 90)
      return try heap.makeString(octets.map { $0 >= low && $0 <= high ? $0 ^ 32 : $0 })
    case .has, .contains, .starts, .ends, .find:
      try need(1...1, count, name)
      guard window[0].tag == .string else { throw mismatch("look for", window[0], string) }
      return searched(octets, name, heap.octets(window[0]))
    case .pad:
      try need(1...1, count, name)
      return try padded(octets, to: try wholeNumber(window[0]))
    case .split:
      try need(0...1, count, name)
      return try split(string, count == 0 ? .none : window[0])
    case .trim:
      var (start, end) = (0, octets.count)
      while start < end && octets[start] <= Ascii.space { start += 1 }
      while end > start && octets[end - 1] <= Ascii.space { end -= 1 }
      return try heap.makeString(Array(octets[start..<end]))
    case .slice:
      try need(1...2, count, name)
      let start = min(max(try wholeNumber(window[0]), 0), octets.count)
      let end = count == 1 ? octets.count : try wholeNumber(window[1])
      return try heap.makeString(Array(octets[start..<min(max(end, start), octets.count)]))
    case .len: return .int(octets.count)
    default: throw missing(string, name)
    }
  }

  private func searched(
    _ text: UnsafeBufferPointer<UInt8>, _ name: KnownName, _ needle: UnsafeBufferPointer<UInt8>
  ) -> Value {
    switch name {
    case .starts: return .bool(text.starts(with: needle))
    case .ends: return .bool(text.suffix(needle.count).elementsEqual(needle))
    case .find: return find(needle, in: text, from: 0).map { .int($0) } ?? .none
    default: return .bool(find(needle, in: text, from: 0) != nil)
    }
  }

  /// To the right with a positive width, to the left with a negative one.
  private func padded(
    _ text: UnsafeBufferPointer<UInt8>, to width: Int
  ) throws(RuntimeError) -> Value {
    var columns = 0
    for octet in text where octet & 0xC0 != 0x80 { columns += 1 }
    let missing = width.magnitude > UInt(columns) ? Int(clamping: width.magnitude) - columns : 0
    try heap.reserve(missing)
    let padding = [UInt8](repeating: Ascii.space, count: missing)
    return try heap.makeString(width < 0 ? padding + Array(text) : Array(text) + padding)
  }

  /// At every separator, or at runs of white space without one.
  private func split(_ string: Value, _ separator: Value) throws(RuntimeError) -> Value {
    let result = heap.makeList()
    for piece in try pieces(of: string, separator) {
      // Where the octets are is asked each time: a short string moves as slots are taken.
      let text = UnsafeBufferPointer(rebasing: heap.octets(string)[piece])
      try heap.append(try heap.makeString(text), to: result)
    }
    return result
  }

  private func pieces(
    of string: Value, _ separator: Value
  ) throws(RuntimeError) -> [Range<Int>] {
    let text = heap.octets(string)
    var result: [Range<Int>] = []
    var start = 0
    if separator.isNone {
      for index in 0...text.count where index == text.count || text[index] <= Ascii.space {
        if index > start { result.append(start..<index) }
        start = index + 1
      }
      return result
    }
    guard separator.tag == .string, !heap.octets(separator).isEmpty else {
      throw RuntimeError(FaultCode.wrongType, "`split` needs a text to split at")
    }
    let needle = heap.octets(separator)
    while let place = find(needle, in: text, from: start) {
      result.append(start..<place)
      start = place + needle.count
    }
    result.append(start..<text.count)
    return result
  }
}
