// What ICMP errors mean to a connection.
//
// RFC 1122 §4.2.3.9 (soft errors do not end a connection), RFC 792 (source quench). 4.4BSD:
// tcp_ctlinput and tcp_notify of netinet/tcp_subr.c. Where RFC 1122 asks for an end at once (port
// and protocol) BSD only remembers: its connection ends by its timer, with that error.

extension Kernel {
  /// tcp_ctlinput for one of the connections that are meant.
  func tcpControl(_ pcb: Int32, _ command: ControlCommand) {
    switch command {
    case .quench: tcpQuench(pcb)
    case .messageSize: break
    default:
      if let error = command.error { tcpNotify(pcb, error) }
    }
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
