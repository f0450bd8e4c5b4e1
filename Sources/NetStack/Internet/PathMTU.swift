// How large a packet may be on its way to a host: the route's MTU, learnt from routers.
//
// RFC 1191. 4.4BSD (FreeBSD 2.2): icmp_input of netinet/ip_icmp.c, where a message about a needed
// fragmentation changes rmx_mtu, and ip_next_mtu. A router that names no MTU is older than RFC
// 1191: the next smaller one of its table is tried. Below 296 octets the way is given up as a
// mistake: its packets may be cut from then on. After ten minutes all of it is forgotten.

import Wire

enum PathMTU {
  /// RFC 1191 §7.1, figure 7-1.
  static let plateaus: [Int32] = [
    65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68,
  ]
  /// Less than that is no honest answer.
  static let least: Int32 = 296
  /// RFC 1191 §6.3.
  static let lifetime = TimeSpan.seconds(600)
}

extension Kernel {
  /// rmx_mtu: octets of the largest packet to an address; nil: there is no way.
  func pathMTU(to address: IPv4Address) -> Int32? {
    guard let interface = route(to: address) else { return nil }
    let own = interfaces[Int(interface)].mtu
    if !state.pointee.knowsPathMTU { return own }
    guard let known = hostRoute(for: address), known.mtu > 0, known.mtuExpires > now else {
      return own
    }
    return min(known.mtu, own)
  }

  /// Whether packets to an address say that they may not be cut, so that a router complains.
  @inline(__always)
  func probesPath(to address: IPv4Address) -> Bool {
    state.pointee.tunables.discoversPathMTU && !pathIsLocked(to: address)
  }

  /// RTV_MTU: no more is to be learnt of this way, and routers may cut what goes there.
  func pathIsLocked(to address: IPv4Address) -> Bool {
    if !state.pointee.knowsPathMTU { return false }
    guard let known = hostRoute(for: address) else { return false }
    return known.isMTULocked && known.mtuExpires > now
  }

  /// A router could not pass a packet on that may not be cut.
  ///
  /// - Parameter suggested: the MTU that it names; 0: none.
  func learnPathMTU(to address: IPv4Address, suggested: UInt16) {
    guard probesPath(to: address),
      let interface = route(to: address), let present = pathMTU(to: address)
    else { return }
    var wanted = Int32(suggested)
    if wanted == 0 { wanted = PathMTU.plateaus.first { $0 < present } ?? 0 }
    var known = hostRoute(for: address) ?? HostRoute()
    known.address = address
    if wanted < PathMTU.least {
      known.mtu = interfaces[Int(interface)].mtu
      known.isMTULocked = true
    } else if wanted < present {
      known.mtu = wanted
      known.isMTULocked = false
    } else {
      return
    }
    known.mtuExpires = now + PathMTU.lifetime
    state.pointee.knowsPathMTU = true
    remember(known)
  }
}
