// From a script's text to a bench that waits for whoever sits in front of it.

import NetScript

/// What came of opening a script.
public struct Opened {
  public var workbench: Workbench?
  public var diagnostics: [Diagnostic] = []
  public var warnings: [Diagnostic] = []
  /// For the renderer.
  public var files: SourceFiles
  /// How many runs the script has; the first was taken.
  public var runCount = 0
  public var plan: RunPlan?
  /// Ctrl-C came first.
  var isInterrupted = false
}

extension Workbench {
  /// Compiles a script, takes the first of its runs that the options leave, and goes to time 0,
  /// before its first `run`.
  public static func open(
    name: String, octets: [UInt8], loader: any Loader, options: PlanOptions = PlanOptions(),
    monitor: (any RunMonitor)? = nil
  ) -> Opened {
    open(
      Recipe(
        name: name, octets: octets, additions: options.statements.map { Addition($0) },
        loader: loader, options: options, monitor: monitor))
  }

  /// - Parameter wanted: which of the runs; nil for the first.
  static func open(_ recipe: Recipe, like wanted: RunPlan? = nil) -> Opened {
    let (compiled, session) = Session.begin(
      name: recipe.name, octets: recipe.octets, additions: recipe.additions,
      loader: StandardLoader(recipe.loader), vocabulary: Planner.vocabulary)
    let planned = Planner.plan(compiled, loader: recipe.loader, options: recipe.options)
    let chosen = planned.runs.first { wanted?.isSameRun(as: $0) ?? true }
    var opened = Opened(
      diagnostics: planned.diagnostics, files: planned.files, runCount: planned.runs.count,
      plan: chosen)
    guard planned.diagnostics.isEmpty, let session, let plan = chosen else {
      return opened
    }
    let bench = Bench(plan, growth: .session)
    bench.attach(monitor: recipe.monitor, sink: nil)
    guard bench.prepare() else {
      opened.diagnostics = bench.diagnostics
      if case .fault(let fault, _)? = bench.ending, fault.isInterruption {
        opened.isInterrupted = true
      } else if case .fault(let fault, _)? = bench.ending, let diagnostic = fault.diagnostic {
        opened.diagnostics.append(diagnostic)
      }
      return opened
    }
    opened.warnings = bench.warnings
    opened.workbench = Workbench(bench, session, recipe)
    return opened
  }
}
