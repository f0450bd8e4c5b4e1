// Where statements from outside the file go (`-e`): in front of the first statement of a case that
// lets time pass, as far as the case's own lines show; else at its end.

extension SyntaxTree {
  /// Puts statements into each case; into the file itself when it has no case.
  mutating func insertBeforeRuns(_ additions: [Statement]) {
    if additions.isEmpty { return }
    var hasCase = false
    for index in statements.indices {
      guard case .caseBlock(var form) = statements[index].form else { continue }
      hasCase = true
      form.body.insert(contentsOf: additions, at: SyntaxTree.firstRun(in: form.body))
      statements[index].form = .caseBlock(form)
    }
    if !hasCase {
      statements.insert(contentsOf: additions, at: SyntaxTree.firstRun(in: statements))
    }
  }

  private static func firstRun(in statements: [Statement]) -> Int {
    statements.firstIndex(where: letsTimePass) ?? statements.endIndex
  }

  private static func letsTimePass(_ statement: Statement) -> Bool {
    func anyDoes(_ body: [Statement]) -> Bool { body.contains(where: letsTimePass) }
    switch statement.form {
    case .run, .step: return true
    case .conditional(let form):
      return form.branches.contains { anyDoes($0.body) } || anyDoes(form.otherwise ?? [])
    case .forLoop(let form): return anyDoes(form.body)
    case .whileLoop(_, let body): return anyDoes(body)
    case .match(let form): return form.arms.contains { anyDoes($0.body) }
    default: return false
    }
  }
}
