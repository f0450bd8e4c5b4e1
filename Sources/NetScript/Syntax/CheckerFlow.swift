// Statements that are never reached, and values that nothing is done with: warnings.

extension Checker {
  /// What stands behind the end of its block is never done.
  mutating func checkReached(_ statements: [Statement]) {
    guard let end = statements.firstIndex(where: { endsBlock($0) }) else { return }
    let rest = statements[(end + 1)...]
    // Functions and their like exist in the whole block, wherever they stand.
    guard let first = rest.first(where: { !$0.isHoisted }) else { return }
    let place = statements[end].span
    let word = files[place.file].text(place).prefix { $0.isLetter }
    report(
      "N232", "this is never reached", at: firstLine(of: first.span),
      secondary: [DiagnosticLabel(firstLine(of: place), "`\(word)` ends the block here")],
      severity: .warning)
  }

  /// Whether nothing behind the statement in its block is reached.
  private func endsBlock(_ statement: Statement) -> Bool {
    switch statement.form {
    case .returnValue, .breakLoop, .continueLoop: return true
    case .stop, .fail: return isInCase
    case .conditional(let form):
      guard let otherwise = form.otherwise else { return false }
      return form.branches.allSatisfy { ends($0.body) } && ends(otherwise)
    case .whileLoop(let condition, let body):
      guard case .bool(true) = condition.form else { return false }
      return !leavesLoop(body)
    default: return false
    }
  }

  private func ends(_ body: [Statement]) -> Bool { body.contains { endsBlock($0) } }

  /// `stop` and `fail` end the case there and then; a hook or a task runs on to its end.
  var isInCase: Bool {
    for place in places.reversed() where !place.isBranch {
      if case .caseBody = place { return true }
      return false
    }
    return false
  }

  /// Whether a `break` of this loop stands in its body.
  private func leavesLoop(_ body: [Statement]) -> Bool {
    body.contains { statement in
      switch statement.form {
      case .breakLoop: return true
      case .conditional(let form):
        return form.branches.contains { leavesLoop($0.body) } || leavesLoop(form.otherwise ?? [])
      case .match(let form): return form.arms.contains { leavesLoop($0.body) }
      default: return false
      }
    }
  }

  private func firstLine(of span: SourceSpan) -> SourceSpan {
    let file = files[span.file]
    let line = file.lineRange(file.line(at: span.start))
    return SourceSpan(
      file: span.file, start: span.start, end: max(span.start, min(span.end, line.upperBound)))
  }

  /// `x == 5` as a statement: looked at and thrown away.
  mutating func checkUse(of value: Expression) {
    guard case .infix(let operation, let operatorSpan, let left, _) = value.form,
      operation.result == .bool, operation != .and, operation != .or, !isLastOfScript(value)
    else { return }
    let target = files[left.span.file].text(left.span)
    report(
      "N234", "nothing is done with this comparison", at: operatorSpan,
      secondary: [DiagnosticLabel(value.span)],
      help: operation == .equal
        ? "`\(target) = …` sets it, `expect \(target) == …` claims it"
        : "`expect …` claims it, `print …` shows it", severity: .warning)
  }

  /// The value of a file's last expression is the file's: the prompt shows it.
  private func isLastOfScript(_ value: Expression) -> Bool { value.span == lastExpression }
}

extension Statement {
  /// In force in its whole block, or collected before anything runs.
  var isHoisted: Bool {
    switch form {
    case .function, .importFile, .param, .sweep, .variant, .policy, .preset, .kind, .malformed:
      return true
    default: return false
    }
  }
}
