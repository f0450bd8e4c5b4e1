// Runs are worked off on all cores; their results are told in the order of the plan.

import Foundation
import NetLab
import NetScript
import NetStack
import Synchronization

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
  private let note: (Instant) -> Void
  private let cpuNanoseconds: UInt64
  private let start: UInt64

  init(cpuSeconds: Double, note: @escaping (Instant) -> Void) {
    self.note = note
    cpuNanoseconds = cpuSeconds < 1e9 ? UInt64(cpuSeconds * 1e9) : .max
    start = ThreadClock.now
  }

  var used: UInt64 { ThreadClock.now - start }

  func pulse(now: Instant, events: Int64) -> RunOrder {
    note(now)
    if Interruption.isRequested { return .interrupt }
    return used > cpuNanoseconds ? .outOfTime : .goOn
  }
}

/// What the workers have in common.
private final class ProgressBoard<Product: Sendable>: Sendable {
  private struct State {
    var next = 0
    var products: [Int: Product] = [:]
    /// Somebody was told that there are some.
    var isAnnounced = false
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

  func give(_ product: Product, for job: Int) {
    let isFirst = state.withLock { state in
      state.products[job] = product
      defer { state.isAnnounced = true }
      return !state.isAnnounced
    }
    if isFirst { change.signal() }
  }

  func end() { change.signal() }

  /// All products that have come since they were taken the last time.
  func take() -> [Int: Product] {
    state.withLock { state in
      state.isAnnounced = false
      defer { state.products = [:] }
      return state.products
    }
  }

  /// Until there are outcomes, or it is time to say how far it is.
  /// - Parameter many: they come one after another; a moment later there are more of them. Whoever
  ///   is woken for each takes a core from a worker each time.
  func wait(for many: Bool) {
    guard change.wait(timeout: .now() + .milliseconds(200)) == .success, many else { return }
    Thread.sleep(forTimeInterval: 0.002)
  }
}

struct RunWorkers<Product: Sendable> {
  private let count: Int
  /// Made when its turn comes, by the worker.
  private let job: @Sendable (Int) -> RunJob
  /// What is told of it, made by the worker, too: what one thread does for all is little.
  private let product: @Sendable (Int, RunOutcome) -> Product

  init(
    _ count: Int, job: @escaping @Sendable (Int) -> RunJob,
    product: @escaping @Sendable (Int, RunOutcome) -> Product
  ) {
    self.count = count
    self.job = job
    self.product = product
  }

  init(_ jobs: [RunJob]) where Product == RunOutcome {
    self.init(jobs.count, job: { jobs[$0] }, product: { $1 })
  }

  /// - Parameter label: what the progress line says instead of which run it is.
  func run(
    progress: ProgressLine, label: String? = nil,
    tell: (Product, inout ProgressLine) -> Void
  ) {
    runWhile(progress: progress, label: label) { outcome, progress in
      tell(outcome, &progress)
      return true
    }
  }

  /// - Parameter goesOn: is told, and says whether more is wanted.
  func runWhile(
    progress: ProgressLine, label: String? = nil,
    goesOn: (Product, inout ProgressLine) -> Bool
  ) {
    Self.keepMemory()
    var progress = progress
    let board = ProgressBoard<Product>()
    let threads = min(count, ProcessInfo.processInfo.activeProcessorCount)
    let running = Running(threads)
    for _ in 0..<threads {
      let (count, job, product) = (count, job, product)
      let thread = Thread {
        while let number = board.takeJob(of: count) {
          let outcome = job(number).outcome(note: board.note)
          board.give(product(number, outcome), for: number)
        }
        running.leave()
        board.end()
      }
      thread.stackSize = RunJob.stackOctets
      thread.start()
    }
    var next = 0
    var products: [Int: Product] = [:]
    while next < count {
      let isOver = running.isOver
      products.merge(board.take()) { first, _ in first }
      while let product = products.removeValue(forKey: next) {
        guard goesOn(product, &progress) else { return board.stop() }
        next += 1
      }
      // Interrupted: what was not begun will not come.
      if isOver || next == count { return }
      board.wait(for: count - next > 2 * threads)
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
}

extension RunJob {
  /// Nested calls of a script take native stack; a thread's usual half megabyte is little.
  static let stackOctets = 64 << 20

  /// Runs it, in this thread.
  /// - Parameter note: hears how far it is.
  fileprivate func outcome(note: @escaping (Instant) -> Void) -> RunOutcome {
    let began = ContinuousClock.now
    let monitor = Monitor(cpuSeconds: cpuSeconds, note: note)
    let bench = Bench(plan)
    let sink = folder == nil ? nil : FileSink()
    bench.attach(monitor: monitor, sink: sink)
    if isReported { bench.sampleForReport() }
    var trace: TraceSamples?
    if plan.runs || plan.isElaborated, bench.prepare(), plan.runs {
      if let sampling {
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
      isRepeated && plan.runs
      ? Determinism.check(plan, against: bench.result, monitor: monitor) : nil
    let problem = keep.flatMap { keep in
      bench.result.isInterrupted || !bench.diagnostics.isEmpty
        ? nil : keep.store.keep(bench.result, keep.key)
    }
    return RunOutcome(
      job: self, result: bench.result, diagnostics: bench.diagnostics,
      warnings: bench.warnings, files: sink?.files ?? [],
      history: history, divergence: divergence, trace: trace, problem: problem,
      wallMilliseconds: milliseconds, cpuMilliseconds: Int64(used / 1_000_000))
  }
}
