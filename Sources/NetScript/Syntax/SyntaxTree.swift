// Expressions of the syntax tree; statements are in SyntaxStatements.swift.
//
// Plain values with a span each. The tree keeps what the author wrote (units, parentheses, the
// order of clauses), because reports, `netsh fmt` and diagnostics quote it; it knows nothing of
// names, dimensions or phases. Its depth is bounded by `ParserLimits`, so a consumer may recurse.

/// A name with its place. Reserved words occur after a dot only.
public struct Name: Hashable, Sendable {
  public var text: String
  public var span: SourceSpan

  public init(_ text: String, _ span: SourceSpan) {
    self.text = text
    self.span = span
  }
}

public struct Expression: Sendable {
  public var form: ExpressionForm
  public var span: SourceSpan
  /// Levels below this node and itself; the parser refuses more than `ParserLimits.depth`.
  public let depth: Int

  public init(_ form: ExpressionForm, _ span: SourceSpan) {
    self.form = form
    self.span = span
    depth = form.childDepth + 1
  }
}

public indirect enum ExpressionForm: Sendable {
  /// Stands where an operand was missing; a diagnostic has been given.
  case missing
  case int(Int64)
  case real(Double)
  case quantity(QuantityLiteral)
  case string(StringLiteral)
  case bool(Bool)
  case none
  /// `.wait`: the name without its dot.
  case symbol(String)
  /// A variable, a function, a parameter or a root of the world: only names tell.
  case name(String)
  case parenthesised(Expression)
  case prefix(PrefixOperator, Expression)
  case infix(InfixOperator, operatorSpan: SourceSpan, Expression, Expression)
  case member(Expression, Name)
  case index(Expression, Expression)
  /// `pc[*]`
  case selectAll(Expression)
  case call(Expression, [Argument])
  /// `t -> ms`
  case convert(Expression, UnitExpression, unitSpan: SourceSpan)
  case list([Expression])
  case map([MapEntry])
  case conditional(Expression, then: Expression, otherwise: Expression)
  case function(FunctionShape)
}

/// A number with its unit, exactly as written: `significand × 10^exponent` of `unit`.
public struct QuantityLiteral: Hashable, Sendable {
  public var significand: Int64
  public var exponent: Int
  public var unit: UnitExpression

  public init(significand: Int64, exponent: Int, unit: UnitExpression) {
    self.significand = significand
    self.exponent = exponent
    self.unit = unit
  }

  public var dimension: Dimension { unit.dimension }
}

/// A string cut at its interpolations. A string without any is one text segment, or none if empty.
public struct StringLiteral: Sendable {
  public var segments: [StringSegment]

  public init(_ segments: [StringSegment]) {
    self.segments = segments
  }

  /// The text, when nothing is interpolated.
  public var plainText: String? {
    var text = ""
    for segment in segments {
      guard case .text(let piece) = segment else { return nil }
      text += piece
    }
    return text
  }
}

public enum StringSegment: Sendable {
  case text(String)
  /// `{value:width.digits}`; a number is set flush right in its width, a text flush left.
  case interpolation(Expression, width: Int?, digits: Int?)
}

public struct Argument: Sendable {
  public var name: Name?
  public var value: Expression

  public init(name: Name?, value: Expression) {
    self.name = name
    self.value = value
  }
}

public struct MapEntry: Sendable {
  public var key: Expression
  public var value: Expression

  public init(key: Expression, value: Expression) {
    self.key = key
    self.value = value
  }
}

/// What `fn NAME` and a function literal share.
public struct FunctionShape: Sendable {
  public var parameters: [Parameter]
  public var result: Name?
  public var body: FunctionBody
  /// From `fn` to the end of the body.
  public var span: SourceSpan
  /// Levels of the deepest expression in the body: a literal within a literal counts on.
  public let depth: Int

  public init(
    parameters: [Parameter], result: Name?, body: FunctionBody, span: SourceSpan, depth: Int
  ) {
    self.parameters = parameters
    self.result = result
    self.body = body
    self.span = span
    self.depth = depth
  }
}

public enum FunctionBody: Sendable {
  case expression(Expression)
  case block([Statement])
}

/// One parameter of a function, a kind or a policy.
public struct Parameter: Sendable {
  public var name: Name
  public var annotation: Name?
  public var defaultValue: Expression?

  public init(name: Name, annotation: Name?, defaultValue: Expression?) {
    self.name = name
    self.annotation = annotation
    self.defaultValue = defaultValue
  }
}

public enum PrefixOperator: UInt8, Sendable {
  case negate
  case not
}

/// The binary operators; binding powers are in `OperatorTable`.
public enum InfixOperator: UInt8, Sendable, CaseIterable {
  case or, and
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, isIn
  case range, halfOpenRange, by
  case add, subtract
  case multiply, divide, modulo
}

extension ExpressionForm {
  fileprivate var childDepth: Int {
    switch self {
    case .missing, .int, .real, .quantity, .bool, .none, .symbol, .name: return 0
    case .string(let literal):
      var deepest = 0
      for case .interpolation(let value, width: _, digits: _) in literal.segments {
        deepest = max(deepest, value.depth)
      }
      return deepest
    case .parenthesised(let inner), .prefix(_, let inner), .member(let inner, _),
      .selectAll(let inner), .convert(let inner, _, unitSpan: _):
      return inner.depth
    case .infix(_, operatorSpan: _, let left, let right): return max(left.depth, right.depth)
    case .index(let base, let index): return max(base.depth, index.depth)
    case .call(let callee, let arguments):
      return arguments.reduce(callee.depth) { max($0, $1.value.depth) }
    case .list(let elements): return elements.reduce(0) { max($0, $1.depth) }
    case .map(let entries): return entries.reduce(0) { max($0, $1.key.depth, $1.value.depth) }
    case .conditional(let condition, then: let first, otherwise: let second):
      return max(condition.depth, first.depth, second.depth)
    case .function(let shape): return shape.depth
    }
  }
}
