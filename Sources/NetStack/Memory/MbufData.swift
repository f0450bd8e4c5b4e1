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
    let cluster = mbuf(index).pointee.cluster
    if cluster >= 0 && clusterUse[Int(cluster)].lacksOctets { write(cluster) }
    return memory(of: index)
  }

  /// An mbuf's data, to read.
  @inline(__always)
  func octets(_ index: Int32) -> UnsafeRawBufferPointer {
    let m = mbuf(index)
    let count = Int(m.pointee.length)
    let cluster = m.pointee.cluster
    if cluster >= 0 && clusterUse[Int(cluster)].lacksOctets {
      let use = clusterUse + Int(cluster)
      if m.pointee.offset >= use.pointee.written {
        let start = Payload.octets(use.pointee.pattern, from: Int(m.pointee.offset))
        return UnsafeRawBufferPointer(start: start, count: count)
      }
      if Int(m.pointee.offset) + count > Int(use.pointee.written) { write(cluster) }
    }
    return UnsafeRawBufferPointer(start: memory(of: index), count: count)
  }

  /// The headers at the front of an mbuf's data: those of its octets that have been written.
  @inline(__always)
  func front(_ index: Int32) -> UnsafeRawBufferPointer {
    let m = mbuf(index)
    var count = Int(m.pointee.length)
    let cluster = m.pointee.cluster
    if cluster >= 0 && clusterUse[Int(cluster)].lacksOctets {
      count = min(count, Int(clusterUse[Int(cluster)].written) - Int(m.pointee.offset))
    }
    return UnsafeRawBufferPointer(start: memory(of: index), count: max(count, 0))
  }

  /// The same as `octets`, but for who may change nothing, not even what nobody sees.
  func withOctets(_ index: Int32, _ body: (UnsafeRawBufferPointer) -> Void) {
    let m = mbuf(index).pointee
    guard m.cluster >= 0, clusterUse[Int(m.cluster)].lacksOctets else {
      return body(octets(index))
    }
    let use = clusterUse[Int(m.cluster)]
    let written = Int(use.written) - Int(m.offset)
    if written <= 0 || written >= Int(m.length) { return body(octets(index)) }
    Payload.withWhole(
      memory(of: index), written: written, count: Int(m.length),
      Payload.pattern(use.pattern, from: Int(m.offset)), body)
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
    let there = min(max(front(index).count - start, 0), count)
    checksum.add(UnsafeRawBufferPointer(start: memory(of: index) + start, count: there))
    if there == count { return }
    let m = mbuf(index).pointee
    let sum = Payload.sum(
      count: count - there, clusterUse[Int(m.cluster)].pattern,
      from: Int(m.offset) + start + there)
    checksum.add(folded: sum, count: count - there)
  }
}
