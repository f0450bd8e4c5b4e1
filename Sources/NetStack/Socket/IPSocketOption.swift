// The options of IP that a socket may set. 4.4BSD: ip_ctloutput, ip_setmoptions of
// netinet/ip_output.c, rip_ctloutput of raw_ip.c. Left out: IP_OPTIONS, IP_RECVDSTADDR,
// IP_MULTICAST_IF: a group is joined, and sent to, on the interface that leads there.

import Wire

extension Kernel {
  /// ip_ctloutput, PRCO_SETOPT.
  func ipSetOption(_ index: Int32, _ option: SocketOption, _ value: Int64) -> CallResult {
    let pcb = sockets[Int(index)].pcb
    guard pcb >= 0 else { return .error(.EINVAL) }
    let sending = pcbs + Int(pcb)
    let octet = UInt8(truncatingIfNeeded: value)
    switch option {
    case .addMembership, .dropMembership:
      let group = IPv4Address(rawValue: UInt32(truncatingIfNeeded: value))
      let error =
        option == .addMembership
        ? joinGroup(index, group, interface: -1) : leaveGroup(index, group, interface: -1)
      return error.map { .error($0) } ?? .none
    case .includeHeader:
      guard sockets[Int(index)].kind == .raw else { return .error(.ENOPROTOOPT) }
      sending.pointee.includesHeader = value != 0
    case .multicastLoop: sending.pointee.sending.multicastLoops = value != 0
    case .timeToLive, .typeOfService, .multicastTimeToLive:
      if value < 0 || value > 255 { return .error(.EINVAL) }
      if option == .multicastTimeToLive {
        sending.pointee.sending.multicastTimeToLive = octet
      } else if option == .typeOfService {
        sending.pointee.sending.typeOfService = octet
      } else {
        // 0 stands for the host's own; a packet that may go nowhere is nobody's wish.
        if value == 0 { return .error(.EINVAL) }
        sending.pointee.sending.timeToLive = octet
      }
    default: return .error(.ENOPROTOOPT)
    }
    return .none
  }

  /// ip_ctloutput, PRCO_GETOPT.
  func ipGetOption(_ index: Int32, _ option: SocketOption) -> CallResult {
    let pcb = sockets[Int(index)].pcb
    guard pcb >= 0 else { return .error(.EINVAL) }
    let sending = pcbs[Int(pcb)].sending
    switch option {
    case .timeToLive:
      let own =
        sockets[Int(index)].kind == .raw || sockets[Int(index)].kind == .icmp
        ? Sending.maxTimeToLive : state.pointee.tunables.internet.timeToLive
      return .option(Int64(sending.timeToLive == 0 ? own : sending.timeToLive))
    case .typeOfService: return .option(Int64(sending.typeOfService))
    case .multicastTimeToLive: return .option(Int64(sending.multicastTimeToLive))
    case .multicastLoop: return .option(sending.multicastLoops ? 1 : 0)
    case .includeHeader: return .option(pcbs[Int(pcb)].includesHeader ? 1 : 0)
    default: return .error(.ENOPROTOOPT)
    }
  }
}
