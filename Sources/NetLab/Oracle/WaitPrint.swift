// Whether the wait-for graph of a host can have another answer than before: one number instead of
// a graph, compared after every instant at which something happened on the host.

import NetSim
import NetStack

enum WaitPrint {
  /// Nobody can be in a knot, told without a graph.
  static let plain: UInt64 = 0

  /// Everything that the graph of a host with a stack depends on, mixed: what tasks do, what the
  /// pools did, which connections and timers there are.
  ///
  /// - Parameter tasks: `WaitPrint.of(tasks:)` of the host.
  static func of(
    _ host: Int32, tasks: UInt64, _ simulation: UnsafePointer<Simulation>
  ) -> UInt64 {
    let stack = Int(simulation.pointee.processors[Int(host)].stack)
    let isTangled = simulation.pointee.hasTangle(on: host)
    if stack < 0 {
      if !isTangled { return plain }
      // Who listens may be released by what others do.
      let hears =
        simulation.pointee.hasListener(on: host) && simulation.pointee.othersMaySpeak(to: host)
      return max(hears ? ~tasks : tasks, 1)
    }
    // A knot needs somebody who polls, or a driver that drops: most of the time there is neither.
    if simulation.pointee.processors[Int(host)].pollerCount == 0 && !isTangled
      && !simulation.pointee.hosts[stack].mayBeDeaf
    {
      return plain
    }
    // Free clusters for which nobody is woken move nobody; nor does who is kept from the CPU.
    let isMoving =
      !isTangled && simulation.pointee.processors[Int(host)].waiting != .spin
      && simulation.pointee.lostWakes(of: .clusters, host: host) == 0
      && simulation.pointee.hosts[stack].isPlainlyMoving {
        movesByItself(Int($0), simulation)
      }
    if isMoving { return plain }
    let print = (simulation.pointee.hosts[stack].waitFingerprint ^ tasks) &* multiplier
    return max(print ^ print >> 29, 1)
  }

  /// The states of tasks, and since when they are in them.
  @inline(__always)
  static func of(tasks: [Int], _ simulation: UnsafePointer<Simulation>) -> UInt64 {
    var print: UInt64 = 1
    for task in tasks {
      let state = simulation.pointee.tasks[task].state
      let start =
        state == .locked
        ? simulation.pointee.tasks[task].lockedSince : simulation.pointee.tasks[task].waitSince
      let since = UInt64(bitPattern: start.nanoseconds) &* 16
      let word = since | UInt64(state.rawValue)
      print = (print ^ word) &* multiplier
      print ^= print >> 29
    }
    return print
  }

  private static var multiplier: UInt64 { 0xD6E8_FEB8_6659_FD93 }

  /// `TaskRecord.movesByItself` in place: the record is large.
  private static func movesByItself(
    _ task: Int, _ simulation: UnsafePointer<Simulation>
  ) -> Bool {
    TaskRecord.movesByItself(
      simulation.pointee.tasks[task].state,
      hasTimeout: simulation.pointee.tasks[task].hasTimeout,
      isEnded: simulation.pointee.tasks[task].wait?.endsByItself
        ?? !simulation.pointee.tasks[task].isTangled)
  }
}

extension TaskRecord {
  var movesByItself: Bool {
    TaskRecord.movesByItself(
      state, hasTimeout: hasTimeout, isEnded: wait?.endsByItself ?? !isTangled)
  }

  /// It moves whatever other tasks of its host do: it runs, sleeps, waits for the world, or for no
  /// longer than a timeout.
  @inline(__always)
  static func movesByItself(
    _ state: TaskState, hasTimeout: Bool, isEnded: @autoclosure () -> Bool
  ) -> Bool {
    switch state {
    case .dormant, .ready, .running, .sleeping, .program: return true
    case .polling: return false
    case .locked: return hasTimeout
    case .waiting: return hasTimeout || isEnded()
    }
  }
}

extension Wait {
  /// Ended by frames, descriptors and timers that no task of the host holds back.
  var endsByItself: Bool {
    switch self {
    case .network, .deviceReceive, .deviceTransmit, .refill, .devicePoll: return true
    case .connection: return true  // keepinit gives up after 75 s
    case .lingering: return true  // its time is limited
    default: return false
    }
  }
}
