// Candidate edits of a script, kind by kind: each may make it smaller without changing what it
// shows. Whether it does is for others to find out, by running it.
//
// No edit touches the claim that fails, but what stands around it may go, and a name in it may give
// way to its value. Most candidates are no valid script (a host goes, its traffic stays): finding
// that out is cheap.

public enum ShrinkPass: CaseIterable, Sendable {
  /// Declarations that nothing mentions, all at once.
  case unused
  /// Things with all that mentions them, half of them at first.
  case things
  /// Values in place of names, bodies in place of calls.
  case inlining
  /// Statements of each block, in halves, quarters and so on to single ones (ddmin).
  case statements
  /// What a block has in place of the statement.
  case unwrapping
  /// Parts of expressions in place of the whole, arguments and presets left out.
  case expressions

  /// Each makes another script; the most radical come first.
  public func edits(of module: ModuleText) -> [TextEdit] {
    let claim = Claim(module)
    switch self {
    case .unused: return module.withoutUnused.map { [$0] } ?? []
    case .things: return module.removalsOfThings(claim)
    case .inlining: return module.inlinings
    case .statements: return module.removals(claim)
    case .unwrapping: return module.unwrappings.filter(claim.permits)
    case .expressions: return module.simplifications.filter(claim.permits)
    }
  }
}
