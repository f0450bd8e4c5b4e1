// Names and places: what a name stands for where it is used, and what surrounds a statement.

/// What a lexical name stands for.
enum NameMeaning {
  case constant(StaticType)
  case variable(StaticType)
  case parameter(StaticType)
  case loopVariable
  case function([Parameter], result: StaticType)
  case policy([Parameter])
  case preset
  case param(StaticType)
  case importAlias
  /// A declaration of that kind.
  case declaration(kind: String)

  /// For a sentence: "`x` is …".
  var text: String {
    switch self {
    case .constant: return "a `let`"
    case .variable: return "a `var`"
    case .parameter: return "a parameter"
    case .loopVariable: return "a loop's variable"
    case .function: return "a function"
    case .policy: return "a policy"
    case .preset: return "a preset"
    case .param: return "a param"
    case .importAlias: return "an import"
    case .declaration(let kind): return "a `\(kind)`"
    }
  }
}

struct NameEntry {
  private(set) var meaning: NameMeaning
  let span: SourceSpan
  /// Something reads it, or may read it from outside of the file.
  var isRead: Bool

  init(meaning: NameMeaning, span: SourceSpan, isRead: Bool) {
    self.meaning = meaning
    self.span = span
    self.isRead = isRead
  }

  /// What calls of the function yield.
  mutating func learn(_ result: StaticType) {
    guard case .function(let parameters, _) = meaning else { return }
    meaning = .function(parameters, result: result)
  }
}

struct Scope {
  var names: [String: NameEntry] = [:]
  var kinds: [String: SourceSpan] = [:]
  /// Bound by a `let` or `var` further down in this block: functions above may use them.
  var laterNames: [String: Bool] = [:]
  /// Those of them that something above has mentioned already.
  var readEarly: Set<String> = []
}

/// What a statement stands in, from the file inwards.
enum CheckerPlace {
  case file, caseBody, variant, function, hook, policy, preset, kind
  case declaration(String)
  /// The body of `if` or `match`.
  case branch
  case loop

  /// Transparent for the meaning of `NAME = e`.
  var isBranch: Bool {
    switch self {
    case .branch, .loop: return true
    default: return false
    }
  }

  /// What keeps `run` out (N305), with the reason; `nil` where it may stand.
  var refusalOfRun: (name: String, why: String)? {
    switch self {
    case .variant:
      return ("a variant", "variants share the case's protocol, or they could not be compared")
    case .hook: return ("a hook", "a hook looks at one instant; time moves between hooks only")
    case .policy: return ("a policy", "a policy answers at once")
    case .kind: return ("a kind", "a kind is part of the bench; the case runs the bench")
    case .preset: return ("a preset", "a preset only sets fields")
    case .declaration("task"):
      return ("a task", "a task lives in simulated time; the case moves it")
    case .declaration: return ("a declaration", "a declaration builds the bench; the case runs it")
    case .file, .caseBody, .function, .branch, .loop: return nil
    }
  }
}
