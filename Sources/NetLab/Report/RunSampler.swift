// Takes down how things stand at the end of each instant, for the report of a run.
//
// An observer like others: it draws no number, takes no sequence number and changes no digest. What
// it keeps is bounded, however long the run: see `Track`, `TimeShares`.

import NetScript
import NetSim
import NetStack
import Wire

final class RunSampler {
  /// More of each would be more than a person looks at.
  static let mostHosts = 6
  static let mostRings = 8
  static let mostConnections = 8
  static let mostTasks = 40
  /// A wait for a buffer is long from here on: ten times the 100 ms that an ACK may be delayed.
  static let longWait: Int64 = 1_000_000_000

  // One caller at a time, which the bench sees to: asking each time costs a tenth of a run.
  @exclusivity(unchecked) var history = RunHistory()
  /// What each track is about, by its number.
  @exclusivity(unchecked) var pools: [SampledPool] = []
  @exclusivity(unchecked) var rings: [SampledRing] = []
  @exclusivity(unchecked) var connections: [(host: Int32, pcb: Int32, serial: Int32)] = []
  @exclusivity(unchecked) var tasks: [(number: Int32, state: TaskState, since: Instant)] = []
  @exclusivity(unchecked) var hosts: [SampledHost] = []
  /// The focus that is being taken down, until when; and the one that was.
  @exclusivity(unchecked) var pending: (focus: Focus, from: Int64, until: Int64)?

  struct SampledHost {
    var host: Int32
    var node: NodeID
    /// Number of its stack, or -1.
    var stack: Int
    /// What its pools looked like at the last look.
    var poolPrint: UInt64 = 0
    var hasNewPools = false
    var isWedged = false
    /// The serial number of the last connection that was looked at.
    var lastSerial: Int32 = 0
    /// Some of its connections have no peer yet: they have to be looked at again.
    var hasUnconnected = false
  }

  struct SampledRing {
    var host: Int32
    var interface: Int32
    var posted: Int32 = -1
    var filled: Int32 = -1
  }

  enum SampledPool {
    /// By the host's place among those that are sampled.
    case clusters(host: Int)
    case mbufs(host: Int)
    case further(Int32)
  }
}

extension Bench {
  /// Before `prepare`: the run is taken down for a report.
  public func sampleForReport() { sampler = RunSampler() }

  /// Time 0: what there is to sample.
  func beginSamplingForReport() {
    guard let sampler else { return }
    for record in stations.records {
      sampler.hosts.append(
        RunSampler.SampledHost(host: record.host, node: record.node, stack: Int(record.stack)))
    }
    addPools(to: sampler)
    for record in stations.records where record.stack >= 0 {
      for attachment in record.attachments where attachment.interface >= 0 {
        guard sampler.rings.count < RunSampler.mostRings else { break }
        let ifnet = simulation.hosts[Int(record.stack)].interface(attachment.interface)
        sampler.rings.append(
          RunSampler.SampledRing(host: record.host, interface: attachment.interface))
        sampler.history.tracks.rings.append(
          RingHistory(
            name: path(of: attachment.node), total: Int64(ifnet.rxCount),
            track: Track(columns: 2)))
      }
    }
    for task in stations.tasks.indices.prefix(RunSampler.mostTasks) {
      sampler.tasks.append((Int32(task), .dormant, .never))
      sampler.history.tracks.tasks.append(TaskHistory(name: path(of: stations.tasks[task])))
    }
    let (tasks, most) = (stations.tasks.count, RunSampler.mostTasks)
    if tasks > most {
      sampler.history.leftOut.append("\(tasks - most) of \(tasks) tasks are not drawn")
    }
    context.touched = .max
    sampleInstant()
  }

  private func addPools(to sampler: RunSampler) {
    func add(_ pool: RunSampler.SampledPool, _ name: String, _ total: Int32, _ places: [String]) {
      sampler.pools.append(pool)
      sampler.history.tracks.pools.append(
        PoolHistory(
          name: name, total: Int64(total), places: places, track: Track(columns: places.count + 2)))
    }
    let places = Place.allCases.map { $0.name }
    var left = 0
    for (index, record) in stations.records.enumerated() where record.stack >= 0 {
      let state = simulation.hosts[Int(record.stack)].state
      let name = path(of: record.node)
      if sampler.pools.count >= 2 * RunSampler.mostHosts {
        left += 1
        continue
      }
      add(.clusters(host: index), name + ".pool.clusters", state.clusterPool.total, places)
      add(.mbufs(host: index), name + ".pool.mbufs", state.mbufPool.total, places)
    }
    for number in simulation.pools.indices.prefix(RunSampler.mostHosts) {
      let total = simulation.counters(ofPool: Int32(number)).total
      add(.further(Int32(number)), furtherPoolName(Int32(number)), total, ["used"])
    }
    if left > 0 { sampler.history.leftOut.append("the pools of \(left) more hosts are not drawn") }
  }

  private func furtherPoolName(_ number: Int32) -> String {
    let id = declared.first { tree[$0].role == .builtin(.bufferClass) && tree[$0].object == number }
    return id.map { path(of: $0) } ?? "pool \(number)"
  }

  // MARK: an instant is over

  /// All events of this instant are done. Called before other observers look.
  func sampleInstant() {
    guard let sampler, watch.hasBegun else { return }
    let now = simulation.now.nanoseconds
    samplePools(sampler, now)
    sampleStacks(sampler, now)
    sampleTasks(sampler, now)
    lookForFocus(sampler, now)
  }

  private func isTouched(_ host: Int32) -> Bool { context.touched & Context.bit(host) != 0 }

  private func samplePools(_ sampler: RunSampler, _ now: Int64) {
    for index in sampler.hosts.indices where sampler.hosts[index].stack >= 0 {
      guard isTouched(sampler.hosts[index].host) else { continue }
      let print = simulation.poolFingerprint(ofStack: sampler.hosts[index].stack)
      sampler.hosts[index].hasNewPools = print != sampler.hosts[index].poolPrint
      sampler.hosts[index].poolPrint = print
    }
    for index in sampler.pools.indices {
      switch sampler.pools[index] {
      case .clusters(let place), .mbufs(let place):
        guard isTouched(sampler.hosts[place].host), sampler.hosts[place].hasNewPools else {
          continue
        }
        var isClusters = false
        if case .clusters = sampler.pools[index] { isClusters = true }
        samplePool(index, stack: sampler.hosts[place].stack, isClusters, sampler, now)
      case .further(let number):
        let counters = simulation.counters(ofPool: number)
        let waiters = simulation.pools[Int(number)].waiters.count
        let used = Int64(counters.total - counters.free)
        sampler.history.tracks.pools[index].track.note(
          [used, Int64(counters.free), Int64(waiters)], at: now)
      }
    }
  }

  private func samplePool(
    _ index: Int, stack: Int, _ isClusters: Bool, _ sampler: RunSampler, _ now: Int64
  ) {
    let state = simulation.hosts[stack].state
    let held = isClusters ? state.heldClusters : state.heldMbufs
    let counters = isClusters ? state.clusterPool : state.mbufPool
    var row: [Int64] = []
    row.reserveCapacity(Place.count + 2)
    for place in Place.allCases { row.append(Int64(held[place])) }
    row.append(Int64(counters.free))
    row.append(Int64(counters.waiters))
    sampler.history.tracks.pools[index].track.note(row, at: now)
  }

  private func sampleStacks(_ sampler: RunSampler, _ now: Int64) {
    for index in sampler.rings.indices where isTouched(sampler.rings[index].host) {
      let ring = sampler.rings[index]
      let stack = Int(simulation.processors[Int(ring.host)].stack)
      let ifnet = simulation.hosts[stack].interface(ring.interface)
      guard ifnet.rxPosted != ring.posted || ifnet.rxFilled != ring.filled else { continue }
      (sampler.rings[index].posted, sampler.rings[index].filled) = (ifnet.rxPosted, ifnet.rxFilled)
      sampler.history.tracks.rings[index].track.note(
        [Int64(ifnet.rxPosted), Int64(ifnet.rxFilled)], at: now)
    }
    for index in sampler.hosts.indices
    where sampler.hosts[index].stack >= 0 && isTouched(sampler.hosts[index].host) {
      findConnections(sampler, index)
    }
    for index in sampler.connections.indices where isTouched(sampler.connections[index].host) {
      let one = sampler.connections[index]
      let stack = Int(simulation.processors[Int(one.host)].stack)
      let pcb = simulation.hosts[stack].pcb(one.pcb)
      guard pcb.inUse, pcb.serial == one.serial else {
        if sampler.history.tracks.connections[index].endedAt == nil {
          sampler.history.tracks.connections[index].endedAt = now
        }
        continue
      }
      let tcb = simulation.hosts[stack].tcpcb(one.pcb)
      guard tcb.state > .listen else { continue }
      let una = Int64(UInt32(truncatingIfNeeded: tcb.sndUna - tcb.iss))
      let next = Int64(UInt32(truncatingIfNeeded: tcb.sndNxt - tcb.iss))
      sampler.history.tracks.connections[index].track.note(
        [
          una, next, una + Int64(tcb.sndWnd), Int64(tcb.cwnd), Int64(tcb.sndWnd),
          Int64(tcb.rcvWnd),
        ], at: now)
    }
  }

  /// Connections that have come up since the last look.
  private func findConnections(_ sampler: RunSampler, _ index: Int) {
    let (host, stack) = (sampler.hosts[index].host, sampler.hosts[index].stack)
    let last = simulation.hosts[stack].lastSerial
    guard last != sampler.hosts[index].lastSerial || sampler.hosts[index].hasUnconnected else {
      return
    }
    sampler.hosts[index].lastSerial = last
    sampler.hosts[index].hasUnconnected = false
    for pcb in simulation.hosts[stack].connections {
      let serial = simulation.hosts[stack].pcb(pcb).serial
      let state = simulation.hosts[stack].tcpcb(pcb).state
      if state == .closed { sampler.hosts[index].hasUnconnected = true }
      if state <= .listen { continue }
      if sampler.connections.contains(where: { $0.host == host && $0.serial == serial }) {
        continue
      }
      guard sampler.connections.count < RunSampler.mostConnections else {
        return sampler.history.leaveOut(
          "only the first \(RunSampler.mostConnections) ends of connections are drawn")
      }
      sampler.connections.append((host, pcb, serial))
      let columns = ConnectionHistory.columns.count
      sampler.history.tracks.connections.append(
        ConnectionHistory(
          name: connectionName(host, stack, pcb), track: Track(columns: columns)))
    }
  }

  /// `server, port 20 to 10.0.1.2:1025`.
  private func connectionName(_ host: Int32, _ stack: Int, _ pcb: Int32) -> String {
    let address = simulation.hosts[stack].pcb(pcb)
    let name = path(of: stations.records[Int(host)].node)
    return "\(name), port \(address.localPort) to \(address.remoteAddress):\(address.remotePort)"
  }

  private func sampleTasks(_ sampler: RunSampler, _ now: Int64) {
    for index in sampler.tasks.indices {
      let task = Int(sampler.tasks[index].number)
      let state = simulation.tasks[task].state
      let since =
        state == .locked ? simulation.tasks[task].lockedSince : simulation.tasks[task].waitSince
      if state == sampler.tasks[index].state, since == sampler.tasks[index].since { continue }
      sampler.tasks[index].state = state
      sampler.tasks[index].since = since
      sampler.history.tracks.tasks[index].note(
        simulation.tasks[task].activeness, key: simulation.tasks[task].waitKey,
        since: since.nanoseconds, at: now
      ) { [unowned(unsafe) self] in
        outsideText(Int32(task)).map { $0.hasPrefix("waits for ") ? String($0.dropFirst(10)) : $0 }
          ?? simulation.tasks[task].wait?.words ?? "something else"
      }
    }
  }
}
