// How large a script is. Every edit that is kept makes it smaller, so that shrinking ends.

/// Tokens first; then the digits of its numbers, their magnitudes, and the text.
public struct ModuleMeasure: Comparable, Sendable {
  public var tokens = 0
  /// Digits of numbers without zeros at their ends: 17520B has four, 20KB one.
  public var digits = 0
  /// Binary digits of numbers in base units.
  public var magnitude = 0
  public var octets = 0

  public static func < (one: ModuleMeasure, other: ModuleMeasure) -> Bool {
    (one.tokens, one.digits, one.magnitude, one.octets)
      < (other.tokens, other.digits, other.magnitude, other.octets)
  }
}

extension ModuleText {
  /// The result of an edit if that is a script and smaller.
  public func smaller(by edit: TextEdit) -> ModuleText? {
    guard let module = applying(edit), module.measure < measure else { return nil }
    return module
  }

  public var measure: ModuleMeasure {
    var measure = ModuleMeasure(octets: octets.count)
    for token in Lexer.lex(file).tokens where token.kind != .newline && token.kind != .semicolon {
      measure.tokens += 1
    }
    for statement in statements.all {
      for value in statement.values.flatMap({ $0.all }) {
        guard let number = WrittenNumber(value) else { continue }
        measure.digits += number.digits
        measure.magnitude += number.magnitude
      }
    }
    return measure
  }

  /// Lines that have something on them.
  public var lines: Int {
    (1...max(1, file.line(at: octets.count))).count { !file.lineRange($0).isEmpty }
  }
}
