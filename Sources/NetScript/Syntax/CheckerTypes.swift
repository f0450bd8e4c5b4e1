// The checker's rules for values that are no numbers: conditions, texts, symbols, annotations.

extension Checker {
  /// A value that must be true or false: there is no truthiness.
  mutating func checkCondition(_ value: Expression) {
    let type = check(value)
    guard type != .bool, let phrase = type.phrase else { return }
    var help: String?
    let text = files[value.span.file].text(value.span)
    if let help = helpForClause(value) {
      return report(
        "N422", "a condition must be true or false, not \(phrase)", at: value.span, help: help)
    }
    switch type {
    case .measure(.none): help = "compare it: `\(text) != 0`"
    case .measure(let dimension):
      help = "compare it: `\(text) > 0\(dimension.exampleUnit)`"
    case .list, .map: help = "`len(\(text)) > 0`"
    case .string: help = "`\(text) != \"\"`"
    case .function: help = "call it: `\(text)()`"
    default: break
    }
    report("N422", "a condition must be true or false, not \(phrase)", at: value.span, help: help)
  }

  /// `within 2min and x`: a clause takes a time, and ends the property.
  private func helpForClause(_ value: Expression) -> String? {
    guard let clause = clauseInHand else { return nil }
    var first = clause.value
    while case .infix(let operation, operatorSpan: _, let left, _) = first.form,
      operation == .and || operation == .or
    {
      first = left
    }
    guard first.span == value.span, first.span != clause.value.span else { return nil }
    let file = files[value.span.file]
    let rest = file.text(first.span.end..<clause.value.span.end)
    let clauseText = "\(clause.word.text) \(file.text(value.span))"
    return "`\(clauseText)` ends the property: `…\(rest) \(clauseText)`"
  }

  /// Operands of which at least one is no number, or not known.
  ///
  /// - Returns: what the result is, as far as it is known.
  mutating func checkUnlike(
    _ operation: InfixOperator, _ operatorSpan: SourceSpan,
    _ left: (expression: Expression, type: StaticType),
    _ right: (expression: Expression, type: StaticType)
  ) -> StaticType {
    if operation == .equal || operation == .notEqual { return .bool }
    let result = operation.result ?? .unknown
    guard let first = left.type.phrase, let second = right.type.phrase else { return result }
    if left.type == right.type {
      switch (left.type, operation) {
      case (.list, .add), (.string, .add): return left.type
      case (.string, .less), (.string, .lessOrEqual), (.string, .greater),
        (.string, .greaterOrEqual):
        return .bool
      default: break
      }
    }
    let verb = Checker.verb(of: operation)
    report(
      "N422", "cannot \(verb) \(first) and \(second)", at: operatorSpan,
      secondary: [DiagnosticLabel(left.expression.span), DiagnosticLabel(right.expression.span)],
      help: unlikeHelp(operation, left, right))
    return .unknown
  }

  static func verb(of operation: InfixOperator) -> String {
    switch operation {
    case .add: return "add"
    case .subtract: return "subtract"
    case .range, .halfOpenRange: return "make a range of"
    case .multiply: return "multiply"
    case .divide, .modulo: return "divide"
    default: return "compare"
    }
  }

  private func unlikeHelp(
    _ operation: InfixOperator, _ left: (expression: Expression, type: StaticType),
    _ right: (expression: Expression, type: StaticType)
  ) -> String? {
    func text(_ expression: Expression) -> String {
      files[expression.span.file].text(expression.span)
    }
    switch (left.type, operation, right.type) {
    case (.string, .add, _):
      guard let plain = plainText(left.expression) else { return "`\"{a}{b}\"` joins into a text" }
      return "`\"\(plain){\(text(right.expression))}\"`"
    case (_, .add, .string):
      guard let plain = plainText(right.expression) else { return "`\"{a}{b}\"` joins into a text" }
      return "`\"{\(text(left.expression))}\(plain)\"`"
    case (.string, .range, _), (.string, .halfOpenRange, _):
      return "`\"{a}{b}\"` joins into a text"
    case (.list, .add, _): return "`\(text(left.expression)) + [\(text(right.expression))]`"
    default: return nil
    }
  }

  private func plainText(_ expression: Expression) -> String? {
    guard case .string(let literal) = expression.form, let text = literal.plainText,
      !text.utf8.contains(where: { $0 < 32 || $0 == 0x22 || $0 == 0x5C || $0 == 0x7B })
    else { return nil }
    return text
  }

  /// `r.who == "rx"`: a symbol never equals a text.
  mutating func checkSymbols(
    _ left: Expression, _ first: StaticType, _ right: Expression, _ second: StaticType
  ) {
    if isSymbol(left, first) { checkQuotedSymbol(right) }
    if isSymbol(right, second) { checkQuotedSymbol(left) }
  }

  /// Whether a value is a symbol by itself, or by the name it is read under.
  func isSymbol(_ expression: Expression, _ type: StaticType) -> Bool {
    if type == .symbol { return true }
    guard case .member(_, let name) = expression.form else { return false }
    return knownNames.symbolMembers.contains(name.text)
  }

  mutating func checkQuotedSymbol(_ value: Expression) {
    guard case .string(let literal) = value.form, let text = literal.plainText else { return }
    report(
      "N235", "a symbol never equals a text", at: value.span,
      help: Ascii.isName(text) ? "`.\(text)`" : nil, severity: .warning)
  }

  /// `match r.who { "rx" => … }` would never come to that arm.
  mutating func checkPattern(
    _ pattern: Expression, of subject: Expression, _ type: StaticType
  ) {
    if pattern.plainName == "_" { return }
    check(pattern)
    if isSymbol(subject, type) { checkQuotedSymbol(pattern) }
  }

  /// `x: int`: only these names mean something.
  mutating func checkAnnotation(_ annotation: Name?) {
    guard let annotation, !TypeNames.all.contains(annotation.text) else { return }
    let habit = [
      "float": "Real", "double": "Real", "str": "String", "dict": "Map", "array": "List",
    ]
    let near =
      habit[annotation.text] ?? Spelling.nearest(to: annotation.text, among: TypeNames.all)
    report(
      "N236", "there is no type `\(annotation.text)`", at: annotation.span,
      help: near.map { "did you mean `\($0)`?" }
        ?? "there are `\(TypeNames.all.joined(separator: "` `"))`")
  }

  func type(of param: ParamDeclaration) -> StaticType {
    if let annotation = param.annotation { return StaticType(annotation: annotation.text) }
    // A param keeps the dimension of its default, whoever sets it.
    guard case .quantity(let literal) = param.value.form else { return .unknown }
    return .measure(literal.dimension)
  }
}

extension InfixOperator {
  /// What it yields whatever its operands are; `nil` where that depends on them.
  var result: StaticType? {
    switch self {
    case .or, .and, .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isIn:
      return .bool
    case .range, .halfOpenRange, .by: return .range
    case .add, .subtract, .multiply, .divide, .modulo: return nil
    }
  }
}

extension Dimension {
  /// A unit for an example; empty where there is no usual one.
  var exampleUnit: String {
    switch self {
    case .time: return "s"
    case .data: return "B"
    case .rate: return "bps"
    case .frequency: return "/s"
    default: return ""
    }
  }
}

extension LibraryFunction {
  /// What a call yields, as far as it is known.
  func result(of arguments: [StaticType]) -> StaticType {
    switch self {
    case .len, .int, .count: return .measure(.none)
    case .sqrt, .ln: return .measure(.none)
    case .type, .unit: return .string
    case .failed, .any, .all: return .bool
    case .sort, .map, .filter, .range, .powers: return .list
    case .min, .max, .abs:
      guard case .measure = arguments.first, arguments.allSatisfy({ $0 == arguments[0] }) else {
        return .unknown
      }
      return arguments[0]
    default: return .unknown
    }
  }
}
