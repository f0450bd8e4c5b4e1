// Names that nothing reads, and calls of names that hide what the library gives: warnings.
//
// What may be read from outside is left alone: a file's own names (an importer reads them), the
// variables and functions of a declaration or a kind (they are paths), `_` and what begins with it.

extension Checker {
  /// What a name stands for where it is used; it counts as read from now on.
  mutating func read(_ name: String) -> NameEntry? {
    for index in scopes.indices.reversed() {
      if let entry = scopes[index].names[name] {
        scopes[index].names[name]?.isRead = true
        return entry
      }
      // Bound further down: a function runs later, all else means the name around this block.
      if scopes[index].laterNames[name] != nil { scopes[index].readEarly.insert(name) }
    }
    return nil
  }

  /// Whether somebody outside of this block may read the name.
  func isSeenOutside(_ name: Name, _ meaning: NameMeaning) -> Bool {
    if name.text.utf8.first == Ascii.underscore { return true }
    switch meaning {
    case .declaration, .loopVariable, .preset: return true
    case .importAlias, .parameter: return false
    default: break
    }
    switch places[places.count - 1] {
    case .file:
      if case .param = meaning { return true }
      return !isPlainScript
    case .declaration, .kind, .preset: return true
    default: return false
    }
  }

  /// Whether a parameter counts as read without being mentioned: tasks and nics in a kind take
  /// their host and lan from it by themselves.
  func isTaken(_ parameter: Parameter, by place: CheckerPlace) -> Bool {
    guard case .kind = place else { return false }
    return parameter.annotation?.text == "Node"
  }

  /// Ends the innermost scope.
  mutating func reportUnread() {
    let unread = scopes.removeLast().names.filter { !$0.value.isRead }
    for (name, entry) in unread.sorted(by: { $0.value.span.start < $1.value.span.start }) {
      reportUnread(name, entry)
    }
  }

  private mutating func reportUnread(_ name: String, _ entry: NameEntry) {
    let help: String
    switch entry.meaning {
    case .importAlias: help = "take the import out, or `as _` if it only has to run"
    case .function, .policy, .param: help = "take it out, or call it `_\(name)`"
    case .parameter: help = "take it out, or call it `_`"
    default: help = "take it out, or call it `_`: `let _ = …`"
    }
    report(
      "N231", "nothing reads \(entry.meaning.role) `\(name)`", at: entry.span, help: help,
      severity: .warning)
  }

  /// `let count = f()`, then `count(xs)`: whether the variable holds a function is not known here.
  mutating func checkHidden(_ name: String, at span: SourceSpan) {
    guard knownNames.functions[name] != nil, let entry = lookup(name) else { return }
    report(
      "N233", "`\(name)` is \(entry.meaning.text) here, not the library's function", at: span,
      secondary: [DiagnosticLabel(entry.span, "this one is called")],
      help: "another name for it, such as `\(name)_`", severity: .warning)
  }
}

extension NameMeaning {
  /// For a sentence: "nothing reads …".
  var role: String {
    switch self {
    case .constant, .variable, .loopVariable: return "the variable"
    case .parameter: return "the parameter"
    case .function: return "the function"
    case .policy: return "the policy"
    case .preset: return "the preset"
    case .param: return "the param"
    case .importAlias: return "the import"
    case .declaration: return "the declaration"
    }
  }
}

extension [Statement] {
  /// Whether a file just runs: no case, and not only declarations either. Nobody imports that for
  /// its names.
  var isPlainScript: Bool {
    var acts = false
    for statement in self {
      switch statement.form {
      case .caseBlock: return false
      case .binding, .function, .importFile, .param, .sweep, .variant, .policy, .preset, .kind,
        .malformed, .declaration:
        break
      default: acts = true
      }
    }
    return acts
  }
}
