// Where an mbuf's octets are, and the octets that nobody has written yet.
//
// What a program sends is of a pattern, so that a cluster which holds a piece of it need not hold
// its octets: its record says how many are there, and which octet of the pattern would stand first.
// From sosend to the reader of the other host mostly nobody looks at the others. Whoever does finds
// them: they are written when they are asked for.

import Wire

extension Kernel {
  /// The first octet of an mbuf's data.
  @inline(__always)
  func data(_ index: Int32) -> UnsafeMutableRawPointer {
    if lacking(index) != nil { write(mbuf(index).pointee.cluster) }
    return memory(of: index)
  }

  /// An mbuf's data, to read.
  @inline(__always)
  func octets(_ index: Int32) -> UnsafeRawBufferPointer {
    let m = mbuf(index)
    let count = Int(m.pointee.length)
    if let use = lacking(index) {
      if m.pointee.offset >= use.pointee.written {
        let start = Payload.octets(use.pointee.pattern, from: Int(m.pointee.offset))
        return UnsafeRawBufferPointer(start: start, count: count)
      }
      if Int(m.pointee.offset) + count > Int(use.pointee.written) { write(m.pointee.cluster) }
    }
    return UnsafeRawBufferPointer(start: memory(of: index), count: count)
  }

  /// The headers at the front of an mbuf's data, so many octets or as many as it has: whoever sent
  /// them may have made them of the pattern, too.
  @inline(__always)
  func front(_ index: Int32, atLeast needed: Int32) -> UnsafeRawBufferPointer {
    let m = mbuf(index)
    var count = m.pointee.length
    if let use = lacking(index) {
      let written = max(Int32(use.pointee.written) &- m.pointee.offset, 0)
      if written < min(needed, count) {
        write(m.pointee.cluster)
      } else {
        count = min(count, written)
      }
    }
    return UnsafeRawBufferPointer(start: memory(of: index), count: Int(count))
  }

  /// The same as `octets`, but for who may change nothing, not even what nobody sees.
  func withOctets(_ index: Int32, _ body: (UnsafeRawBufferPointer) -> Void) {
    guard let use = lacking(index)?.pointee else { return body(octets(index)) }
    let m = mbuf(index).pointee
    let written = Int(use.written) - Int(m.offset)
    if written <= 0 || written >= Int(m.length) { return body(octets(index)) }
    Payload.withWhole(
      memory(of: index), written: written, count: Int(m.length),
      Payload.pattern(use.pattern, from: Int(m.offset)), body)
  }

  /// The record of its cluster, where that lacks octets.
  @inline(__always)
  private func lacking(_ index: Int32) -> UnsafeMutablePointer<ClusterUse>? {
    let cluster = mbuf(index).pointee.cluster
    if cluster < 0 { return nil }
    let use = clusterUse + Int(cluster)
    return use.pointee.lacksOctets ? use : nil
  }

  @inline(__always)
  private func memory(of index: Int32) -> UnsafeMutableRawPointer {
    let m = mbuf(index)
    let offset = Int(m.pointee.offset)
    if m.pointee.cluster >= 0 {
      return clusterMemory + (Int(m.pointee.cluster) &* Int(BufferSize.cluster) &+ offset)
    }
    return UnsafeMutableRawPointer(m) + (Mbuf.headerOctets &+ offset)
  }

  /// Writes the octets that a cluster lacks.
  @inline(never)
  private func write(_ cluster: Int32) {
    let use = clusterUse + Int(cluster)
    let written = Int(use.pointee.written)
    (clusterMemory + (Int(cluster) &* Int(BufferSize.cluster) &+ written)).copyMemory(
      from: Payload.octets(use.pointee.pattern, from: written),
      byteCount: Int(BufferSize.cluster) - written)
    use.pointee.written = Int16(BufferSize.cluster)
  }

  /// A program's octets as they stand at `offset` of its stream: a fresh cluster only notes which.
  @inline(__always)
  func fill(_ index: Int32, _ count: Int32, at offset: Int64) {
    let cluster = Int(mbuf(index).pointee.cluster)
    if cluster < 0 { return Payload.fill(data(index), count: Int(count), at: offset) }
    precondition(mbuf(index).pointee.offset == 0, "a cluster is filled from its middle")
    clusterUse[cluster].pattern = Payload.pattern(at: offset)
    if clusterUse[cluster].sizeClass == 0 {
      clusterUse[cluster].written = 0
    } else {
      Payload.fill(data(index), count: Int(count), at: offset)
    }
  }

  /// in_cksum: adds octets of a chain, to its end if nobody says how many. The sum of what nobody
  /// has written is known without a look.
  func add(
    _ chain: Int32, from offset: Int32, count: Int32 = .max, to checksum: inout InternetChecksum
  ) {
    var (index, skip, left) = (chain, offset, count)
    while index >= 0 && left > 0 {
      let m = mbuf(index)
      let from = min(skip, m.pointee.length)
      let piece = min(m.pointee.length &- from, left)
      add(octetsOf: index, from: Int(from), Int(piece), to: &checksum)
      left &-= piece
      skip &-= from
      index = m.pointee.next
    }
  }

  private func add(
    octetsOf index: Int32, from start: Int, _ count: Int, to checksum: inout InternetChecksum
  ) {
    let octets = UnsafeRawPointer(memory(of: index) + start)
    guard let use = lacking(index) else {
      return checksum.add(UnsafeRawBufferPointer(start: octets, count: count))
    }
    let first = Int(mbuf(index).pointee.offset) + start
    let there = min(max(Int(use.pointee.written) - first, 0), count)
    checksum.add(UnsafeRawBufferPointer(start: octets, count: there))
    let sum = Payload.sum(count: count - there, use.pointee.pattern, from: first + there)
    checksum.add(folded: sum, count: count - there)
  }
}
