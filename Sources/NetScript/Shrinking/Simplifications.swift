// What stands inside in place of what stands around: bodies of blocks, operands of expressions.

extension ModuleText {
  var unwrappings: [TextEdit] { statements.all.flatMap(unwrappings) }

  private func unwrappings(of statement: Statement) -> [TextEdit] {
    var edits: [TextEdit] = []
    switch statement.form {
    case .caseBlock, .conditional, .whileLoop, .match:
      for block in statement.form.bodies { edits.append(keeping(block, of: statement)) }
    case .forLoop(let loop):
      for value in loop.values {
        var edit = keeping(loop.body, of: statement)
        let index = loop.second == nil ? nil : "0"
        for use in loop.body.uses(of: loop.first.text) {
          edit.replace(use, with: index ?? value.operandText(in: self))
        }
        if let second = loop.second {
          for use in loop.body.uses(of: second.text) {
            edit.replace(use, with: value.operandText(in: self))
          }
        }
        edits.append(edit)
      }
    default: break
    }
    return edits
  }

  private func keeping(_ block: [Statement], of statement: Statement) -> TextEdit {
    var edit = TextEdit()
    guard let range = block.range else {
      edit.remove(statement.span)
      return edit
    }
    edit.remove(statement.span.start..<range.lowerBound)
    edit.remove(range.upperBound..<statement.span.end)
    return edit
  }

  // MARK: Expressions

  var simplifications: [TextEdit] {
    var edits: [TextEdit] = []
    for statement in statements.all {
      if case .declaration(let declaration) = statement.form, let preset = declaration.preset,
        let end = declaration.headEnd
      {
        var edit = TextEdit()
        edit.remove(end..<preset.span.end)
        edits.append(edit)
      }
      for value in statement.values.flatMap({ $0.all }) { edits += simplifications(of: value) }
    }
    return edits
  }

  private func simplifications(of value: Expression) -> [TextEdit] {
    var edits: [TextEdit] = []
    switch value.form {
    case .infix(_, operatorSpan: _, let left, let right):
      edits += [replacing(value, by: left), replacing(value, by: right)]
    case .prefix(_, let inner), .parenthesised(let inner), .convert(let inner, _, unitSpan: _):
      edits.append(replacing(value, by: inner))
    case .conditional(_, then: let first, otherwise: let second):
      edits += [replacing(value, by: first), replacing(value, by: second)]
    case .call(_, let arguments):
      for argument in arguments { edits.append(replacing(value, by: argument.value)) }
      let places = arguments.map { ($0.name ?? Name("", $0.value.span)).span.union($0.value.span) }
      edits += shortenings(of: places)
    case .list(let elements):
      if let first = elements.first { edits.append(replacing(value, by: first)) }
      edits += shortenings(of: elements.map { $0.span })
    default: break
    }
    return edits
  }

  private func replacing(_ value: Expression, by other: Expression) -> TextEdit {
    var edit = TextEdit()
    edit.remove(value.span.start..<other.span.start)
    edit.remove(other.span.end..<value.span.end)
    return edit
  }

  /// One of what commas separate goes.
  private func shortenings(of places: [SourceSpan]) -> [TextEdit] {
    places.indices.map { index in
      var edit = TextEdit()
      if index + 1 < places.count {
        edit.remove(places[index].start..<places[index + 1].start)
      } else {
        edit.remove((index > 0 ? places[index - 1].end : places[index].start)..<places[index].end)
      }
      return edit
    }
  }
}

extension StatementForm {
  fileprivate var bodies: [[Statement]] {
    switch self {
    case .caseBlock(let declaration): return [declaration.body]
    case .conditional(let conditional):
      return conditional.branches.map { $0.body } + (conditional.otherwise.map { [$0] } ?? [])
    case .whileLoop(condition: _, let body): return [body]
    case .match(let match): return match.arms.map { $0.body }
    default: return []
    }
  }
}

extension ForLoop {
  /// Values that its variable may stand for.
  fileprivate var values: [Expression] {
    switch sequence.form {
    case .list(let elements): return elements
    case .infix(.range, operatorSpan: _, let left, _),
      .infix(.halfOpenRange, operatorSpan: _, let left, _):
      return [left]
    default: return []
    }
  }
}
