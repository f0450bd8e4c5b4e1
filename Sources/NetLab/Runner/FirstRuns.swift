// Where `-e` statements go: in front of the first statement of a case that lets time pass.

import NetScript

extension SyntaxTree {
  /// The first such place of each case; of the file itself when it has no case.
  func firstRuns() -> [Int] {
    var places: [Int] = []
    var hasCase = false
    for statement in statements {
      guard case .caseBlock(let form) = statement.form else { continue }
      hasCase = true
      if let place = SyntaxTree.firstRun(in: form.body) { places.append(place) }
    }
    if !hasCase, let place = SyntaxTree.firstRun(in: statements) { places.append(place) }
    return places
  }

  private static func firstRun(in statements: [Statement]) -> Int? {
    for statement in statements where letsTimePass(statement) { return statement.span.start }
    return nil
  }

  private static func letsTimePass(_ statement: Statement) -> Bool {
    switch statement.form {
    case .run, .step: return true
    case .conditional(let form):
      return form.branches.contains { firstRun(in: $0.body) != nil }
        || firstRun(in: form.otherwise ?? []) != nil
    case .forLoop(let form): return firstRun(in: form.body) != nil
    case .whileLoop(_, let body): return firstRun(in: body) != nil
    case .match(let form): return form.arms.contains { firstRun(in: $0.body) != nil }
    default: return false
    }
  }
}
