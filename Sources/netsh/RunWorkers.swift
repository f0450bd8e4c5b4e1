// Runs are worked off on all cores; their results are told in the order of the plan.

import Foundation
import NetLab
import NetScript
import NetStack
import Synchronization

/// One run that is to be made.
struct RunJob: Sendable {
  var plan: RunPlan
  var files: SourceFiles
  var cpuSeconds: Double
  var folder: RunFolder?
  /// It is taken down for a report.
  var isReported = false
  /// It is run twice more, in other ways.
  var isRepeated = false
  /// The first point of its case and variant.
  var isFirstOfVariant = true
  /// Digests are taken on its way.
  var sampling: TraceSampling?
  /// Where its result is kept as soon as it is there, and as what.
  var keep: (store: ResultStore, key: RunKey)?
}

/// At every so many events; nil chooses.
struct TraceSampling: Sendable {
  var stride: Int64?
}

/// What came of it.
struct RunOutcome: Sendable {
  var job: RunJob
  var result: RunResult
  /// Mistakes found before time 0.
  var diagnostics: [Diagnostic]
  var warnings: [Diagnostic]
  var files: [(name: String, octets: [UInt8])] = []
  /// What it looked like, if somebody wants a report.
  var history: RunHistory?
  /// It was another run when it was run again.
  var divergence: Divergence?
  /// The digests on its way, if somebody wants them.
  var trace: TraceSamples?
  /// Why its result could not be kept.
  var problem: String?
  var wallMilliseconds: Int64
  var cpuMilliseconds: Int64
}

enum ThreadClock {
  /// CPU time of this thread in nanoseconds.
  static var now: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

/// Ends a run on Ctrl-C or when its CPU time is used up, and says how far it is.
private final class Monitor: RunMonitor {
  private let board: ProgressBoard
  private let cpuNanoseconds: UInt64
  private let start: UInt64

  init(_ board: ProgressBoard, cpuSeconds: Double) {
    self.board = board
    cpuNanoseconds = cpuSeconds < 1e9 ? UInt64(cpuSeconds * 1e9) : .max
    start = ThreadClock.now
  }

  var used: UInt64 { ThreadClock.now - start }

  func pulse(now: Instant, events: Int64) -> RunOrder {
    board.note(now)
    if Interruption.isRequested { return .interrupt }
    return used > cpuNanoseconds ? .outOfTime : .goOn
  }
}

/// What the workers have in common.
private final class ProgressBoard: Sendable {
  private struct State {
    var next = 0
    var outcomes: [Int: RunOutcome] = [:]
    var now = Instant.zero
  }
  private let state = Mutex(State())
  private let change = DispatchSemaphore(value: 0)

  /// Nobody wants the jobs that are left.
  func stop() { state.withLock { $0.next = .max } }

  func takeJob(of count: Int) -> Int? {
    state.withLock { state in
      guard state.next < count, !Interruption.isRequested else { return nil }
      state.next += 1
      return state.next - 1
    }
  }

  func note(_ now: Instant) { state.withLock { $0.now = now } }
  var now: Instant { state.withLock { $0.now } }

  func give(_ outcome: RunOutcome, for job: Int) {
    state.withLock { $0.outcomes[job] = outcome }
    change.signal()
  }

  func end() { change.signal() }

  /// The outcome of a job once it is there.
  func take(_ job: Int) -> RunOutcome? { state.withLock { $0.outcomes.removeValue(forKey: job) } }

  func wait() { _ = change.wait(timeout: .now() + .milliseconds(200)) }
}

struct RunWorkers {
  private let count: Int
  /// Made when its turn comes, by the worker.
  private let job: @Sendable (Int) -> RunJob
  /// Nested calls of a script take native stack; a thread's usual half megabyte is little.
  static let stackOctets = 64 << 20

  init(_ count: Int, job: @escaping @Sendable (Int) -> RunJob) {
    self.count = count
    self.job = job
  }

  init(_ jobs: [RunJob]) { self.init(jobs.count) { jobs[$0] } }

  /// - Parameter label: what the progress line says instead of which run it is.
  func run(
    progress: ProgressLine, label: String? = nil,
    tell: (RunOutcome, inout ProgressLine) -> Void
  ) {
    runWhile(progress: progress, label: label) { outcome, progress in
      tell(outcome, &progress)
      return true
    }
  }

  /// - Parameter goesOn: is told, and says whether more is wanted.
  func runWhile(
    progress: ProgressLine, label: String? = nil,
    goesOn: (RunOutcome, inout ProgressLine) -> Bool
  ) {
    Self.keepMemory()
    var progress = progress
    let board = ProgressBoard()
    let threads = min(count, ProcessInfo.processInfo.activeProcessorCount)
    let running = Running(threads)
    for _ in 0..<threads {
      let (count, job) = (count, job)
      let thread = Thread {
        while let number = board.takeJob(of: count) {
          board.give(RunWorkers.work(job(number), board), for: number)
        }
        running.leave()
        board.end()
      }
      thread.stackSize = Self.stackOctets
      thread.start()
    }
    var next = 0
    while next < count {
      let isOver = running.isOver
      if let outcome = board.take(next) {
        guard goesOn(outcome, &progress) else { return board.stop() }
        next += 1
        continue
      }
      // Interrupted: what was not begun will not come.
      if isOver { return }
      board.wait()
      let name = label ?? "run \(next + 1) of \(count)"
      progress.update("\(name) · \(TimeText.text(board.now)) simulated")
    }
  }

  /// Lets go of one large piece of memory, untouched. From then on malloc keeps what a run frees
  /// for the next one (M_MMAP_THRESHOLD of mallopt(3) is dynamic); before, the pools of each run
  /// went back to the system, and every page of them was asked for anew.
  private static func keepMemory() {
    let largest = 32 << 20  // DEFAULT_MMAP_THRESHOLD_MAX; beyond it nothing is learnt
    UnsafeMutableRawPointer.allocate(byteCount: largest - (64 << 10), alignment: 16).deallocate()
  }

  /// How many workers are still at it.
  private final class Running: Sendable {
    private let count: Mutex<Int>
    init(_ count: Int) { self.count = Mutex(count) }
    func leave() { count.withLock { $0 -= 1 } }
    var isOver: Bool { count.withLock { $0 == 0 } }
  }

  private static func work(_ job: RunJob, _ board: ProgressBoard) -> RunOutcome {
    let began = ContinuousClock.now
    let monitor = Monitor(board, cpuSeconds: job.cpuSeconds)
    let bench = Bench(job.plan)
    let sink = job.folder == nil ? nil : FileSink()
    bench.attach(monitor: monitor, sink: sink)
    if job.isReported { bench.sampleForReport() }
    var trace: TraceSamples?
    if job.plan.runs || job.plan.isElaborated, bench.prepare(), job.plan.runs {
      if let sampling = job.sampling {
        trace = bench.run(samplingEvery: sampling.stride)
      } else {
        bench.run()
      }
    }
    let wall = ContinuousClock.now - began
    let milliseconds =
      wall.components.seconds * 1000 + wall.components.attoseconds / 1_000_000_000_000_000
    // First the history: it asks the bench once more how things stand.
    let history = bench.takeHistory()
    let used = monitor.used
    let divergence =
      job.isRepeated && job.plan.runs
      ? Determinism.check(job.plan, against: bench.result, monitor: monitor) : nil
    let problem = job.keep.flatMap { keep in
      bench.result.isInterrupted || !bench.diagnostics.isEmpty
        ? nil : keep.store.keep(bench.result, keep.key)
    }
    return RunOutcome(
      job: job, result: bench.result, diagnostics: bench.diagnostics,
      warnings: bench.warnings, files: sink?.files ?? [],
      history: history, divergence: divergence, trace: trace, problem: problem,
      wallMilliseconds: milliseconds, cpuMilliseconds: Int64(used / 1_000_000))
  }
}
