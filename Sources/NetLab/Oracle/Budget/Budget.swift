// `budget(host)`: what can take clusters at worst, beside what the run has seen, and whether the
// pool is large enough for the policy in force.

import NetScript
import NetSim
import NetStack

/// One line of the sum.
struct BudgetRow {
  var term: String
  var of: String = ""
  /// Nil: without bound, or not known.
  var most: Int64?
  var seen: Int64?
  var formula: String
  /// A policy gives less than there is room for.
  var isShare = false
  /// Whether it has a bound depends on a task that nobody speaks for.
  var isOpen = false
}

/// The rule with its terms, the lines that these come from, and what was declared.
struct Budget {
  var rule: BudgetRule
  var rows: [BudgetRow]
  var loads: [DeclaredLoad]
}

extension Bench {
  func oracleBudget(_ id: NodeID, at span: SourceSpan) throws(RuntimeError) -> Value {
    guard tree[id].role != .builtin(.bufferClass), let host = stacksOfQuestion(id).first else {
      return vm.makeList([])
    }
    note(.pool, host: host)
    note(.socket, host: host)
    note(.variables)
    let budget = try budget(of: host, at: span)
    let (rule, rows) = (budget.rule, budget.rows)
    let shape = vm.shape(["term", "of", "most", "seen", "formula"].map { vm.intern($0) })
    let used = simulation.hosts[Int(simulation.processors[Int(host)].stack)].state.clusterPool
    let (verdict, reason) = rule.verdict
    let last = [
      BudgetRow(
        term: "need", most: rule.need, seen: Int64(used.peakUsed), formula: rule.needFormula),
      BudgetRow(
        term: "have", most: rule.have,
        formula: "N - X = \(used.total) - \(Int64(used.total) - rule.have)"),
      BudgetRow(term: verdict.rawValue, formula: reason),
    ]
    return vm.makeList(
      (rows + last).map { row in
        vm.makeRecord(
          shape,
          [
            vm.symbol(row.term), vm.makeString(row.of), row.most.map { .int($0) } ?? .none,
            row.seen.map { .int($0) } ?? .none, vm.makeString(row.formula),
          ])
      })
  }

  func budget(of host: Int32, at span: SourceSpan) throws(RuntimeError) -> Budget {
    let stack = simulation.hosts[Int(simulation.processors[Int(host)].stack)]
    let state = stack.state
    var rule = BudgetRule()
    rule.have = Int64(state.clusterPool.total) - Int64(state.heldClusters[.leaked])
    rule.dropFrees = state.tunables.dropFrees
    rule.promise = promise(of: host)
    let interfaces = (0..<stack.interfaceCount).map { stack.interface($0) }
    let peaks = state.peakClusters
    func seen(_ place: Place) -> Int64 { Int64(peaks[place]) }

    let rings = interfaces.indices.map { ringRow(interfaces[$0], Int32($0), host, &rule) }
    rule.ring = rings.reduce(0) { $0 + ($1.most ?? 0) }
    let loads = try declaredLoads(on: host, at: span)
    let limits = streamLimits(interfaces, state.tunables)
    let sends = sendRows(loads, limits, rule.promise?.each, stack)
    rule.shareBinds = sends.contains { $0.isShare }
    let own = undeclaredSockets(stack)
    rule.unknownReader = own.first { stack.hasNoBound($0) }.map { ownName($0, stack) }
    let unread =
      unreadRows(loads, interfaces, state.tunables) + ownUnreadRows(own, interfaces, stack)
    rule.unread = sum(unread.filter { !$0.isOpen })
    rule.sockets = sum(sends + unread.filter { !$0.isOpen })
    let smallest = smallestWrite(loads, stack)
    let reaped = interfaces.indices.map {
      unreapedRow(interfaces[$0], Int32($0), host, smallest)
    }
    rule.unreaped = reaped.reduce(0) { $0 + ($1.most ?? 0) }
    let queued = seen(.ipq) + seen(.arpq) + seen(.ifq)
    let queues = BudgetRow(
      term: "Q", of: "queues", most: 0, seen: queued, formula: "pass on without a cluster")
    let rows =
      together(rings, seen: seen(.ring)) + together(sends, seen: seen(.sndbuf))
      + together(unread, seen: seen(.rcvbuf)) + together(reaped, seen: seen(.txring)) + [queues]
    return Budget(rule: rule, rows: rows, loads: loads)
  }

  private func sum(_ rows: [BudgetRow]) -> Int64? {
    var sum: Int64 = 0
    for row in rows {
      guard let most = row.most else { return nil }
      sum += most
    }
    return sum
  }

  /// What was seen belongs to all lines of a term: to the only one, or to their sum.
  private func together(_ rows: [BudgetRow], seen: Int64) -> [BudgetRow] {
    var rows = rows
    if rows.count == 1 { rows[0].seen = seen }
    guard rows.count > 1 else { return rows }
    rows.append(
      BudgetRow(
        term: rows[0].term, of: "together", most: sum(rows), seen: seen, formula: ""))
    return rows
  }

  private func promise(of host: Int32) -> PolicyPromise? {
    guard let instance = watch.policies?.instance(host, .clusters) else { return nil }
    var promise = PolicyPromise(name: program.policies[instance.template].name)
    func field(_ name: String) -> Value? {
      vm.field(vm.pinned(instance.instance), vm.intern(name))
    }
    promise.keeps = field("keeps")?.asInt
    promise.each = field("each")?.asInt
    promise.servesReceiverFirst = field("first")?.asSymbol == vm.intern("rx")
    return promise
  }

  // MARK: R and P

  private func ringRow(
    _ ifnet: Ifnet, _ index: Int32, _ host: Int32, _ rule: inout BudgetRule
  ) -> BudgetRow {
    let name = interfaceName(index, of: host) + "'s ring"
    if ifnet.copies {
      rule.needsSpare = true
      return BudgetRow(term: "R", of: name, most: 0, formula: "its driver copies")
    }
    switch ifnet.refill {
    // A ring that is filled when something is free takes it from writers all the same.
    case .wait, .retry: break
    case .reuse: rule.needsSpare = true
    case .abandon: rule.unknownDriver = "abandon"
    }
    return BudgetRow(
      term: "R", of: name, most: Int64(ifnet.rxCount), formula: "rx_ring, from the start")
  }

  /// Frames that are sent and lie in the ring: an mbuf in front of each, and what it carries.
  private func unreapedRow(
    _ ifnet: Ifnet, _ index: Int32, _ host: Int32, _ smallest: Int64?
  ) -> BudgetRow {
    let name = interfaceName(index, of: host) + "'s tx ring"
    if ifnet.copies {
      return BudgetRow(term: "P", of: name, most: 0, formula: "its driver copies")
    }
    let count = Int64(ifnet.txCount)
    guard let smallest else {
      return BudgetRow(
        term: "P", of: name, most: count / 2, formula: "a header and a cluster: ⌊\(count)/2⌋")
    }
    // A segment of mss octets begins and ends within a write.
    let carried = (Int64(ifnet.mtu) - 40 - 2) / smallest + 2
    return BudgetRow(
      term: "P", of: name, most: count * carried / (carried + 1),
      formula: "a header and \(carried) clusters: ⌊\(count) × \(carried)/\(carried + 1)⌋")
  }

  /// The smallest write that takes a cluster; nil when no stream is written to.
  private func smallestWrite(_ loads: [DeclaredLoad], _ stack: Host) -> Int64? {
    let threshold = Int64(BufferSize.clusterThreshold)
    var smallest: Int64?
    for load in loads {
      guard case .writers(_, let write, _) = load.load, write ?? threshold >= threshold else {
        continue
      }
      smallest = min(smallest ?? .max, min(write ?? threshold, 2048))
    }
    return undeclaredStreams(stack).isEmpty ? smallest : threshold
  }

  // MARK: S and V

  /// The limits of a connection's send buffer, for each segment size that a peer may agree to: the
  /// pipe is rounded up to whole segments.
  private func streamLimits(_ interfaces: [Ifnet], _ tunables: Tunables) -> SockbufLimits {
    var hiwat: Int64 = 0
    let pipe = Int64(tunables.sendSpace)
    for ifnet in interfaces {
      for options: Int64 in tunables.rfc1323 ? [0, 12] : [0] {
        let mss = Int64(ifnet.mtu) - 40 - options
        hiwat = max(hiwat, mss > 0 && mss <= pipe ? (pipe + mss - 1) / mss * mss : pipe)
      }
    }
    return SockbufLimits(reserving: min(hiwat, Int64(tunables.bufferMax)), tunables)
  }

  private func sendRows(
    _ loads: [DeclaredLoad], _ limits: SockbufLimits, _ each: Int64?, _ stack: Host
  ) -> [BudgetRow] {
    var rows: [BudgetRow] = []
    for load in loads {
      guard case .writers(let count, let write, let total) = load.load else { continue }
      let bound = capped(limits.most(writing: write, total: total), each)
      let size = write.map { "\($0)B" } ?? "any"
      rows.append(
        BudgetRow(
          term: "S", of: "\(path(of: load.node)), \(size)",
          most: count.map { $0 * bound.clusters },
          formula: count.map { $0 == 1 ? bound.formula : "\($0) × \(bound.formula)" }
            ?? "sockets without end", isShare: bound.isShare))
    }
    for socket in undeclaredStreams(stack) {
      let buffer = stack.socket(socket).snd
      let own = SockbufLimits(hiwat: Int64(buffer.hiwat), mbmax: Int64(buffer.mbmax))
      let bound = capped(own.most(writing: nil), each)
      rows.append(
        BudgetRow(
          term: "S", of: ownName(socket, stack),
          most: max(bound.clusters, Int64(buffer.clusters)), formula: bound.formula,
          isShare: bound.isShare))
    }
    return rows
  }

  private func capped(_ bound: Bound, _ each: Int64?) -> Bound {
    guard let each, each < bound.clusters else { return bound }
    return Bound(
      clusters: each, formula: "\(each), the policy's share of one socket", isShare: true)
  }

  private func unreadRows(
    _ loads: [DeclaredLoad], _ interfaces: [Ifnet], _ tunables: Tunables
  ) -> [BudgetRow] {
    let copied = copiedAtLeast(interfaces)
    let limits = SockbufLimits(reserving: Int64(tunables.udpReceiveSpace), tunables)
    return loads.compactMap { load in
      let name = path(of: load.node)
      switch load.load {
      case .unreadStream:
        return BudgetRow(term: "V", of: name, most: nil, formula: "a stream that nobody reads")
      case .unreadDatagrams:
        let bound = limits.mostUnread(copied: copied)
        return BudgetRow(term: "V", of: name, most: bound.clusters, formula: bound.formula)
      case .received(let count):
        return BudgetRow(term: "V", of: name, most: count, formula: "unread for a while")
      case .writers, .datagrams: return nil
      }
    }
  }
}
