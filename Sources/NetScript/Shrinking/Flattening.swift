// One file in place of several: what a script imports of its own comes before it, and `alias.name`
// is the name. Files of `std` stay imports.

/// The claim that failed, where its author wrote it.
public struct ClaimPlace: Sendable {
  public var file: String
  public var line: Int
  /// As written, from `expect` on; nil for a `fail`.
  public var text: String?

  public init(file: String, line: Int, text: String?) {
    self.file = file
    self.line = line
    self.text = text
  }
}

public struct Flattening {
  /// Finds a file that another one imports; nil for one that stays an import.
  private let load: (_ path: String, _ importer: ModuleText) -> ModuleText?
  private let claim: ClaimPlace
  private var imports: [String] = []
  private var bodies: [String] = []
  private var known: [String] = []

  /// The script with everything of its own that it imports, and with one claim; nil when two files
  /// bind the same name.
  public static func flat(
    _ root: ModuleText, keeping claim: ClaimPlace,
    load: (_ path: String, _ importer: ModuleText) -> ModuleText?
  ) -> ModuleText? {
    withoutActuallyEscaping(load) { load in
      var flattening = Flattening(load: load, claim: claim)
      flattening.add(root, isRoot: true)
      let lines = flattening.imports + flattening.bodies
      let text = lines.reduce("") { $0 + $1 + "\n" }
      guard let module = ModuleText(Array(text.utf8), name: root.file.name), module.bindsOnce
      else { return nil }
      return module.formatted
    }
  }

  private init(
    load: @escaping (_ path: String, _ importer: ModuleText) -> ModuleText?, claim: ClaimPlace
  ) {
    self.load = load
    self.claim = claim
  }

  private mutating func add(_ module: ModuleText, isRoot: Bool) {
    known.append(module.file.name)
    var edit = module.withoutClaims(but: claim)
    for statement in module.statements {
      switch statement.form {
      case .importFile(let form):
        edit.remove(statement.span)
        guard let imported = load(form.path.text, module) else {
          let text = module.text(statement.span)
          if !imports.contains(text) { imports.append(text) }
          continue
        }
        if !known.contains(imported.file.name) { add(imported, isRoot: false) }
        if let alias = statement.boundName?.text { module.strip(alias, &edit) }
      case .caseBlock, .variant, .sweep: if !isRoot { edit.remove(statement.span) }
      default: break
      }
    }
    bodies.append(String(decoding: edit.applied(to: module.file), as: UTF8.self))
  }
}

extension ModuleText {
  /// Removes all claims but one.
  fileprivate func withoutClaims(but place: ClaimPlace) -> TextEdit {
    var edit = TextEdit()
    for statement in statements.all {
      guard case .expect(let expectation) = statement.form else { continue }
      let isIt =
        place.file == file.name && place.line == file.line(at: statement.span.start)
        && place.text == file.text(statement.span.start..<expectation.end)
      if !isIt { edit.remove(statement.span) }
    }
    return edit
  }

  /// `alias.name` is `name` from now on.
  fileprivate func strip(_ alias: String, _ edit: inout TextEdit) {
    for statement in statements.all {
      if case .declaration(let declaration) = statement.form, declaration.kind.count > 1,
        declaration.kind[0].text == alias
      {
        edit.remove(declaration.kind[0].span.start..<declaration.kind[1].span.start)
      }
      for value in statement.values.flatMap({ $0.all }) {
        if case .member(let base, let name) = value.form, case .name(alias) = base.form {
          edit.remove(base.span.start..<name.span.start)
        }
      }
    }
  }

  fileprivate var bindsOnce: Bool {
    var names: Set<String> = []
    for statement in statements where statement.isPassive {
      guard let name = statement.boundName else { continue }
      if !names.insert(name.text).inserted { return false }
    }
    return true
  }
}
