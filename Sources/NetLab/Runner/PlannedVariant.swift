// A case and variant of a script: what all its points have in common.

import NetScript

/// What all runs of a script have in common.
final class PlannedScript: Sendable {
  let shared: SharedProgram
  let settings: [Setting]
  let options: PlanOptions

  init(_ program: Program, settings: [Setting], options: PlanOptions) {
    shared = SharedProgram(program)
    self.settings = settings
    self.options = options
  }
}

/// Which case of a script, and which variant.
struct ChosenVariant: Sendable {
  let script: PlannedScript
  /// Place in the root module's cases; nil for a plain script.
  var caseIndex: Int?
  /// Place among the case's (or the file's) variants; nil for a case without any.
  var variantIndex: Int?

  // Field by field: of a template each part would be counted.
  private var root: ModuleTemplate { script.shared.program.root }
  var caseTitle: String? { caseIndex.map { root.cases[$0].title } }
  var caseParams: [ParamTemplate] { caseIndex.map { root.cases[$0].params } ?? [] }
  var span: SourceSpan { caseIndex.map { root.cases[$0].span } ?? root.span }
  /// Of the case, or of a plain script.
  var body: FunctionID { caseIndex.map { root.cases[$0].body } ?? root.main }
  var title: String { caseTitle ?? root.path }
  /// Variants in sight: the case's own, or the file's.
  var variants: [VariantTemplate] { caseIndex.map { root.cases[$0].variants } ?? root.variants }
  var variant: VariantTemplate? { variantIndex.map { variants[$0] } }
  var sweeps: [SweepTemplate] {
    let own = caseIndex.map { root.cases[$0].sweeps } ?? []
    return root.sweeps + own + (variant?.sweeps ?? [])
  }

  /// The variant's bases, and theirs, each once and before what builds on it; the variant last.
  var variantChain: [VariantTemplate] {
    let variants = variants
    var chain: [Int] = []
    func add(_ index: Int, depth: Int) {
      if chain.contains(index) || depth > variants.count { return }
      for base in variants[index].bases {
        if let place = variants.firstIndex(where: { $0.title == base }) {
          add(place, depth: depth + 1)
        }
      }
      chain.append(index)
    }
    if let variantIndex { add(variantIndex, depth: 0) }
    return chain.map { variants[$0] }
  }

  /// Functions of the vocabulary that its code names.
  fileprivate var natives: Set<Int> {
    let program = script.shared.program
    // Where the code of this run begins: not that of other cases and variants.
    var own = program.modules.map { $0.main } + program.kinds.map { $0.body }
    own.append(body)
    own += variantChain.map { $0.setup }
    if let variant { own.append(variant.observers) }
    return program.natives(from: own)
  }
}

/// Behind one reference: every copy of a plan would be a count to take for each of its parts, by
/// all cores.
final class PlannedVariant: Sendable {
  let chosen: ChosenVariant
  /// Where files that the script names are read.
  let loader: any Loader
  private let natives: Set<Int>
  var script: PlannedScript { chosen.script }

  init(_ chosen: ChosenVariant, loader: any Loader) {
    self.chosen = chosen
    self.loader = loader
    natives = chosen.natives
  }

  /// The same, which reads elsewhere.
  init(_ other: PlannedVariant, loader: any Loader) {
    chosen = other.chosen
    self.loader = loader
    natives = other.natives
  }

  /// Whether its code may call one of these.
  func mentions(_ functions: [NativeFunction]) -> Bool {
    functions.contains { natives.contains(Int($0.rawValue)) }
  }
}
