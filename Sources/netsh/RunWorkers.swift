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

/// What the workers have in common: little, and the lock once a run.
private final class ProgressBoard<Product: Sendable>: Sendable {
  /// What came of a job, and who made it.
  struct Delivery: Sendable {
    var job: Int
    var worker: Int
    var product: Product
  }
  private struct State {
    var deliveries: [Delivery] = []
    /// By worker: what was told.
    var told: [[Product]]
    /// Somebody was told that there are some.
    var isAnnounced = false
  }
  private let state: Mutex<State>
  private let change = DispatchSemaphore(value: 0)
  private let departure = DispatchSemaphore(value: 0)
  private let nextJob = Atomic(0)
  private let nanoseconds = Atomic<Int64>(0)
  private let isStopped = Atomic(false)

  init(workers: Int) { state = Mutex(State(told: Array(repeating: [], count: workers))) }

  /// Nobody wants the jobs that are left.
  func stop() { isStopped.store(true, ordering: .relaxed) }

  func takeJob(of count: Int) -> Int? {
    if isStopped.load(ordering: .relaxed) || Interruption.isRequested { return nil }
    let job = nextJob.add(1, ordering: .relaxed).oldValue
    return job < count ? job : nil
  }

  func note(_ now: Instant) { nanoseconds.store(now.nanoseconds, ordering: .relaxed) }
  var now: Instant { Instant(nanoseconds: nanoseconds.load(ordering: .relaxed)) }

  func give(_ delivery: Delivery) {
    let (isFirst, told) = state.withLock { state in
      state.deliveries.append(delivery)
      defer {
        state.isAnnounced = true
        state.told[delivery.worker] = []
      }
      return (!state.isAnnounced, state.told[delivery.worker])
    }
    if isFirst { change.signal() }
    // Here they end. If another thread freed them, it would wait for the lock of the memory that
    // their maker takes from, and the maker for it.
    withExtendedLifetime(told) {}
  }

  /// A worker is through.
  func end() {
    departure.signal()
    change.signal()
  }

  /// All that has come since it was asked the last time.
  func take() -> [Delivery] {
    state.withLock { state in
      state.isAnnounced = false
      defer { state.deliveries = [] }
      return state.deliveries
    }
  }

  /// By worker, what was told. Nothing is left of it here: the last who holds it ends it.
  func giveBack(_ products: inout [[Product]]) {
    state.withLock { state in
      for worker in products.indices {
        if state.told[worker].isEmpty { swap(&state.told[worker], &products[worker]) }
        state.told[worker] += products[worker]
        products[worker] = []
      }
    }
  }

  /// Until there are outcomes, or it is time to say how far it is.
  /// - Parameter many: they come one after another; a moment later there are more of them. Whoever
  ///   is woken for each takes a core from a worker each time.
  func wait(for many: Bool) {
    guard change.wait(timeout: .now() + .milliseconds(200)) == .success, many else { return }
    _ = departure.wait(timeout: .now() + .milliseconds(10))
  }
}

struct RunWorkers<Product: Sendable> {
  /// What one of them does.
  struct Work {
    /// Made when its turn comes, by the worker.
    var job: (Int) -> RunJob
    /// What is told of it, made by the worker, too: what one thread does for all is little.
    var product: (Int, RunOutcome) -> Product
  }
  private let count: Int
  private let work: @Sendable (_ worker: Int) -> Work

  /// - Parameter work: asked once by each worker, in its thread.
  init(_ count: Int, work: @escaping @Sendable (_ worker: Int) -> Work) {
    self.count = count
    self.work = work
  }

  init(_ jobs: [RunJob]) where Product == RunOutcome {
    self.init(jobs.count) { _ in Work(job: { jobs[$0] }, product: { $1 }) }
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
    let threads = min(count, ProcessInfo.processInfo.activeProcessorCount)
    let board = ProgressBoard<Product>(workers: threads)
    let running = Running(threads)
    for worker in 0..<threads {
      let (count, work) = (count, work)
      let thread = Thread {
        let work = work(worker)
        while let number = board.takeJob(of: count) {
          let outcome = work.job(number).outcome(note: board.note)
          board.give(
            .init(job: number, worker: worker, product: work.product(number, outcome)))
        }
        running.leave()
        board.end()
      }
      thread.stackSize = RunJob.stackOctets
      thread.start()
    }
    var next = 0
    var waiting: [Int: ProgressBoard<Product>.Delivery] = [:]
    var told: [[Product]] = Array(repeating: [], count: threads)
    while next < count {
      let isOver = running.isOver
      for delivery in board.take() { waiting[delivery.job] = delivery }
      while let delivery = waiting.removeValue(forKey: next) {
        guard goesOn(delivery.product, &progress) else { return board.stop() }
        told[delivery.worker].append(delivery.product)
        next += 1
      }
      board.giveBack(&told)
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
