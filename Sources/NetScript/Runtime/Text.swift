// Every value as text: what `print` and interpolation show.

extension VM {
  /// A text longer than this is cut: nobody reads it, and it must not exhaust the process.
  static let textLimit = 8 << 20

  public func text(_ value: Value) -> String {
    var octets: [UInt8] = []
    append(value, to: &octets)
    return String(decoding: octets, as: UTF8.self)
  }

  func append(
    _ value: Value, digits: Int? = nil, isQuoted: Bool = false, depth: Int = 0,
    to text: inout [UInt8]
  ) {
    guard text.count < VM.textLimit, depth < VM.depthLimit else {
      text.append(contentsOf: "…".utf8)
      return
    }
    switch value.tag {
    case .none, .unset: text.append(contentsOf: "none".utf8)
    case .bool: text.append(contentsOf: (value.bits != 0 ? "true" : "false").utf8)
    case .int: Decimal.append(value.integer, to: &text)
    case .real: appendReal(value.double, digits: digits, to: &text)
    case .quantity:
      QuantityText.append(Exact(value.integer), head: value.head, digits: digits, to: &text)
    case .rational:
      QuantityText.append(heap.exact(value), head: value.head, digits: digits, to: &text)
    case .symbol: appendSymbol(value, to: &text)
    case .node: text.append(contentsOf: embedder.describe(value).utf8)
    case .native: text.append(contentsOf: "fn \(nativeName(value))".utf8)
    case .string: appendString(value, isQuoted: isQuoted, to: &text)
    case .list: appendElements(heap.elements(value), depth: depth, to: &text)
    case .map: appendMap(value, depth: depth, to: &text)
    case .range: appendRange(heap.range(value), to: &text)
    case .closure: text.append(contentsOf: "fn \(functionName(value))".utf8)
    case .record: appendRecord(value, depth: depth, to: &text)
    case .distribution: appendDistribution(value, depth: depth, to: &text)
    case .cell: append(heap.slots[value.handle].payload, depth: depth + 1, to: &text)
    case .policy:
      text.append(contentsOf: "policy \(program.policies[policyIndex(value)].name)".utf8)
    }
  }

  private func appendReal(_ value: Double, digits: Int?, to text: inout [UInt8]) {
    if let digits, let exact = Exact(value) {
      Decimal.append(exact, .fixed(digits), to: &text)
    } else {
      text.append(contentsOf: "\(value)".utf8)
    }
  }

  /// `.wait`, but `ENOBUFS`: an error is read as a word.
  private func appendSymbol(_ value: Value, to text: inout [UInt8]) {
    guard let symbol = value.asSymbol else { return }
    if !symbol.isError { text.append(Ascii.dot) }
    text.append(contentsOf: symbols.name(symbol).utf8)
  }

  private func appendString(_ value: Value, isQuoted: Bool, to text: inout [UInt8]) {
    let octets = heap.octets(value)
    guard isQuoted else {
      text.append(contentsOf: octets)
      return
    }
    text.append(Ascii.quote)
    for octet in octets {
      switch octet {
      case Ascii.quote, Ascii.backslash: text.append(contentsOf: [Ascii.backslash, octet])
      case Ascii.lineFeed: text.append(contentsOf: "\\n".utf8)
      default: text.append(octet)
      }
    }
    text.append(Ascii.quote)
  }

  private func appendElements(
    _ elements: UnsafeMutableBufferPointer<Value>, depth: Int, to text: inout [UInt8]
  ) {
    text.append(contentsOf: "[".utf8)
    for (index, element) in elements.enumerated() {
      if index > 0 { text.append(contentsOf: ", ".utf8) }
      append(element, isQuoted: true, depth: depth + 1, to: &text)
      if text.count > VM.textLimit { break }
    }
    text.append(contentsOf: "]".utf8)
  }

  private func appendMap(_ map: Value, depth: Int, to text: inout [UInt8]) {
    let entries = heap.entries(map)
    text.append(contentsOf: entries.isEmpty ? "[:".utf8 : "[".utf8)
    for index in stride(from: 0, to: entries.count, by: 2) {
      if index > 0 { text.append(contentsOf: ", ".utf8) }
      append(entries[index], isQuoted: true, depth: depth + 1, to: &text)
      text.append(contentsOf: ": ".utf8)
      append(entries[index + 1], isQuoted: true, depth: depth + 1, to: &text)
      if text.count > VM.textLimit { break }
    }
    text.append(contentsOf: "]".utf8)
  }

  private func appendRange(_ range: RangeParts, to text: inout [UInt8]) {
    append(range.lower, to: &text)
    text.append(contentsOf: (range.isHalfOpen ? "..<" : "..").utf8)
    append(range.upper, to: &text)
    guard !range.step.isNone else { return }
    text.append(contentsOf: " by ".utf8)
    append(range.step, to: &text)
  }

  private func appendRecord(_ record: Value, depth: Int, to text: inout [UInt8]) {
    let values = heap.elements(record)
    let fields = self.fields(record)
    text.append(contentsOf: "(".utf8)
    for index in 0..<values.count {
      if index > 0 { text.append(contentsOf: ", ".utf8) }
      text.append(contentsOf: "\(symbols.name(fields[index])): ".utf8)
      append(values[index], isQuoted: true, depth: depth + 1, to: &text)
    }
    text.append(contentsOf: ")".utf8)
  }

  private func appendDistribution(_ value: Value, depth: Int, to text: inout [UInt8]) {
    let kind = DistributionKind(rawValue: UInt8(heap.slots[value.handle].extra)) ?? .const
    text.append(contentsOf: "\(kind.name)(".utf8)
    for (index, parameter) in heap.elements(value).enumerated() {
      if index > 0 { text.append(contentsOf: ", ".utf8) }
      append(parameter, depth: depth + 1, to: &text)
    }
    text.append(contentsOf: ")".utf8)
  }

  /// `{value:width.digits}`: numbers flush right, texts flush left.
  func appendFormatted(_ value: Value, width: Int, digits: Int?, to text: inout [UInt8]) {
    let start = text.count
    append(value, digits: digits, to: &text)
    var columns = 0
    for octet in text[start...] where octet & 0xC0 != 0x80 { columns += 1 }
    guard columns < width else { return }
    let padding = [UInt8](repeating: Ascii.space, count: width - columns)
    if isNumber(value) {
      text.insert(contentsOf: padding, at: start)
    } else {
      text.append(contentsOf: padding)
    }
  }

  public func typeName(_ value: Value) -> String {
    switch value.tag {
    case .none, .unset: return "None"
    case .bool: return "Bool"
    case .int: return "Int"
    case .real: return "Real"
    case .quantity, .rational:
      switch Head.dimension(value.head) {
      case .none: return "Ratio"
      case .time: return "Time"
      case .data: return "Data"
      case .rate: return "Rate"
      case .frequency: return "Freq"
      default: return "Quantity"
      }
    case .symbol: return value.isError ? "Error" : "Symbol"
    case .node: return "Node"
    case .native, .closure: return "Fn"
    case .string: return "String"
    case .list: return "List"
    case .map: return "Map"
    case .range: return "Range"
    case .record: return "Record"
    case .distribution: return "Dist"
    case .cell: return "Cell"
    case .policy: return "Policy"
    }
  }
}
