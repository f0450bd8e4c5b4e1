// What a script can do without and stay the same: comments, and declarations that nothing needs.

/// Which declarations the files of a script need: what acts when it is reached, and what it
/// mentions, and so on. By their names, whatever they mean: rather one too many.
struct Necessity {
  private(set) var names: Set<String>

  /// - Parameter names: what somebody outside needs.
  init(_ modules: [ModuleText], names: Set<String>) {
    self.names = names
    var waiting: [Statement] = []
    for statement in modules.flatMap({ $0.statements.plain }) {
      if statement.isPassive {
        waiting.append(statement)
      } else {
        self.names.formUnion(statement.actingMentions)
      }
    }
    var isGrowing = true
    while isGrowing {
      isGrowing = false
      var rest: [Statement] = []
      for statement in waiting {
        guard let name = statement.boundName?.text, self.names.contains(name) else {
          rest.append(statement)
          continue
        }
        self.names.formUnion(statement.mentions)
        isGrowing = true
      }
      waiting = rest
    }
  }

  func unused(of module: ModuleText) -> [Statement] {
    module.statements.plain.filter { statement in
      guard statement.isPassive, let name = statement.boundName else { return false }
      return !names.contains(name.text)
    }
  }
}

/// What of a script's files is chosen.
public struct ChosenParts: Sendable {
  /// Places of cases, and the titles of the variants that are run, with their bases; those of a
  /// plain script under -1.
  public var variants: [Int: Set<String>] = [:]
  /// What the command line names.
  public var names: Set<String> = []

  public init() {}

  /// Takes up what a statement of the command line mentions.
  public mutating func add(statement text: String) {
    guard let module = ModuleText(Array(text.utf8)) else { return }
    for statement in module.statements { names.formUnion(statement.mentions) }
  }
}

extension ModuleText {
  /// The files of a script without comments and without what the chosen parts do not need.
  ///
  /// - Parameter modules: the root first.
  public static func pruned(_ modules: [ModuleText], to parts: ChosenParts) -> [ModuleText] {
    let chosen = modules.enumerated().map { place, module in
      place == 0 ? module.bare.choosing(parts) : module.bare.choosing(ChosenParts())
    }
    let necessity = Necessity(chosen, names: parts.names)
    return chosen.map { module in
      module.applying(TextEdit(removing: necessity.unused(of: module)[...])) ?? module
    }
  }

  /// Without other cases and variants.
  private func choosing(_ parts: ChosenParts) -> ModuleText {
    var unchosen: [Statement] = []
    var index = 0
    func choose(in block: [Statement], _ titles: Set<String>) {
      for statement in block {
        guard case .variant(let variant) = statement.form else { continue }
        if !titles.contains(variant.title.text) { unchosen.append(statement) }
      }
    }
    choose(in: statements, parts.variants[-1] ?? [])
    for statement in statements {
      guard case .caseBlock(let declaration) = statement.form else { continue }
      if let titles = parts.variants[index] {
        choose(in: declaration.body, titles)
      } else {
        unchosen.append(statement)
      }
      index += 1
    }
    return applying(TextEdit(removing: unchosen[...])) ?? self
  }
}

extension [Statement] {
  /// They and those in cases and variants: not the parts of things, which somebody may
  /// call for who is not seen here (`main`, `progress`).
  fileprivate var plain: [Statement] {
    flatMap { statement -> [Statement] in
      switch statement.form {
      case .caseBlock, .variant, .conditional, .forLoop:
        return [statement] + statement.blocks.flatMap { $0.plain }
      default: return [statement]
      }
    }
  }
}

extension Statement {
  /// It does nothing where it stands but bind a name.
  var isPassive: Bool {
    switch form {
    case .function, .param, .policy, .kind, .preset: return true
    case .importFile(let form): return form.alias?.text != "_"
    case .binding(let binding): return binding.value.isLiteral
    default: return false
    }
  }

  /// Of one in whose blocks others are looked at by themselves, what stands before them.
  fileprivate var actingMentions: Set<String> {
    switch form {
    case .caseBlock, .variant, .conditional, .forLoop: return ownMentions
    default: return mentions
    }
  }
}
