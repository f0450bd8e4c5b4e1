// Of all the runs of a script one: its case, with its variant folded in and its values in place of
// sweeps and settings.

/// Which run.
public struct ChosenRun: Sendable {
  /// Place among the cases; nil for a plain script.
  public var caseIndex: Int?
  /// The titles of the variant's bases and, last, its own.
  public var variants: [String]
  /// What sweeps and the command line give params.
  public var settings: [(name: String, text: String)]
  public var seed: UInt64

  public init(
    caseIndex: Int?, variants: [String], settings: [(name: String, text: String)], seed: UInt64
  ) {
    self.caseIndex = caseIndex
    self.variants = variants
    self.settings = settings
    self.seed = seed
  }
}

extension ModuleText {
  /// The script of this run alone.
  public func specialised(to run: ChosenRun) -> ModuleText? {
    var edit = TextEdit()
    var body = statements
    var index = 0
    for statement in statements {
      guard case .caseBlock(let declaration) = statement.form else { continue }
      if index == run.caseIndex { body = declaration.body } else { edit.remove(statement.span) }
      index += 1
    }
    let shared = run.caseIndex == nil ? statements : statements + body
    for statement in shared {
      switch statement.form {
      case .sweep, .variant: edit.remove(statement.span)
      default: break
      }
    }
    var values: [(name: String, text: String)] = []
    let folded = foldedVariants(run, in: body, params: shared.paramNames, &values)
    set(values + run.settings, in: shared, &edit)
    let place = body.first { $0.letsTimePass }?.span.start ?? body.range?.upperBound
    if let place, !folded.isEmpty { edit.insert("\n" + folded + "\n", at: place) }
    if run.seed != 1, let first = body.first(where: { !$0.isImport }) {
      edit.insert("sweep seed in [\(run.seed)]\n", at: first.span.start)
    }
    return applying(edit)
  }

  /// What the variants say beside values for params, which go to `values`. Of bases only what is
  /// set and declared counts.
  private func foldedVariants(
    _ run: ChosenRun, in body: [Statement], params: [String],
    _ values: inout [(name: String, text: String)]
  ) -> String {
    var lines: [String] = []
    for (place, title) in run.variants.enumerated() {
      for statement in body {
        guard case .variant(let variant) = statement.form, variant.title.text == title else {
          continue
        }
        for part in variant.body {
          switch part.form {
          case .assignment(let assignment):
            if case .name(let name) = assignment.target.form, params.contains(name) {
              values.append((name, text(assignment.value.span)))
              continue
            }
          case .declaration: break
          case .sweep: continue
          default: if place < run.variants.count - 1 { continue }
          }
          lines.append(text(part.span))
        }
      }
    }
    return lines.joined(separator: "\n")
  }

  /// A case's param hides the file's of the same name.
  private func set(
    _ values: [(name: String, text: String)], in statements: [Statement], _ edit: inout TextEdit
  ) {
    for statement in statements {
      guard case .param(let param) = statement.form,
        let value = values.last(where: { $0.name == param.name.text })
      else { continue }
      edit.replace(param.value.span, with: value.text)
    }
  }
}

extension [Statement] {
  fileprivate var paramNames: [String] {
    compactMap { statement in
      if case .param(let param) = statement.form { return param.name.text }
      return nil
    }
  }
}

extension Statement {
  fileprivate var isImport: Bool {
    if case .importFile = form { return true }
    return false
  }
}
