// When each side of the simulation last changed, counted in looks.
//
// Trace records would not do: a buffer that moves from the ring into a task's hand leaves none. So
// every entry to a host leaves a mark in the context, and of marked hosts the pools and tasks are
// compared by fingerprint, as far as somebody reads them.

import NetSim
import NetStack

/// The state of the world as far as predicates can see it.
struct Versions {
  /// One more for each look and each time the script ran.
  private(set) var stamp: UInt64 = 1
  private var kernel: [UInt64] = []
  private var pools: [UInt64] = []
  private var poolPrints: [UInt64] = []
  private var tasks: [UInt64] = []
  private var taskPrints: [UInt64] = []
  private var links: UInt64 = 0
  private var linkFrames: Int64 = -1
  private var script: UInt64 = 0
  private var anything: UInt64 = 0
  private var events: Int64 = -1
  /// The stamp of the last comparison.
  private var refreshed: UInt64 = 0
  /// Tasks of each host.
  private var tasksOfHost: [[Int32]] = []
  /// Everything that some predicate has read: only this is compared.
  private(set) var watched = ReadSet()

  init() {}

  init(_ simulation: Simulation) {
    let count = simulation.processors.count
    kernel = Array(repeating: 0, count: count)
    pools = kernel
    poolPrints = kernel
    tasks = kernel
    taskPrints = kernel
    tasksOfHost = Array(repeating: [], count: count)
    for index in simulation.tasks.indices {
      tasksOfHost[Int(simulation.tasks[index].host)].append(Int32(index))
    }
  }

  mutating func watch(_ reads: ReadSet) { watched.formUnion(reads) }

  mutating func scriptRan() {
    stamp += 1
    script = stamp
  }

  /// Something was changed from outside: everything counts as new.
  mutating func invalidate() {
    stamp += 1
    anything = stamp
    script = stamp
    links = stamp
    for host in kernel.indices {
      kernel[host] = stamp
      pools[host] = stamp
      tasks[host] = stamp
    }
  }

  /// Something that is watched has changed since the last comparison, by the script's hand.
  var hasNews: Bool {
    anything > refreshed || (script > refreshed && watched.contains(.variables))
  }

  /// Compares. False when nothing that is watched has changed since the last time.
  mutating func refresh(_ simulation: UnsafePointer<Simulation>, touched: UInt64) -> Bool {
    var changed = hasNews
    stamp += 1
    refreshed = stamp
    if simulation.pointee.events != events {
      events = simulation.pointee.events
      anything = stamp
      changed = changed || watched.contains(.anything)
    }
    for host in kernel.indices {
      if touched & Context.bit(Int32(host)) != 0 { refreshKernel(host, simulation, &changed) }
      if watched.contains(.task), watched.hosts & Context.bit(Int32(host)) != 0 {
        refreshTasks(host, simulation, &changed)
      }
    }
    if watched.contains(.link), simulation.pointee.frameCount != linkFrames {
      linkFrames = simulation.pointee.frameCount
      links = stamp
      changed = true
    }
    return changed
  }

  private mutating func refreshKernel(
    _ host: Int, _ simulation: UnsafePointer<Simulation>, _ changed: inout Bool
  ) {
    kernel[host] = stamp
    let isRead =
      watched.contains(.nic) || watched.contains(.ip) || watched.contains(.tcp)
      || watched.contains(.socket)
    changed = changed || isRead
    let stack = simulation.pointee.processors[host].stack
    guard stack >= 0, watched.contains(.pool) else { return }
    let print = simulation.pointee.hosts[Int(stack)].poolFingerprint
    if print == poolPrints[host] { return }
    poolPrints[host] = print
    pools[host] = stamp
    changed = true
  }

  private mutating func refreshTasks(
    _ host: Int, _ simulation: UnsafePointer<Simulation>, _ changed: inout Bool
  ) {
    var print: UInt64 = 1
    for task in tasksOfHost[host] {
      let record = simulation.pointee.tasks[Int(task)]
      let word = UInt64(bitPattern: record.waitSince.nanoseconds) &* 16
      print = (print ^ (word | UInt64(record.state.rawValue))) &* 0xD6E8_FEB8_6659_FD93
      print ^= print >> 29
    }
    if print == taskPrints[host] { return }
    taskPrints[host] = print
    tasks[host] = stamp
    changed = true
  }

  /// Whether anything of a set has changed after a stamp. Asked for everybody at every look.
  func changed(_ reads: ReadSet, since then: UInt64) -> Bool {
    let aspects = reads.aspects
    if aspects & Bits.anything != 0 && anything > then { return true }
    if aspects & Bits.variables != 0 && script > then { return true }
    if aspects & Bits.link != 0 && links > then { return true }
    guard aspects & (Bits.kernel | Bits.pool | Bits.task) != 0 else { return false }
    for host in kernel.indices where reads.hosts & Context.bit(Int32(host)) != 0 {
      if aspects & Bits.kernel != 0 && kernel[host] > then { return true }
      if aspects & Bits.pool != 0 && pools[host] > then { return true }
      if aspects & Bits.task != 0 && tasks[host] > then { return true }
    }
    return false
  }
}

/// Aspects as the bits of a `ReadSet`.
private enum Bits {
  static var anything: UInt16 { bit(.anything) }
  static var variables: UInt16 { bit(.variables) }
  static var link: UInt16 { bit(.link) }
  static var pool: UInt16 { bit(.pool) }
  static var task: UInt16 { bit(.task) }
  /// Whatever has no fingerprint of its own: any entry to the host may have changed it.
  static var kernel: UInt16 { bit(.nic) | bit(.ip) | bit(.tcp) | bit(.socket) }

  @inline(__always)
  private static func bit(_ aspect: Aspect) -> UInt16 { 1 << UInt16(aspect.rawValue) }
}
