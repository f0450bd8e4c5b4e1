// States by their hash: no field is forgotten, each one tells, and equal ones go on alike.

import Foundation
import Testing
import Wire

@testable import NetSim
@testable import NetStack

@Suite("States by their hash")
struct StateHashTests {
  // MARK: no field is forgotten

  /// Stored properties of a value, by name.
  private func fields<Value>(_ value: Value) -> [String] {
    Mirror(reflecting: value).children.compactMap(\.label)
  }

  private func source(_ path: String) throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return try String(contentsOf: root.appendingPathComponent("Sources/" + path), encoding: .utf8)
  }

  private func check<Value>(_ value: Value, in text: String, without left: String) {
    let left = Set(left.split(separator: " ").map(String.init))
    let names = fields(value)
    let isPart: (Character) -> Bool = { $0.isLetter || $0.isNumber }
    let words = Set(text.split { !isPart($0) }.map(String.init))
    #expect(!names.isEmpty)
    for name in names where !left.contains(name) {
      #expect(words.contains(name), "\(Value.self).\(name) is neither in it nor left out")
    }
    for name in left { #expect(names.contains(name), "\(Value.self) has no \(name)") }
  }

  @Test("each field of a kernel is in the state, or left out by name")
  func kernelFields() throws {
    let text = try source("NetStack/Kernel/HostStateHash.swift")
    // Constant, or for people only: see the head of that file.
    check(
      KernelState(), in: text,
      without: """
        costs tunables releaseLook causes tickNanoseconds slowBeatNanoseconds \
        runsEveryBeat networkTask sendClass hasMovedBuffers calloutAt hasMovedCallouts
        """)
    check(
      Ifnet(), in: text,
      without: """
        address prefixLength mask mac mtu policy memory refillCost sources sourceFailedAt \
        credits queueTail queueLimit rxTask txTask recentPcb
        """)
    check(ReceiveDescriptor(), in: text, without: "pattern written")
    check(TransmitDescriptor(), in: text, without: "")
    check(Sockbuf(), in: text, without: "")
    check(Socket(), in: text, without: "wokenBy")
    check(Inpcb(), in: text, without: "")
    check(Sending(), in: text, without: "")
    check(Tcpcb(), in: text, without: "untiedBy untiedAt")
    // Where it stands among those of its chain nobody can tell.
    check(Neighbour(), in: text, without: "chainNext")
    check(HostRoute(), in: text, without: "")
    check(Way(), in: text, without: "")
    check(Mbuf(), in: text, without: "")
    check(ClusterUse(), in: text, without: "pattern written")
    check(Pool(), in: text, without: "refusals")
    check(PacketQueue(), in: text, without: "tail")
    // Hashed as they lie.
    #expect(MemoryLayout<Statistics>.size % 8 == 0 && MemoryLayout<Statistics>.alignment == 8)
    for child in Mirror(reflecting: Statistics()).children { whole(child.value, child.label ?? "") }
  }

  /// Nothing but words of 64 bits.
  private func whole(_ value: Any, _ name: String) {
    if value is Int64 || value is TimeSpan { return }
    let children = Mirror(reflecting: value).children
    if children.isEmpty { return }  // an array in place, of Int64
    for child in children { whole(child.value, "\(name).\(child.label ?? "")") }
  }

  @Test("each field of a simulation is in the state, or left out by name")
  func simulationFields() throws {
    let text = try source("NetSim/SimulationStateHash.swift")
    check(
      TaskRecord(host: 0, priority: 1, isProgram: true), in: text,
      without: "isProgram waitEvent lockedEvent armedAt armOrder generation")
    check(
      Processor(), in: text,
      without: """
        firstPort tick factorPermille cpuGeneration waiting pollTicks messagePeriod \
        waitTimeout waitOrder calloutGeneration tickedAt pollOrderAt armCount
        """)
    check(
      Port(host: 0, interface: 0, link: 0, mac: .zero), in: text,
      without: "host link mac lane sendsLong queueLimit address answersARP inboxLimit")
    check(
      Link(LinkConfiguration(rate: 1000, delay: .zero)), in: text,
      without: "rate octetNanoseconds delay medium keepsOrder draws isPlain ports")
    check(Semaphore(), in: text, without: "host inherits releasesAll isPlain")
    check(
      TaskQueue(host: 0, capacity: 1, whenFull: .wait), in: text,
      without: "host capacity whenFull")
    check(PoolBuffer(), in: text, without: "")
    check(
      BufferPool(host: 0, waiting: .fifo, buffers: [], free: []), in: text,
      without: "host waiting")
  }

  // MARK: each one tells

  private func hash(_ simulation: Simulation, counts: Bool = false) -> UInt128? {
    var hash = StateHash(counts: counts)
    simulation.addState(to: &hash)
    return hash.isUnknown ? nil : hash.value
  }

  /// The lab of the report while it runs: data under way, tasks in waits of several kinds.
  private func lab(milliseconds: Int64 = 60) -> Bench {
    var bench = SeedLab(broadcasts: 400, priority: 100).bench
    bench.run(until: Instant(nanoseconds: milliseconds * 1_000_000))
    return bench
  }

  @Test("a change of any one field of a task, a host, a link or an event is another state")
  func mutations() throws {
    let bench = lab()
    let plain = try #require(hash(bench.simulation))
    let mutations: [(String, (inout Simulation) -> Void)] = [
      ("now", { $0.now = $0.now + TimeSpan(nanoseconds: 1) }),
      ("priority", { $0.tasks[0].priority += 1 }), ("effective", { $0.tasks[0].effective += 1 }),
      ("state", { $0.tasks[0].state = .sleeping }), ("wait", { $0.tasks[1].wait = .lingering(9) }),
      ("programWait", { $0.tasks[0].programWait = .get(1) }),
      ("cpuLeft", { $0.tasks[1].cpuLeft += 1 }), ("pending", { $0.tasks[1].pending = .ran(3) }),
      ("holdsLock", { $0.tasks[1].holdsLock.toggle() }),
      ("needsLock", { $0.tasks[1].needsLock.toggle() }),
      ("wakePending", { $0.tasks[1].wakePending.toggle() }),
      ("mustPoll", { $0.tasks[1].mustPoll.toggle() }),
      ("waitIsOver", { $0.tasks[1].waitIsOver.toggle() }),
      ("waited", { $0.tasks[1].waited = .milliseconds(1) }),
      ("result", { $0.tasks[1].result = .octets(4) }),
      ("deadline", { $0.tasks[1].deadline = .zero }),
      ("sleepEnds", { $0.tasks[1].sleepEnds = .zero }),
      ("item", { $0.tasks[1].item += 1 }), ("wanted", { $0.tasks[1].wanted += 1 }),
      ("locksTaken", { $0.tasks[1].locksTaken += 1 }),
      ("machine", { $0.tasks[1].machine = Machine() }),
      ("calloutAt", { $0.processors[0].calloutAt = .zero }),
      ("cpuEnd", { $0.processors[0].cpuEnd = .zero }),
      ("isPollScheduled", { $0.processors[0].isPollScheduled.toggle() }),
      ("refills", { $0.processors[0].refills.toggle() }),
      ("running", { $0.processors[0].running += 1 }), ("last", { $0.processors[0].last += 1 }),
      ("owner", { $0.processors[0].network.owner += 1 }),
      ("depth", { $0.processors[0].network.depth += 1 }),
      ("interruptUntil", { $0.processors[0].interruptUntil = .never }),
      ("isBusy", { $0.links[0].isBusy.toggle() }), ("isUp", { $0.links[0].isUp.toggle() }),
      ("waiting", { $0.links[0].waiting.append(1) }),
      ("port", { $0.ports[0].isUp.toggle() }), ("isSending", { $0.ports[0].isSending.toggle() }),
      ("extras", { $0.ports[0].isExtra.toggle() }),
      ("event", { $0.queue.schedule(.poll, at: $0.now + .seconds(1), 0) }),
      ("event's time", { $0.queue.schedule(.poll, at: $0.now + .seconds(2), 0) }),
    ]
    var seen: Set<UInt128> = [plain]
    for (name, mutate) in mutations {
      var other = bench.simulation
      other.makeUnique()
      mutate(&other)
      let mutated = try #require(hash(other), "\(name)")
      #expect(seen.insert(mutated).inserted, "\(name) makes no difference")
    }
    #expect(hash(bench.simulation) == plain, "a copy was written through")
  }

  @Test("a change of any one field of a kernel is another state")
  func kernelMutations() throws {
    let bench = lab()
    let plain = try #require(hash(bench.simulation))
    let mutations: [(String, (borrowing Kernel) -> Void)] = [
      ("ipIdentifier", { $0.state.pointee.ipIdentifier &+= 1 }),
      ("issBase", { $0.state.pointee.issBase &+= 1 }),
      ("nextEphemeralPort", { $0.state.pointee.nextEphemeralPort += 1 }),
      ("nextGeneration", { $0.state.pointee.nextGeneration += 1 }),
      ("earliestSlowTick", { $0.state.pointee.earliestSlowTick &-= 1 }),
      ("delayedAcks", { $0.state.pointee.delayedAcks.toggle() }),
      ("fastTimeoutDue", { $0.state.pointee.fastTimeoutDue.toggle() }),
      ("networkWaits", { $0.state.pointee.networkWaits.toggle() }),
      ("allocator", { $0.state.pointee.clusterPool.allocator = .scriptAlways }),
      ("waiters", { $0.state.pointee.clusterPool.waiters += 1 }),
      ("rxNext", { $0.interfaces[0].rxNext += 1 }), ("rxFill", { $0.interfaces[0].rxFill += 1 }),
      ("txReap", { $0.interfaces[0].txReap += 1 }),
      ("rxEventPending", { $0.interfaces[0].rxEventPending.toggle() }),
      ("rx ring", { $0.rxRing[1].isSummed.toggle() }),
      ("tx ring", { $0.txRing[1].isReady.toggle() }),
      ("neighbour", { $0.neighbours[0].expires = .zero }),
      ("socket", { $0.sockets[0].options.insert(.keepalive) }),
      ("cc", { $0.sockets[0].snd.cc += 1 }), ("hiwat", { $0.sockets[0].rcv.hiwat += 1 }),
      ("waiter", { $0.sockets[0].snd.waiter += 1 }),
      ("pcb", { $0.pcbs[0].remotePort += 1 }), ("cwnd", { $0.tcpcbs[0].cwnd += 1 }),
      ("sndNxt", { $0.tcpcbs[0].sndNxt = SequenceNumber(77) }),
      ("rxtshift", { $0.tcpcbs[0].rxtshift += 1 }), ("timer", { $0.tcpcbs[0].timers[2] += 1 }),
      ("rttvar", { $0.tcpcbs[0].rttvar += 1 }),
      (
        "an octet of what is to be sent",
        { kernel in
          let head = kernel.sockets[0].snd.head
          kernel.data(head).storeBytes(of: 0xA5, as: UInt8.self)
        }
      ),
      ("length", { $0.mbuf($0.sockets[0].snd.head).pointee.length -= 1 }),
    ]
    var seen: Set<UInt128> = [plain]
    for (name, mutate) in mutations {
      var other = bench.simulation
      var context = bench.context
      other.makeUnique()
      other.hosts[0].enter(&context) { mutate($0) }
      let mutated = try #require(hash(other), "\(name)")
      #expect(seen.insert(mutated).inserted, "\(name) makes no difference")
    }
    #expect(hash(bench.simulation) == plain, "a copy was written through")
  }

  @Test("what is only counted makes a difference when somebody reads it, and else none")
  func counted() throws {
    let bench = lab()
    var other = bench.simulation
    var context = bench.context
    other.makeUnique()
    other.hosts[0].enter(&context) { $0.state.pointee.statistics.tcpIn += 1 }
    other.events += 5
    other.tasks[0].cpuUsed += 1
    #expect(hash(other) == hash(bench.simulation))
    #expect(hash(other, counts: true) != hash(bench.simulation, counts: true))
  }

  @Test("which numbers mbufs and clusters have makes none")
  func names() throws {
    // Free ones below the peak have no place in the list yet: two are wanted that were in use.
    func range(_ pool: Pool) -> (first: Int, last: Int) {
      (Int(pool.total - pool.peakUsed), Int(pool.free) - 1)
    }
    let moments = stride(from: Int64(60), to: 600, by: 20).lazy.map { lab(milliseconds: $0) }
    let bench = try #require(
      moments.first { bench in
        let range = range(bench.simulation.hosts[0].state.mbufPool)
        return range.first < range.last
      })
    var other = bench.simulation
    var context = bench.context
    other.makeUnique()
    other.hosts[0].enter(&context) { kernel in
      let (first, last) = range(kernel.state.pointee.mbufPool)
      (kernel.mbufFree[first], kernel.mbufFree[last]) =
        (kernel.mbufFree[last], kernel.mbufFree[first])
      kernel.mbuf(kernel.mbufFree[first]).pointee.length += 9
    }
    #expect(hash(other) == hash(bench.simulation))
  }
}
