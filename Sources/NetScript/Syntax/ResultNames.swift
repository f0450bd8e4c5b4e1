// `_`, `$1`, `$2` …: what a line of a prompt calls the values of earlier lines. A file has none.
//
// They are found in the text, not in the tree: who sits in front of a session puts the value where
// the name stands, and what is done is a line that means the same everywhere.

public enum ResultNames {
  public struct Place: Equatable, Sendable {
    /// In octets.
    public var range: Range<Int>
    /// Of `$3`; nil for `_`.
    public var number: Int?
  }

  /// Where a text names results, in order. Where `_` stands for nothing (`let _ = …`, `for _ in`,
  /// a parameter, a pattern) it names none.
  public static func places(in text: String) -> [Place] {
    let file = SourceFile(id: SourceFileID(rawValue: 0), name: "", text: text)
    return places(in: Lexer.lex(file), of: file, nesting: 0)
  }

  private static func places(in lexed: LexedText, of file: SourceFile, nesting: Int) -> [Place] {
    var found: [Place] = []
    var finder = Finder()
    for (index, token) in lexed.tokens.enumerated() {
      let next = index + 1 < lexed.tokens.count ? lexed.tokens[index + 1].kind : .endOfFile
      let isFree = finder.isFree(token.kind, before: next)
      switch token.kind {
      case .name where isFree && token.end - token.start == 1:
        guard file.octets[token.start] == Ascii.underscore else { break }
        found.append(Place(range: token.start..<token.end, number: nil))
      case .malformed where file.octets[token.start] == Ascii.dollar:
        guard let number = Int(file.text((token.start + 1)..<token.end)) else { break }
        found.append(Place(range: token.start..<token.end, number: number))
      case .string where nesting < Lexer.stringNestingLimit:
        for case .interpolation(let range) in lexed.strings[Int(token.payload)].parts {
          var inner = Lexer(file: file, range: range, stringNesting: nesting + 1)
          found += places(in: inner.run(), of: file, nesting: nesting + 1)
        }
      default: break
      }
    }
    return found
  }

  /// Knows behind which tokens a name is given, not used.
  private struct Finder {
    private var previous = TokenKind.newline
    /// Between `for` and `in`; behind `fn`, up to the end of its parameters.
    private var isHead = false
    private var isFunction = false
    private var depth = 0

    /// Not the `for` of `run for` and `expect … for`.
    private var beginsStatement: Bool {
      switch previous {
      case .newline, .semicolon, .openBrace, .fatArrow: return true
      default: return false
      }
    }

    mutating func isFree(_ kind: TokenKind, before next: TokenKind) -> Bool {
      defer { previous = kind }
      switch kind {
      case .forWord: isHead = beginsStatement
      case .inWord: isHead = false
      case .fnWord: (isFunction, depth) = (true, 0)
      case .openParenthesis where isFunction: depth += 1
      case .closeParenthesis where isFunction:
        depth -= 1
        isFunction = depth > 0
      default: break
      }
      if isHead || isFunction || next == .fatArrow { return false }
      return previous != .letWord && previous != .varWord && previous != .dot
    }
  }
}
