// Right checksums for a frame whatever else is wrong with it.

import Wire

public enum FrameMending {
  public static func mend(_ frame: inout [UInt8]) {
    guard frame.count >= 34, frame[12] == 8, frame[13] == 0 else { return }
    let headerOctets = Int(frame[14] & 15) * 4
    let total = Int(frame[16]) << 8 | Int(frame[17])
    guard headerOctets >= 20, 14 + headerOctets <= frame.count else { return }
    let isWhole = frame[20] & 0x3F == 0 && frame[21] == 0
    if isWhole, total > headerOctets, 14 + total <= frame.count {
      mendTransport(&frame, from: 14 + headerOctets, to: 14 + total)
    }
    put(0, in: &frame, at: 24)
    put(checksum(of: frame[14..<14 + headerOctets], InternetChecksum()), in: &frame, at: 24)
  }

  private static func mendTransport(_ frame: inout [UInt8], from start: Int, to end: Int) {
    var sum = InternetChecksum()
    let number = frame[23]
    let place: Int
    switch number {
    case IPProtocol.icmp: place = start + 2
    case IPProtocol.tcp: place = start + 16
    case IPProtocol.udp: place = start + 6
    default: return
    }
    guard place + 2 <= end else { return }
    if number != IPProtocol.icmp {
      sum.addPseudoHeader(
        source: address(frame, 26), destination: address(frame, 30), protocol: number,
        length: end - start)
    }
    put(0, in: &frame, at: place)
    put(checksum(of: frame[start..<end], sum), in: &frame, at: place)
  }

  private static func address(_ frame: [UInt8], _ place: Int) -> IPv4Address {
    IPv4Address(frame[place], frame[place + 1], frame[place + 2], frame[place + 3])
  }

  private static func checksum(of octets: ArraySlice<UInt8>, _ start: InternetChecksum) -> UInt16 {
    var sum = start
    octets.withUnsafeBytes { sum.add($0) }
    return sum.value
  }

  private static func put(_ value: UInt16, in frame: inout [UInt8], at place: Int) {
    frame[place] = UInt8(value >> 8)
    frame[place + 1] = UInt8(value & 255)
  }
}
