// setsockopt and getsockopt, and the two ioctls beside them. 4.4BSD: sosetopt, sogetopt of
// kern/uipc_socket.c, sys_socket.c. Those of IP are in IPSocketOption.swift.
//
// The value of an option crosses into the kernel in an mbuf (SimpleRoutine takes it). Left out:
// SO_DEBUG, SO_DONTROUTE, SO_USELOOPBACK, SO_TYPE.

/// What can be asked of a socket, or set. Times are nanoseconds, sizes octets, switches 0 or 1.
public enum SocketOption: UInt8, Sendable {
  case keepalive, reuseAddress, reusePort, broadcast, inlineUrgent
  /// Negative: off; 0: a close resets.
  case linger
  case sendBuffer, receiveBuffer, sendLowWater, receiveLowWater, sendTimeout, receiveTimeout
  /// so_error, as its number; -1: none. Asking clears it.
  case error
  case noDelay, noOptions, noPush, maxSegment
  /// How patient a connection is; times but the last, which is a number of probes.
  case keepInit, keepIdle, keepInterval, keepCount
  // IP: numbers of one octet, switches; a group's address to join or to leave.
  case timeToLive, typeOfService, multicastTimeToLive, multicastLoop, includeHeader
  case addMembership, dropMembership
  // ioctl: FIONBIO, SIOCATMARK, FIONREAD.
  case nonblocking, atMark, readable

  /// Its value takes no mbuf.
  var isControl: Bool { rawValue >= SocketOption.nonblocking.rawValue }

  fileprivate var bit: SocketOptions? {
    switch self {
    case .keepalive: .keepalive
    case .reuseAddress: .reuseAddress
    case .reusePort: .reusePort
    case .broadcast: .broadcast
    case .inlineUrgent: .inlineUrgent
    default: nil
    }
  }
}

extension Kernel {
  /// sosetopt, and tcp_ctloutput for the options of TCP.
  func soSetOption(_ index: Int32, _ option: SocketOption, _ value: Int64) -> CallResult {
    let socket = sockets + Int(index)
    if let bit = option.bit {
      if value != 0 {
        socket.pointee.options.insert(bit)
      } else {
        socket.pointee.options.remove(bit)
      }
      return .none
    }
    switch option {
    case .linger:
      if value < 0 {
        socket.pointee.options.remove(.linger)
      } else {
        socket.pointee.options.insert(.linger)
        socket.pointee.linger = TimeSpan(nanoseconds: value)
      }
    case .sendBuffer, .receiveBuffer:
      if value < 1 { return .error(.EINVAL) }
      let direction: Direction = option == .sendBuffer ? .send : .receive
      let octets = Int32(clamping: value)
      return sbReserve(index, direction, octets: octets) ? .none : .error(.ENOBUFS)
    case .sendLowWater, .receiveLowWater:
      if value < 1 { return .error(.EINVAL) }
      let sb = sockbuf(index, option == .sendLowWater ? .send : .receive)
      sb.pointee.lowat = min(Int32(clamping: value), sb.pointee.hiwat)
    case .sendTimeout, .receiveTimeout:
      // Whole ticks, rounded down; a short holds them.
      let ticks = value / state.pointee.tickNanoseconds
      if ticks > Int64(Int16.max) { return .error(.EDOM) }
      let sb = sockbuf(index, option == .sendTimeout ? .send : .receive)
      sb.pointee.timeout = Int32(truncatingIfNeeded: max(ticks, 0))
    case .nonblocking:
      if value != 0 {
        socket.pointee.state.insert(.nonblocking)
      } else {
        socket.pointee.state.remove(.nonblocking)
      }
    case .noDelay, .noOptions, .noPush, .maxSegment, .keepInit, .keepIdle, .keepInterval,
      .keepCount:
      return tcpSetOption(index, option, value)
    default: return ipSetOption(index, option, value)
    }
    return .none
  }

  /// sogetopt.
  func soGetOption(_ index: Int32, _ option: SocketOption) -> CallResult {
    let socket = sockets + Int(index)
    if let bit = option.bit { return .option(socket.pointee.options.contains(bit) ? 1 : 0) }
    let tick = state.pointee.tickNanoseconds
    switch option {
    case .linger:
      let isOn = socket.pointee.options.contains(.linger)
      return .option(isOn ? socket.pointee.linger.nanoseconds : -1)
    case .sendBuffer: return .option(Int64(socket.pointee.snd.hiwat))
    case .receiveBuffer: return .option(Int64(socket.pointee.rcv.hiwat))
    case .sendLowWater: return .option(Int64(socket.pointee.snd.lowat))
    case .receiveLowWater: return .option(Int64(socket.pointee.rcv.lowat))
    case .sendTimeout: return .option(Int64(socket.pointee.snd.timeout) * tick)
    case .receiveTimeout: return .option(Int64(socket.pointee.rcv.timeout) * tick)
    case .error:
      let error = socket.pointee.error
      socket.pointee.error = nil
      return .option(error.map { Int64($0.rawValue) } ?? -1)
    case .nonblocking: return .option(socket.pointee.state.contains(.nonblocking) ? 1 : 0)
    case .atMark: return .option(socket.pointee.state.contains(.receiveAtMark) ? 1 : 0)
    case .readable: return .option(Int64(socket.pointee.rcv.cc))
    case .noDelay, .noOptions, .noPush, .maxSegment, .keepInit, .keepIdle, .keepInterval,
      .keepCount:
      return tcpGetOption(index, option)
    default: return ipGetOption(index, option)
    }
  }

  /// tcp_ctloutput. TCP_MAXSEG only shrinks what the handshake has agreed.
  private func tcpSetOption(_ index: Int32, _ option: SocketOption, _ value: Int64) -> CallResult {
    guard sockets[Int(index)].kind == .stream else { return .error(.ENOPROTOOPT) }
    let pcb = sockets[Int(index)].pcb
    guard pcb >= 0 else { return .error(.ECONNRESET) }
    let tcb = tcpcbs + Int(pcb)
    if option == .maxSegment {
      let spent = optionsOfSegment(pcb)
      let octets = value - Int64(spent)
      if octets <= 0 || octets > Int64(tcb.pointee.mss) { return .error(.EINVAL) }
      tcb.pointee.mss = Int32(truncatingIfNeeded: octets)
      return .none
    }
    guard let bit = Kernel.flag(of: option) else { return setKeep(pcb, option, value) }
    if value != 0 { tcb.pointee.flags.insert(bit) } else { tcb.pointee.flags.remove(bit) }
    return .none
  }

  private func tcpGetOption(_ index: Int32, _ option: SocketOption) -> CallResult {
    guard sockets[Int(index)].kind == .stream else { return .error(.ENOPROTOOPT) }
    let pcb = sockets[Int(index)].pcb
    guard pcb >= 0 else { return .error(.ECONNRESET) }
    if option == .maxSegment {
      return .option(Int64(tcpcbs[Int(pcb)].mss &+ optionsOfSegment(pcb)))
    }
    guard let bit = Kernel.flag(of: option) else { return getKeep(pcb, option) }
    return .option(tcpcbs[Int(pcb)].flags.contains(bit) ? 1 : 0)
  }

  /// t_maxseg of later FreeBSD is what the handshake agreed, timestamps and all.
  private func optionsOfSegment(_ pcb: Int32) -> Int32 {
    let agreed: TcpcbFlags = [.requestTimestamp, .receivedTimestamp]
    let flags = tcpcbs[Int(pcb)].flags.intersection(agreed.union(.noOptions))
    return rules.wholeMaxSegment && flags == agreed ? 12 : 0
  }

  private static func flag(of option: SocketOption) -> TcpcbFlags? {
    switch option {
    case .noDelay: .noDelay
    case .noOptions: .noOptions
    case .noPush: .noPush
    default: nil
    }
  }
}
