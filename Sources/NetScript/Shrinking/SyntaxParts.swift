// What stands in a statement and in an expression: the tree as lists, for whoever looks at all of
// it and cares little what each node is.

extension Statement {
  /// The blocks of it, and those of function literals in it.
  var blocks: [[Statement]] { form.ownBlocks + values.flatMap { $0.blocks } }

  /// The expressions that stand in it, but not in its blocks.
  var values: [Expression] { form.ownValues }
}

extension StatementForm {
  fileprivate var ownBlocks: [[Statement]] {
    switch self {
    case .function(let function):
      if case .block(let body) = function.shape.body { return [body] }
      return []
    case .conditional(let conditional):
      return conditional.branches.map { $0.body } + (conditional.otherwise.map { [$0] } ?? [])
    case .forLoop(let loop): return [loop.body]
    case .whileLoop(condition: _, let body): return [body]
    case .match(let match): return match.arms.map { $0.body }
    case .caseBlock(let declaration): return [declaration.body]
    case .variant(let variant): return [variant.body]
    case .policy(let template), .kind(let template): return [template.body]
    case .preset(let preset): return [preset.body]
    case .hook(let hook): return [hook.body]
    case .declaration(let declaration): return declaration.body.map { [$0] } ?? []
    default: return []
    }
  }

  fileprivate var ownValues: [Expression] {
    switch self {
    case .binding(let binding): return [binding.value]
    case .function(let function): return function.shape.values
    case .conditional(let conditional): return conditional.branches.map { $0.condition }
    case .forLoop(let loop): return [loop.sequence]
    case .whileLoop(let condition, body: _): return [condition]
    case .match(let match): return [match.subject] + match.arms.flatMap { $0.patterns }
    case .returnValue(let value): return value.map { [$0] } ?? []
    case .param(let param): return [param.value] + (param.condition.map { [$0] } ?? [])
    case .sweep(let axes): return axes.map { $0.values }
    case .policy(let template), .kind(let template):
      return template.parameters.compactMap { $0.defaultValue }
    case .preset(let preset): return preset.base.map { [$0] } ?? []
    case .hook(let hook): return hook.moment.values + (hook.condition.map { [$0] } ?? [])
    case .expect(let expectation):
      return expectation.property.values + expectation.clauses.map { $0.value }
    case .run(.duration(let value)): return [value]
    case .run(.until(let condition, within: let limit)):
      return [condition] + (limit.map { [$0] } ?? [])
    case .step(let count, let event): return (count.map { [$0] } ?? []) + (event?.values ?? [])
    case .record(let series), .plot(let series):
      return series.paths + (series.interval.map { [$0] } ?? [])
    case .report(let values, label: _), .print(let values): return values
    case .capture(let value, file: _), .show(let value), .why(let value), .fail(let value),
      .expression(let value):
      return [value]
    case .declaration(let declaration):
      return [declaration.index, declaration.preset].compactMap { $0 }
    case .assignment(let assignment): return [assignment.target, assignment.value]
    case .malformed, .breakLoop, .continueLoop, .importFile, .caseBlock, .variant, .pause, .stop:
      return []
    }
  }
}

extension HookMoment {
  fileprivate var values: [Expression] {
    switch self {
    case .on(let event): return event.values
    case .when(let value), .every(let value), .at(let value): return [value]
    }
  }
}

extension EventPattern {
  fileprivate var values: [Expression] {
    var values: [Expression] = []
    for case .index(let index) in steps { values.append(index) }
    return values
  }
}

extension ExpectedProperty {
  fileprivate var values: [Expression] {
    switch self {
    case .now(let value), .always(let value), .never(let value), .eventually(let value),
      .finally(let value):
      return [value]
    case .whenever(let trigger, then: let answer): return [trigger, answer]
    }
  }
}

extension FunctionShape {
  /// Defaults, and the body if it is an expression.
  fileprivate var values: [Expression] {
    let defaults = parameters.compactMap { $0.defaultValue }
    if case .expression(let value) = body { return defaults + [value] }
    return defaults
  }
}

extension Expression {
  /// The expressions in it, one level down.
  var parts: [Expression] {
    switch form {
    case .missing, .int, .real, .quantity, .bool, .none, .symbol, .name: return []
    case .string(let literal):
      var parts: [Expression] = []
      for case .interpolation(let value, width: _, digits: _) in literal.segments {
        parts.append(value)
      }
      return parts
    case .parenthesised(let inner), .prefix(_, let inner), .member(let inner, _),
      .selectAll(let inner), .convert(let inner, _, unitSpan: _):
      return [inner]
    case .infix(_, operatorSpan: _, let left, let right): return [left, right]
    case .index(let base, let index): return [base, index]
    case .call(let callee, let arguments): return [callee] + arguments.map { $0.value }
    case .list(let elements): return elements
    case .map(let entries): return entries.flatMap { [$0.key, $0.value] }
    case .conditional(let condition, then: let first, otherwise: let second):
      return [condition, first, second]
    case .function(let shape): return shape.values
    }
  }

  /// The blocks of function literals in it.
  var blocks: [[Statement]] {
    var blocks: [[Statement]] = []
    if case .function(let shape) = form, case .block(let body) = shape.body { blocks.append(body) }
    for part in parts { blocks += part.blocks }
    return blocks
  }

  /// It and all in it, the outer ones first; not what stands in blocks.
  var all: [Expression] { [self] + parts.flatMap { $0.all } }
}

extension [Statement] {
  /// They and all in their blocks, each before what stands in it.
  var all: [Statement] { flatMap { [$0] + $0.blocks.flatMap { $0.all } } }

  /// The range of their text; nil for none.
  var range: Range<Int>? {
    guard let first, let last else { return nil }
    return first.span.start..<last.span.end
  }
}

extension SourceSpan {
  var range: Range<Int> { start..<end }
}
