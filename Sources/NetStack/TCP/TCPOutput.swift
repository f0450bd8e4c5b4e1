// TCP output: decides whether a segment may be sent now.
//
// RFC 9293 §3.8.6 (window management, silly windows), RFC 1122 §4.2.3.4 (Nagle), RFC 5681 §4.1
// (restart after idling). 4.4BSD: netinet/tcp_output.c up to its label send; the segment itself is
// built in TCPOutputBuild.swift.

import Wire

/// What is to be sent, before there is a buffer for it.
struct TCPPlan {
  /// Where the data begins, in octets from the start of the send buffer.
  var offset: Int32
  var length: Int32
  var flags: TCPFlags
  /// Room in the receive buffer; negative when it is over its limits.
  var space: Int64
  /// Octets of data in a full segment, beside the options that it will have.
  var full: Int64
  /// More could follow at once.
  var sendsMore: Bool
}

extension Kernel {
  /// tcp_output: sends what may be sent, segment by segment.
  ///
  /// - Returns: the error for the caller's user. A lack of buffers is none: it shuts the congestion
  ///   window and is silent, and when it comes before the timer is set nothing will try again.
  func tcpOutput(_ pcb: Int32) -> SocketError? {
    let tcb = tcpcbs + Int(pcb)
    // BSD panics. A socket that was never connected has nobody to write to.
    if tcb.pointee.template < 0 { return .ENOTCONN }
    let isIdle = tcb.pointee.sndMax == tcb.pointee.sndUna
    if isIdle && idleTicks(pcb) >= Int64(tcb.pointee.rxtcur) {
      restartSlowly(pcb)
    }
    if tcb.pointee.flags.isSuperset(of: [.recovering, .sackPermitted]) { sackOutput(pcb) }
    while true {
      guard let plan = planSegment(pcb) else { return nil }
      if !isWorthSending(pcb, plan, isIdle: isIdle) {
        beginPersist(pcb)
        return nil
      }
      let next = tcb.pointee.sndNxt
      switch sendSegment(pcb, plan) {
      case .failed(let error): return error
      case .sent: break
      }
      if !plan.sendsMore { return nil }
      precondition(tcb.pointee.sndNxt != next, "tcp_output makes no progress")
    }
  }

  /// Nothing was heard for a timeout: what the window was says nothing any more. RFC 5681 §4.1.
  private func restartSlowly(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    tcb.pointee.cwnd =
      rules.initialWindow > 0
      ? min(tcb.pointee.cwnd, initialWindow(pcb)) : UInt32(tcb.pointee.mss)
  }

  /// tcp_outflags: what each state puts into every segment. RFC 9293 §3.3.2.
  func outputFlags(of state: TCPState) -> TCPFlags {
    switch state {
    case .closed: [.rst, .ack]
    case .listen: []
    case .synSent: .syn
    case .synReceived: [.syn, .ack]
    case .established, .closeWait, .finWait2, .timeWait: .ack
    case .finWait1, .closing, .lastAck: [.fin, .ack]
    }
  }

  /// How much, from where, under which flags. nil: nothing, not even an ACK.
  @inline(__always)
  private func planSegment(_ pcb: Int32) -> TCPPlan? {
    let tcb = tcpcbs + Int(pcb)
    let socket = sockets + Int(pcbs[Int(pcb)].socket)
    let queued = Int64(socket.pointee.snd.cc)
    var offset = Int64(tcb.pointee.sndNxt - tcb.pointee.sndUna)
    var window = Int64(min(tcb.pointee.sndWnd, tcb.pointee.cwnd))
    var flags = outputFlags(of: tcb.pointee.state)
    // A FIN asked for in SYN_RECEIVED may go out; in SYN_SENT it waits (T/TCP alone sent it there).
    if tcb.pointee.flags.contains(.needFin) && tcb.pointee.state != .synSent { flags.insert(.fin) }
    if tcb.pointee.force {
      if window == 0 {
        // The probe is one octet of data; it is the FIN only when there is no data left.
        if offset < queued { flags.remove(.fin) }
        window = 1
      } else {
        disarm(.persist, of: pcb)
        tcb.pointee.rxtshift = 0
      }
    }
    var length = min(queued, window) &- offset
    if flags.contains(.syn) {
      if tcb.pointee.sndNxt > tcb.pointee.sndUna {
        // The SYN is under way; what follows it is data.
        flags.remove(.syn)
        offset &-= 1
        length &+= 1
        if length > 0 && tcb.pointee.state == .synSent { return nil }
      } else {
        length = 0
        flags.remove(.fin)
      }
    }
    if length < 0 {
      length = 0
      // The window has shrunk to nothing behind what is under way: probe instead of resending.
      if window == 0 {
        disarm(.rexmt, of: pcb)
        tcb.pointee.rxtshift = 0
        tcb.pointee.sndNxt = tcb.pointee.sndUna
        if tcb.pointee[.persist] < 0 { setPersist(pcb) }
      }
    }
    var full = Int64(tcb.pointee.mss)
    if tcb.pointee.flags.contains(.sackPermitted) { full &-= sackOctets(pcb) }
    let sendsMore = length > full
    if sendsMore { length = full }
    let end = tcb.pointee.sndUna + Int(queued)
    if tcb.pointee.sndNxt + Int(length) < end { flags.remove(.fin) }
    return TCPPlan(
      offset: Int32(truncatingIfNeeded: offset), length: Int32(truncatingIfNeeded: length),
      flags: flags, space: receiveSpace(pcb), full: full, sendsMore: sendsMore)
  }

  /// What the window may promise: room in the buffer, and where it follows the pool a free cluster
  /// for each segment.
  @inline(__always)
  func receiveSpace(_ pcb: Int32) -> Int64 {
    let space = Int64(sockets[Int(pcbs[Int(pcb)].socket)].rcv.space)
    if rules.window == .fixed { return space }
    let free = Int64(state.pointee.clusterPool.free)
    return min(space, free &* Int64(tcpcbs[Int(pcb)].mss))
  }

  /// The sender's and the receiver's silly window avoidance, Nagle, and everything that is urgent.
  @inline(__always)
  private func isWorthSending(_ pcb: Int32, _ plan: TCPPlan, isIdle: Bool) -> Bool {
    let tcb = tcpcbs + Int(pcb)
    let socket = sockets + Int(pcbs[Int(pcb)].socket)
    if plan.length > 0 {
      if Int64(plan.length) == plan.full || tcb.pointee.force { return true }
      let isHasty = isIdle || tcb.pointee.flags.contains(.noDelay)
      if isHasty && !tcb.pointee.flags.contains(.noPush)
        && plan.length &+ plan.offset >= socket.pointee.snd.cc
      {
        return true
      }
      let half = Int64(tcb.pointee.maxSndWnd / 2)
      if tcb.pointee.maxSndWnd > 0 && Int64(plan.length) >= half { return true }
      if tcb.pointee.sndNxt < tcb.pointee.sndMax { return true }
    }
    if isWindowUpdateDue(pcb, plan.space) { return true }
    if !tcb.pointee.flags.isDisjoint(with: [.ackNow, .urgent]), isPressing(pcb) { return true }
    if plan.flags.contains(.rst) || plan.flags.contains(.syn) { return true }
    return plan.flags.contains(.fin)
      && (!tcb.pointee.flags.contains(.sentFin) || tcb.pointee.sndNxt == tcb.pointee.sndUna)
  }

  /// An ACK that may not wait, or urgent data that the peer has not acknowledged.
  @inline(__always)
  private func isPressing(_ pcb: Int32) -> Bool {
    let tcb = tcpcbs + Int(pcb)
    return tcb.pointee.flags.contains(.ackNow) || tcb.pointee.sndUp > tcb.pointee.sndUna
  }

  /// A window that has opened by two segments, or by half the buffer. RFC 1122 §4.2.3.3.
  @inline(__always)
  private func isWindowUpdateDue(_ pcb: Int32, _ space: Int64) -> Bool {
    let tcb = tcpcbs + Int(pcb)
    if space <= 0 { return false }
    let most = Int64(TCPLimit.maxWindow) << Int64(tcb.pointee.rcvScale)
    let promised = Int64(tcb.pointee.rcvAdv - tcb.pointee.rcvNxt)
    let gain = min(space, most) &- promised
    if gain >= 2 &* Int64(tcb.pointee.mss) { return true }
    return 2 &* gain >= Int64(sockets[Int(pcbs[Int(pcb)].socket)].rcv.hiwat)
  }

  /// Data, nothing under way, and no timer: the window is shut, and somebody must ask. §3.8.6.1.
  @inline(__always)
  private func beginPersist(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    guard sockets[Int(pcbs[Int(pcb)].socket)].snd.cc > 0, tcb.pointee[.rexmt] < 0,
      tcb.pointee[.persist] < 0, isTimed(pcb)
    else { return }
    tcb.pointee.rxtshift = 0
    setPersist(pcb)
  }
}
