// Tokens, and the tables of words and operators that the grammar file is held to.
//
// A token is a kind and a place; numbers and strings carry the index of their decoded value.
// Contextual words (`step`, `within`) are names here: only the parser knows where they are words.

public enum TokenKind: UInt8, CaseIterable, Sendable {
  case endOfFile, newline
  case name, int, real, quantity, unit, string
  /// Something that a diagnostic was already given for.
  case malformed

  // Reserved words.
  case letWord, varWord, fnWord, ifWord, thenWord, elseWord, forWord, inWord, byWord, whileWord
  case matchWord, returnWord, breakWord, continueWord, andWord, orWord, notWord, modWord
  case trueWord, falseWord, noneWord

  // Operators and brackets.
  case openParenthesis, closeParenthesis, openBracket, closeBracket, openBrace, closeBrace
  case comma, semicolon, colon, dot
  case assign, plusAssign, minusAssign, fatArrow, arrow
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
  case range, halfOpenRange, plus, minus, star, slash

  /// How a word or operator is written; `nil` for the kinds with many spellings.
  public var spelling: String? {
    switch self {
    case .endOfFile, .newline, .name, .int, .real, .quantity, .unit, .string, .malformed:
      return nil
    case .openParenthesis: return "("
    case .closeParenthesis: return ")"
    case .openBracket: return "["
    case .closeBracket: return "]"
    case .openBrace: return "{"
    case .closeBrace: return "}"
    case .comma: return ","
    case .semicolon: return ";"
    case .colon: return ":"
    case .dot: return "."
    case .assign: return "="
    case .plusAssign: return "+="
    case .minusAssign: return "-="
    case .fatArrow: return "=>"
    case .arrow: return "->"
    case .equal: return "=="
    case .notEqual: return "!="
    case .less: return "<"
    case .lessOrEqual: return "<="
    case .greater: return ">"
    case .greaterOrEqual: return ">="
    case .range: return ".."
    case .halfOpenRange: return "..<"
    case .plus: return "+"
    case .minus: return "-"
    case .star: return "*"
    case .slash: return "/"
    default: return reservedSpelling
    }
  }

  private var reservedSpelling: String? {
    switch self {
    case .letWord: return "let"
    case .varWord: return "var"
    case .fnWord: return "fn"
    case .ifWord: return "if"
    case .thenWord: return "then"
    case .elseWord: return "else"
    case .forWord: return "for"
    case .inWord: return "in"
    case .byWord: return "by"
    case .whileWord: return "while"
    case .matchWord: return "match"
    case .returnWord: return "return"
    case .breakWord: return "break"
    case .continueWord: return "continue"
    case .andWord: return "and"
    case .orWord: return "or"
    case .notWord: return "not"
    case .modWord: return "mod"
    case .trueWord: return "true"
    case .falseWord: return "false"
    case .noneWord: return "none"
    default: return nil
    }
  }

  public var isReservedWord: Bool {
    rawValue >= TokenKind.letWord.rawValue && rawValue <= TokenKind.noneWord.rawValue
  }

  /// May follow a dot as a member's name.
  var isNameLike: Bool { self == .name || isReservedWord }

  /// *Start of an operand* where one token decides whether a statement word is meant. A dot is
  /// none here, so that `step.x` names a thing.
  public var startsOperand: Bool {
    switch self {
    case .name, .int, .real, .quantity, .string, .malformed, .openParenthesis, .openBracket,
      .minus, .notWord, .ifWord, .fnWord, .trueWord, .falseWord, .noneWord:
      return true
    default: return false
    }
  }
}

public struct Token: Sendable {
  public let kind: TokenKind
  /// Index of the decoded number or string in `LexedText`.
  let payload: Int32
  let startOffset: Int32
  let endOffset: Int32

  public var start: Int { Int(startOffset) }
  public var end: Int { Int(endOffset) }

  init(_ kind: TokenKind, start: Int, end: Int, payload: Int = 0) {
    self.kind = kind
    self.payload = Int32(payload)
    startOffset = Int32(start)
    endOffset = Int32(end)
  }
}

/// Words that are words only where the grammar says so; elsewhere they are names.
public enum ContextualWords {
  /// May begin a statement, decided by one further token.
  public static let statements = [
    "import", "case", "variant", "param", "sweep", "policy", "preset", "kind", "on", "once",
    "when", "every", "at", "expect", "run", "step", "record", "plot", "report", "capture",
    "print", "show", "why", "pause", "stop", "fail",
  ]
  /// May follow a complete operand.
  public static let clauses = [
    "as", "where", "within", "after", "before", "until", "every", "on",
  ]
  /// Right after `expect`.
  public static let modals = ["always", "never", "eventually", "whenever", "finally"]
}

/// Names that annotations may use. None is named like a unit, so `-> ms` needs no context.
public enum TypeNames {
  public static let all = [
    "Int", "Time", "Data", "Rate", "Freq", "Count", "Ratio", "Real", "Bool", "String", "Symbol",
    "List", "Map", "Range", "Fn", "Node",
  ]
}

/// Binding powers of the Pratt parser.
public enum OperatorTable {
  public static let notPower = 25
  public static let comparisonPower = 30
  public static let conversionPower = 35
  public static let negatePower = 70

  /// The operator a token is between two operands, with its power; `nil` when it is none.
  public static func infix(_ kind: TokenKind) -> (operation: InfixOperator, power: Int)? {
    switch kind {
    case .orWord: return (.or, 10)
    case .andWord: return (.and, 20)
    case .equal: return (.equal, comparisonPower)
    case .notEqual: return (.notEqual, comparisonPower)
    case .less: return (.less, comparisonPower)
    case .lessOrEqual: return (.lessOrEqual, comparisonPower)
    case .greater: return (.greater, comparisonPower)
    case .greaterOrEqual: return (.greaterOrEqual, comparisonPower)
    case .inWord: return (.isIn, comparisonPower)
    case .range: return (.range, 40)
    case .halfOpenRange: return (.halfOpenRange, 40)
    case .byWord: return (.by, 40)
    case .plus: return (.add, 50)
    case .minus: return (.subtract, 50)
    case .star: return (.multiply, 60)
    case .slash: return (.divide, 60)
    case .modWord: return (.modulo, 60)
    default: return nil
    }
  }
}

extension InfixOperator {
  public var text: String {
    switch self {
    case .or: return "or"
    case .and: return "and"
    case .equal: return "=="
    case .notEqual: return "!="
    case .less: return "<"
    case .lessOrEqual: return "<="
    case .greater: return ">"
    case .greaterOrEqual: return ">="
    case .isIn: return "in"
    case .range: return ".."
    case .halfOpenRange: return "..<"
    case .by: return "by"
    case .add: return "+"
    case .subtract: return "-"
    case .multiply: return "*"
    case .divide: return "/"
    case .modulo: return "mod"
    }
  }

  /// Yields a boolean; not associative.
  public var isComparison: Bool {
    rawValue >= InfixOperator.equal.rawValue && rawValue <= InfixOperator.isIn.rawValue
  }
}
