// Names and places: what a name stands for where it is used, and what surrounds a statement.

/// What a lexical name stands for.
enum NameMeaning {
  case constant(StaticType)
  case variable
  case parameter(StaticType)
  case loopVariable
  case function([Parameter])
  case policy([Parameter])
  case preset
  case param
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
  let meaning: NameMeaning
  let span: SourceSpan
}

struct Scope {
  var names: [String: NameEntry] = [:]
  var kinds: [String: SourceSpan] = [:]
  /// Bound by a `let` or `var` further down in this block: functions above may use them.
  var laterNames: [String: Bool] = [:]
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

/// What is known about a value before it exists.
enum StaticType: Equatable {
  case unknown
  /// A number, count, ratio or quantity.
  case measure(Dimension)
  case other

  /// `data (KiB)`: the dimension, and the unit where the expression is a literal.
  func text(for expression: Expression) -> String {
    guard case .measure(let dimension) = self else { return "?" }
    guard let unit = StaticType.unit(of: dimension, in: expression) else { return dimension.name }
    return "\(dimension.name) (\(unit))"
  }

  /// The unit that the author wrote somewhere in the expression for that dimension.
  private static func unit(of dimension: Dimension, in expression: Expression) -> String? {
    switch expression.form {
    case .quantity(let literal):
      return literal.dimension == dimension ? literal.unit.text : nil
    case .parenthesised(let inner), .prefix(_, let inner): return unit(of: dimension, in: inner)
    case .infix(_, operatorSpan: _, let left, let right):
      return unit(of: dimension, in: left) ?? unit(of: dimension, in: right)
    default: return nil
    }
  }

  init(annotation: String?) {
    switch annotation {
    case "Time": self = .measure(.time)
    case "Data": self = .measure(.data)
    case "Rate": self = .measure(.rate)
    case "Freq": self = .measure(.frequency)
    case "Int", "Count", "Ratio", "Real": self = .measure(.none)
    case "Bool", "String", "Symbol", "List", "Map", "Range", "Fn", "Node": self = .other
    default: self = .unknown
    }
  }
}
