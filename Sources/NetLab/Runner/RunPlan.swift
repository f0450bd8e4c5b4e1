// One run as it is planned: which case, which variant, which sweep point, which seed.
//
// Plain data, made once and handed to a thread; values are named by where they are computed,
// because a value of one VM means nothing in another.

import NetScript
import NetSim

/// What a run may use up, beside what the VM counts.
public struct RunLimits: Sendable {
  public var vm = Limits()
  /// Events of the engine.
  public var events: Int64 = 2_000_000_000
  /// Interpreted steps of one handler of a policy, of one hook or predicate.
  public var handlerSteps = 1_000
  public var hookSteps = 100_000
  /// Points stored of one series, octets of output, of one capture; runs of a sweep.
  public var samples = 1_000_000
  public var outputOctets = 10 << 20
  public var captureOctets = 256 << 20
  public var runs = 10_000
  /// Events, or steps of tasks, without progress in time (N401).
  public var standstill: Int64 = 1_000_000

  public init() {}
}

/// `--set NAME=VALUE`: the value as a program of its own, to be moved into the run's VM.
public struct Setting: Sendable {
  public var name: String
  public var text: String
  /// A module whose first param has the value; nil when the text is no expression.
  public var program: Program

  public init(name: String, text: String, program: Program) {
    self.name = name
    self.text = text
    self.program = program
  }
}

/// What a sweep gives a param: as people read it, and as a script writes it.
public struct PointValue: Sendable {
  public var name: String
  public var text: String
  public var literal: String
}

/// One position on each sweep, in the order of the sweeps.
public struct SweepPosition: Sendable, Equatable {
  /// Sweeps of the file come first, then those of the case, then those of the variant.
  public var sweep: Int
  public var position: Int
}

/// How the scheduler's choices are made in a run.
public struct Choosing: Sendable {
  public var strategy: Chooser.Strategy
  public var preemptions: Int

  public init(_ strategy: Chooser.Strategy, preemptions: Int) {
    self.strategy = strategy
    self.preemptions = preemptions
  }

  public init(_ schedule: Schedule) {
    self.init(.schedule(schedule.choices), preemptions: schedule.preemptions)
  }
}

public struct RunPlan: Sendable {
  private var base: PlannedVariant
  public internal(set) var sweepPositions: [SweepPosition] = []
  /// What they give the params that are swept, as text; the seed is none of them.
  public internal(set) var point: [PointValue] = []
  public var seed: UInt64 = 1
  /// The first point of its case and variant.
  public internal(set) var isFirstOfVariant = true
  /// Who settles the scheduler's ties; nil: they fall as they do under RTEMS.
  public var choosing: Choosing?
  /// The run ends with the first expectation that fails: whoever looks for one needs no more.
  public var endsAtFailure = false
  /// False for `netsh check`: the run stops at time 0.
  public var runs: Bool
  /// The run ends as soon as what the command line expects is decided: somebody wants to know that
  /// and nothing else.
  public var endsWhenDecided = false

  init(_ base: PlannedVariant) {
    self.base = base
    choosing = base.script.options.schedule.map { Choosing($0) }
    runs = !base.script.options.onlyChecks
  }

  /// The same, whose script reads elsewhere.
  func reading(from loader: any Loader) -> RunPlan {
    var plan = self
    plan.base = PlannedVariant(base, loader: loader)
    return plan
  }

  var shared: SharedProgram { base.script.shared }
  public var program: Program { unsafeAddress { base.script.shared.address } }
  public var settings: [Setting] { base.script.settings }
  /// What the command line chose: whoever plans the same run again needs it.
  public var options: PlanOptions { base.script.options }
  public var limits: RunLimits { base.script.options.limits }
  /// Where files that the script names are read.
  public var loader: any Loader { base.loader }

  /// Place in the root module's cases; nil for a plain script.
  public var caseIndex: Int? { base.chosen.caseIndex }
  public var caseTitle: String? { base.chosen.caseTitle }
  public var caseParams: [ParamTemplate] { base.chosen.caseParams }
  /// Of the case, or of a plain script.
  public var span: SourceSpan { base.chosen.span }
  public var body: FunctionID { base.chosen.body }
  /// Place among the case's (or the file's) variants; nil for a case without any.
  public var variantIndex: Int? { base.chosen.variantIndex }
  public var variants: [VariantTemplate] { base.chosen.variants }
  public var variant: VariantTemplate? { base.chosen.variant }
  /// The variant's bases, and theirs, each once and before what builds on it; the variant last.
  public var variantChain: [VariantTemplate] { base.chosen.variantChain }
  public var sweeps: [SweepTemplate] { base.chosen.sweeps }

  /// Whether the time before 0 is all about building a bench: a plain script that declares nothing
  /// may do everything there.
  public var isElaborated: Bool {
    let root = program.root.file
    return caseIndex != nil || program.declarations.contains { $0.span.file == root }
  }
  public var title: String { base.chosen.title }
  /// How people tell it from the other runs of its script.
  public var name: String {
    var text = title
    if let variant { text += " · variant \"\(variant.title)\"" }
    for setting in point { text += " · \(setting.name) = \(setting.text)" }
    text += " · seed \(seed)"
    if let schedule = options.schedule { text += " · schedule \"\(schedule.text)\"" }
    return text
  }

  /// Whether its code may call one of these.
  func mentions(_ functions: [NativeFunction]) -> Bool { base.mentions(functions) }
}
