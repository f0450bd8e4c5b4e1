// The moment that a report shows enlarged: the first wedge, else the first long wait for a buffer,
// else the first time that a pool was empty and somebody wanted more.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// Looks for a better focus than the one there is, and takes down what surrounds it.
  func lookForFocus(_ sampler: RunSampler, _ now: Int64) {
    if let pending = sampler.pending, now >= pending.until { finishFocus(sampler) }
    lookForWedges(sampler, now)
    let best = sampler.pending?.focus.reason ?? sampler.history.closeUp?.focus.reason
    if best == .wedge || best == .stall { return }
    if let (task, since) = longestBufferWait(sampler), now - since >= RunSampler.longWait {
      let name = path(of: stations.tasks[Int(task)])
      take(Focus(reason: .stall, at: since, text: "\(name) begins a long wait"), sampler, now)
    } else if best == nil, let pool = emptyPool(sampler) {
      take(Focus(reason: .empty, at: now, text: "\(pool) is empty"), sampler, now)
    }
  }

  private func lookForWedges(_ sampler: RunSampler, _ now: Int64) {
    for index in sampler.hosts.indices {
      let (host, node) = (sampler.hosts[index].host, sampler.hosts[index].node)
      if sampler.hosts[index].isWedged { continue }
      guard mayBeWedged(sampler.hosts[index]), oracleWedged(node, on: host) else { continue }
      sampler.hosts[index].isWedged = true
      let name = path(of: node)
      sampler.history.landmarks.append(Landmark(at: now, text: "\(name) is wedged"))
      sampler.history.wedges.append(
        Certificate(host: name, at: now, isWedged: true, lines: oracleWhy(node)))
      let best = sampler.pending?.focus.reason ?? sampler.history.closeUp?.focus.reason
      if best == .wedge { continue }
      take(Focus(reason: .wedge, at: now, text: "\(name) is wedged"), sampler, now)
    }
  }

  /// Told without a graph: nobody waits for a buffer or another program, and no driver is deaf.
  private func mayBeWedged(_ one: RunSampler.SampledHost) -> Bool {
    if simulation.hasTangle(on: one.host) { return true }
    guard one.stack >= 0, context.touched & Context.bit(one.host) != 0 else { return false }
    return simulation.pollerCount(of: one.host) > 0 || simulation.hosts[one.stack].mayBeDeaf
  }

  private func longestBufferWait(_ sampler: RunSampler) -> (task: Int32, since: Int64)? {
    var found: (task: Int32, since: Int64)?
    for (task, state, start) in sampler.tasks {
      guard state == .polling || state == .waiting,
        simulation.tasks[Int(task)].activeness == .lacksBuffer
      else { continue }
      let since = start.nanoseconds
      if found == nil || since < found!.since { found = (task, since) }
    }
    return found
  }

  /// A pool without a free buffer for which somebody waits.
  private func emptyPool(_ sampler: RunSampler) -> String? {
    for pool in sampler.history.tracks.pools {
      let last = pool.track.recent.count - 1
      guard last >= 0 else { continue }
      let columns = pool.track.recent.columns
      if pool.track.recent.value(last, columns - 2) == 0,
        pool.track.recent.value(last, columns - 1) > 0
      {
        return pool.name
      }
    }
    return nil
  }

  /// The rows before the focus are there; those behind it come within a third of that time.
  private func take(_ focus: Focus, _ sampler: RunSampler, _ now: Int64) {
    var from: Int64 = 0
    sampler.history.tracks.forEachTrack { track in
      if track.recentFrom <= focus.at { from = max(from, track.recentFrom) }
    }
    let before = focus.at - from
    sampler.pending = (focus, from, max(focus.at + max(before / 3, 1_000_000), now))
    sampler.history.tracks.hold(true)
  }

  /// Keeps what surrounds the focus.
  func finishFocus(_ sampler: RunSampler) {
    guard let (focus, from, until) = sampler.pending else { return }
    sampler.history.closeUp = CloseUp(
      focus: focus, from: from, until: min(until, simulation.now.nanoseconds),
      history: sampler.history.tracks.recent(from, until))
    sampler.pending = nil
    sampler.history.tracks.hold(false)
  }

  /// The run is over: what it looked like. nil when nobody asked to sample it.
  public func takeHistory() -> RunHistory? {
    guard let sampler else { return nil }
    guard watch.hasBegun else { return sampler.history }
    let now = simulation.now.nanoseconds
    context.touched = .max
    sampleInstant()
    finishFocus(sampler)
    for index in sampler.history.tracks.tasks.indices {
      sampler.history.tracks.tasks[index].end(at: now)
    }
    for one in sampler.hosts {
      let isWedged = oracleWedged(one.node, on: one.host)
      // Who only waits for the world has nothing to explain.
      let isStuck = simulation.tasks(of: one.host).contains {
        simulation.tasks[Int($0)].activeness.isStuck
      }
      let lines = isWedged || isStuck ? oracleWhy(one.node) : []
      if lines.count > 1 {
        sampler.history.standing.append(
          Certificate(host: path(of: one.node), at: now, isWedged: isWedged, lines: lines))
      }
    }
    for pool in sampler.history.tracks.pools where !pool.isWorthSeeing && pool.total > 0 {
      let least = "at least \(pool.leastFree) of \(pool.total) were free at all times"
      sampler.history.leaveOut("\(pool.name): \(least)")
    }
    sampler.history.records = recordHistories()
    sampler.history.end = now
    return sampler.history
  }
}

extension Tracks {
  func forEachTrack(_ body: (Track) -> Void) {
    for one in pools { body(one.track) }
    for one in rings { body(one.track) }
    for one in connections { body(one.track) }
    for one in tasks { body(one.states) }
  }

  mutating func hold(_ isHeld: Bool) {
    for index in pools.indices { pools[index].track.isHeld = isHeld }
    for index in rings.indices { rings[index].track.isHeld = isHeld }
    for index in connections.indices { connections[index].track.isHeld = isHeld }
    for index in tasks.indices { tasks[index].states.isHeld = isHeld }
  }

  /// The last changes of everything, between two times, as if they were the whole.
  func recent(_ from: Int64, _ until: Int64) -> Tracks {
    var found = self
    for index in pools.indices { found.pools[index].track.enlarge(from, until) }
    for index in rings.indices { found.rings[index].track.enlarge(from, until) }
    for index in connections.indices { found.connections[index].track.enlarge(from, until) }
    for index in tasks.indices { found.tasks[index].states.enlarge(from, until) }
    return found
  }
}
