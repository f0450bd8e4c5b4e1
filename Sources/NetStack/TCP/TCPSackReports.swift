// The receiver's half of SACK: telling the sender what lies behind a gap, and what came twice.
//
// RFC 2018 §3, §4; RFC 2883 §4. FreeBSD: tcp_update_sack_list of netinet/tcp_sack.c.

import Wire

extension Kernel {
  /// A segment waits for a gap to fill: its range, with all that touches it, is told first.
  func reportWaiting(_ pcb: Int32, _ sequence: SequenceNumber) {
    var range = TCPSackBlock(sequence, sequence)
    var packet = tcpcbs[Int(pcb)].reassembly
    while packet >= 0 {
      let start = waitingSequence(packet)
      if start > sequence && start != range.end { break }
      if start != range.end { range.start = start }
      range.end = start + Int(mbuf(packet).pointee.packetLength)
      packet = mbuf(packet).pointee.nextPacket
    }
    if range.length <= 0 { return }
    let board = sackBoards + Int(pcb)
    var reports = TCPSackBlocks()
    reports.append(range)
    for index in 0..<board.pointee.reports.count {
      let old = board.pointee.reports[index]
      if old.end < range.start || old.start > range.end { reports.append(old) }
    }
    board.pointee.reports = reports
  }

  /// Octets that we had already: an ACK says so at once, before another report can take its place.
  /// RFC 2883 §4.
  func reportDuplicate(_ pcb: Int32, from start: SequenceNumber, octets: Int) {
    if octets <= 0 || tcpcbs[Int(pcb)].state < .established { return }
    sackBoards[Int(pcb)].duplicate = TCPSackBlock(start, start + octets)
    tcpcbs[Int(pcb)].flags.insert(.ackNow)
    state.pointee.statistics.tcpDsacksSent &+= 1
  }

  /// The first range that waits and that a segment holds once more, unless octets before RCV.NXT
  /// are told of: one report a segment. RFC 2883 §4.2.
  func reportOverlap(_ pcb: Int32, _ segment: TCPSegment) {
    if sackBoards[Int(pcb)].duplicate != nil { return }
    var overlap = TCPSackBlock(segment.end, segment.end)
    var packet = tcpcbs[Int(pcb)].reassembly
    while packet >= 0 {
      let start = SequenceNumber.later(waitingSequence(packet), segment.sequence)
      let end = waitingSequence(packet) + Int(mbuf(packet).pointee.packetLength)
      packet = mbuf(packet).pointee.nextPacket
      if end <= segment.sequence { continue }
      if overlap.length <= 0 { overlap = TCPSackBlock(start, start) }
      if start != overlap.end || start >= segment.end { break }
      overlap.end = SequenceNumber.earlier(end, segment.end)
    }
    reportDuplicate(pcb, from: overlap.start, octets: overlap.length)
  }

  /// What the next segment tells, as far as there is room: what came twice, then what waits.
  func sackReports(_ pcb: Int32) -> TCPSackBlocks {
    let tcb = tcpcbs + Int(pcb)
    let board = sackBoards + Int(pcb)
    let most = tcb.pointee.flags.contains(.receivedTimestamp) ? 3 : TCPSackBlocks.limit
    var told = TCPSackBlocks()
    if let duplicate = board.pointee.duplicate { told.append(duplicate) }
    for index in 0..<board.pointee.reports.count where told.count < most {
      let block = board.pointee.reports[index]
      if block.start > tcb.pointee.rcvNxt { told.append(block) }
    }
    return told
  }

  /// Octets of options that `sackReports` takes.
  func sackOctets(_ pcb: Int32) -> Int64 {
    let count = sackReports(pcb).count
    return count == 0 ? 0 : 4 &+ 8 &* Int64(count)
  }
}
