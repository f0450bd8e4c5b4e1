// What the formatter asks of the tree: the few places where a token alone does not tell its role.
//
// Whether `-`, `(`, `[` and `.` begin an operand or continue one, where statements begin, and what
// a `:` stands before.

/// What begins at an octet of the text.
struct FormatMark: OptionSet {
  let rawValue: UInt8

  /// A statement of a block, or an arm of a `match`.
  static let statement = FormatMark(rawValue: 1)
  /// A negation, a parenthesis, a list, a map or a symbol.
  static let operand = FormatMark(rawValue: 2)
  /// What a declaration, a preset or a variant starts from, after its colon.
  static let base = FormatMark(rawValue: 4)
  /// A range operator with a calculation on either side.
  static let looseRange = FormatMark(rawValue: 8)
}

/// Marks by offset, found in one walk over the tree.
struct FormatMarks {
  private var marks: [FormatMark]

  init(_ tree: SyntaxTree) {
    marks = Array(repeating: [], count: tree.span.end + 1)
    walk(tree.statements)
  }

  subscript(offset: Int) -> FormatMark { marks[offset] }

  private mutating func mark(_ mark: FormatMark, _ span: SourceSpan) {
    marks[span.start].insert(mark)
  }

  // MARK: Statements

  private mutating func walk(_ statements: [Statement]) {
    for statement in statements {
      mark(.statement, statement.span)
      walk(statement.form)
    }
  }

  private mutating func walk(_ form: StatementForm) {
    switch form {
    case .malformed, .breakLoop, .continueLoop, .importFile, .pause, .stop: break
    case .binding(let binding): walk(binding.value)
    case .function(let function): walk(function.shape)
    case .conditional(let conditional):
      for branch in conditional.branches {
        walk(branch.condition)
        walk(branch.body)
      }
      walk(conditional.otherwise ?? [])
    case .forLoop(let loop):
      walk(loop.sequence)
      walk(loop.body)
    case .whileLoop(let condition, let body):
      walk(condition)
      walk(body)
    case .match(let match):
      walk(match.subject)
      for arm in match.arms {
        mark(.statement, arm.span)
        walk(arm.patterns)
        walk(arm.body)
      }
    case .returnValue(let value): walk(value)
    case .declaration(let declaration):
      walk(declaration.index)
      walk(base: declaration.preset)
      walk(declaration.body ?? [])
    case .assignment(let assignment):
      walk(assignment.target)
      walk(assignment.value)
    case .expression(let value), .show(let value), .why(let value), .fail(let value),
      .capture(let value, file: _):
      walk(value)
    case .print(let values), .report(let values, label: _): walk(values)
    default: walk(head: form)
    }
  }

  /// The statements of the bench that have parts of their own.
  private mutating func walk(head form: StatementForm) {
    switch form {
    case .caseBlock(let declaration): walk(declaration.body)
    case .variant(let variant):
      if let first = variant.bases.first { mark(.base, first.span) }
      walk(variant.body)
    case .param(let param):
      walk(param.value)
      walk(param.condition)
    case .sweep(let axes): for axis in axes { walk(axis.values) }
    case .policy(let template), .kind(let template):
      walk(template.parameters)
      walk(template.body)
    case .preset(let preset):
      walk(base: preset.base)
      walk(preset.body)
    case .hook(let hook):
      switch hook.moment {
      case .on(let event): walk(event)
      case .when(let value), .every(let value), .at(let value): walk(value)
      }
      walk(hook.condition)
      walk(hook.body)
    case .expect(let expectation):
      walk(expectation.property)
      for clause in expectation.clauses { walk(clause.value) }
    case .run(.duration(let value)): walk(value)
    case .run(.until(let condition, within: let limit)):
      walk(condition)
      walk(limit)
    case .step(count: let count, event: let event):
      walk(count)
      if let event { walk(event) }
    case .record(let series), .plot(let series):
      walk(series.paths)
      walk(series.interval)
    default: preconditionFailure("a statement that no walk knows")
    }
  }

  private mutating func walk(_ property: ExpectedProperty) {
    switch property {
    case .now(let value), .always(let value), .never(let value), .eventually(let value),
      .finally(let value):
      walk(value)
    case .whenever(let trigger, then: let answer):
      walk(trigger)
      walk(answer)
    }
  }

  private mutating func walk(_ event: EventPattern) {
    for case .index(let index) in event.steps { walk(index) }
  }

  private mutating func walk(base expression: Expression?) {
    guard let expression else { return }
    mark(.base, expression.span)
    walk(expression)
  }

  // MARK: Expressions

  private mutating func walk(_ expressions: [Expression]) {
    for expression in expressions { walk(expression) }
  }

  private mutating func walk(_ expression: Expression?) {
    guard let expression else { return }
    switch expression.form {
    case .missing, .int, .real, .quantity, .string, .bool, .none, .name: break
    case .symbol: mark(.operand, expression.span)
    case .parenthesised(let inner), .prefix(_, let inner):
      mark(.operand, expression.span)
      walk(inner)
    case .infix(let operation, operatorSpan: let place, let left, let right):
      let isRange = operation == .range || operation == .halfOpenRange
      if isRange, left.isInfix || right.isInfix { mark(.looseRange, place) }
      walk(left)
      walk(right)
    case .member(let base, _), .selectAll(let base), .convert(let base, _, unitSpan: _): walk(base)
    case .index(let base, let index):
      walk(base)
      walk(index)
    case .call(let callee, let arguments):
      walk(callee)
      for argument in arguments { walk(argument.value) }
    case .list(let elements):
      mark(.operand, expression.span)
      walk(elements)
    case .map(let entries):
      mark(.operand, expression.span)
      for entry in entries {
        walk(entry.key)
        walk(entry.value)
      }
    case .conditional(let condition, then: let first, otherwise: let second):
      walk(condition)
      walk(first)
      walk(second)
    case .function(let shape): walk(shape)
    }
  }

  private mutating func walk(_ shape: FunctionShape) {
    walk(shape.parameters)
    switch shape.body {
    case .expression(let value): walk(value)
    case .block(let statements): walk(statements)
    }
  }

  private mutating func walk(_ parameters: [Parameter]) {
    for parameter in parameters { walk(parameter.defaultValue) }
  }
}

extension Expression {
  fileprivate var isInfix: Bool {
    if case .infix = form { return true }
    return false
  }
}
