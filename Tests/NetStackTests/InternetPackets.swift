// Packets by hand, for tests of IP and what lies on it.

import Wire

@testable import NetStack

enum Packet {
  /// An IP packet with a right checksum, whatever else is wrong with it.
  static func ip(
    _ number: UInt8, _ payload: [UInt8], from source: IPv4Address = InternetBench.far,
    to destination: IPv4Address = InternetBench.own, options: [UInt8] = [],
    _ adjust: (inout IPv4Header) -> Void = { _ in }
  ) -> [UInt8] {
    let headerOctets = 20 + options.count
    var octets = [UInt8](repeating: 0, count: 20) + options + payload
    var header = IPv4Header(
      source: source, destination: destination, protocolNumber: number,
      totalLength: UInt16(octets.count), identification: 77)
    header.headerOctets = UInt8(headerOctets)
    adjust(&header)
    octets.withUnsafeMutableBytes { header.write(to: $0.baseAddress!) }
    let end = min(max(Int(header.headerOctets), 20), octets.count)
    let sum = octets[..<end].withUnsafeBytes { InternetChecksum.of($0) }
    octets[10] = UInt8(sum >> 8)
    octets[11] = UInt8(sum & 255)
    return octets
  }

  static func udp(
    _ data: [UInt8], from sourcePort: UInt16 = 4000, to port: UInt16 = 9,
    source: IPv4Address = InternetBench.far, destination: IPv4Address = InternetBench.own,
    summed: Bool = true
  ) -> [UInt8] {
    var octets = [UInt8](repeating: 0, count: 8) + data
    let header = UDPHeader(
      sourcePort: sourcePort, destinationPort: port, length: UInt16(octets.count))
    octets.withUnsafeMutableBytes { header.write(to: $0.baseAddress!) }
    guard summed else { return octets }
    var sum = InternetChecksum()
    sum.addPseudoHeader(
      source: source, destination: destination, protocol: 17, length: octets.count)
    octets.withUnsafeBytes { sum.add($0) }
    octets[6] = UInt8(sum.value >> 8)
    octets[7] = UInt8(sum.value & 255)
    return octets
  }

  static func icmp(
    _ type: UInt8, code: UInt8 = 0, rest: UInt32 = 0, _ data: [UInt8] = []
  ) -> [UInt8] {
    var octets = [UInt8](repeating: 0, count: 8) + data
    octets.withUnsafeMutableBytes {
      ICMPHeader(type: type, code: code, rest: rest).write(to: $0.baseAddress!)
    }
    let sum = octets.withUnsafeBytes { InternetChecksum.of($0) }
    octets[2] = UInt8(sum >> 8)
    octets[3] = UInt8(sum & 255)
    return octets
  }

  /// Octets that tell their place.
  static func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0 % 251) } }

  /// A payload cut at multiples of eight.
  static func fragments(
    _ number: UInt8, _ payload: [UInt8], every piece: Int, identification: UInt16 = 77,
    from source: IPv4Address = InternetBench.far, to destination: IPv4Address = InternetBench.own
  ) -> [[UInt8]] {
    stride(from: 0, to: payload.count, by: piece).map { start in
      let end = min(start + piece, payload.count)
      return fragment(
        number, Array(payload[start..<end]), at: start, more: end < payload.count,
        identification: identification, from: source, to: destination)
    }
  }

  static func fragment(
    _ number: UInt8, _ data: [UInt8], at offset: Int, more: Bool, identification: UInt16 = 77,
    from source: IPv4Address = InternetBench.far, to destination: IPv4Address = InternetBench.own
  ) -> [UInt8] {
    ip(number, data, from: source, to: destination) {
      $0.identification = identification
      $0.fragmentOffset = UInt16(offset)
      $0.moreFragments = more
    }
  }
}

extension InternetBench {
  /// A socket of the host, bound when a port is given.
  func socket(_ kind: SocketKind, port: UInt16 = 0) -> Int32 {
    enter { kernel in
      guard case .socket(let index) = kernel.soCreate(kind) else { return -1 }
      if port > 0 { _ = kernel.soBind(index, port) }
      return index
    }
  }

  /// The oldest datagram that waits in a socket, its sender's address cut off.
  func read(_ socket: Int32) -> [UInt8]? {
    enter { kernel in
      let record = kernel.sockets[Int(socket)].rcv.head
      if record < 0 { return nil }
      var octets: [UInt8] = []
      var index = kernel.mbuf(record).pointee.next
      while index >= 0 {
        octets.append(contentsOf: kernel.octets(index))
        index = kernel.mbuf(index).pointee.next
      }
      kernel.sbDropRecord(socket, .read)
      return octets
    }
  }

  /// What a task would send by sendto.
  func send(
    _ octets: Int32, from socket: Int32, to address: IPv4Address, port: UInt16 = 9
  ) -> CallResult {
    enter { kernel in
      var routine = SendToRoutine(socket: socket, to: address, port: port, octets: octets)
      while true {
        if case .done(let result) = routine.resume(kernel) { return result }
      }
    }
  }
}
