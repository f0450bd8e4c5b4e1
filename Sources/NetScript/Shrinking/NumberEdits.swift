// Numbers: smaller ones that are as round, and how long a run goes on.

/// One number of a script and what may stand in its place, the smallest first.
public struct NumberChoice: Sendable {
  public var edits: [TextEdit]
}

extension ModuleText {
  /// Of each number outside of the claim; in the order of the text, so that the one at a place can
  /// be found again after another has changed.
  public var numberChoices: [NumberChoice] {
    let claim = Claim(self)
    var choices: [NumberChoice] = []
    for statement in statements.all {
      for value in statement.values.flatMap({ $0.all }) {
        guard let number = WrittenNumber(value) else { continue }
        let edits = number.simpler.map { text -> TextEdit in
          var edit = TextEdit()
          edit.replace(value.span, with: text)
          return edit
        }
        choices.append(NumberChoice(edits: edits.filter(claim.permits)))
      }
    }
    return choices
  }

  /// Each `run for` that may end soon behind a moment, given in nanoseconds since it began.
  public func shorterRuns(endingAt nanoseconds: Int64) -> [TextEdit] {
    var edits: [TextEdit] = []
    for statement in statements.all {
      guard case .run(.duration(let value)) = statement.form, let number = WrittenNumber(value)
      else { continue }
      for text in WrittenNumber.roundTimes(from: nanoseconds) {
        guard text.nanoseconds < number.value else { continue }
        var edit = TextEdit()
        edit.replace(value.span, with: text.written)
        edits.append(edit)
      }
    }
    return edits
  }
}
