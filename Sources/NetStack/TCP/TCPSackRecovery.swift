// The sender's half of SACK: what is lost, and how much of it may be sent again.
//
// RFC 6675 §5 (the conservative recovery algorithm), RFC 2018 §5, RFC 2883 §5 (a duplicate is
// counted; nothing is undone). FreeBSD: netinet/tcp_sack.c, which approximates the pipe by what was
// sent again since.

import Wire

extension Kernel {
  private func loss(_ pcb: Int32) -> SackLoss {
    let threshold = Int(rules.dupAckThreshold)
    return SackLoss(ranges: threshold, octets: (threshold - 1) * Int(tcpcbs[Int(pcb)].mss))
  }

  /// Update(): the blocks of an ACK enter the scoreboard.
  ///
  /// - Returns: whether anything of it was new.
  func takeSack(_ pcb: Int32, _ segment: TCPSegment) -> Bool {
    let tcb = tcpcbs + Int(pcb)
    guard tcb.pointee.flags.contains(.sackPermitted), tcb.pointee.state >= .established else {
      return false
    }
    let una = SequenceNumber.later(tcb.pointee.sndUna, segment.acknowledgment)
    let blocks = segment.options.sack
    var first = 0
    if isDuplicateReport(blocks, una) {
      state.pointee.statistics.tcpDsacks &+= 1
      first = 1
    }
    var hasNews = false
    for index in first..<blocks.count {
      let block = blocks[index]
      let isOld = block.start < block.end && block.end <= una
      if isOld { continue }
      let isSound =
        block.start < block.end && block.start > una && block.end <= tcb.pointee.sndMax
      if !isSound {
        state.pointee.statistics.tcpSackBad &+= 1
      } else if let new = sackBoards[Int(pcb)].add(block) {
        if new > 0 { hasNews = true }
      } else {
        state.pointee.statistics.tcpSackOverflows &+= 1
      }
    }
    return hasNews
  }

  /// A first block below the ACK, or inside the second one: it came twice. RFC 2883 §4.
  private func isDuplicateReport(_ blocks: TCPSackBlocks, _ una: SequenceNumber) -> Bool {
    guard blocks.count > 0, blocks[0].start < blocks[0].end else { return false }
    if blocks[0].end <= una { return true }
    return blocks.count > 1 && blocks[1].start <= blocks[0].start
      && blocks[0].end <= blocks[1].end
  }

  /// IsLost (SND.UNA): enough has arrived behind it, however few ACKs have told.
  func firstIsLost(_ pcb: Int32) -> Bool {
    let board = sackBoards + Int(pcb)
    return board.pointee.count > 0 && board.pointee.isLost(before: 0, loss(pcb))
  }

  /// §5 step 4: halves the window, and sends the first segment again whatever the pipe holds.
  func beginSackRecovery(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    let board = sackBoards + Int(pcb)
    let una = tcb.pointee.sndUna
    tcb.pointee.ssthresh = halfFlight(pcb)
    tcb.pointee.cwnd = tcb.pointee.ssthresh
    tcb.pointee.dupAcks = max(tcb.pointee.dupAcks, rules.dupAckThreshold)
    tcb.pointee.rttStartTick = -1
    arm(.rexmt, of: pcb, ticks: Int64(tcb.pointee.rxtcur))
    board.pointee.highRxt = una
    let hole = board.pointee.firstHole(from: una)?.block.length ?? (tcb.pointee.sndMax - una)
    let octets = min(hole, Int(tcb.pointee.mss))
    if sendRange(pcb, from: una, octets: octets) { board.pointee.highRxt = una + octets }
    board.pointee.rescueRxt = board.pointee.highRxt
    sackOutput(pcb)
  }

  /// §5 step C: segments, as long as the pipe has room for one.
  func sackOutput(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    let pipe = sackBoards[Int(pcb)].pipe(
      from: tcb.pointee.sndUna, to: tcb.pointee.sndMax, loss(pcb))
    var room = Int(tcb.pointee.cwnd) - pipe
    while room >= Int(tcb.pointee.mss) {
      let octets = sendNextRange(pcb)
      if octets <= 0 { return }
      room -= octets
    }
  }

  /// NextSeg (), and the segment it names.
  ///
  /// - Returns: how much was sent; 0: nothing is to be sent, or could be.
  private func sendNextRange(_ pcb: Int32) -> Int {
    let tcb = tcpcbs + Int(pcb)
    let board = sackBoards + Int(pcb)
    let una = tcb.pointee.sndUna
    let mss = Int(tcb.pointee.mss)
    let hole = board.pointee.firstHole(from: una)
    // (1) What is lost, (2) new data, (3) what may be lost.
    let isLost = hole.map { board.pointee.isLost(before: $0.index, loss(pcb)) } ?? false
    if !isLost {
      let new = newOctets(pcb)
      if new > 0 { return sendRange(pcb, from: tcb.pointee.sndMax, octets: new) ? new : 0 }
    }
    if let hole {
      let octets = min(hole.block.length, mss)
      guard sendRange(pcb, from: hole.block.start, octets: octets) else { return 0 }
      board.pointee.highRxt = hole.block.start + octets
      return octets
    }
    // (4) Once a recovery: the tail, of which nobody would hear.
    if una <= board.pointee.rescueRxt { return 0 }
    let tail = board.pointee.lastHole(from: una, to: tcb.pointee.sndMax)
    let octets = min(tail.length, mss)
    guard octets > 0, sendRange(pcb, from: tail.end - octets, octets: octets) else { return 0 }
    board.pointee.rescueRxt = tcb.pointee.recover
    return octets
  }

  /// How much of the send buffer has never been sent, and may be: a full segment, or its end.
  private func newOctets(_ pcb: Int32) -> Int {
    let tcb = tcpcbs + Int(pcb)
    if tcb.pointee.flags.contains(.sentFin) { return 0 }
    let sent = tcb.pointee.sndMax - tcb.pointee.sndUna
    let queued = Int(sockets[Int(pcbs[Int(pcb)].socket)].snd.cc)
    let octets = min(queued, Int(tcb.pointee.sndWnd)) - sent
    let mss = Int(tcb.pointee.mss)
    return octets >= mss ? mss : sent + octets == queued ? max(octets, 0) : 0
  }

  /// One segment from anywhere in the send buffer; SND.NXT is not moved back.
  private func sendRange(_ pcb: Int32, from start: SequenceNumber, octets: Int) -> Bool {
    let tcb = tcpcbs + Int(pcb)
    let socket = sockets + Int(pcbs[Int(pcb)].socket)
    let next = tcb.pointee.sndNxt
    let offset = start - tcb.pointee.sndUna
    let queued = Int(socket.pointee.snd.cc)
    let full = Int64(tcb.pointee.mss) &- sackOctets(pcb)
    // What is beyond the data is a FIN.
    let length = min(octets, queued - offset, Int(full))
    var flags = outputFlags(of: tcb.pointee.state)
    if offset + length < queued { flags.remove(.fin) }
    if length < 0 || length == 0 && !flags.contains(.fin) { return false }
    tcb.pointee.sndNxt = start
    let plan = TCPPlan(
      offset: Int32(offset), length: Int32(length), flags: flags,
      space: receiveSpace(pcb), full: full, sendsMore: false)
    let sent = sendSegment(pcb, plan)
    tcb.pointee.sndNxt = SequenceNumber.later(next, tcb.pointee.sndNxt)
    if case .sent = sent { return true }
    return false
  }
}
