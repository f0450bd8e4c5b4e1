// What names mean to the compiler: scopes, bindings, and which names a function must share with the
// functions inside it.
//
// A variable lives in a register unless a function inside mentions it: then a value that never
// changes is copied into the closure, and one that does lives in a cell. Top-level variables that
// functions mention are globals of the VM, so top-level functions never capture anything.

/// Where a name's value is, seen from the function being compiled.
enum NameBinding {
  case register(Int)
  /// A register that holds a cell.
  case cell(Int)
  case upvalue(Int)
  case upvalueCell(Int)
  case global(Int)
  /// A function without captures, by its number.
  case function(Int)
  case policy(Int)
  case module(Int)
  /// A member of the node in the hidden variable: a kind's parameter, a declared child.
  case member(of: String)
  /// A place in the embedder's tree.
  case root
}

struct BoundName {
  var binding: NameBinding
  var isMutable = false
  /// Declared further down: only functions, which run later, may see it already.
  var isPending = false
  var isKindParameter = false
}

struct BlockScope {
  enum Kind: Equatable {
    case block
    /// A file, a case, a variant: variables may be globals.
    case topLevel
    /// The block of a declaration; the node is in this hidden variable.
    case declaration(String)
  }
  var kind: Kind
  var names: [String: BoundName] = [:]
  var kinds: [String: Int] = [:]
  var firstRegister = 0
  var firstLocal = 0
  /// Of the function's variables, the first that is declared in it.
  var firstName = 0
}

/// Names as they occur in one function's body.
struct NameFacts {
  /// Mentioned in functions inside.
  var nested: Set<String> = []
  /// Mentioned in functions that exist from the beginning of their block on.
  var hoisted: Set<String> = []
  /// Changed anywhere.
  var assigned: Set<String> = []
  /// Given another value by a plain `=`.
  var replaced: Set<String> = []
}

/// Walks a body once and notes the names. Depth is bounded by the parser's limits.
struct NameWalker {
  var facts = NameFacts()
  /// Functions whose first argument becomes a function.
  private let samplers: Set<String>
  private var nesting = 0
  private var isHoisted = false

  private init(_ samplers: Set<String>) { self.samplers = samplers }

  static func facts(_ body: [Statement], samplers: Set<String> = []) -> NameFacts {
    var walker = NameWalker(samplers)
    walker.walk(body)
    return walker.facts
  }

  static func facts(_ expression: Expression, samplers: Set<String> = []) -> NameFacts {
    var walker = NameWalker(samplers)
    walker.walk(expression)
    return walker.facts
  }

  /// A variant: its observers run as a function of their own.
  static func variantFacts(
    _ setup: [Statement], _ observers: [Statement], samplers: Set<String>
  ) -> NameFacts {
    var walker = NameWalker(samplers)
    walker.walk(setup)
    walker.inside { $0.walk(observers) }
    return walker.facts
  }

  private mutating func inside(hoisted: Bool = false, _ body: (inout NameWalker) -> Void) {
    let saved = isHoisted
    nesting += 1
    isHoisted = isHoisted || hoisted
    body(&self)
    nesting -= 1
    isHoisted = saved
  }

  private mutating func mention(_ name: String) {
    guard nesting > 0 else { return }
    facts.nested.insert(name)
    if isHoisted { facts.hoisted.insert(name) }
  }

  private mutating func walk(_ statements: [Statement]) {
    for statement in statements { walk(statement) }
  }

  private mutating func walk(_ statement: Statement) {
    switch statement.form {
    case .binding(let binding): walk(binding.value)
    case .function(let declaration):
      inside(hoisted: true) { $0.walk(shape: declaration.shape) }
    case .conditional(let form):
      for branch in form.branches {
        walk(branch.condition)
        walk(branch.body)
      }
      walk(form.otherwise ?? [])
    case .forLoop(let loop):
      walk(loop.sequence)
      walk(loop.body)
    case .whileLoop(let condition, let body):
      walk(condition)
      walk(body)
    case .match(let match):
      walk(match.subject)
      for arm in match.arms {
        for pattern in arm.patterns { walk(pattern) }
        walk(arm.body)
      }
    case .returnValue(let value): if let value { walk(value) }
    case .declaration(let declaration):
      for value in [declaration.index, declaration.preset] { if let value { walk(value) } }
      walk(declaration.body ?? [])
    case .assignment(let assignment):
      if case .name(let name) = assignment.target.form {
        facts.assigned.insert(name)
        if assignment.operation == .set { facts.replaced.insert(name) }
      }
      if let root = assignment.target.rootName { facts.assigned.insert(root) }
      walk(assignment.target)
      walk(assignment.value)
    case .expression(let expression): walk(expression)
    default: walkHead(statement.form)
    }
  }

  private mutating func walkHead(_ form: StatementForm) {
    switch form {
    case .caseBlock(let declaration): inside(hoisted: true) { $0.walk(declaration.body) }
    case .variant(let variant): inside(hoisted: true) { $0.walk(variant.body) }
    case .param(let param):
      inside(hoisted: true) {
        $0.walk(param.value)
        if let condition = param.condition { $0.walk(condition) }
      }
    case .sweep(let axes): inside(hoisted: true) { for axis in axes { $0.walk(axis.values) } }
    case .policy(let template), .kind(let template):
      inside(hoisted: true) {
        $0.walk(parameters: template.parameters)
        $0.walk(template.body)
      }
    case .preset(let preset):
      inside(hoisted: true) {
        if let base = preset.base { $0.walk(base) }
        $0.walk(preset.body)
      }
    case .hook(let hook): walk(hook)
    case .expect(let expectation): walk(expectation)
    case .run(.duration(let value)): walk(value)
    case .run(.until(let condition, within: let limit)):
      inside { $0.walk(condition) }
      if let limit { walk(limit) }
    case .step(let count, let event):
      if let count { walk(count) }
      if let event { walk(event) }
    case .record(let series), .plot(let series):
      inside { for path in series.paths { $0.walk(path) } }
      if let interval = series.interval { walk(interval) }
    case .report(let values, label: _), .print(let values): for value in values { walk(value) }
    case .capture(let value, file: _), .show(let value), .why(let value), .fail(let value):
      walk(value)
    default: break
    }
  }

  private mutating func walk(_ hook: Hook) {
    switch hook.moment {
    case .on(let pattern): walk(pattern)
    case .when(let condition): inside { $0.walk(condition) }
    case .every(let value), .at(let value): walk(value)
    }
    inside {
      if let condition = hook.condition { $0.walk(condition) }
      $0.walk(hook.body)
    }
  }

  private mutating func walk(_ pattern: EventPattern) {
    mention(pattern.root.text)
    for case .index(let index) in pattern.steps { walk(index) }
  }

  private mutating func walk(_ expectation: Expectation) {
    inside {
      switch expectation.property {
      case .now(let value), .always(let value), .never(let value), .eventually(let value),
        .finally(let value):
        $0.walk(value)
      case .whenever(let first, then: let second):
        $0.walk(first)
        $0.walk(second)
      }
    }
    for clause in expectation.clauses { walk(clause.value) }
  }

  private mutating func walk(parameters: [Parameter]) {
    for parameter in parameters { if let value = parameter.defaultValue { walk(value) } }
  }

  private mutating func walk(shape: FunctionShape) {
    walk(parameters: shape.parameters)
    switch shape.body {
    case .expression(let value): walk(value)
    case .block(let statements): walk(statements)
    }
  }

  private mutating func walk(_ expression: Expression) {
    switch expression.form {
    case .name(let name): mention(name)
    case .string(let literal):
      for case .interpolation(let value, width: _, digits: _) in literal.segments { walk(value) }
    case .parenthesised(let inner), .prefix(_, let inner), .member(let inner, _),
      .selectAll(let inner), .convert(let inner, _, unitSpan: _):
      walk(inner)
    case .infix(_, operatorSpan: _, let left, let right), .index(let left, let right):
      walk(left)
      walk(right)
    case .call(let callee, let arguments):
      // `x.push(v)` changes x.
      if case .member(let receiver, let name) = callee.form, name.text == "push",
        let root = receiver.rootName ?? receiver.plainName
      {
        facts.assigned.insert(root)
      }
      walk(callee)
      if let name = callee.plainName, samplers.contains(name) {
        inside { for argument in arguments { $0.walk(argument.value) } }
      } else {
        for argument in arguments { walk(argument.value) }
      }
    case .list(let elements): for element in elements { walk(element) }
    case .map(let entries):
      for entry in entries {
        walk(entry.key)
        walk(entry.value)
      }
    case .conditional(let condition, then: let first, otherwise: let second):
      walk(condition)
      walk(first)
      walk(second)
    case .function(let shape): inside { $0.walk(shape: shape) }
    default: break
    }
  }
}

extension Expression {
  /// Of a comparison, the side that is looked up in the world: `server.pool.clusters.free`.
  var comparedSide: Expression? {
    switch form {
    case .parenthesised(let inner): return inner.comparedSide
    case .infix(let operation, operatorSpan: _, let left, let right)
    where operation.isComparison || operation == .isIn:
      return [left, right].first { $0.isLookedUp }
    default: return nil
    }
  }

  private var isLookedUp: Bool {
    switch form {
    case .parenthesised(let inner): return inner.isLookedUp
    case .member, .index, .call: return true
    default: return false
    }
  }

  var isFunctionLiteral: Bool {
    if case .function = form { return true }
    return false
  }

  /// A part of each of a selection: `user[*].writer`, of which `[1]` means the first of each.
  var selectsParts: Bool {
    guard case .member(let base, _) = form else { return false }
    var inner = base
    while true {
      switch inner.form {
      case .selectAll: return true
      case .member(let next, _), .index(let next, _): inner = next
      default: return false
      }
    }
  }

  var plainName: String? {
    if case .name(let name) = form { return name }
    return nil
  }

  /// The name at the bottom of `name[i][j]`.
  var rootName: String? {
    var expression = self
    var isIndexed = false
    while case .index(let base, _) = expression.form {
      expression = base
      isIndexed = true
    }
    return isIndexed ? expression.plainName : nil
  }
}
