// What an ICMP error says, and whom it is told: in_pcbnotify and the table behind it.
//
// RFC 792, RFC 1122 §3.2.2. 4.4BSD: sys/protosw.h (PRC_…), icmp_input of netinet/ip_icmp.c,
// inetctlerrmap of ip_input.c, in_pcbnotify of in_pcb.c, udp_ctlinput. Left out: redirects (no pcb
// keeps a route, so there is none to forget) and PRC_HOSTDEAD (only IMPs said it).

import Wire

/// PRC_…: an ICMP error by what it means to a protocol.
public enum ControlCommand: UInt8, Sendable {
  case quench, messageSize
  case unreachableNetwork, unreachableHost, unreachableProtocol, unreachablePort
  case sourceRouteFailed, timeExceeded, reassemblyTimeExceeded, parameterProblem
  /// PRC_UNREACH_ADMIN_PROHIB: a filter on the way; 4.4BSD takes it for a network, a host that is
  /// gone, and does not know the last.
  case prohibitedNetwork, prohibitedHost, prohibited

  /// nil: no error, or a code that nobody has defined (icps_badcode).
  public init?(type: UInt8, code: UInt8) {
    switch type {
    case ICMPType.sourceQuench:
      guard code == 0 else { return nil }
      self = .quench
    case ICMPType.timeExceeded:
      guard code <= 1 else { return nil }
      self = code == 0 ? .timeExceeded : .reassemblyTimeExceeded
    case ICMPType.parameterProblem:
      guard code <= 1 else { return nil }
      self = .parameterProblem
    case ICMPType.unreachable:
      switch code {
      case ICMPUnreachable.network, ICMPUnreachable.networkUnknown,
        ICMPUnreachable.networkService:
        self = .unreachableNetwork
      case ICMPUnreachable.host, ICMPUnreachable.hostUnknown, ICMPUnreachable.isolated,
        ICMPUnreachable.hostService:
        self = .unreachableHost
      case ICMPUnreachable.networkProhibited: self = .prohibitedNetwork
      case ICMPUnreachable.hostProhibited: self = .prohibitedHost
      case ICMPUnreachable.communicationProhibited: self = .prohibited
      case ICMPUnreachable.protocol: self = .unreachableProtocol
      case ICMPUnreachable.port: self = .unreachablePort
      case ICMPUnreachable.fragmentationNeeded: self = .messageSize
      case ICMPUnreachable.sourceRouteFailed: self = .sourceRouteFailed
      default: return nil
      }
    default: return nil
    }
  }

  /// What FreeBSD takes as the end of a connect, where `Tunables.icmpMayReset`, and as which error.
  var hardError: SocketError? {
    switch self {
    case .unreachableProtocol, .unreachablePort, .prohibitedNetwork, .prohibitedHost, .prohibited:
      .ECONNREFUSED
    case .timeExceeded: .EHOSTUNREACH
    default: nil
    }
  }

  /// inetctlerrmap: the error for a socket; nil for what no socket is told.
  var error: SocketError? {
    switch self {
    case .unreachableNetwork, .unreachableHost, .sourceRouteFailed, .prohibitedNetwork,
      .prohibitedHost:
      .EHOSTUNREACH
    case .unreachableProtocol, .unreachablePort: .ECONNREFUSED
    case .messageSize: .EMSGSIZE
    case .parameterProblem: .ENOPROTOOPT
    case .quench, .timeExceeded, .reassemblyTimeExceeded, .prohibited: nil
    }
  }
}

/// The datagram of ours that an ICMP error complains of, as far as it quotes it.
public struct QuotedDatagram: Sendable {
  public var header: IPv4Header
  public var sourcePort: UInt16
  public var destinationPort: UInt16
  /// Of a TCP segment.
  public var sequence: SequenceNumber

  /// ICMP_ADVLENMIN: nil when the quotation is shorter than a header and eight octets.
  public init?(reading octets: UnsafeRawBufferPointer) {
    guard let header = IPv4Header(reading: octets), let base = octets.baseAddress,
      header.headerOctets >= 20, octets.count >= Int(header.headerOctets) + 8
    else { return nil }
    self.header = header
    let transport = base + Int(header.headerOctets)
    sourcePort = transport.bigEndian16(at: 0)
    destinationPort = transport.bigEndian16(at: 2)
    sequence = SequenceNumber(transport.bigEndian32(at: 4))
  }
}

extension Kernel {
  /// pr_ctlinput: an ICMP error has come about a datagram of ours.
  ///
  /// - Parameter nextHopMTU: of `.messageSize`; 0 when the router did not say.
  func controlInput(
    _ command: ControlCommand, _ quoted: QuotedDatagram, nextHopMTU: UInt16 = 0
  ) {
    if command == .messageSize {
      learnPathMTU(to: quoted.header.destination, suggested: nextHopMTU)
    }
    switch quoted.header.protocolNumber {
    case IPProtocol.tcp: pcbNotify(.stream, command, quoted) { tcpControl($0, command, quoted) }
    case IPProtocol.udp:
      guard let error = command.error else { return }
      pcbNotify(.datagram, command, quoted) { udpNotify($0, error) }
    default: break
    }
  }

  /// in_pcbnotify: every pcb that may have sent the datagram.
  private func pcbNotify(
    _ kind: SocketKind, _ command: ControlCommand, _ quoted: QuotedDatagram,
    _ notify: (Int32) -> Void
  ) {
    if quoted.header.destination == .any { return }
    var index = state.pointee.pcbList
    while index >= 0 {
      let pcb = pcbs[Int(index)]
      let next = pcb.listNext
      if pcb.kind == kind && pcb.remoteAddress == quoted.header.destination
        && pcb.remotePort == quoted.destinationPort && pcb.localPort == quoted.sourcePort
        && pcb.localAddress == quoted.header.source
      {
        notify(index)
      }
      index = next
    }
  }

  /// udp_notify: the next call on a connected socket reports it. RFC 1122 §4.1.3.3.
  private func udpNotify(_ pcb: Int32, _ error: SocketError) {
    let socket = pcbs[Int(pcb)].socket
    setError(socket, error)
    soWakeup(socket, .receive)
    soWakeup(socket, .send)
  }
}
