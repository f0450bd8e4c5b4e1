// From a script's text to the list of its runs: cases × variants × sweep points × seeds.
//
// Compiling and planning happen once; each plan then makes a bench of its own, on any thread.

import NetScript
import NetSim

/// What the command line chose.
public struct PlanOptions: Sendable {
  /// Whether a case, or a variant, of this title is wanted.
  public var wantsCase: @Sendable (String) -> Bool = { _ in true }
  public var wantsVariant: @Sendable (String) -> Bool = { _ in true }
  /// Replaces `sweep seed`; nil leaves it to the script, or else seed 1.
  public var seeds: ClosedRange<UInt64>?
  /// `--set`: names and values as typed.
  public var settings: [(name: String, text: String)] = []
  /// Statements of `-e`, put before the first `run` of each case.
  public var statements: [String] = []
  /// How the scheduler's ties are settled.
  public var schedule: Schedule?
  public var limits = RunLimits()
  /// Only the first sweep point of each variant, up to time 0.
  public var onlyChecks = false

  public init() {}
}

/// What came of a script's text.
public struct Planned: Sendable {
  public var runs = PlannedRuns()
  public var diagnostics: [Diagnostic] = []
  public var warnings: [Diagnostic] = []
  /// The diagnostic is about a limit, not a mistake.
  public var isLimit = false
  /// For the renderer.
  public var files: SourceFiles
}

public enum Planner {
  /// The bench's additions to the language.
  public static var vocabulary: Vocabulary {
    var names = CheckerNames(symbolMembers: Schema.symbolMembers)
    names.groups = SchemaPaths.all.groups
    names.kindGroups = SchemaPaths.all.kinds
    return Vocabulary(
      natives: NativeFunction.allCases.map { $0.name },
      samplers: [NativeFunction.rate.name], prelude: StandardLibrary.prelude,
      implied: [Word.host.rawValue: [Word.network.rawValue]],
      symbols: WordTable.names, names: names)
  }

  /// Compiles a script with the bench's vocabulary.
  public static func compile(
    name: String, octets: [UInt8], statements: [String] = [], loader: any Loader
  ) -> CompilationResult {
    Script.compile(
      name: name, octets: octets, additions: statements.map { Addition($0) },
      loader: StandardLoader(loader),
      vocabulary: vocabulary)
  }

  /// Compiles a script and lists its runs, or says what is wrong with it.
  public static func plan(
    name: String, octets: [UInt8], loader: any Loader, options: PlanOptions = PlanOptions()
  ) -> Planned {
    let compiled = compile(
      name: name, octets: octets, statements: options.statements, loader: loader)
    return plan(compiled, loader: loader, options: options)
  }

  /// The runs of a script that is compiled.
  static func plan(
    _ compiled: CompilationResult, loader: any Loader, options: PlanOptions
  ) -> Planned {
    var planned = Planned(
      diagnostics: compiled.diagnostics, warnings: compiled.warnings, files: compiled.files)
    guard let program = compiled.program else { return planned }
    var settings: [Setting] = []
    for (name, text) in options.settings {
      guard let setting = compile(name, text) else {
        planned.diagnostics.append(
          Diagnostic(
            code: "N220", title: "`--set \(name)=\(text)`: the value is no expression",
            at: program.root.span))
        continue
      }
      settings.append(setting)
    }
    guard planned.diagnostics.isEmpty else { return planned }
    addRuns(to: &planned, PlannedScript(program, settings: settings, options: options), loader)
    return planned
  }

  /// The value of an option as a program of its own. Whatever the text says, it must be what stands
  /// between the two parentheses: one expression.
  static func compile(_ name: String, _ text: String) -> Setting? {
    let octets = Array("param value = (\(text)\n)".utf8)
    let compiled = Script.compile(name: name, octets: octets, loader: NoImports())
    guard let program = compiled.program else { return nil }
    var files = SourceFiles()
    let file = files.add(name: name, octets: octets)
    let statements = Parser.parse(files[file]).tree.statements
    guard statements.count == 1, case .param(let param) = statements[0].form,
      param.condition == nil, case .parenthesised = param.value.form
    else { return nil }
    return Setting(name: name, text: text, program: program)
  }

  private static func addRuns(
    to planned: inout Planned, _ script: PlannedScript, _ loader: any Loader
  ) {
    let options = script.options
    let cases = script.shared.program.root.cases
    let caseIndices: [Int?] = cases.isEmpty ? [nil] : cases.indices.map { $0 }
    for caseIndex in caseIndices {
      var chosen = ChosenVariant(script: script, caseIndex: caseIndex)
      if caseIndex != nil && !options.wantsCase(chosen.title) { continue }
      let variants: [Int?] = chosen.variants.isEmpty ? [nil] : chosen.variants.indices.map { $0 }
      for variantIndex in variants {
        chosen.variantIndex = variantIndex
        if let variant = chosen.variant, !options.wantsVariant(variant.title) { continue }
        addPoints(to: &planned, RunPlan(PlannedVariant(chosen, loader: loader)))
      }
    }
  }

  /// All sweep points of one case and variant.
  private static func addPoints(to planned: inout Planned, _ plan: RunPlan) {
    guard let points = SweepCounter(plan).points(&planned.diagnostics), !planned.isLimit else {
      return
    }
    if plan.options.onlyChecks { return planned.runs.add(plan, points, most: 1) }
    guard points.count <= plan.limits.runs - planned.runs.count else {
      planned.isLimit = true
      planned.diagnostics.append(
        Diagnostic(
          code: "N443", title: "more than \(plan.limits.runs) runs", at: plan.program.root.span,
          help: "`--limit runs=…`, or fewer values"))
      return
    }
    planned.runs.add(plan, points)
  }
}

/// Finds the std files, and asks another loader for the rest.
final class StandardLoader: Loader {
  private let other: any Loader

  init(_ other: any Loader) { self.other = other }

  func load(_ path: String, from importer: String) -> LoadedSource {
    if let octets = StandardLibrary.octets(of: path) {
      return .found(name: path, octets: octets)
    }
    if path.hasPrefix("std/") {
      let near = Spelling.nearest(to: path, among: StandardLibrary.names)
      return .missing(
        title: "there is no `\(path)`",
        help: near.map { "did you mean `\($0)`?" }
          ?? "there are: " + StandardLibrary.names.joined(separator: ", "))
    }
    return other.load(path, from: importer)
  }
}
