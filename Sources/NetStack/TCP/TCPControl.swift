// What ICMP errors mean to a connection.
//
// RFC 1122 §4.2.3.9 (soft errors do not end a connection), RFC 792 (source quench), RFC 1191
// (path MTU). 4.4BSD: tcp_ctlinput, tcp_notify and tcp_mtudisc of netinet/tcp_subr.c. Where RFC
// 1122 asks for an end at once (port and protocol) BSD only remembers: its connection ends by its
// timer, with that error.

import Wire

extension Kernel {
  /// tcp_ctlinput for one of the connections that are meant.
  func tcpControl(_ pcb: Int32, _ command: ControlCommand, _ quoted: QuotedDatagram) {
    let tcb = tcpcbs + Int(pcb)
    // RFC 5927 §4.1: whoever does not see the connection cannot quote what is under way.
    if rules.rfc5927
      && (quoted.sequence < tcb.pointee.sndUna || quoted.sequence >= tcb.pointee.sndMax)
    {
      return
    }
    if state.pointee.tunables.icmpMayReset && tcb.pointee.state == .synSent,
      let error = command.hardError
    {
      return tcpDrop(pcb, error)
    }
    switch command {
    case .quench: tcpQuench(pcb)
    case .messageSize: tcpMtuDiscover(pcb)
    default:
      if let error = command.error { tcpNotify(pcb, error) }
    }
  }

  /// tcp_mtudisc: segments become as small as the way is narrow, and what is under way goes again.
  func tcpMtuDiscover(_ pcb: Int32) {
    let tcb = tcpcbs + Int(pcb)
    guard let mtu = pathMTU(to: pcbs[Int(pcb)].remoteAddress) else {
      tcb.pointee.mss = rules.mssDefault
      return
    }
    let agreed: TcpcbFlags = [.requestTimestamp, .receivedTimestamp]
    let hasStamps = tcb.pointee.flags.intersection(agreed.union(.noOptions)) == agreed
    let room = mtu &- TCPLimit.headerOctets &- (hasStamps ? 12 : 0)
    let hiwat = sockets[Int(pcbs[Int(pcb)].socket)].snd.hiwat
    let mss = max(min(room, max(hiwat, 1)), 1)
    if tcb.pointee.mss <= mss { return }
    tcb.pointee.mss = mss
    state.pointee.statistics.tcpMtuResent &+= 1
    tcb.pointee.rttStartTick = -1
    tcb.pointee.sndNxt = tcb.pointee.sndUna
    _ = tcpOutput(pcb)
  }

  /// tcp_notify: an established connection does not mind a way that is gone for a while; one that
  /// comes about gives up at the second error, when it has asked four times.
  private func tcpNotify(_ pcb: Int32, _ error: SocketError) {
    let tcb = tcpcbs + Int(pcb)
    let socket = pcbs[Int(pcb)].socket
    if tcb.pointee.state == .established && error == .EHOSTUNREACH { return }
    if tcb.pointee.state < .established && tcb.pointee.rxtshift > 3
      && tcb.pointee.softError != nil
    {
      setError(socket, error)
    } else {
      tcb.pointee.softError = error
    }
    wakeConnect(socket)
    soWakeup(socket, .receive)
    soWakeup(socket, .send)
  }
}
