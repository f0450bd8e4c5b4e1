// What a smaller script must leave as it is: the claim that fails, and whatever gives it its
// meaning. Were `within 10s` or a counter of the script's own fair game, any claim could be made to
// fail for no reason.

/// The claims of a script and the places that no edit may touch.
struct Claim {
  /// The statements themselves.
  private(set) var statements: [Statement] = []
  /// They, and the functions, constants and variables that they depend on.
  private(set) var ranges: [Range<Int>] = []
  /// Names that they use.
  private(set) var names: Set<String> = []

  /// All `expect`s; of a script without any, all `fail`s with the hooks and conditions around.
  init(_ module: ModuleText) {
    let all = module.statements.all
    statements = all.filter { $0.isExpectation }
    if statements.isEmpty { statements = Claim.failures(in: module.statements) }
    for statement in statements {
      ranges.append(statement.span.range)
      names.formUnion(statement.mentions)
    }
    // What `stalled` asks of an instance.
    if names.contains("stalled") { names.insert("progress") }
    let variables = Claim.variables(of: all)
    var known: Set<Int> = []
    var isGrowing = true
    while isGrowing {
      isGrowing = false
      for statement in all where !known.contains(statement.span.start) {
        guard gives(statement, variables) else { continue }
        known.insert(statement.span.start)
        isGrowing = true
        ranges.append(statement.span.range)
        names.formUnion(statement.mentions)
      }
    }
  }

  func protects(_ statement: Statement) -> Bool {
    ranges.contains { $0.overlaps(statement.span.range) }
  }

  func permits(_ edit: TextEdit) -> Bool { !ranges.contains(where: edit.touches) }

  /// Whether a statement makes one of the names what it is: a function, a constant, a variable of
  /// the script and what is done to it. Fields of the engine are none.
  private func gives(_ statement: Statement, _ variables: Set<String>) -> Bool {
    switch statement.form {
    case .function(let function): return names.contains(function.name.text)
    case .binding(let binding): return names.contains(binding.name.text)
    case .param(let param): return names.contains(param.name.text)
    case .assignment(let assignment):
      guard case .name(let name) = assignment.target.form else { return false }
      return variables.contains(name) && names.contains(name)
    default: return false
    }
  }

  private static func variables(of statements: [Statement]) -> Set<String> {
    var found: Set<String> = []
    for case .binding(let binding) in statements.map({ $0.form }) where binding.isMutable {
      found.insert(binding.name.text)
    }
    return found
  }

  /// The outermost hooks and conditions around each `fail`, or the statement alone.
  private static func failures(in statements: [Statement]) -> [Statement] {
    statements.flatMap { statement -> [Statement] in
      if case .fail = statement.form { return [statement] }
      let inner = failures(in: statement.blocks.flatMap { $0 })
      switch statement.form {
      case .hook, .conditional, .match: return inner.isEmpty ? [] : [statement]
      default: return inner
      }
    }
  }
}

extension Statement {
  var isExpectation: Bool {
    if case .expect = form { return true }
    return false
  }
}
