// Whether a space stands between two tokens of a line.

extension FormatItem {
  /// Whether a space stands between `left` and this, and `next` after it decides what a colon is.
  func isSpaced(from left: FormatItem, before next: FormatItem?) -> Bool {
    switch left.kind {
    case .openParenthesis, .openBracket, .dot: return false
    case .minus where left.marks.contains(.operand): return false
    case .range, .halfOpenRange:
      // `1...x` would be another operator.
      return left.marks.contains(.looseRange) || kind == .dot
    default: break
    }
    switch kind {
    case .closeParenthesis, .closeBracket, .comma: return false
    case .colon: return next?.marks.contains(.base) ?? false
    case .range, .halfOpenRange: return marks.contains(.looseRange)
    case .dot, .openBracket: return marks.contains(.operand)
    // `3/s(x)` would be a division.
    case .openParenthesis: return marks.contains(.operand) || left.kind == .quantity
    default: return true
    }
  }
}
