// lo0: what a host sends to itself. 4.4BSD: net/if_loop.c.
//
// No driver and no link: looutput puts the packet on ipintrq as it is, clusters shared with whoever
// sent it.

import Wire

extension IPv4Address {
  /// INADDR_LOOPBACK: lo0's, of every host.
  static let localHost = IPv4Address(127, 0, 0, 1)
}

extension Ifnet {
  /// LOMTU.
  static let loopbackMTU: Int32 = 16384

  static var loopback: Ifnet {
    var ifnet = Ifnet()
    ifnet.address = .localHost
    ifnet.prefixLength = 8
    ifnet.mask = 0xFF00_0000
    ifnet.mtu = loopbackMTU
    return ifnet
  }
}

extension Kernel {
  /// looutput.
  func loopbackOutput(_ packet: Int32) -> SocketError? {
    let ifnet = interfaces + Int(loopback)
    mbuf(packet).pointee.interface = Int16(loopback)
    let octets = mbuf(packet).pointee.packetLength
    ifnet.pointee.framesOut &+= 1
    guard enqueue(packet, on: &state.pointee.ipQueue, .ipq) else {
      trace(.ipDrop, 0)
      return .ENOBUFS
    }
    ifnet.pointee.framesIn &+= 1
    ifnet.pointee.octetsIn &+= Int64(octets)
    return nil
  }
}

extension Host {
  /// lo0.
  public var loopback: Ifnet { inspect { $0.interfaces[Int($0.loopback)] } }
}
