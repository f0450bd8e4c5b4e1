// Calls: `setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0`, `read(3, ..., 4) = -1 EAGAIN`.

import NetScript

extension DrillParser {
  mutating func parseCall() throws(DrillStop) -> DrillCall {
    let first = token
    place += 1
    var call = DrillCall(
      name: text(first), nameSpan: span(first), arguments: [], argumentSpans: [], result: nil,
      resultSpan: nil, error: nil)
    try expect("(", "N512", help: "\(call.name)(3) = 0")
    if !isAt(")") {
      repeat {
        let start = token
        call.arguments.append(try parseValue())
        call.argumentSpans.append(span(from: start))
      } while accept(",")
    }
    try expect(")", "N512", help: ")")
    guard accept("=") else {
      report(
        "N512", "a call without its result", at: span(from: first),
        why: "what it must return stands behind it, or `?`", help: "= 0")
      throw .mistake
    }
    let start = token
    if !accept("?") { call.result = try parseValue() }
    if token.kind == .word {
      call.error = text(token)
      place += 1
    }
    call.resultSpan = span(from: start)
    if accept("(") { try skipNote() }
    return call
  }

  /// What `perror` would say, or the flags behind a number: for people.
  private mutating func skipNote() throws(DrillStop) {
    while !isAt(")") {
      guard token.kind != .end && !token.isFirstOnLine else {
        throw mistake("N512", "this note has no end", help: ")")
      }
      place += 1
    }
    place += 1
  }

  // MARK: Values

  mutating func parseValue() throws(DrillStop) -> DrillValue {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit else {
      throw mistake("N512", "values in values, deeper than \(Self.depthLimit)")
    }
    var value = try parseSimpleValue()
    while accept("|") {
      value = try join(value, try parseSimpleValue())
    }
    return value
  }

  private mutating func parseSimpleValue() throws(DrillStop) -> DrillValue {
    let token = token
    switch token.kind {
    case .ellipsis:
      place += 1
      return .anything
    case .integer, .hexadecimal:
      guard let value = number(token) else { throw mistake("N508", "a number of 64 bits") }
      place += 1
      return .integer(value)
    case .text: return try parseTexts()
    case .word: return try parseNamedValue()
    case .sign where text(token) == "[":
      place += 1
      return .list(try parseValues(until: "]"))
    case .sign where text(token) == "{":
      place += 1
      return try parseRecord()
    case .real, .command, .code, .option, .broken, .sign, .end:
      throw mistake(
        "N512", "a value is missing here",
        why: "a number, a name, a text, `...`, a list in brackets or a record in braces")
    }
  }

  private mutating func parseValues(until close: String) throws(DrillStop) -> [DrillValue] {
    guard !accept(close) else { return [] }
    var values: [DrillValue] = []
    repeat {
      values.append(try parseValue())
    } while accept(",")
    try expect(close, "N512", help: close)
    return values
  }

  /// Texts that follow each other are one.
  private mutating func parseTexts() throws(DrillStop) -> DrillValue {
    var whole = ""
    while token.kind == .text {
      whole += unescaped(token.start + 1..<token.end - 1)
      place += 1
    }
    if token.kind == .ellipsis { throw .unsupported("a text that is cut short") }
    return .text(whole)
  }

  /// `NAME`, `name(value)`, `name = value`.
  private mutating func parseNamedValue() throws(DrillStop) -> DrillValue {
    let name = text(token)
    place += 1
    if accept("(") {
      let arguments = try parseValues(until: ")")
      guard accept("=") else { return .call(name, arguments) }
      let value = try parseValue()
      return .record([DrillField(name: name, arguments: arguments, value: value)])
    }
    if accept("=") {
      return .record([DrillField(name: name, value: try parseValue())])
    }
    guard let symbol = symbols.first(where: { $0.name == name }) else { return .symbols([name]) }
    if symbol.text.hasPrefix("\"") { return .text(String(symbol.text.dropFirst().dropLast())) }
    return Self.number(symbol.text).map { .integer($0) } ?? .symbols([symbol.text])
  }

  private mutating func parseRecord() throws(DrillStop) -> DrillValue {
    if isAt("(") && text(peek(1)) == "label" || isAt("}") { throw .unsupported("MPLS") }
    if isAt("flags") && !isSign(peek(1), "=") { throw .unsupported("GRE") }
    var fields: [DrillField] = []
    repeat {
      // A field with a name has been read as a record of its own.
      let value = try parseValue()
      if case .record(let own) = value, own.count == 1, !own[0].name.isEmpty {
        fields.append(own[0])
      } else {
        fields.append(DrillField(name: "", value: value))
      }
    } while accept(",")
    try expect("}", "N512", help: "}")
    return .record(fields)
  }

  private func isSign(_ token: DrillToken, _ sign: String) -> Bool {
    token.kind == .sign && text(token) == sign
  }

  /// `a | b`: two numbers are one; a number among names stands there in decimal.
  private mutating func join(
    _ first: DrillValue, _ second: DrillValue
  ) throws(DrillStop) -> DrillValue {
    if case .integer(let left) = first, case .integer(let right) = second {
      return .integer(left | right)
    }
    guard let left = Self.names(first), let right = Self.names(second) else {
      place -= 1
      throw mistake("N512", "`|` joins names and numbers")
    }
    return .symbols(left + right)
  }

  private static func names(_ value: DrillValue) -> [String]? {
    switch value {
    case .symbols(let names): return names
    case .integer(let number): return ["\(number)"]
    case .anything, .text, .list, .record, .call: return nil
    }
  }

  // MARK: Texts

  private func unescaped(_ range: Range<Int>) -> String {
    var octets: [UInt8] = []
    var place = range.lowerBound
    while place < range.upperBound {
      let octet = file.octets[place]
      place += 1
      guard octet == UInt8(ascii: "\\"), place < range.upperBound else {
        octets.append(octet)
        continue
      }
      let escape = file.octets[place]
      place += 1
      switch escape {
      case UInt8(ascii: "n"): octets.append(10)
      case UInt8(ascii: "r"): octets.append(13)
      case UInt8(ascii: "t"): octets.append(9)
      case UInt8(ascii: "0"): octets.append(0)
      case UInt8(ascii: "x"):
        var value: UInt8 = 0
        var digits = 0
        while digits < 2, place < range.upperBound,
          let digit = DrillLexer.hexadecimalValue(file.octets[place])
        {
          value = value << 4 | digit
          place += 1
          digits += 1
        }
        octets.append(value)
      default: octets.append(escape)
      }
    }
    return String(decoding: octets, as: UTF8.self)
  }
}
