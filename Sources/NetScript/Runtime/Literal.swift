// A value as a script writes it, exactly: what is read back is the same value.

extension VM {
  /// A literal longer than this is none: nobody wants that line.
  static let literalLimit = 64 << 10

  /// Nil for what cannot be written: a function, a record, a unit without a name.
  ///
  /// - Parameter nodeText: how a place of the embedder's tree is named.
  public func literal(_ value: Value, node nodeText: (Value) -> String?) -> String? {
    let text = literal(value, nodeText, depth: 0)
    return text.map { $0.utf8.count <= VM.literalLimit } == true ? text : nil
  }

  private func literal(_ value: Value, _ nodeText: (Value) -> String?, depth: Int) -> String? {
    guard depth < VM.depthLimit else { return nil }
    switch value.tag {
    case .none: return "none"
    case .bool, .int: return text(value)
    case .real: return value.double.isFinite ? text(value) : nil
    case .quantity:
      return quantityLiteral(value, Exact(value.integer))
    case .rational: return quantityLiteral(value, heap.exact(value))
    case .symbol:
      let name = text(value)
      return name.utf8.first == Ascii.dot ? name : "." + name
    case .node: return nodeText(value)
    case .native: return nativeName(value)
    case .string: return stringLiteral(value)
    case .list:
      return listed(Array(heap.elements(value)), depth) { literal($0, nodeText, depth: depth + 1) }
    case .map:
      return mapLiteral(value) { literal($0, nodeText, depth: depth + 1) }
    case .range: return rangeLiteral(heap.range(value)) { literal($0, nodeText, depth: depth + 1) }
    case .unset, .closure, .record, .distribution, .cell, .policy: return nil
    }
  }

  private func listed(
    _ values: [Value], _ depth: Int, _ part: (Value) -> String?
  ) -> String? {
    var text = "["
    for (place, value) in values.enumerated() {
      guard text.utf8.count <= VM.literalLimit, let one = part(value) else { return nil }
      text += (place > 0 ? ", " : "") + one
    }
    return text + "]"
  }

  private func mapLiteral(_ map: Value, _ part: (Value) -> String?) -> String? {
    let entries = heap.entries(map)
    if entries.isEmpty { return "[:]" }
    var text = "["
    for place in stride(from: 0, to: entries.count, by: 2) {
      guard text.utf8.count <= VM.literalLimit, let key = part(entries[place]),
        let value = part(entries[place + 1])
      else { return nil }
      text += (place > 0 ? ", " : "") + key + ": " + value
    }
    return text + "]"
  }

  private func rangeLiteral(_ range: RangeParts, _ part: (Value) -> String?) -> String? {
    guard let lower = part(range.lower), let upper = part(range.upper) else { return nil }
    let text = lower + (range.isHalfOpen ? "..<" : "..") + upper
    if range.step.isNone { return "(" + text + ")" }
    return part(range.step).map { "(" + text + " by " + $0 + ")" }
  }

  private func stringLiteral(_ value: Value) -> String {
    var text: [UInt8] = [Ascii.quote]
    for octet in heap.octets(value) {
      switch octet {
      case Ascii.quote, Ascii.backslash: text += [Ascii.backslash, octet]
      case Ascii.lineFeed: text += Array("\\n".utf8)
      case Ascii.carriageReturn: text += Array("\\r".utf8)
      case Ascii.tab: text += Array("\\t".utf8)
      case Ascii.openBrace, Ascii.closeBrace: text += [octet, octet]
      default: text.append(octet)
      }
    }
    text.append(Ascii.quote)
    return String(decoding: text, as: UTF8.self)
  }

  // MARK: Quantities

  /// In the unit it was written in, if it is a whole number of them, else in the base unit.
  private func quantityLiteral(_ value: Value, _ count: Exact) -> String? {
    let unit = Head.unit(value.head)
    guard let base = Self.baseUnit(of: Head.dimension(value.head)) else { return nil }
    guard let text = number(count, in: unit, or: base) else { return nil }
    guard value.head & Head.converted != 0, !unit.text.isEmpty else { return text }
    return "(" + text + " -> " + unit.text + ")"
  }

  private static func baseUnit(of dimension: Dimension) -> UnitExpression? {
    switch dimension {
    case .none: return UnitExpression(unit: UnitTable.percent)
    case .time: return UnitExpression("ns")
    case .data: return UnitExpression("b")
    case .rate: return UnitExpression("bps")
    case .frequency: return UnitExpression("/s")
    default: return nil
    }
  }

  private func number(
    _ count: Exact, in unit: UnitExpression, or base: UnitExpression
  ) -> String? {
    for one in [unit, base] where !one.text.isEmpty {
      let scale = one.scale
      guard
        let inUnit = Exact(Int128(scale.denominator), Int128(scale.numerator)).flatMap({
          count.multiplied(by: $0)
        }), let number = Int64(exactly: inUnit.numerator)
      else { continue }
      if inUnit.denominator == 1 { return "\(number)\(one.text)" }
      guard one == base, let divisor = Int64(exactly: inUnit.denominator) else { continue }
      return "(\(number)\(one.text) / \(divisor))"
    }
    return nil
  }
}
