// When each side of the simulation last changed, counted in looks.
//
// Trace records would not do: a buffer that moves from the ring into a task's hand leaves none. So
// every entry to a host, and every look of its scheduler, leaves a mark in the context, and of
// marked hosts those sides that somebody reads are compared by fingerprint.

import NetSim
import NetStack

/// The state of the world as far as predicates can see it.
struct Versions {
  /// One more for each look and each time the script ran.
  private(set) var stamp: UInt64 = 1
  private var hosts: [HostVersions] = []
  private var links: UInt64 = 0
  private var linkFrames: Int64 = -1
  private var script: UInt64 = 0
  private var counters: UInt64 = 0
  private var anything: UInt64 = 0
  private var events: Int64 = -1
  /// The stamp of the last comparison.
  private var refreshed: UInt64 = 0
  /// Everything that some predicate has read: only this is compared.
  private(set) var watched = ReadSet()

  init() {}

  init(_ simulation: Simulation) {
    for index in simulation.processors.indices {
      hosts.append(HostVersions(stack: Int(simulation.processors[index].stack)))
    }
    for index in simulation.tasks.indices {
      hosts[Int(simulation.tasks[index].host)].taskNumbers.append(index)
    }
  }

  mutating func watch(_ reads: ReadSet) { watched.formUnion(reads) }

  mutating func scriptRan() {
    stamp += 1
    script = stamp
  }

  /// An event that some path counts has happened.
  mutating func counted() {
    stamp += 1
    counters = stamp
  }

  /// Something was changed from outside: everything counts as new.
  mutating func invalidate() {
    stamp += 1
    anything = stamp
    script = stamp
    counters = stamp
    links = stamp
    for host in hosts.indices { hosts[host].invalidate(stamp) }
  }

  /// Something that is watched has changed since the last comparison, by the script's hand.
  var hasNews: Bool {
    anything > refreshed || (script > refreshed && watched.contains(.variables))
      || (counters > refreshed && watched.contains(.counters))
  }

  /// The hosts whose entries somebody must look after, or all when each instant has to be compared.
  var watchedHosts: UInt64 {
    if watched.aspects & Aspect.ofEveryInstant != 0 { return .max }
    return watched.aspects & ~Aspect.ofNoHost == 0 ? 0 : watched.hosts
  }

  /// Whether instants at which no watched host is entered may pass without a look.
  var canSkipInstants: Bool { watched.aspects & Aspect.ofEveryInstant == 0 }

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
    var rest = watched.hosts & touched
    while rest != 0 {
      let host = rest.trailingZeroBitCount
      rest &= rest - 1
      if host < min(hosts.count, ReadSet.sharedBit) {
        if hosts[host].refresh(Int32(host), simulation, watched.aspects, at: stamp) {
          changed = true
        }
      } else if refreshFurther(simulation) {
        changed = true
      }
    }
    if watched.contains(.link), simulation.pointee.frameCount != linkFrames {
      linkFrames = simulation.pointee.frameCount
      links = stamp
      changed = true
    }
    return changed
  }

  /// Whether anything of a set has changed after a stamp. Asked for everybody at every look.
  func changed(_ reads: ReadSet, since then: UInt64) -> Bool {
    let aspects = reads.aspects
    if aspects & Aspect.anything.bit != 0 && anything > then { return true }
    if aspects & Aspect.variables.bit != 0 && script > then { return true }
    if aspects & Aspect.counters.bit != 0 && counters > then { return true }
    if aspects & Aspect.link.bit != 0 && links > then { return true }
    guard aspects & ~Aspect.ofNoHost != 0 else { return false }
    var rest = reads.hosts
    while rest != 0 {
      let host = rest.trailingZeroBitCount
      rest &= rest - 1
      if host < min(hosts.count, ReadSet.sharedBit) {
        if hosts[host].changed(aspects, since: then) { return true }
      } else {
        return haveFurtherChanged(aspects, since: then)
      }
    }
    return false
  }

  // MARK: Hosts that share a bit

  @inline(never)
  private mutating func refreshFurther(_ simulation: UnsafePointer<Simulation>) -> Bool {
    var changed = false
    for host in hosts.indices.dropFirst(ReadSet.sharedBit)
    where hosts[host].refresh(Int32(host), simulation, watched.aspects, at: stamp) {
      changed = true
    }
    return changed
  }

  @inline(never)
  private func haveFurtherChanged(_ aspects: UInt16, since then: UInt64) -> Bool {
    hosts.dropFirst(ReadSet.sharedBit).contains { $0.changed(aspects, since: then) }
  }
}

/// When each side of one host last changed, and what it then looked like.
private struct HostVersions {
  /// Number of its stack, or -1.
  let stack: Int
  /// Its tasks.
  var taskNumbers: [Int] = []
  /// What has no fingerprint of its own: any entry to the host may have changed it.
  private var kernel: UInt64 = 0
  private var pools = Side()
  private var tasks = Side()
  private var waits = Side()
  private var work = Side()
  private var progress = Side()
  private var losses = Side()

  init(stack: Int) { self.stack = stack }

  private struct Side {
    var stamp: UInt64 = 0
    var print: UInt64 = 0

    /// True when the print is another than before.
    mutating func take(_ print: UInt64, at stamp: UInt64) -> Bool {
      if print == self.print { return false }
      self.print = print
      self.stamp = stamp
      return true
    }
  }

  mutating func invalidate(_ stamp: UInt64) {
    kernel = stamp
    pools.stamp = stamp
    tasks.stamp = stamp
    waits.stamp = stamp
    work.stamp = stamp
    progress.stamp = stamp
    losses.stamp = stamp
  }

  mutating func refresh(
    _ host: Int32, _ simulation: UnsafePointer<Simulation>, _ watched: UInt16, at stamp: UInt64
  ) -> Bool {
    kernel = stamp
    var changed = watched & HostVersions.kernelBits != 0
    if watched & (Aspect.task.bit | Aspect.waits.bit | Aspect.work.bit) != 0,
      tasks.take(WaitPrint.of(tasks: taskNumbers, simulation), at: stamp)
    {
      changed = changed || watched & Aspect.task.bit != 0
    }
    return refreshPrints(host, simulation, watched, at: stamp) || changed
  }

  private mutating func refreshPrints(
    _ host: Int32, _ simulation: UnsafePointer<Simulation>, _ watched: UInt16, at stamp: UInt64
  ) -> Bool {
    var changed = false
    if watched & Aspect.pool.bit != 0, stack >= 0 {
      let print = simulation.pointee.poolFingerprint(ofStack: stack)
      if pools.take(print, at: stamp) { changed = true }
    }
    if watched & Aspect.waits.bit != 0 {
      let print = WaitPrint.of(host, tasks: tasks.print, simulation)
      if waits.take(print, at: stamp) { changed = true }
    }
    if watched & Aspect.work.bit != 0 {
      let hasData = stack >= 0 && simulation.pointee.hosts[stack].hasDataToSend
      var print: UInt64 = hasData ? 2 : 1
      for task in taskNumbers {
        print = print &* 3 &+ (simulation.pointee.tasks[task].state == .dormant ? 1 : 2)
        if simulation.pointee.tasks[task].isReading {
          let since = simulation.pointee.tasks[task].waitSince.nanoseconds
          print = (print ^ UInt64(bitPattern: since)) &* 0x9E37_79B9_7F4A_7C15
        }
      }
      if work.take(print, at: stamp) { changed = true }
    }
    if watched & Aspect.progress.bit != 0, stack >= 0 {
      let moment = simulation.pointee.hosts[stack].progressAt.nanoseconds
      if progress.take(UInt64(bitPattern: moment), at: stamp) { changed = true }
    }
    if watched & Aspect.loss.bit != 0 {
      let count = simulation.pointee.hosts[stack].lossCount
      if losses.take(UInt64(bitPattern: count), at: stamp) { changed = true }
    }
    return changed
  }

  func changed(_ aspects: UInt16, since then: UInt64) -> Bool {
    if aspects & HostVersions.kernelBits != 0 && kernel > then { return true }
    if aspects & Aspect.pool.bit != 0 && pools.stamp > then { return true }
    if aspects & Aspect.task.bit != 0 && tasks.stamp > then { return true }
    if aspects & Aspect.waits.bit != 0 && waits.stamp > then { return true }
    if aspects & Aspect.work.bit != 0 && work.stamp > then { return true }
    if aspects & Aspect.loss.bit != 0 && losses.stamp > then { return true }
    return aspects & Aspect.progress.bit != 0 && progress.stamp > then
  }

  private static var kernelBits: UInt16 {
    Aspect.nic.bit | Aspect.ip.bit | Aspect.tcp.bit | Aspect.socket.bit
  }
}
