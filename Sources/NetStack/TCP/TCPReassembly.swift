// Segments that came out of order, kept until the gap before them is filled.
//
// RFC 9293 §3.10.7.4 (seventh check). 4.4BSD: tcp_reass of netinet/tcp_input.c. As there each
// waiting segment keeps its buffer, cluster and all, and nothing limits their number but the
// window, unless a host has a cap (FreeBSD's after SA-04:04); and the record of a segment overlays
// headers that are no longer needed, in front of its data.

import Wire

extension Kernel {
  /// tcp_reass. Takes the segment's packet over.
  ///
  /// - Returns: whether the sequence is now complete up to a FIN.
  func reassemble(_ pcb: Int32, _ arrived: TCPSegment) -> Bool {
    var segment = arrived
    let tcb = tcpcbs + Int(pcb)
    if reassemblyIsFull(pcb, segment.sequence) || !hasRecord(pcb, segment) {
      mFreem(segment.packet, .reassemblyFull)
      return false
    }
    let tells = tcb.pointee.flags.contains(.sackPermitted)
    if tells { reportOverlap(pcb, segment) }
    var previous: Int32 = -1
    var next = tcb.pointee.reassembly
    while next >= 0 && waitingSequence(next) <= segment.sequence {
      previous = next
      next = mbuf(next).pointee.nextPacket
    }
    if previous >= 0 {
      let end = waitingSequence(previous) + Int(mbuf(previous).pointee.packetLength)
      let overlap = end - segment.sequence
      if overlap > 0 && overlap >= Int(segment.length) {
        state.pointee.statistics.tcpDuplicates &+= 1
        state.pointee.statistics.tcp.duplicateOctets &+= Int64(segment.length)
        if tells { reportWaiting(pcb, segment.sequence) }
        mFreem(segment.packet, .duplicate)
        return presentReassembled(pcb)
      }
      if overlap > 0 { trimFront(&segment, Int32(overlap)) }
    }
    state.pointee.statistics.tcpOutOfOrder &+= 1
    state.pointee.statistics.tcp.outOfOrderOctets &+= Int64(segment.length)
    next = absorb(pcb, from: next, segment)
    let packet = segment.packet
    note(packet, segment.sequence, isFin: segment.flags.contains(.fin))
    placeChain(packet, .reass, holder: pcbs[Int(pcb)].socket)
    mbuf(packet).pointee.nextPacket = next
    if previous >= 0 {
      mbuf(previous).pointee.nextPacket = packet
    } else {
      tcb.pointee.reassembly = packet
    }
    count(pcb, 1)
    if tells { reportWaiting(pcb, segment.sequence) }
    return presentReassembled(pcb)
  }

  private func count(_ pcb: Int32, _ segments: Int32) {
    tcpcbs[Int(pcb)].reassemblyCount &+= segments
    state.pointee.reassemblyCount &+= segments
  }

  /// Whether a limit keeps a segment out. The next in sequence may pass: it would empty the queue.
  private func reassemblyIsFull(_ pcb: Int32, _ sequence: SequenceNumber) -> Bool {
    let tcb = tcpcbs + Int(pcb)
    let own = rules.reassemblyCap
    let all = rules.reassemblyTotal
    let isFull =
      own > 0 && tcb.pointee.reassemblyCount >= own
      || all > 0 && state.pointee.reassemblyCount >= all
    if !isFull { return false }
    let isNext = sequence == tcb.pointee.rcvNxt
    if isNext && rules.reassemblyTakesNext { return false }
    state.pointee.statistics.tcpReassemblyFull &+= 1
    if isNext { state.pointee.statistics.tcpReassemblyFullNext &+= 1 }
    return true
  }

  /// Whether there is a record for a segment, where a pool of its own serves them. As in FreeBSD
  /// (uma_zalloc of V_tcp_reass_zone) the next in sequence needs none.
  private func hasRecord(_ pcb: Int32, _ segment: TCPSegment) -> Bool {
    let tcb = tcpcbs + Int(pcb)
    if segment.sequence == tcb.pointee.rcvNxt && tcb.pointee.state >= .established { return true }
    if takeUse(.reass, for: segment.packet) { return true }
    state.pointee.statistics.tcpReassemblyFull &+= 1
    return false
  }

  /// Frees the waiting segments that a new one covers, and trims the one it covers in part.
  ///
  /// - Returns: the first that stays, or -1.
  private func absorb(_ pcb: Int32, from first: Int32, _ segment: TCPSegment) -> Int32 {
    var next = first
    while next >= 0 {
      let overlap = segment.end - waitingSequence(next)
      if overlap <= 0 { return next }
      if overlap < Int(mbuf(next).pointee.packetLength) {
        let sequence = waitingSequence(next) + overlap
        let isFin = waitingIsFin(next)
        let rest = mbuf(next).pointee.packetLength &- Int32(overlap)
        mTrimFront(next, Int32(overlap))
        mbuf(next).pointee.packetLength = rest  // an urgent octet may have been pulled out
        note(next, sequence, isFin: isFin)
        return next
      }
      let after = mbuf(next).pointee.nextPacket
      mFreem(next, .duplicate)
      count(pcb, -1)
      next = after
    }
    return -1
  }

  /// The label present: hands the user what is now in sequence. Nothing before the handshake is
  /// over.
  func presentReassembled(_ pcb: Int32) -> Bool {
    let tcb = tcpcbs + Int(pcb)
    if tcb.pointee.state < .established { return false }
    var packet = tcb.pointee.reassembly
    guard packet >= 0, waitingSequence(packet) == tcb.pointee.rcvNxt else { return false }
    let socket = pcbs[Int(pcb)].socket
    var hasFin = false
    repeat {
      let next = mbuf(packet).pointee.nextPacket
      hasFin = waitingIsFin(packet)
      tcb.pointee.rcvNxt += Int(mbuf(packet).pointee.packetLength)
      mbuf(packet).pointee.nextPacket = -1
      count(pcb, -1)
      if sockets[Int(socket)].state.contains(.cantReceiveMore) {
        mFreem(packet, .pastClose)
      } else {
        if state.pointee.servesUses { giveUses(of: packet, .ofWaiting) }
        sbAppend(socket, .receive, packet)
      }
      packet = next
    } while packet >= 0 && waitingSequence(packet) == tcb.pointee.rcvNxt
    tcb.pointee.reassembly = packet
    soWakeup(socket, .receive)
    return hasFin
  }

  /// The connection is gone, and what waited for its gaps goes too.
  func freeReassembly(_ pcb: Int32) {
    var packet = tcpcbs[Int(pcb)].reassembly
    tcpcbs[Int(pcb)].reassembly = -1
    while packet >= 0 {
      let next = mbuf(packet).pointee.nextPacket
      count(pcb, -1)
      mFreem(packet, .closed)
      packet = next
    }
  }

  // MARK: the record in front of the data: four octets of sequence, one of flags

  private func note(_ packet: Int32, _ sequence: SequenceNumber, isFin: Bool) {
    precondition(mbuf(packet).pointee.offset >= 5, "no header lies in front of a segment's data")
    let record = data(packet) - 5
    record.store(bigEndian32: sequence.rawValue, at: 0)
    record.store(octet: isFin ? 1 : 0, at: 4)
  }

  func waitingSequence(_ packet: Int32) -> SequenceNumber {
    SequenceNumber(UnsafeRawPointer(data(packet) - 5).bigEndian32(at: 0))
  }

  private func waitingIsFin(_ packet: Int32) -> Bool {
    UnsafeRawPointer(data(packet) - 5).octet(at: 4) != 0
  }
}
