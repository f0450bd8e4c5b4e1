// Numbers and quantities: `64`, `0x1F`, `1.5`, `300B`, `3MB/s`, `40/s`.
//
// A number is kept as integer digits and a power of ten, so a quantity loses nothing before it
// reaches its base unit. Units that could mean two things are refused with both meanings (N103).

/// `significand × 10^exponent`, of a unit if there is one.
struct LexedNumber: Sendable {
  var significand: Int64
  var exponent: Int
  var unit: UnitExpression?
}

extension Lexer {
  private static let largestHelp =
    "whole numbers end at 9_223_372_036_854_775_807; `1.0e20` is a Real"

  /// Exponents of a plain number and of a quantity: beyond these nothing on the bench is measured.
  static let realExponentLimit = 280
  static let quantityExponentLimit = 18

  mutating func lexNumber() {
    let start = offset
    if octet(at: start) == Ascii.zero, octet(at: start + 1) | 0x20 == 0x78,
      Ascii.hexadecimalValue(octet(at: start + 2)) != nil
    {
      lexHexadecimal()
      return
    }
    var number = LexedNumber(significand: 0, exponent: 0, unit: nil)
    var fits = true
    var isReal = false
    skipDigits(into: &number, allowUnderscore: true, fits: &fits)
    if octet(at: offset) == Ascii.dot, Ascii.isDigit(octet(at: offset + 1)) {
      isReal = true
      offset += 1
      let fraction = offset
      skipDigits(into: &number, allowUnderscore: false, fits: &fits)
      number.exponent = fraction - offset
    }
    if let exponent = lexExponent() {
      isReal = true
      number.exponent += exponent
    }
    let digitsEnd = offset
    guard lexUnit(of: &number, from: start) else {
      emit(.malformed, from: start)
      return
    }
    number.dropTrailingZeros()
    let limit = number.unit == nil ? Lexer.realExponentLimit : Lexer.quantityExponentLimit
    if !fits || abs(number.exponent) > limit {
      report(
        "N105", "this number has too many digits", from: start, to: digitsEnd,
        help: Lexer.largestHelp)
      emit(.malformed, from: start)
      return
    }
    lexed.numbers.append(number)
    let kind: TokenKind = number.unit != nil ? .quantity : isReal ? .real : .int
    emit(kind, from: start, payload: lexed.numbers.count - 1)
  }

  private mutating func skipDigits(
    into number: inout LexedNumber, allowUnderscore: Bool, fits: inout Bool
  ) {
    while offset < end {
      let octet = file.octets[offset]
      if Ascii.isDigit(octet) {
        let (product, tooLarge) = number.significand.multipliedReportingOverflow(by: 10)
        let (sum, stillTooLarge) = product.addingReportingOverflow(Int64(octet - Ascii.zero))
        if tooLarge || stillTooLarge { fits = false } else { number.significand = sum }
      } else if !(allowUnderscore && octet == Ascii.underscore) {
        return
      }
      offset += 1
    }
  }

  /// `e3`, `E-6`; nothing is consumed when no digit follows.
  private mutating func lexExponent() -> Int? {
    guard octet(at: offset) | 0x20 == 0x65 else { return nil }
    var place = offset + 1
    let isNegative = octet(at: place) == Ascii.minus
    if isNegative || octet(at: place) == Ascii.plus { place += 1 }
    guard Ascii.isDigit(octet(at: place)) else { return nil }
    var value = 0
    while Ascii.isDigit(octet(at: place)) {
      value = min(100_000, value * 10 + Int(octet(at: place) - Ascii.zero))
      place += 1
    }
    offset = place
    return isNegative ? -value : value
  }

  private mutating func lexHexadecimal() {
    let start = offset
    offset += 2
    var value: Int64 = 0
    var fits = true
    while offset < end {
      if let digit = Ascii.hexadecimalValue(file.octets[offset]) {
        if value > Int64.max >> 4 { fits = false } else { value = value << 4 | Int64(digit) }
      } else if file.octets[offset] != Ascii.underscore {
        break
      }
      offset += 1
    }
    let wordStop = wordEnd(from: offset)
    if wordStop > offset {
      offset = wordStop
      report(
        "N103", "a hexadecimal number takes no unit", from: start, to: offset,
        help: "write it in decimal: `\(fits ? value : 0)`, then the unit")
      emit(.malformed, from: start)
    } else if !fits {
      report(
        "N105", "this number has too many digits", from: start, to: offset,
        help: Lexer.largestHelp)
      emit(.malformed, from: start)
    } else {
      lexed.numbers.append(LexedNumber(significand: value, exponent: 0, unit: nil))
      emit(.int, from: start, payload: lexed.numbers.count - 1)
    }
  }

  // MARK: Units

  /// Takes the unit that touches the number, if any. False after a unit that does not exist.
  private mutating func lexUnit(of number: inout LexedNumber, from start: Int) -> Bool {
    let unitStart = offset
    var base: UInt8 = 0
    if octet(at: offset) == Ascii.percent {
      base = UnitTable.percent
      offset += 1
    } else if Ascii.isNameStart(octet(at: offset)) {
      offset = wordEnd(from: offset)
      guard let known = UnitTable.number(of: file.text(unitStart..<offset)) else {
        reportUnit(from: start, unitStart: unitStart)
        return false
      }
      base = known
    }
    let per = UnitExpression.mayBePerTime(base) ? lexPerTime() : 0
    if base != 0 || per != 0 { number.unit = UnitExpression(unit: base, per: per) }
    return true
  }

  /// `/s` when it touches both sides and is no division by a call.
  private mutating func lexPerTime() -> UInt8 {
    guard octet(at: offset) == Ascii.slash else { return 0 }
    let stop = wordEnd(from: offset + 1)
    let name = file.text(offset + 1..<max(offset + 1, stop))
    guard UnitTable.isTimeUnit(name), octet(at: stop) != Ascii.openParenthesis,
      let number = UnitTable.number(of: name)
    else { return 0 }
    offset = stop
    return number
  }

  private mutating func reportUnit(from start: Int, unitStart: Int) {
    let digits = file.text(start..<unitStart)
    let unit = file.text(unitStart..<offset)
    let whole = "\(digits)\(unit)"
    var title = "no unit `\(unit)`"
    var help: String?
    switch unit {
    case "K", "k":
      title = "`\(whole)` is ambiguous: \(unit) could be 1000 or 1024"
      help = "`\(digits)KiB`\(octetCount(digits, 1024)) or `\(digits)KB`\(octetCount(digits, 1000))"
    case "M", "G":
      title = "`\(whole)` is ambiguous: \(unit) of what?"
      help = "`\(digits)\(unit)iB`, `\(digits)\(unit)B` or `\(digits)\(unit)bps`"
    case "m":
      title = "`\(whole)` is ambiguous: m could be minutes or milliseconds"
      help = "`\(digits)min` or `\(digits)ms`"
    case "sec", "secs", "second", "seconds": help = "`\(digits)s`"
    case "msec", "msecs", "millis": help = "`\(digits)ms`"
    case "usec", "usecs", "micros": help = "`\(digits)us`"
    case "mins", "minute", "minutes": help = "`\(digits)min`"
    case "hr", "hrs", "hour", "hours": help = "`\(digits)h`"
    case "day", "days": help = "`\(digits)d`"
    case "byte", "bytes", "octets": help = "`\(digits)B`"
    case "bit", "bits": help = "`\(digits)b`"
    case "Hz": help = "`\(digits)/s`"
    default:
      if digits == "0", unit.utf8.first == 98 {
        title = "there are no binary numbers"
        help = "write it in decimal or as `0x…`"
      } else if let near = Spelling.nearest(to: unit, among: UnitTable.units.map { $0.text }) {
        help = "did you mean `\(digits)\(near)`?"
      } else {
        help = "units are written right after the number; a space separates the next word"
      }
    }
    report("N103", title, from: start, to: offset, help: help)
  }

  /// ` (65,536 B)`, where the digits are a plain integer.
  private func octetCount(_ digits: String, _ factor: Int64) -> String {
    guard let count = Int64(digits) else { return "" }
    let (product, overflow) = count.multipliedReportingOverflow(by: factor)
    return overflow ? "" : " (\(Spelling.grouped(product)) B)"
  }
}

extension LexedNumber {
  /// 1.50 is 1.5: less to multiply later.
  fileprivate mutating func dropTrailingZeros() {
    while exponent < 0 && significand % 10 == 0 {
      significand /= 10
      exponent += 1
    }
    if significand == 0 { exponent = 0 }
  }
}
