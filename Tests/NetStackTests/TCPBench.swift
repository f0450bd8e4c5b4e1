// Hosts on a wire that a test holds in its hands: no drivers, no tasks, one list of events.
//
// A frame that a host queues on if_snd is gathered, freed, written down, and (unless the test loses
// it) handed to the other host's tcp_input in a cluster of its own. After every step the bench
// counts every buffer of every host.

import Testing
import Wire

@testable import NetStack

/// A segment as it was seen on the wire.
struct SeenSegment {
  var at: Instant
  var host: Int
  var header: TCPHeader
  var options: TCPOptions
  var payload: [UInt8]
  var octets: [UInt8]

  var length: Int { payload.count }
  func has(_ flags: TCPFlags) -> Bool { header.flags.isSuperset(of: flags) }
}

final class TCPBench {
  static let portA: UInt16 = 2000
  static let portB: UInt16 = 21
  static let addresses = [IPv4Address(10, 0, 0, 1), IPv4Address(10, 0, 0, 2)]

  var hosts: [Host] = []
  var context = Context()
  var now = Instant.zero
  /// One way.
  var delay = TimeSpan.microseconds(200)
  /// Everything that was put on the wire, lost or not.
  var wire: [SeenSegment] = []
  /// Whether the wire loses a segment.
  var loses: (SeenSegment) -> Bool = { _ in false }
  /// Records since the start.
  var records: [TraceRecord] { context.records }
  private var flights: [(at: Instant, order: Int, to: Int, octets: [UInt8])] = []
  private var order = 0

  /// - Parameter hostCount: 1 leaves the far end to the test.
  init(hosts hostCount: Int = 2, _ adjust: (inout HostConfiguration) -> Void = { _ in }) {
    context.interest = .max
    for index in 0..<hostCount {
      var configuration = HostConfiguration()
      configuration.interfaces = [
        InterfaceConfiguration(
          address: Self.addresses[index],
          mac: MACAddress(rawValue: 0x0200_0000_0000 | UInt64(index)))
      ]
      configuration.sockets = 64
      adjust(&configuration)
      hosts.append(Host(configuration, seed: UInt32(1000 * (index + 1))))
      enter(index) { kernel in
        var far = Neighbour()
        far.address = Self.addresses[1 - index]
        far.mac = MACAddress(rawValue: 0x0200_0000_0000 | UInt64(1 - index))
        far.isResolved = true
        far.expires = .never
        kernel.neighbours[0] = far
        kernel.state.pointee.neighbourCount = 1
      }
    }
    run(until: Instant(nanoseconds: 20_000_000))
  }

  /// Enters a host at the present moment, and puts what it sends on the wire.
  @discardableResult
  func enter<Result>(_ host: Int, _ body: (borrowing Kernel) -> Result) -> Result {
    context.enter(host: Int32(host), task: -1, at: now)
    context.requester = .stack
    context.wakes.clear()
    let result = hosts[host].enter(&context, body)
    collect(from: host)
    check(host)
    return result
  }

  // MARK: time

  func run(for span: TimeSpan) { run(until: now + span) }

  /// Lets everything happen up to a moment, that moment included.
  func run(until end: Instant) {
    while true {
      var at = end + TimeSpan(nanoseconds: 1)
      if let flight = flights.map(\.at).min() { at = min(at, flight) }
      for host in hosts.indices { at = min(at, nextBeat(of: host)) }
      if at > end { break }
      now = max(now, at)
      if deliverOne() { continue }
      for host in hosts.indices where nextBeat(of: host) <= now { beat(host) }
    }
    now = max(now, end)
  }

  /// The beat after which a host wants to be called: found anew after each step.
  private var slowDone: [Int64] = [0, 0]
  private var fastDone: [Int64] = [0, 0]
  private let tick: Int64 = 10_000_000

  private func nextBeat(of host: Int) -> Instant {
    let state = hosts[host].state
    var at = Instant.never
    if state.earliestSlowTick != .max {
      let beat = max(state.earliestSlowTick, slowDone[host] + 1)
      at = Instant(nanoseconds: tick + (beat - 1) * state.slowBeatNanoseconds)
    }
    if state.delayedAcks {
      let since = now.nanoseconds - tick
      let first = max(since < 0 ? 0 : (since + 199_999_999) / 200_000_000, fastDone[host] + 1)
      at = min(at, Instant(nanoseconds: tick + first * 200_000_000))
    }
    return max(at, .zero)
  }

  /// The fast beat first, as at a tick that both share.
  private func beat(_ host: Int) {
    let since = now.nanoseconds - tick
    if hosts[host].state.delayedAcks && since % 200_000_000 == 0 {
      fastDone[host] = since / 200_000_000
      enter(host) { $0.tcpFastTimeout() }
    }
    let slow = hosts[host].state.slowBeatNanoseconds
    if since % slow == 0 && slowDone[host] < since / slow + 1 {
      slowDone[host] = since / slow + 1
      enter(host) { kernel in
        if kernel.slowTimeoutIsDue() { kernel.tcpSlowTimeout() }
      }
    }
  }

  // MARK: the wire

  private func deliverOne() -> Bool {
    guard
      let index = flights.indices.min(by: {
        (flights[$0].at, flights[$0].order) < (flights[$1].at, flights[$1].order)
      }), flights[index].at <= now
    else { return false }
    let flight = flights.remove(at: index)
    deliver(flight.octets, to: flight.to)
    return true
  }

  /// An IP packet arrives, as a driver would hand it up: in one cluster, behind an Ethernet header.
  func deliver(_ octets: [UInt8], to host: Int) {
    enter(host) { kernel in
      guard let packet = kernel.mGet(.rx, at: .refill, header: true) else { return }
      guard kernel.mclGet(packet, .rx, at: .refill) else {
        kernel.mFreem(packet, .processed)
        return
      }
      let m = kernel.mbuf(packet)
      m.pointee.offset = 14
      m.pointee.length = Int32(octets.count)
      m.pointee.packetLength = Int32(octets.count)
      m.pointee.interface = 0
      octets.withUnsafeBytes {
        kernel.data(packet).copyMemory(from: $0.baseAddress!, byteCount: octets.count)
      }
      kernel.tcpInput(packet)
    }
  }

  /// Takes what is queued on if_snd off it.
  private func collect(from host: Int) {
    var packets: [[UInt8]] = []
    hosts[host].enter(&context) { kernel in
      let ifnet = kernel.interfaces
      while ifnet.pointee.queueHead >= 0 {
        let frame = ifnet.pointee.queueHead
        ifnet.pointee.queueHead = kernel.mbuf(frame).pointee.nextPacket
        var octets: [UInt8] = []
        var index = frame
        while index >= 0 {
          octets.append(contentsOf: kernel.octets(index))
          index = kernel.mbuf(index).pointee.next
        }
        kernel.mFreem(frame, .sent)
        packets.append(Array(octets.dropFirst(14)))
      }
      ifnet.pointee.queueTail = -1
      ifnet.pointee.queueLength = 0
      ifnet.pointee.isActive = false
      ifnet.pointee.txEventPending = false
    }
    for octets in packets {
      guard let segment = Self.read(octets, at: now, from: host) else { continue }
      wire.append(segment)
      if loses(segment) || hosts.count < 2 { continue }
      flights.append((now + delay, order, 1 - host, octets))
      order += 1
    }
  }

  static func read(_ octets: [UInt8], at: Instant, from host: Int) -> SeenSegment? {
    octets.withUnsafeBytes { raw in
      guard let ip = IPv4Header(reading: raw), ip.protocolNumber == IPProtocol.tcp else {
        return nil
      }
      let rest = UnsafeRawBufferPointer(rebasing: raw[20...])
      guard let header = TCPHeader(reading: rest) else { return nil }
      var sum = InternetChecksum()
      sum.addPseudoHeader(
        source: ip.source, destination: ip.destination, protocol: 6, length: rest.count)
      sum.add(rest)
      #expect(sum.isSound, "a segment leaves with a wrong checksum")
      #expect(Int(ip.totalLength) == raw.count)
      return SeenSegment(
        at: at, host: host, header: header, options: TCPOptions(reading: header.options(in: rest)),
        payload: Array(rest[Int(header.headerOctets)...]), octets: octets)
    }
  }

  // MARK: conservation

  private func counts(_ bufferClass: BufferClass, on host: Int) -> PlaceCounts {
    var counts = PlaceCounts()
    for buffer in hosts[host].heldBuffers(bufferClass) { counts[buffer.place] += 1 }
    return counts
  }

  /// Counters against the free lists, a walk over every owner, and each connection against itself.
  func check(_ host: Int) {
    let state = hosts[host].state
    #expect(state.heldMbufs.total + state.mbufPool.free == state.mbufPool.total)
    #expect(state.heldClusters.total + state.clusterPool.free == state.clusterPool.total)
    let walk = hosts[host].walk(hands: [])
    #expect(walk.mbufs == state.heldMbufs)
    #expect(walk.clusters == state.heldClusters)
    #expect(counts(.mbufs, on: host) == state.heldMbufs)
    #expect(counts(.clusters, on: host) == state.heldClusters)
    hosts[host].enter(&context) { kernel in
      for socket in 0..<kernel.state.pointee.socketHigh
      where kernel.sockets[Int(socket)].inUse {
        Self.checkSockbuf(kernel, socket, .send)
        Self.checkSockbuf(kernel, socket, .receive)
      }
      var pcb = kernel.state.pointee.pcbList
      while pcb >= 0 {
        if kernel.pcbs[Int(pcb)].kind == .stream { kernel.checkConnection(pcb) }
        pcb = kernel.pcbs[Int(pcb)].listNext
      }
    }
  }

  /// What a socket buffer counts, against what lies in it.
  private static func checkSockbuf(
    _ kernel: borrowing Kernel, _ socket: Int32, _ direction: Direction
  ) {
    let sb = kernel.sockbuf(socket, direction)
    var octets: Int32 = 0
    var storage: Int32 = 0
    var index = sb.pointee.head
    while index >= 0 {
      let m = kernel.mbuf(index)
      octets += m.pointee.length
      storage += 128 + (m.pointee.cluster >= 0 ? 2048 : 0)
      #expect(m.pointee.nextPacket == -1)
      index = m.pointee.next
    }
    #expect(octets == sb.pointee.cc)
    #expect(storage == sb.pointee.mbcnt)
  }
}
