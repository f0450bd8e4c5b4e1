// What a socket asks of TCP: the calls of the user interface.
//
// RFC 9293 §3.10.1 – §3.10.6 (OPEN, SEND, RECEIVE, CLOSE, ABORT). 4.4BSD: netinet/tcp_usrreq.c.
// Left out: implied connects, and TAO (T/TCP).

import Wire

extension Kernel {
  /// tcp_usr_attach: gives a socket its protocol half. A socket that inherited limits keeps them.
  func tcpAttach(_ socket: Int32) -> SocketError? {
    precondition(sockets[Int(socket)].pcb < 0, "a socket is attached twice")
    let so = sockets + Int(socket)
    if so.pointee.snd.hiwat == 0 || so.pointee.rcv.hiwat == 0 {
      let tunables = state.pointee.tunables
      so.pointee.snd.lowat = tunables.sendLowWater
      so.pointee.rcv.lowat = 1
      guard sbReserve(socket, .send, octets: tunables.sendSpace),
        sbReserve(socket, .receive, octets: tunables.receiveSpace)
      else { return .ENOBUFS }
    }
    let pcb = pcbAllocate(socket: socket, kind: .stream)
    if pcb < 0 { return .ENOBUFS }
    tcpInitialize(pcb)
    return nil
  }

  /// tcp_usr_listen: a port of its own when it has none yet. BSD would turn even a connection into
  /// a listener; here that is EINVAL.
  @discardableResult
  func tcpListen(_ pcb: Int32) -> SocketError? {
    if tcpcbs[Int(pcb)].state > .listen { return .EINVAL }
    if pcbs[Int(pcb)].localPort == 0, let error = pcbBind(pcb, port: 0) { return error }
    setState(pcb, .listen)
    return nil
  }

  /// tcp_usr_connect: the first SYN of an active open. RFC 9293 §3.10.1.
  func tcpConnect(_ pcb: Int32, to address: IPv4Address, port: UInt16) -> SocketError? {
    let socket = pcbs[Int(pcb)].socket
    // One that has been closed lives on for a while behind its socket.
    if tcpcbs[Int(pcb)].state != .closed { return .EISCONN }
    if isInUse(pcb, address, port) { return .EADDRINUSE }
    if let error = pcbConnect(pcb, to: address, port: port) { return error }
    if !tcpTakeTemplate(pcb) { return .ENOBUFS }
    tcpChooseScale(pcb)
    soIsConnecting(socket)
    state.pointee.statistics.tcp.attempts &+= 1
    setState(pcb, .synSent)
    arm(.keep, of: pcb, ticks: tcpcbs[Int(pcb)].times.keepInit(rules))
    tcpStartSending(pcb, from: nil)
    renewCount(pcb)
    return tcpOutput(pcb)
  }

  /// in_pcbladdr's test: whether these two addresses have a connection already.
  private func isInUse(_ pcb: Int32, _ address: IPv4Address, _ port: UInt16) -> Bool {
    guard pcbs[Int(pcb)].localPort != 0, let interface = route(to: address) else { return false }
    let local = pcbs[Int(pcb)].localAddress
    let found = pcbLookup(
      .stream, local: local == .any ? interfaces[Int(interface)].address : local,
      localPort: pcbs[Int(pcb)].localPort, remote: address, remotePort: port)
    return found >= 0 && found != pcb && pcbs[Int(found)].remotePort == port
      && pcbs[Int(found)].remoteAddress == address
  }

  /// tcp_usr_send: data for the stream.
  ///
  /// When the connection is gone the data is not freed: RTEMS's prologue returns EINVAL and nobody
  /// refers to the buffer any more, for good. `tcp.send_frees` is the later correction.
  ///
  /// - Parameter moreToCome: it waits in the send buffer for what the same write brings.
  func tcpSend(
    _ socket: Int32, _ chain: Int32, isUrgent: Bool = false, moreToCome: Bool = false
  ) -> SocketError? {
    let pcb = sockets[Int(socket)].pcb
    if pcb < 0 {
      if state.pointee.tunables.sendFrees {
        mFreem(chain, .notConnected)
      } else {
        leak(chain, .unsent)
      }
      return .EINVAL
    }
    if isUrgent { return tcpSendUrgent(pcb, chain) }
    sbAppend(socket, .send, chain)
    return moreToCome ? nil : tcpOutput(pcb)
  }

  /// PRU_RCVD: the user has taken data; the window may have opened.
  func tcpReceived(_ pcb: Int32) { _ = tcpOutput(pcb) }

  /// tcp_disconnect: the user wants neither to send nor to receive. The pcb may be gone afterwards.
  func tcpDisconnect(_ pcb: Int32) {
    let socket = pcbs[Int(pcb)].socket
    if tcpcbs[Int(pcb)].state < .established {
      tcpClose(pcb)
      return
    }
    if sockets[Int(socket)].options.contains(.linger) && sockets[Int(socket)].linger == .zero {
      tcpDrop(pcb, nil)
      return
    }
    soIsDisconnecting(socket)
    sbFlush(socket, .receive)
    if tcpUserClosed(pcb) { _ = tcpOutput(pcb) }
  }

  /// tcp_usr_shutdown: no more will be sent. The pcb may be gone afterwards.
  func tcpShutdown(_ pcb: Int32) {
    soCantSendMore(pcbs[Int(pcb)].socket)
    if tcpUserClosed(pcb) { _ = tcpOutput(pcb) }
  }

  /// tcp_usr_abort: at once, and the peer is told. RFC 9293 §3.10.5.
  func tcpAbort(_ pcb: Int32) { tcpDrop(pcb, .ECONNABORTED) }

  /// tcp_usrclosed: CLOSE in each state. RFC 9293 §3.10.4.
  ///
  /// - Returns: whether there is still a connection.
  private func tcpUserClosed(_ pcb: Int32) -> Bool {
    let tcb = tcpcbs + Int(pcb)
    precondition(pcbs[Int(pcb)].inUse, "a connection is closed that does not exist")
    switch tcb.pointee.state {
    case .closed, .listen:
      tcpClose(pcb)
      return false
    case .synSent, .synReceived: tcb.pointee.flags.insert(.needFin)
    case .established: setState(pcb, .finWait1)
    case .closeWait:
      setState(pcb, .lastAck)
      if !isTimed(pcb) {
        disarm(.rexmt, of: pcb)
        disarm(.persist, of: pcb)
      }
    case .finWait1, .closing, .lastAck, .finWait2, .timeWait: break
    }
    if tcb.pointee.state >= .finWait2 {
      soIsDisconnected(pcbs[Int(pcb)].socket)
      // An orphan in FIN_WAIT_2 may wait for a FIN that never comes.
      if tcb.pointee.state == .finWait2 && rules.finWait2Timer {
        arm(.msl2, of: pcb, ticks: maxIdle(pcb))
      }
    }
    return true
  }
}
