// Which interface leads to an address, and over whom: every interface's own network, this host by
// lo0, and routes with gateways.
//
// RFC 1122 §3.3.1. 4.4BSD: net/route.c, netinet/in.c (in_broadcast). A list in place of the radix
// tree: the longest prefix wins, and a host without gateways never looks at it. Left out: routes
// that a script changes while the host runs; redirects do.

import Wire

/// rtentry, where a gateway is needed: RTF_GATEWAY.
public struct Way: Equatable, Sendable {
  public internal(set) var destination = IPv4Address.any
  public internal(set) var prefixLength: Int32 = 0
  public internal(set) var gateway = IPv4Address.any
  public internal(set) var interface: Int32 = 0
  /// RTF_DYNAMIC: learnt from a redirect.
  public internal(set) var isDynamic = false

  /// RTF_HOST.
  public var isHost: Bool { prefixLength == 32 }
}

/// What ip_output needs of a route.
struct Hop {
  var interface: Int32
  /// The gateway, or the destination itself.
  var next: IPv4Address
  /// Whether the route was learnt, which forbids to redirect others to it.
  var isDynamic = false
}

extension Kernel {
  /// lo0, behind the interfaces that are real.
  @inline(__always)
  var loopback: Int32 { state.pointee.interfaceCount }

  @inline(__always)
  func route(to address: IPv4Address) -> Int32? { hop(to: address)?.interface }

  /// rtalloc.
  @inline(__always)
  func hop(to address: IPv4Address) -> Hop? {
    if hasIndexedAddresses { return hopByIndex(to: address) }
    if state.pointee.wayCount == 0 {
      for index in 0..<state.pointee.interfaceCount {
        let ifnet = interfaces + Int(index)
        let difference = ifnet.pointee.address.rawValue ^ address.rawValue
        if difference & ifnet.pointee.mask == 0 {
          let isSelf = difference == 0 || state.pointee.interfaceCount > 1 && isOurs(address)
          return Hop(interface: isSelf ? loopback : index, next: address)
        }
      }
    }
    return hopByTable(to: address)
  }

  @inline(never)
  private func hopByIndex(to address: IPv4Address) -> Hop? {
    if state.pointee.wayCount == 0, let interface = neighbouringInterfaceByIndex(of: address) {
      return Hop(interface: isOursByIndex(address) ? loopback : interface, next: address)
    }
    return hopByTable(to: address)
  }

  @inline(never)
  private func hopByTable(to address: IPv4Address) -> Hop? {
    if isOurs(address) || address.isLoopback { return Hop(interface: loopback, next: address) }
    let own = ownNetwork(of: address)
    var best = own.map { Hop(interface: $0.interface, next: address) }
    var longest = own?.prefixLength ?? -1
    for index in 0..<Int(state.pointee.wayCount) {
      let way = ways[index]
      let mask = IPv4Address.mask(prefixLength: Int(way.prefixLength))
      if way.prefixLength <= longest || address.masked(by: mask) != way.destination { continue }
      longest = way.prefixLength
      best = Hop(interface: way.interface, next: way.gateway, isDynamic: way.isDynamic)
    }
    if best == nil && state.pointee.interfaceCount > 0
      && (address == .broadcast || address.isMulticast)
    {
      return Hop(interface: 0, next: address)
    }
    return best
  }

  /// The interface whose own network is the narrowest around an address, the first of equals.
  private func ownNetwork(of address: IPv4Address) -> (interface: Int32, prefixLength: Int32)? {
    if hasIndexedAddresses { return ownNetworkByIndex(of: address) }
    var own: (interface: Int32, prefixLength: Int32)?
    for index in 0..<state.pointee.interfaceCount {
      let ifnet = interfaces + Int(index)
      let differs = (ifnet.pointee.address.rawValue ^ address.rawValue) & ifnet.pointee.mask != 0
      if differs || ifnet.pointee.prefixLength <= own?.prefixLength ?? -1 { continue }
      own = (index, ifnet.pointee.prefixLength)
    }
    return own
  }

  /// in_pcbladdr: the address that a packet to there comes from.
  func sourceAddress(to address: IPv4Address, by hop: Hop) -> IPv4Address {
    hop.interface == loopback && !address.isLoopback
      ? address : interfaces[Int(hop.interface)].address
  }

  /// in_broadcast: all ones in the host part or, of old, all zeros.
  @inline(__always)
  func isBroadcast(_ address: IPv4Address, on interface: Int32) -> Bool {
    let ifnet = interfaces + Int(interface)
    let mask = ifnet.pointee.mask
    if (ifnet.pointee.address.rawValue ^ address.rawValue) & mask == 0 {
      let part = address.rawValue & ~mask
      return part == 0 || part == ~mask
    }
    return isFarBroadcast(address, ifnet.pointee.address)
  }

  /// The limited broadcast, nobody's address, or (ia_netbroadcast) that of the whole class.
  @inline(never)
  private func isFarBroadcast(_ address: IPv4Address, _ own: IPv4Address) -> Bool {
    if address == .broadcast || address == .any { return true }
    if own.isLoopback { return false }
    let leading = (~own.rawValue).leadingZeroBitCount
    let mask = IPv4Address.mask(prefixLength: leading == 0 ? 8 : leading == 1 ? 16 : 24)
    guard address.masked(by: mask) == own.masked(by: mask) else { return false }
    let part = address.rawValue & ~mask.rawValue
    return part == 0 || part == ~mask.rawValue
  }

  /// Whether a packet to there is for whoever hears it, on any interface of ours.
  ///
  /// - Parameter likely: the interface that it came over; -1: nobody knows.
  func isAnyBroadcast(_ address: IPv4Address, likely: Int32 = -1) -> Bool {
    let isReal = likely >= 0 && likely < state.pointee.interfaceCount
    if isReal && isBroadcast(address, on: likely) { return true }
    for index in 0..<state.pointee.interfaceCount where isBroadcast(address, on: index) {
      return true
    }
    return false
  }

  @inline(__always)
  func isOurs(_ address: IPv4Address) -> Bool {
    if hasIndexedAddresses { return isOursByIndex(address) }
    for index in 0..<state.pointee.interfaceCount
    where interfaces[Int(index)].address == address {
      return true
    }
    return address == .localHost
  }

  /// in_localaddr: on a network of our own, as far as its mask says so.
  func isLocal(_ address: IPv4Address) -> Bool {
    address.isLoopback || neighbouringInterface(of: address) != nil
  }

  /// ifa_ifwithnet: the interface on whose own network an address lies.
  func neighbouringInterface(of address: IPv4Address) -> Int32? {
    if hasIndexedAddresses { return neighbouringInterfaceByIndex(of: address) }
    for index in 0..<state.pointee.interfaceCount {
      let ifnet = interfaces[Int(index)]
      if (ifnet.address.rawValue ^ address.rawValue) & ifnet.mask == 0 { return index }
    }
    return nil
  }

  // MARK: routes with gateways

  /// RTM_ADD. False when the gateway is nobody's neighbour, or the table is full.
  @discardableResult
  func addWay(
    to destination: IPv4Address, prefixLength: Int32, by gateway: IPv4Address,
    isDynamic: Bool = false
  ) -> Bool {
    guard let interface = neighbouringInterface(of: gateway) else { return false }
    var way = Way()
    way.destination = destination.masked(by: .mask(prefixLength: Int(prefixLength)))
    way.prefixLength = prefixLength
    way.gateway = gateway
    way.interface = interface
    way.isDynamic = isDynamic
    for index in 0..<Int(state.pointee.wayCount)
    where ways[index].destination == way.destination && ways[index].prefixLength == prefixLength {
      ways[index] = way
      return true
    }
    if state.pointee.wayCount == ArenaLayout.wayLimit { return false }
    ways[Int(state.pointee.wayCount)] = way
    state.pointee.wayCount += 1
    return true
  }

  // MARK: host routes (in_rmx.c): what a connection leaves to the next one

  func hostRoute(for address: IPv4Address) -> HostRoute? {
    for index in 0..<state.pointee.routeCount where routes[Int(index)].address == address {
      return routes[Int(index)]
    }
    return nil
  }

  /// Keeps a connection's estimator. A full table forgets its oldest entry.
  func remember(_ route: HostRoute) {
    for index in 0..<state.pointee.routeCount where routes[Int(index)].address == route.address {
      routes[Int(index)] = route
      return
    }
    if state.pointee.routeCount == ArenaLayout.routeLimit {
      for index in 1..<Int(ArenaLayout.routeLimit) { routes[index - 1] = routes[index] }
      state.pointee.routeCount -= 1
    }
    routes[Int(state.pointee.routeCount)] = route
    state.pointee.routeCount += 1
  }
}

extension Host {
  /// A declared route. False when the gateway is on no network of this host's, or the table full.
  public mutating func addRoute(
    to destination: IPv4Address, prefixLength: Int32, by gateway: IPv4Address,
    _ context: inout Context
  ) -> Bool {
    enter(&context) { kernel in
      kernel.addWay(to: destination, prefixLength: prefixLength, by: gateway)
    }
  }

  /// Routes with gateways, in the order in which they came.
  public var ways: [Way] {
    inspect { kernel in (0..<Int(kernel.state.pointee.wayCount)).map { kernel.ways[$0] } }
  }

  /// The route with a gateway that leads to an address; nil for neighbours and the unreachable.
  public func way(to address: IPv4Address) -> Way? {
    var best: Way?
    for way in ways
    where address.masked(by: .mask(prefixLength: Int(way.prefixLength))) == way.destination
      && way.prefixLength > best?.prefixLength ?? -1
    {
      best = way
    }
    let own = inspect { $0.neighbouringInterface(of: address).map { $0 } }
    return own == nil || best?.isHost == true ? best : nil
  }

  /// What is known of single hosts, the oldest first.
  public var hostRoutes: [HostRoute] {
    inspect { kernel in (0..<Int(kernel.state.pointee.routeCount)).map { kernel.routes[$0] } }
  }
}
