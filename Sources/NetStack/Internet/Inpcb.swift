// The protocol control block: an address pair, and for TCP the connection's state beside it.
//
// 4.4BSD: netinet/in_pcb.h. A hash of 128 chains as TCBHASHSIZE has it, more where there are many
// interfaces; one list in order of birth, newest first, because tcp_slowtimo walks it so.

import Wire

public struct Inpcb {
  public internal(set) var inUse = false
  public internal(set) var kind: SocketKind = .stream
  public internal(set) var socket: Int32 = -1
  public internal(set) var localAddress = IPv4Address.any
  public internal(set) var remoteAddress = IPv4Address.any
  public internal(set) var localPort: UInt16 = 0
  public internal(set) var remotePort: UInt16 = 0
  /// Of a raw socket: inp_ip.ip_p, 0 for any; and IP_HDRINCL.
  public internal(set) var protocolNumber: UInt8 = 0
  public internal(set) var includesHeader = false
  /// inp_ip, inp_moptions.
  var sending = Sending()
  var hashNext: Int32 = -1
  var hashChain: Int32 = -1
  var listNext: Int32 = -1
  var listPrevious: Int32 = -1
  /// How many connections the host had opened before this one: stable, for reports.
  public internal(set) var serial: Int32 = 0
}
