// Who has the CPU, and who the network semaphore: RTEMS's time slices, interrupts, nested waits.

import NetSim
import NetStack
import Testing

@Suite("Turns on one processor")
struct TurnTests {
  private struct Work {
    var priority: Int32 = 100
    var timeslice: Int32 = 0
    var milliseconds: Int64 = 100
  }

  /// Tasks that compute and end; when each had done so, in milliseconds.
  private func ends(_ work: [Work]) -> [Int64] {
    var bench = Bench()
    bench.add(Bench.peer)
    let tasks = work.map { work in
      var hasComputed = false
      let task = bench.program(on: 0, priority: work.priority) { _ in
        if hasComputed { return .end }
        hasComputed = true
        return .compute(.milliseconds(work.milliseconds))
      }
      bench.simulation.setTimeslice(work.timeslice, of: task)
      return task
    }
    bench.run(until: Instant(nanoseconds: 1_000_000_000))
    return tasks.map { (bench.askedAt[$0]?.nanoseconds ?? -1) / 1_000_000 }
  }

  @Test("equals run to block, first in first out: RTEMS_NO_TIMESLICE")
  func runToBlock() {
    #expect(ends([Work(), Work(), Work()]) == [100, 200, 300])
  }

  @Test("with slices of two ticks they take turns: RTEMS_TIMESLICE")
  func slices() {
    let work = Work(timeslice: 2, milliseconds: 93)
    #expect(ends([work, work]) == [173, 186])
    #expect(ends([work, work, work]) == [253, 266, 279])
  }

  @Test("a slice is its task's own: one without runs to block")
  func mixed() {
    #expect(ends([Work(timeslice: 2), Work()]) == [200, 120])
  }

  @Test("a slice is counted in ticks: the first one is short by what its tick was old")
  func phase() {
    // A hog more urgent than both runs for 5 ms first; their slices end at 10, 20, 30, … ms.
    let hog = Work(priority: 50, milliseconds: 5)
    let short = Work(timeslice: 1, milliseconds: 12)
    #expect(ends([hog, short, short]) == [5, 27, 29])
  }

  @Test("no slice protects from a task that is more urgent, and none is due to one that is not")
  func priorities() {
    let ends = ends([
      Work(timeslice: 2), Work(priority: 99, timeslice: 2), Work(priority: 101, timeslice: 2),
    ])
    #expect(ends == [200, 100, 300])
  }

  // MARK: the network semaphore

  /// A task takes the network semaphore and then reads from a socket that nothing comes to; how
  /// long another one's socket call takes, in milliseconds, or nil.
  private func nested(releasesAll: Bool) -> (other: Int64?, depth: Int32, owner: Int32) {
    var bench = Bench()
    bench.releasesAll = releasesAll
    bench.add(Bench.peer)
    bench.add(Bench.peer)
    let lock = Simulation.networkLock(of: 0)
    var steps: [ProgramStep] = [
      .call(.socket(.datagram), timeout: nil), .lock(lock, timeout: nil),
      .lock(lock, timeout: nil), .call(.read(0, atMost: 100), timeout: .seconds(2)),
      .sleep(.seconds(1)), .unlock(lock), .unlock(lock), .end,
    ]
    bench.program(on: 0) { _ in steps.removeFirst() }
    var calls: [ProgramStep] = [
      .sleep(.milliseconds(500)), .call(.socket(.datagram), timeout: nil), .end,
    ]
    let other = bench.program(on: 0) { _ in calls.removeFirst() }
    bench.run(until: Instant(nanoseconds: 1_500_000_000))
    let middle = bench.simulation.lock(lock)
    let done = calls.isEmpty ? bench.askedAt[other].map { $0.nanoseconds / 1_000_000 } : nil
    bench.run(until: Instant(nanoseconds: 2_500_000_000))
    #expect(bench.simulation.lock(lock).depth == 2, "after the wait it has both levels again")
    bench.run(until: Instant(nanoseconds: 4_000_000_000))
    #expect(bench.simulation.lock(lock).depth == 0 && calls.isEmpty && steps.isEmpty)
    return (done, middle.depth, middle.owner)
  }

  @Test("a wait that gives up one level of a nested semaphore freezes the stack; all levels do not")
  func nestedSemaphore() {
    let frozen = nested(releasesAll: false)
    #expect(frozen.other == nil && frozen.depth == 2)
    let free = nested(releasesAll: true)
    #expect(free.other == 500 && free.depth == 0 && free.owner == -1)
  }

  // MARK: interrupts

  @Test("an interrupt takes its time from whoever runs, and is counted as his")
  func interrupts() {
    var bench = Bench()
    var stack = Bench.peer
    stack.costs.interrupt = .microseconds(100)
    bench.add(stack)
    bench.add(Bench.peer)
    var steps: [ProgramStep] = [.sleep(.milliseconds(10)), .compute(.milliseconds(100)), .end]
    let hog = bench.program(on: 0, priority: 1) { _ in steps.removeFirst() }
    // Datagrams of a neighbour: each costs the host an interrupt, and no task has the CPU for more.
    var count = 0
    bench.program(on: 1) { _ in
      count += 1
      if count == 1 { return .sleep(.milliseconds(20)) }
      if count == 2 { return .call(.socket(.datagram), timeout: nil) }
      return count > 11
        ? .end : .call(.sendTo(0, Bench.address(0), 9, octets: 10), timeout: nil)
    }
    bench.run(until: Instant(nanoseconds: 200_000_000))
    let record = bench.simulation.tasks[Int(hog)]
    let taken = record.interrupted
    #expect(record.cpuUsed == 100_000_000)
    #expect(taken > 0 && taken % 100_000 == 0)
    #expect(bench.askedAt[hog] == Instant(nanoseconds: 110_000_000 + taken))
  }
}
