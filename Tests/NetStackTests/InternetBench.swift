// One host, its wires in the hands of a test: frames go in by ether_input, what it queues on if_snd
// is taken off and written down. After every step each buffer of the host is counted.

import Testing
import Wire

@testable import NetStack

/// A frame that the host sent.
struct SentFrame {
  var at: Instant
  var interface: Int32
  var octets: [UInt8]

  var ethernet: EthernetHeader { octets.withUnsafeBytes { EthernetHeader(reading: $0)! } }
  /// What follows the Ethernet header.
  var packet: [UInt8] { Array(octets.dropFirst(14)) }
  var ip: IPv4Header? {
    ethernet.type == EtherType.ipv4 ? packet.withUnsafeBytes { IPv4Header(reading: $0) } : nil
  }
  var arp: ARPPacket? {
    ethernet.type == EtherType.arp ? packet.withUnsafeBytes { ARPPacket(reading: $0) } : nil
  }
  /// What follows the IP header.
  var payload: [UInt8] {
    guard let ip else { return [] }
    return Array(packet[Int(ip.headerOctets)..<Int(ip.totalLength)])
  }
  var icmp: ICMPHeader? {
    guard ip?.protocolNumber == IPProtocol.icmp else { return nil }
    return payload.withUnsafeBytes { ICMPHeader(reading: $0) }
  }
}

final class InternetBench {
  static let far = IPv4Address(10, 0, 0, 2)
  static let own = IPv4Address(10, 0, 0, 1)
  static let farMAC = MACAddress(rawValue: 0x0200_0000_0002)

  static func mac(_ interface: Int) -> MACAddress {
    MACAddress(rawValue: 0x0200_0000_0100 | UInt64(interface))
  }

  var host: Host
  var context = Context()
  var now = Instant.zero
  var sent: [SentFrame] = []
  /// Whether the neighbours 10.0.x.2 are known from the beginning.
  init(
    interfaces: Int = 1, knowsNeighbours: Bool = true,
    _ adjust: (inout HostConfiguration) -> Void = { _ in }
  ) {
    context.interest = .max
    var configuration = HostConfiguration()
    configuration.mbufs = 512
    configuration.clusters = 64
    configuration.sockets = 16
    configuration.interfaces = (0..<interfaces).map {
      InterfaceConfiguration(address: IPv4Address(10, 0, UInt8($0), 1), mac: Self.mac($0))
    }
    adjust(&configuration)
    host = Host(configuration, seed: 1)
    run(until: Instant(nanoseconds: 20_000_000))
    guard knowsNeighbours else { return }
    for interface in 0..<interfaces {
      know(IPv4Address(10, 0, UInt8(interface), 2), on: Int32(interface))
    }
  }

  func know(_ address: IPv4Address, on interface: Int32 = 0, _ mac: MACAddress = farMAC) {
    enter { kernel in
      guard let entry = kernel.neighbour(address, on: interface) else { return }
      entry.pointee.mac = mac
      entry.pointee.isResolved = true
      entry.pointee.expires = .never
    }
  }

  var statistics: Statistics { host.state.statistics }
  var tunables: InternetRules {
    get { host.state.tunables.internet }
    set {
      var all = host.state.tunables
      all.internet = newValue
      host.setTunables(all, &context)
    }
  }
  var consoleLines: [String] {
    context.records.filter { $0.kind == .console }.map(ConsoleLine.text)
  }

  @discardableResult
  func enter<Result>(_ body: (borrowing Kernel) -> Result) -> Result {
    context.enter(host: 0, task: -1, at: now)
    context.requester = .stack
    context.wakes.clear()
    let result = host.enter(&context, body)
    host.enter(&context) { kernel in
      while kernel.state.pointee.ipQueue.length > 0 { kernel.ipInput(kernel.takeQueued(false)) }
      while kernel.state.pointee.arpQueue.length > 0 { kernel.arpInput(kernel.takeQueued(true)) }
    }
    collect()
    check()
    return result
  }

  // MARK: time

  func run(for span: TimeSpan) { run(until: now + span) }

  func run(until end: Instant) {
    while host.state.internetTimeoutAt <= end {
      now = max(now, host.state.internetTimeoutAt)
      enter { $0.internetTimeout() }
    }
    now = max(now, end)
  }

  // MARK: the wire

  /// A frame arrives, as a driver would hand it up: in one cluster.
  func receive(frame: [UInt8], on interface: Int32 = 0) {
    precondition(frame.count <= 2048, "a frame is longer than a cluster")
    enter { kernel in
      guard let packet = kernel.mGet(.rx, at: .refill, header: true) else { return }
      guard kernel.mclGet(packet, .rx, at: .refill) else {
        kernel.mFreem(packet, .processed)
        return
      }
      kernel.mbuf(packet).pointee.length = Int32(frame.count)
      kernel.mbuf(packet).pointee.packetLength = Int32(frame.count)
      frame.withUnsafeBytes { octets in
        guard let base = octets.baseAddress else { return }
        kernel.data(packet).copyMemory(from: base, byteCount: octets.count)
      }
      kernel.etherInput(packet, on: interface)
    }
  }

  /// An IP packet arrives, to this host's station or to everybody's.
  func receive(
    _ packet: [UInt8], on interface: Int32 = 0, to destination: MACAddress? = nil,
    type: UInt16 = EtherType.ipv4
  ) {
    var frame = [UInt8](repeating: 0, count: 14)
    frame.withUnsafeMutableBytes {
      EthernetHeader(
        destination: destination ?? Self.mac(Int(interface)), source: Self.farMAC, type: type
      ).write(to: $0.baseAddress!)
    }
    receive(frame: frame + packet, on: interface)
  }

  func receive(_ arp: ARPPacket, on interface: Int32 = 0) {
    var octets = [UInt8](repeating: 0, count: 46)
    octets.withUnsafeMutableBytes { arp.write(to: $0.baseAddress!) }
    receive(octets, on: interface, type: EtherType.arp)
  }

  private func collect() {
    host.enter(&context) { kernel in
      for interface in 0..<kernel.state.pointee.interfaceCount {
        let ifnet = kernel.interfaces + Int(interface)
        while ifnet.pointee.queueHead >= 0 {
          let frame = ifnet.pointee.queueHead
          ifnet.pointee.queueHead = kernel.mbuf(frame).pointee.nextPacket
          var octets: [UInt8] = []
          var index = frame
          while index >= 0 {
            octets.append(contentsOf: kernel.octets(index))
            index = kernel.mbuf(index).pointee.next
          }
          #expect(octets.count == Int(kernel.mbuf(frame).pointee.packetLength))
          kernel.mFreem(frame, .sent)
          sent.append(SentFrame(at: now, interface: interface, octets: octets))
        }
        ifnet.pointee.queueTail = -1
        ifnet.pointee.queueLength = 0
      }
    }
  }

  /// Counters against the free lists, and a walk over every owner.
  private func check() {
    let state = host.state
    #expect(state.heldMbufs.total + state.mbufPool.free == state.mbufPool.total)
    #expect(state.heldClusters.total + state.clusterPool.free == state.clusterPool.total)
    let walk = host.walk(hands: [])
    #expect(walk.mbufs == state.heldMbufs)
    #expect(walk.clusters == state.heldClusters)
    #expect(state.heldMbufs[.leaked] == 0 && state.heldMbufs[.hand] == 0)
    #expect(state.heldClusters[.hand] == 0)
  }
}

extension Kernel {
  /// IF_DEQUEUE.
  fileprivate func takeQueued(_ isARP: Bool) -> Int32 {
    isARP ? dequeue(&state.pointee.arpQueue) : dequeue(&state.pointee.ipQueue)
  }
}
