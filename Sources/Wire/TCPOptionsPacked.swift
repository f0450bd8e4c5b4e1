// The options of a segment as later FreeBSD lays them out: each only where its own alignment wants
// it, the end of the list marked, and zeros up to four octets.
//
// FreeBSD: tcp_addoptions of netinet/tcp_output.c. 4.4BSD's layout, which `write` has, pads each
// option in front; of a segment without SYN the two are the same.

extension TCPOptions {
  /// Octets that `writePacked` writes.
  public var packedOctetCount: Int { layOut(to: nil) }

  /// Writes `packedOctetCount` octets.
  public func writePacked(to target: UnsafeMutableRawPointer) { _ = layOut(to: target) }

  private func layOut(to target: UnsafeMutableRawPointer?) -> Int {
    var list = PackedOptions(target: target)
    if let maximumSegmentSize {
      list.begin(Kind.maximumSegmentSize, length: 4, at: 0)
      list.add(UInt32(maximumSegmentSize), octets: 2)
    }
    if let windowScale {
      list.begin(Kind.windowScale, length: 3, at: 1)
      list.add(UInt32(windowScale), octets: 1)
    }
    if sackPermitted {
      list.begin(Kind.sackPermitted, length: 2, at: list.count + (list.count & 1))
    }
    if let timestamps {
      list.begin(Kind.timestamps, length: 10, at: 2)
      list.add(timestamps.value, octets: 4)
      list.add(timestamps.echo, octets: 4)
    }
    if sack.count > 0 {
      list.begin(Kind.sack, length: UInt8(2 + 8 * sack.count), at: 2)
      for index in 0..<sack.count {
        list.add(sack[index].start.rawValue, octets: 4)
        list.add(sack[index].end.rawValue, octets: 4)
      }
    }
    addCounts(to: &list)
    return list.finish()
  }

  private func addCounts(to list: inout PackedOptions) {
    if connectionCount != 0 {
      let kind = connectionCountIsNew ? Kind.connectionCountNew : Kind.connectionCount
      list.begin(kind, length: 6, at: 2)
      list.add(connectionCount, octets: 4)
    }
    if connectionCountEcho != 0 {
      list.begin(Kind.connectionCountEcho, length: 6, at: 2)
      list.add(connectionCountEcho, octets: 4)
    }
  }
}

/// A list of options that grows; without a target it only counts.
private struct PackedOptions {
  var target: UnsafeMutableRawPointer?
  var count = 0

  /// No-operations up to where the option may begin, `place` octets behind a multiple of four; then
  /// its kind and length.
  mutating func begin(_ kind: UInt8, length: UInt8, at place: Int) {
    while count & 3 != place & 3 { put(TCPOptions.Kind.noOperation) }
    put(kind)
    put(length)
  }

  /// The low octets of a number, the highest first.
  mutating func add(_ value: UInt32, octets: Int) {
    for index in stride(from: octets - 1, through: 0, by: -1) {
      put(UInt8(truncatingIfNeeded: value >> UInt32(8 * index)))
    }
  }

  /// RFC 9293 §3.1: what follows the end of the list is zeros.
  mutating func finish() -> Int {
    while count & 3 != 0 { put(TCPOptions.Kind.end) }
    return count
  }

  private mutating func put(_ octet: UInt8) {
    target?.store(octet: octet, at: count)
    count += 1
  }
}
