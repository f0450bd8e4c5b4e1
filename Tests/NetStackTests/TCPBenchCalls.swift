// What a test lets the user of a socket do, and what it may ask afterwards.

import Testing
import Wire

@testable import NetStack

extension TCPBench {
  // MARK: calls

  func socket(_ host: Int) -> Int32 {
    enter(host) { kernel in
      let socket = kernel.soAllocate(.stream, owner: -1)!
      #expect(kernel.tcpAttach(socket) == nil)
      return socket
    }
  }

  @discardableResult
  func listen(_ host: Int, backlog: Int32 = 5, port: UInt16 = TCPBench.portB) -> Int32 {
    let socket = socket(host)
    enter(host) { kernel in
      let pcb = kernel.sockets[Int(socket)].pcb
      #expect(kernel.pcbBind(pcb, port: port) == nil)
      kernel.tcpListen(pcb)
      kernel.sockets[Int(socket)].isListening = true
      kernel.sockets[Int(socket)].queueLimit = backlog
    }
    return socket
  }

  /// Begins an active open from a bound port.
  func connect(_ host: Int, port: UInt16 = TCPBench.portA) -> (socket: Int32, error: SocketError?) {
    let socket = socket(host)
    let error = enter(host) { kernel in
      let pcb = kernel.sockets[Int(socket)].pcb
      #expect(kernel.pcbBind(pcb, port: port) == nil)
      return kernel.tcpConnect(pcb, to: Self.addresses[1 - host], port: Self.portB)
    }
    return (socket, error)
  }

  /// A connection from host 0 to host 1: both sockets, accepted, the last ACK delivered.
  func connected(port: UInt16 = TCPBench.portA, listener: Int32? = nil) -> (a: Int32, b: Int32) {
    let listener = listener ?? listen(1)
    let a = connect(0, port: port).socket
    run(for: .milliseconds(5))
    let b = enter(1) { $0.takeConnection(listener) }
    #expect(b >= 0)
    return (a, b)
  }

  /// sosend without the waits: cut into mbufs and clusters as sosend would, octet i being i mod
  /// 251.
  @discardableResult
  func send(
    _ host: Int, _ socket: Int32, _ count: Int, from first: Int = 0, isUrgent: Bool = false
  ) -> SocketError? {
    var rest = count
    var next = first
    while rest > 0 {
      let chunk = min(rest, rest >= 208 ? 2048 : 100)
      let error: SocketError? = enter(host) { kernel in
        guard let m = kernel.mGet(.app, at: .sosend, header: true, socket: socket) else {
          return .ENOBUFS
        }
        if rest >= 208 && !kernel.mclGet(m, .app, at: .sosend, socket: socket) {
          kernel.mFreem(m, .processed)
          return .ENOBUFS
        }
        kernel.mbuf(m).pointee.length = Int32(chunk)
        kernel.mbuf(m).pointee.packetLength = Int32(chunk)
        for offset in 0..<chunk {
          kernel.data(m).store(octet: UInt8((next + offset) % 251), at: offset)
        }
        return kernel.tcpSend(socket, m, isUrgent: isUrgent)
      }
      if let error { return error }
      next += chunk
      rest -= chunk
    }
    return nil
  }

  /// A write that is in the send buffer before the first segment of it is built.
  func sendAtOnce(_ host: Int, _ socket: Int32, _ count: Int) {
    enter(host) { kernel in
      for first in stride(from: 0, to: count, by: 2048) {
        let chunk = min(2048, count - first)
        let m = kernel.mGet(.app, at: .sosend, header: true, socket: socket)!
        let hasCluster = kernel.mclGet(m, .app, at: .sosend, socket: socket)
        #expect(hasCluster)
        kernel.mbuf(m).pointee.length = Int32(chunk)
        for offset in 0..<chunk {
          kernel.data(m).store(octet: UInt8((first + offset) % 251), at: offset)
        }
        kernel.sbAppend(socket, .send, m)
      }
      let error = kernel.tcpOutput(kernel.sockets[Int(socket)].pcb)
      #expect(error == nil)
    }
  }

  /// soreceive of everything there is.
  func receive(_ host: Int, _ socket: Int32, atMost most: Int = .max) -> [UInt8] {
    enter(host) { kernel in
      var octets: [UInt8] = []
      var index = kernel.sockets[Int(socket)].rcv.head
      while index >= 0 && octets.count < most {
        octets.append(contentsOf: kernel.octets(index).prefix(most - octets.count))
        index = kernel.mbuf(index).pointee.next
      }
      kernel.sbDrop(socket, .receive, Int32(octets.count), .read)
      let pcb = kernel.sockets[Int(socket)].pcb
      if pcb >= 0 { kernel.tcpReceived(pcb) }
      return octets
    }
  }

  func close(_ host: Int, _ socket: Int32) {
    enter(host) { kernel in
      let pcb = kernel.sockets[Int(socket)].pcb
      if pcb >= 0 { kernel.tcpDisconnect(pcb) }
      kernel.sockets[Int(socket)].state.insert(.noDescriptor)
      kernel.soFree(socket)
    }
  }

  func shutdown(_ host: Int, _ socket: Int32) {
    enter(host) { kernel in kernel.tcpShutdown(kernel.sockets[Int(socket)].pcb) }
  }

  // MARK: questions

  func tcb(_ host: Int, _ socket: Int32) -> Tcpcb {
    hosts[host].tcpcb(hosts[host].socket(socket).pcb)
  }

  /// nil when the pcb is gone.
  func state(_ host: Int, _ socket: Int32) -> TCPState? {
    let pcb = hosts[host].socket(socket).pcb
    return pcb < 0 ? nil : hosts[host].tcpcb(pcb).state
  }

  func error(_ host: Int, _ socket: Int32) -> SocketError? { hosts[host].socket(socket).error }

  func timer(_ host: Int, _ socket: Int32, _ timer: TCPTimer) -> Int64? {
    tcb(host, socket).expiry(of: timer)
  }

  /// Segments of one host since a mark in `wire`.
  func sent(by host: Int, since mark: Int = 0) -> [SeenSegment] {
    wire[mark...].filter { $0.host == host }
  }

  static func pattern(_ count: Int, from first: Int = 0) -> [UInt8] {
    (first..<first + count).map { UInt8($0 % 251) }
  }
}

/// The far end of a connection whose near end is host 0 of a bench: the test writes its segments.
struct ScriptedPeer {
  let bench: TCPBench
  var sequence: UInt32
  var window: UInt16 = 8760
  /// The near end's initial sequence number and port, from its SYN.
  var iss: UInt32 = 0
  var nearPort = TCPBench.portA
  var farPort = TCPBench.portB

  init(_ bench: TCPBench, sequence: UInt32 = 5000) {
    self.bench = bench
    self.sequence = sequence
  }

  /// The octets of a segment to host 0.
  func octets(
    _ flags: TCPFlags, seq: UInt32, ack: UInt32 = 0, _ payload: [UInt8] = [],
    window: UInt16? = nil, options: TCPOptions = TCPOptions(), urgent: UInt16 = 0
  ) -> [UInt8] {
    var all = [UInt8](repeating: 0, count: 40 + options.octetCount + payload.count)
    all.withUnsafeMutableBytes { raw in
      let base = raw.baseAddress!
      var ip = IPv4Header(
        source: TCPBench.addresses[1], destination: TCPBench.addresses[0], protocolNumber: 6,
        totalLength: UInt16(raw.count))
      ip.writeWithChecksum(to: base)
      var header = TCPHeader(
        sourcePort: farPort, destinationPort: nearPort, sequence: SequenceNumber(seq),
        acknowledgment: SequenceNumber(ack), flags: flags, window: window ?? self.window,
        headerOctets: UInt8(20 + options.octetCount))
      header.urgentPointer = urgent
      header.write(to: base + 20)
      options.write(to: base + 40)
      (base + 40 + options.octetCount).copyMemory(from: payload, byteCount: payload.count)
      var sum = InternetChecksum()
      sum.addPseudoHeader(
        source: TCPBench.addresses[1], destination: TCPBench.addresses[0], protocol: 6,
        length: raw.count - 20)
      sum.add(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(raw)[20...]))
      header.checksum = sum.value
      header.write(to: base + 20)
    }
    return all
  }

  /// A segment arrives; numbers are relative to both initial ones.
  ///
  /// - Returns: what host 0 sends at once.
  @discardableResult
  func inject(
    _ flags: TCPFlags, seq: Int = 1, ack: Int = 1, _ payload: [UInt8] = [],
    window: UInt16? = nil, options: TCPOptions = TCPOptions(), urgent: UInt16 = 0
  ) -> [SeenSegment] {
    let mark = bench.wire.count
    let sequence = sequence &+ UInt32(truncatingIfNeeded: seq)
    let ack = flags.contains(.ack) ? iss &+ UInt32(truncatingIfNeeded: ack) : 0
    let octets = octets(
      flags, seq: sequence, ack: ack, payload, window: window, options: options,
      urgent: urgent)
    bench.deliver(octets, to: 0)
    return bench.sent(by: 0, since: mark)
  }

  /// What a segment of host 0 says, relative: `S. 0 ack 1 win 8760`, `P. 1+10 ack 1 win 8760`.
  func line(_ seen: SeenSegment) -> String {
    var text = ""
    let names: [(TCPFlags, String)] = [(.fin, "F"), (.syn, "S"), (.rst, "R"), (.psh, "P")]
    for (flag, name) in names where seen.has(flag) { text += name }
    if seen.has(.ack) { text += "." }
    text += " \(seen.header.sequence.rawValue &- iss)"
    if seen.length > 0 { text += "+\(seen.length)" }
    if seen.has(.ack) { text += " ack \(seen.header.acknowledgment.rawValue &- sequence)" }
    return text + " win \(seen.header.window)"
  }

  func lines(_ seen: [SeenSegment]) -> [String] { seen.map(line) }

  /// Host 0 opens, this end answers: the socket, ESTABLISHED, without timestamps or scaling.
  mutating func acceptFromHost0(mss: UInt16 = 1460) -> Int32 {
    let socket = bench.connect(0).socket
    iss = bench.wire.last!.header.sequence.rawValue
    inject([.syn, .ack], seq: 0, ack: 1, options: TCPOptions(maximumSegmentSize: mss))
    #expect(bench.state(0, socket) == .established)
    return socket
  }
}

extension TCPBench {
  /// Writes and reads `total` octets while every so many segments of data get lost; what came.
  func carry(
    _ total: Int, from sender: Int32, to receiver: Int32, losing oneIn: Int, each pause: TimeSpan
  ) -> [UInt8] {
    var count = 0
    loses = { segment in
      guard segment.length > 0 else { return false }
      count += 1
      return count % oneIn == 0
    }
    var written = 0
    var read: [UInt8] = []
    while read.count < total && now < Instant(nanoseconds: 3_000_000_000_000) {
      let chunk = min(Int(hosts[0].socket(sender).snd.space), 2048, total - written)
      if chunk > 0 && send(0, sender, chunk, from: written) == nil { written += chunk }
      run(for: pause)
      read += receive(1, receiver)
    }
    return read
  }
}
