// The bench: one run of one case, with one variant, at one sweep point.
//
// Everything that script and engine share meets here: the program and its VM, the tree that the
// script declares, the simulation that is built from it, and what watches it. The file is the table
// of contents; each verb's work is in the folder named after it.

import NetScript
import NetSim
import NetStack

/// How far a run has come. What a script may do depends on it (N301, N304, N305).
public enum Phase: UInt8, Comparable, Sendable {
  /// The case's statements before its first `run`: the tree grows.
  case declare
  /// Variants, `--set`, kinds' bodies, checks; the simulation is built.
  case elaborate
  /// Structure is fixed, time passes.
  case run
  /// The case is over; `finally` and the verdicts.
  case finished

  public static func < (left: Phase, right: Phase) -> Bool { left.rawValue < right.rawValue }
}

/// Whose code the VM runs now.
public enum Activity: UInt8, Sendable {
  /// Statements of a file or case: the only place where `run` may stand.
  case script
  /// A variant's block.
  case variant
  /// A kind's block, when an instance is built.
  case kind
  /// A hook's body.
  case observer
  /// A condition, a column, `progress()`: asked as often as it takes, and about instants to come.
  case predicate
  /// A task's program.
  case task
  /// A policy's handler: the engine is in the middle of an event.
  case policy
  /// A fault point's function: the same.
  case fault

  /// Whether its code may ask for places of the tree.
  @inline(__always)
  var mayReach: Bool { self != .policy && self != .fault }
}

/// What the case's fiber waits for: its `run` statement.
enum RunRequest {
  case until(Instant)
  /// A predicate, by its place among the observed, and the latest instant.
  case predicate(Int, Instant)
  /// The number of the last event.
  case events(Int64)
  /// So many events that a pattern is for: `Watch.countdown`.
  case records
}

public final class Bench: Embedder {
  public let plan: RunPlan
  public var program: Program { vm.program }
  /// Mistakes found before time 0. Nothing runs if there are any.
  public internal(set) var diagnostics: [Diagnostic] = []
  /// What was built is sound and looks unwise.
  public internal(set) var warnings: [Diagnostic] = []
  /// Everything that was declared, in order; kinds' bodies add to it.
  var declared: [NodeID] = []
  /// Declarations whose block is open, outermost first.
  var openDeclarations: [NodeID] = []
  /// Mentions that have been told, and instances that could not be built: what lies below them is
  /// a consequence.
  var told: [NodeID] = []
  /// Statement sites that were performed: their paths are checked before time 0.
  var performedSites: [StatementSite] = []
  /// Connections that scripts have met, by host and serial.
  var connectionNodes: [UInt64: NodeID] = [:]
  /// `conn[i]`, `sock[port]`, `cluster[i]` that scripts have named, by the list's node and index.
  var elementNodes: [UInt64: NodeID] = [:]
  /// The case's own fiber.
  var main: Fiber? = nil
  var runRequest: RunRequest? = nil
  /// How often its statements have gone on since somebody last let them.
  var turns = 0
  /// It was halted where its `run` is over, and its statements have not gone on.
  var isBeforeScript = false
  /// What the fiber came to.
  var mainValue = Value.none
  /// Somebody is in front of it: `pause` halts the run.
  @exclusivity(unchecked) var isDriven = false
  /// What leads to where it stands, told by who drives it; nil when nobody does.
  var origin: (() -> Origin)?
  /// It has ended early for that: `RunPlan.endsAtFailure`.
  var hasFailed = false
  /// A field has been set since time 0; something has been measured, or an oracle asked about more
  /// than whether a thing is wedged.
  var hasSetLive = false
  var hasMeasured = false
  /// It halts behind the event at which so many choices have been made.
  var lastChoice = Int.max
  /// It was made to try something: it asks for no twin of its own.
  var isTwin = false
  /// What whoever drives it looks at.
  let lookout = Lookout()
  /// Takes down what a report draws.
  @exclusivity(unchecked) var sampler: RunSampler?
  /// Takes down what is to become a packetdrill script.
  @exclusivity(unchecked) var witness: Witness?
  @exclusivity(unchecked) var output = Output()
  /// Debug builds: when the conservation law is proved next.
  var auditAt = Instant.zero
  /// Where frames of stations without a stack are put together; zeros, but for their headers.
  let scratch: UnsafeMutableRawPointer

  let words = WordTable.shared

  public let vm: VM
  // What each event touches lies behind pointers, see BenchState.swift.
  let state: BenchState

  public init(_ plan: RunPlan, growth: Growth = .none) {
    self.plan = plan
    state = BenchState(
      draws: RandomStream(seed: plan.seed, path: plan.caseTitle ?? "", purpose: "draw"))
    scratch = .allocate(byteCount: Bench.scratchOctets, alignment: 16)
    scratch.initializeMemory(as: UInt8.self, repeating: 0, count: Bench.scratchOctets)
    vm = VM(plan.shared, limits: plan.limits.vm, growth: growth)
    vm.serve(self)
    context.reserve()
    tree = Tree(root: words.symbol(.root))
    errors = ErrorValues(vm)
    shapes = RecordShapes(vm, words)
    watch.eventShape = EventShape(vm)
  }

  deinit {
    state.release()
    scratch.deallocate()
  }

  /// Who is asked now and then whether to go on, and where files go. Before `prepare`.
  public func attach(monitor: (any RunMonitor)?, sink: (any OutputSink)?) {
    watch.monitor = monitor
    output.sink = sink
  }

  // MARK: The journey

  /// Everything up to time 0. False when that found mistakes: see `diagnostics` and `ending`.
  public func prepare() -> Bool {
    declare()
    if ending == nil { elaborate() }
    return ending == nil && diagnostics.isEmpty
  }

  /// Runs the case to its end. Call after `prepare` said yes.
  public func run() { _ = run(until: .never) }

  /// Runs the case until all of an instant is done, or to its end if that comes first: then true.
  public func run(until stop: Instant) -> Bool { run(until: Halt(instant: stop)) }

  /// Runs the case until it halts, or to its end if that comes first: then true.
  public func run(until halt: Halt) -> Bool {
    precondition(phase == .run, "run before the bench was built, or after its end")
    lastChoice = halt.choices
    carryOn(until: halt)
    guard runRequest == nil || ending != nil else { return false }
    if isMidInstant { lookOnce() }
    phase = .finished
    finishWatching()
    checkVerdicts()
    return true
  }

  // MARK: Statements

  /// Every statement that begins with a word: who does it.
  public func perform(
    _ site: StatementSite, _ operands: Arguments
  ) throws(RuntimeError) -> Outcome {
    try refuseInPolicy(at: site.span)
    try refuseInPredicate("a statement", at: site.span)
    if phase < .run { performedSites.append(site) }
    switch site.kind {
    case .runFor, .runUntil, .step: return try beginRun(site, operands)
    case .hookOn, .hookWhen, .hookEvery, .hookAt:
      try addHook(site, operands)
      return .value(.none)
    case .expectNow, .expectAlways, .expectNever, .expectEventually, .expectFinally,
      .expectWhenever:
      try addExpectation(site, operands)
      return isHalted && activity == .script ? suspendHere() : .value(.none)
    case .record, .plot, .report, .capture, .print, .show, .why:
      try tell(site, operands)
      return .value(.none)
    case .pause, .stop, .fail: return try control(site, operands)
    }
  }

  /// The script has taken a slice of its steps.
  public func worked() throws(RuntimeError) { try heedMonitor(inScript: true) }

  /// A line that a breakpoint lies on, or that somebody steps through.
  public func passed(_ span: SourceSpan, _ locals: LocalValues) { notePassed(span, locals) }

  /// A global function of the vocabulary: who answers.
  public func callNative(
    _ native: Int, _ arguments: Arguments
  ) throws(RuntimeError) -> Outcome {
    guard let function = NativeFunction(rawValue: UInt8(native)) else {
      preconditionFailure("a native function that is not in the vocabulary")
    }
    try refuseInPolicy(
      at: arguments.span, unlessFault: function == .draw || function == .frame)
    switch function {
    case .socket, .select, .sleep, .compute, .wait: return try callTask(function, arguments)
    case .draw:
      try refuseInPredicate("`draw`", at: arguments.span)
      return .value(try draw(arguments))
    case .frame: return .value(try makeFrame(arguments))
    case .tcpdump:
      try refuseInPredicate("`tcpdump`", at: arguments.span)
      try startDump(arguments)
      return .value(.none)
    case .rate where arguments.sampleSite != nil: return .value(try sampledRate(arguments))
    case .watch, .hist, .counter, .rate:
      try refuseInPredicate("a new collector", at: arguments.span)
      return .value(try makeCollector(function, arguments))
    case .wedged, .stalled, .leaked, .holders, .waiters, .blame, .leaks, .baseline, .diff,
      .budget, .predict, .cause, .recoveries, .netstat, .arpTable, .mbufStats:
      return .value(try ask(function, arguments))
    }
  }
}

/// The global functions that the bench adds to the language, in the order of their numbers.
public enum NativeFunction: UInt8, CaseIterable, Sendable {
  case socket, select, sleep, compute, wait, draw, frame
  case watch, hist, counter, rate
  case wedged, stalled, leaked, holders, waiters, blame, leaks, baseline, diff
  case budget, predict, cause, recoveries
  case netstat, arpTable, mbufStats
  case tcpdump

  public var name: String {
    switch self {
    case .socket: "socket"
    case .select: "select"
    case .sleep: "sleep"
    case .compute: "compute"
    case .wait: "wait"
    case .draw: "draw"
    case .frame: "frame"
    case .watch: "watch"
    case .hist: "hist"
    case .counter: "counter"
    case .rate: "rate"
    case .wedged: "wedged"
    case .stalled: "stalled"
    case .leaked: "leaked"
    case .holders: "holders"
    case .waiters: "waiters"
    case .blame: "blame"
    case .leaks: "leaks"
    case .budget: "budget"
    case .baseline: "baseline"
    case .diff: "diff"
    case .predict: "predict"
    case .cause: "cause"
    case .recoveries: "recoveries"
    case .netstat: "netstat"
    case .arpTable: "arp_table"
    case .mbufStats: "mbuf_stats"
    case .tcpdump: "tcpdump"
    }
  }
}

/// Why a run ended before its last statement.
public enum Ending: Sendable {
  case stopped
  /// A fault of the script, or a limit (`RuntimeError.isLimit`), and when.
  case fault(RuntimeError, at: Instant)
  /// `fail "…"`.
  case failed(String, at: Instant, span: SourceSpan)
  /// Somebody outside asked the run to end.
  case interrupted
}
