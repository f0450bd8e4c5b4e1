// The scheduler's choices: a schedule as text, and what may be chosen where.

import NetSim
import NetStack
import Testing

@Suite("Schedules")
struct ScheduleTests {
  @Test("a schedule is a text: digits, runs of zeros, and how often a task may be preempted")
  func text() {
    for (text, preemptions, choices) in [
      ("", 0, []), ("1", 0, [1]), ("001", 0, [0, 0, 1]), ("_14.1_5.2", 0, nil),
      ("P2.", 2, []), ("P2._4.z", 2, [0, 0, 0, 0, 35]),
    ] as [(String, Int, [UInt8]?)] {
      let schedule = Schedule(text)
      #expect(schedule?.preemptions == preemptions)
      if let choices { #expect(schedule?.choices == choices) }
      #expect(schedule?.text == text)
    }
    #expect(Schedule("_14.1")?.choices.count == 15)
    #expect(Schedule("1000")?.text == "1")
    #expect(Schedule("_9.")?.text == "")
    let many = "_99999999999999999999."
    for wrong in ["A", "-1", "_", "_4", "_.1", "P", "P1", many, "1P2.", "é", " "] {
      #expect(Schedule(wrong) == nil, "\(wrong)")
    }
  }

  /// The lab of the report, a writer as urgent as the network tasks, for a quarter of a second.
  private func run(
    _ strategy: Chooser.Strategy?, preemptions: Int = 0, stopping: Int64 = .max,
    waiting: WaitingMode = .poll, everyTick: Bool = false
  ) -> Bench {
    var bench = SeedLab(
      broadcasts: 400, priority: 100, waiting: waiting, everyTick: everyTick
    ).bench
    if let strategy { bench.simulation.choose(by: strategy, preemptions: preemptions) }
    bench.run(until: Instant(nanoseconds: min(250_000_000, stopping)))
    return bench
  }

  private func stream(_ number: Int) -> RandomStream {
    RandomStream(seed: 1, path: "", purpose: "schedule \(number)")
  }

  @Test("the empty schedule is the run that asks nobody, in every manner of waiting")
  func empty() {
    for mode in [WaitingMode.poll, .fifo, .priority, .event] {
      for everyTick in [false, true] where mode == .poll || !everyTick {
        let usual = run(nil, waiting: mode, everyTick: everyTick)
        let first = run(.schedule([]), preemptions: 3, waiting: mode, everyTick: everyTick)
        #expect(usual.context.digest == first.context.digest)
        #expect(first.simulation.chooser.made.count > 100)
        #expect(first.simulation.chooser.departures == 0)
        #expect(usual.simulation.chooser.made.isEmpty)
      }
    }
  }

  @Test("what was drawn is a schedule that gives the same run, and other draws give others")
  func replay() throws {
    var digests: Set<UInt64> = []
    for number in 0..<12 {
      let mode = [WaitingMode.poll, .fifo, .priority][number % 3]
      let preemptions = number % 4
      let strategy: Chooser.Strategy =
        number % 2 == 0
        ? .drawn(stream(number)) : .ranks(Ranks(stream(number), depth: 4, choices: 500))
      let drawn = run(strategy, preemptions: preemptions, waiting: mode)
      let text = drawn.simulation.chooser.schedule.text
      let schedule = try #require(Schedule(text))
      let again = run(
        .schedule(schedule.choices), preemptions: schedule.preemptions, waiting: mode)
      #expect(drawn.context.digest == again.context.digest)
      #expect(again.simulation.chooser.schedule.text == text)
      #expect(drawn.simulation.chooser.departures > 0)
      #expect(drawn.simulation.chooser.preemptionsLeft >= 0)
      digests.insert(drawn.context.digest.value)
    }
    #expect(digests.count == 12)
  }

  @Test("a checkpoint holds how far a schedule is")
  func checkpoint() {
    var bench = SeedLab(broadcasts: 400, priority: 100).bench
    bench.simulation.choose(by: .drawn(stream(7)), preemptions: 2)
    bench.run(until: Instant(nanoseconds: 20_000_000))
    // Programs with memory of their own lie outside of the engine: no step of theirs falls between.
    let kept = (bench.simulation, bench.context)
    var first = bench.simulation
    var other = kept.0
    var contexts = (kept.1, kept.1)
    for _ in 0..<40 {
      _ = first.step(until: Instant(nanoseconds: 30_000_000), &contexts.0)
      _ = other.step(until: Instant(nanoseconds: 30_000_000), &contexts.1)
    }
    #expect(contexts.0.digest == contexts.1.digest)
    #expect(first.chooser.made == other.chooser.made)
    #expect(first.chooser.made.count >= kept.0.chooser.made.count)
  }

  /// Tasks that compute for 5 ms twice; in which order they end.
  private func ends(_ priorities: [Int32], _ schedule: String) throws -> [Int32] {
    var bench = Bench()
    bench.add(nil)
    let schedule = try #require(Schedule(schedule))
    bench.simulation.choose(
      by: .schedule(schedule.choices), preemptions: schedule.preemptions)
    let tasks = priorities.map { priority in
      var turns = 0
      return bench.program(on: 0, priority: priority) { _ in
        turns += 1
        return turns > 2 ? .end : .compute(.milliseconds(5))
      }
    }
    bench.run(until: Instant(nanoseconds: 1_000_000_000))
    return tasks.sorted { bench.askedAt[$0] ?? .zero < bench.askedAt[$1] ?? .zero }
  }

  @Test("of equal ready tasks any may have the CPU; a more urgent one is never passed over")
  func ready() throws {
    #expect(try ends([100, 100, 100], "") == [0, 1, 2])
    #expect(try ends([100, 100, 100], "2") == [2, 0, 1])
    #expect(try ends([100, 100, 100], "21") == [2, 1, 0])
    #expect(try ends([100, 90, 100], "") == [1, 0, 2])
    #expect(try ends([100, 90, 100], "1") == [1, 2, 0])
    #expect(try ends([90, 100, 80], "zzz") == [2, 0, 1])
  }

  @Test("a task loses the CPU to its equal as often as the schedule allows")
  func preemption() throws {
    // Between its two computations the first gives way, once.
    var orders: Set<[Int32]> = []
    for text in ["", "1", "P1.1", "P1.01", "P1.001", "P1.0001", "P1.00001"] {
      orders.insert(try ends([100, 100], text))
    }
    #expect(orders == [[0, 1], [1, 0]])
    #expect(try ends([100, 90], "P3.1111") == [1, 0])
  }

  @Test("of timers that are due in one moment any may fire first")
  func timers() throws {
    var found: Set<[Int32]> = []
    for digit in 0..<3 {
      var bench = Bench()
      bench.add(nil)
      bench.simulation.choose(by: .schedule([0, 0, UInt8(digit)]))
      var order: [Int32] = []
      var tasks: [Int32] = []
      for number in 0..<3 {
        var slept = false
        tasks.append(
          bench.program(on: 0, priority: 100) { _ in
            if slept {
              order.append(Int32(number))
              return .end
            }
            slept = true
            return .sleep(.milliseconds(10))
          })
      }
      bench.run(until: Instant(nanoseconds: 1_000_000_000))
      #expect(order.count == 3)
      found.insert(order)
    }
    #expect(found.count == 3, "\(found)")
  }

  @Test("of equal waiters for a lock any may be next")
  func lock() throws {
    var found: Set<[Int32]> = []
    for schedule in ["", "_4.1", "_5.1", "_6.1", "_7.1"] {
      var bench = Bench()
      bench.add(nil)
      let lock = bench.simulation.addLock(host: 0, inherits: true)
      bench.simulation.choose(by: .schedule(try #require(Schedule(schedule)).choices))
      var order: [Int32] = []
      for number in 0..<4 {
        var turn = 0
        bench.program(on: 0, priority: 100) { _ in
          turn += 1
          switch turn {
          case 1: return .lock(lock, timeout: nil)
          case 2:
            order.append(Int32(number))
            return .sleep(.milliseconds(10))
          case 3: return .unlock(lock)
          default: return .end
          }
        }
      }
      bench.run(until: Instant(nanoseconds: 1_000_000_000))
      #expect(order.count == 4)
      found.insert(order)
    }
    #expect(found.count >= 2, "\(found)")
  }
}
