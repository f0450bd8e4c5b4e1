// The checker's rules for expressions: dimensions of what is known, arguments of known functions.

extension Checker {
  /// Checks an expression and all within; says what is known of its value.
  @discardableResult
  mutating func check(_ expression: Expression) -> StaticType {
    switch expression.form {
    case .missing: return .unknown
    case .int, .real: return .measure(.none)
    case .quantity(let literal):
      checkPerTime(literal, expression.span)
      return .measure(literal.dimension)
    case .bool: return .bool
    case .none: return .other
    case .symbol: return .symbol
    case .string(let literal):
      for case .interpolation(let value, width: _, digits: _) in literal.segments { check(value) }
      return .string
    case .name(let name): return type(of: name, at: expression.span)
    case .parenthesised(let inner): return check(inner)
    case .prefix(.negate, let inner): return check(inner)
    case .prefix(.not, let inner):
      checkCondition(inner)
      return .bool
    case .infix(let operation, let operatorSpan, let left, let right):
      return checkInfix(operation, operatorSpan, left, right)
    case .member(let base, _):
      check(base)
      return typeOfPath(expression)
    case .selectAll(let base):
      check(base)
      return .unknown
    case .index(let base, let index):
      check(base)
      check(index)
      return typeOfPath(expression)
    case .call(let callee, let arguments): return checkCall(callee, arguments, expression.span)
    case .convert(let value, let unit, let unitSpan): return checkConversion(value, unit, unitSpan)
    case .list(let elements):
      for element in elements { check(element) }
      return .list
    case .map(let entries):
      for entry in entries {
        check(entry.key)
        check(entry.value)
      }
      return .map
    case .conditional(let condition, then: let first, otherwise: let second):
      checkCondition(condition)
      let (one, two) = (check(first), check(second))
      return one == two ? one : .unknown
    case .function(let shape):
      checkFunction(shape)
      return .function
    }
  }

  private mutating func type(of name: String, at span: SourceSpan) -> StaticType {
    switch read(name)?.meaning {
    case .constant(let type), .variable(let type), .parameter(let type), .param(let type):
      return type
    case .function: return .function
    case .some: return .unknown
    case nil:
      checkSibling(name, at: span)
      if name == "_" {
        report(
          "N202", "`_` names nothing", at: span,
          help: "the last result is called so at the prompt alone; here, `let x = …` and then `x`")
      }
      guard let dimension = knownNames.globals[name] else { return .unknown }
      return .measure(dimension)
    }
  }

  /// `fn f(a, b = a * 2)`.
  private mutating func checkSibling(_ name: String, at span: SourceSpan) {
    guard let sibling = siblings.first(where: { $0.text == name }), !isDeclaredLater(name),
      knownNames.rootKinds[name] == nil
    else { return }
    report(
      "N242", "a default does not see the parameter `\(name)`", at: span,
      secondary: [DiagnosticLabel(sibling.span, "this one")],
      why: "defaults are worked out before the parameters have values",
      help: "`= none` as the default, and `if … == none then … else …` where it is used")
  }

  // MARK: Dimensions

  private mutating func checkInfix(
    _ operation: InfixOperator, _ operatorSpan: SourceSpan, _ left: Expression,
    _ right: Expression
  ) -> StaticType {
    if operation == .or || operation == .and {
      checkCondition(left)
      checkCondition(right)
      return .bool
    }
    let (first, second) = (check(left), check(right))
    switch operation {
    case .or, .and, .isIn: return .bool
    case .by: return .range
    case .equal, .notEqual: checkSymbols(left, first, right, second)
    default: break
    }
    return checkOperands(operation, operatorSpan, (left, first), (right, second))
  }

  @discardableResult
  mutating func checkOperands(
    _ operation: InfixOperator, _ operatorSpan: SourceSpan,
    _ left: (expression: Expression, type: StaticType),
    _ right: (expression: Expression, type: StaticType)
  ) -> StaticType {
    guard case .measure(let one) = left.type, case .measure(let two) = right.type else {
      return checkUnlike(operation, operatorSpan, left, right)
    }
    if operation == .multiply || operation == .divide {
      let result = operation == .multiply ? one.times(two) : one.dividedBy(two)
      return result.map(StaticType.measure) ?? .unknown
    }
    if one != two {
      reportMismatch(operation, operatorSpan, left, right)
      return .unknown
    }
    return operation.result ?? left.type
  }

  private mutating func reportMismatch(
    _ operation: InfixOperator, _ operatorSpan: SourceSpan,
    _ left: (expression: Expression, type: StaticType),
    _ right: (expression: Expression, type: StaticType)
  ) {
    guard case .measure(let one) = left.type, case .measure(let two) = right.type else { return }
    let verb = Checker.verb(of: operation)
    let label =
      "\(left.type.text(for: left.expression)) \(operation.text) "
      + right.type.text(for: right.expression)
    report(
      "N212", "cannot \(verb) \(one.name) and \(two.name)", at: operatorSpan, label: label,
      secondary: [DiagnosticLabel(left.expression.span), DiagnosticLabel(right.expression.span)],
      help: mismatchHelp(left.expression, one, right.expression, two))
  }

  private func mismatchHelp(
    _ left: Expression, _ one: Dimension, _ right: Expression, _ two: Dimension
  ) -> String? {
    if case .int(let number) = left.form, one == .none { return unitHelp(number, two) }
    if case .int(let number) = right.form, two == .none { return unitHelp(number, one) }
    if let help = countHelp(left, one, right, two) { return help }
    if one == .time && two == .data || one == .data && two == .time {
      return "time × rate is data: `5ms * 10Mbps` is 6.25KB"
    }
    if one == .rate && two == .data || one == .data && two == .rate {
      return "data / time is a rate: `1MB / 1s` is 8Mbps"
    }
    return nil
  }

  /// A measurement that counts is compared with a number without a unit.
  private func countHelp(
    _ left: Expression, _ one: Dimension, _ right: Expression, _ two: Dimension
  ) -> String? {
    let (path, literal) = one == .none ? (left, right) : (right, left)
    guard one == .none || two == .none, case .member = path.form,
      case .quantity = literal.form
    else { return nil }
    let number = files[literal.span.file].text(literal.span).prefix { !$0.isLetter && $0 != "/" }
    return "`\(number)`: `\(files[path.span.file].text(path.span))` is a plain number"
  }

  /// A bare number needs a unit; which one, its neighbour tells.
  private func unitHelp(_ number: Int64, _ dimension: Dimension) -> String? {
    switch dimension {
    case .time: return "`\(number)s`, `\(number)ms`: numbers need a unit here"
    case .data: return "`\(number)B`, `\(number)KiB`: numbers need a unit here"
    case .rate: return "`\(number)bps`, `\(number)Mbps`: numbers need a unit here"
    case .frequency: return "`\(number)/s`: numbers need a unit here"
    default: return nil
    }
  }

  private mutating func checkConversion(
    _ value: Expression, _ unit: UnitExpression, _ unitSpan: SourceSpan
  ) -> StaticType {
    guard case .measure(let dimension) = check(value) else { return .measure(unit.dimension) }
    if dimension != unit.dimension {
      report(
        "N212", "cannot show \(dimension.name) in \(unit.text)", at: unitSpan,
        secondary: [DiagnosticLabel(value.span, dimension.name)])
    }
    return .measure(dimension)
  }

  /// An operand whose dimension the statement itself demands.
  mutating func checkDimension(of value: Expression, _ wanted: Dimension, _ title: String) {
    guard case .measure(let found) = check(value), found != wanted else { return }
    var help: String?
    if case .int(let number) = value.form { help = "`\(number)s`" }
    report("N210", "\(title), not \(found.name)", at: value.span, help: help)
  }

  /// `10/d` is ten per day; with a variable `d` around, something else may have been meant.
  private mutating func checkPerTime(_ literal: QuantityLiteral, _ span: SourceSpan) {
    guard literal.unit.per != 0 else { return }
    let name = UnitTable.units[Int(literal.unit.per)].text
    guard let entry = lookup(name) else { return }
    let whole = UnitTable.units[Int(literal.unit.unit)].text
    let written = files[span.file].text(span)
    let number = String(written.dropLast(name.count + 1 + whole.count))
    report(
      "N104", "`\(written)` is a frequency, not a division", at: span,
      secondary: [DiagnosticLabel(entry.span, "`\(name)` is also \(entry.meaning.text)")],
      help: "`\(number)\(whole) / \(name)` divides; or name the variable otherwise",
      severity: .warning)
  }

  // MARK: Calls

  private mutating func checkCall(
    _ callee: Expression, _ arguments: [Argument], _ span: SourceSpan
  ) -> StaticType {
    let types = arguments.map { check($0.value) }
    checkRepeatedArguments(arguments)
    guard case .name(let name) = callee.form else {
      check(callee)
      return .unknown
    }
    switch read(name)?.meaning {
    case .function(let parameters, let result):
      checkArguments(arguments, parameters, name, callee.span)
      return result
    case .policy(let parameters): checkArguments(arguments, parameters, name, callee.span)
    case .constant(let type), .variable(let type), .param(let type):
      checkCallable(name, type, at: callee.span)
    case .some: break
    case nil:
      guard !isDeclaredLater(name) else { break }
      if let arity = knownNames.functions[name] {
        checkCount(arguments, arity, name, callee.span)
      } else if knownNames.hasAllFunctions, !knownNames.preludeFunctions.contains(name) {
        reportUnknownFunction(name, at: callee.span)
      }
      return LibraryFunction.named(name)?.result(of: types) ?? .unknown
    }
    return .unknown
  }

  /// Nothing of the world can be called by its bare name.
  private mutating func reportUnknownFunction(_ name: String, at span: SourceSpan) {
    guard knownNames.sessionNames[name] == nil else { return }
    let help: String?
    switch name {
    case "printf", "puts", "println", "echo", "log": help = "`print …`"
    case "str", "string", "tostring", "format": help = "`\"{x}\"` is the text of x"
    case "append", "push", "add": help = "`list.push(x)`, of a `var`"
    default:
      let near = nearestName(to: name)
      let library = knownNames.functions.map { $0.key }.sorted()
      help =
        (near ?? Spelling.nearest(to: name, among: library)).map { "did you mean `\($0)`?" }
    }
    report("N202", "there is no function `\(name)`", at: span, help: help)
  }

  /// A variable that hides a function of the library, or no function at all.
  private mutating func checkCallable(_ name: String, _ type: StaticType, at span: SourceSpan) {
    guard type != .function, let entry = lookup(name) else { return }
    guard let phrase = type.phrase else { return checkHidden(name, at: span) }
    let hidden = knownNames.functions[name] != nil
    report(
      "N422", "`\(name)` is \(phrase) here and cannot be called", at: span,
      secondary: [DiagnosticLabel(entry.span, "declared here")],
      help: hidden ? "another name for the variable: it hides the library's `\(name)`" : nil)
  }

  private mutating func checkRepeatedArguments(_ arguments: [Argument]) {
    for (index, argument) in arguments.enumerated() {
      guard let name = argument.name else { continue }
      if arguments[..<index].contains(where: { $0.name?.text == name.text }) {
        report("N211", "`\(name.text)` is given twice", at: name.span)
      }
    }
  }

  private mutating func checkArguments(
    _ arguments: [Argument], _ parameters: [Parameter], _ name: String, _ span: SourceSpan
  ) {
    let names = parameters.map { $0.name.text }
    var isGiven = [Bool](repeating: false, count: parameters.count)
    var position = 0
    for argument in arguments {
      guard let given = argument.name else {
        if position < parameters.count { isGiven[position] = true }
        position += 1
        continue
      }
      guard let index = names.firstIndex(of: given.text) else {
        report(
          "N213", "`\(name)` has no parameter `\(given.text)`", at: given.span,
          help: Spelling.nearest(to: given.text, among: names).map { "did you mean `\($0)`?" }
            ?? (names.isEmpty ? nil : "it has `\(names.joined(separator: "`, `"))`"))
        return
      }
      isGiven[index] = true
    }
    let required = parameters.filter { $0.defaultValue == nil }.count
    if position > parameters.count {
      checkCount(arguments, CheckerNames.Arity(required, parameters.count), name, span)
      return
    }
    let missing = parameters.indices.filter {
      !isGiven[$0] && parameters[$0].defaultValue == nil
    }
    if let first = missing.first {
      report(
        "N211", "`\(name)` needs a value for `\(names[first])`", at: span,
        secondary: [DiagnosticLabel(parameters[first].name.span, "this one")])
    }
  }

  private mutating func checkCount(
    _ arguments: [Argument], _ arity: CheckerNames.Arity, _ name: String, _ span: SourceSpan
  ) {
    let count = arguments.count
    guard count < arity.least || count > arity.most ?? Int.max else { return }
    let wanted: String
    if let most = arity.most, most == arity.least {
      wanted = "\(most)"
    } else if let most = arity.most {
      wanted = "\(arity.least) to \(most)"
    } else {
      wanted = "at least \(arity.least)"
    }
    let noun = wanted == "1" || wanted == "at least 1" ? "argument" : "arguments"
    report("N211", "`\(name)` takes \(wanted) \(noun), not \(count)", at: span)
  }
}
