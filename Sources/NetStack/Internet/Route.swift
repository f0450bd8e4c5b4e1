// Which interface leads to an address. Every interface's own network, nothing further: no gateways
// yet, because nothing in NetScript can declare one.

import Wire

extension Kernel {
  @inline(__always)
  func mask(of interface: Int32) -> IPv4Address {
    IPv4Address.mask(prefixLength: Int(interfaces[Int(interface)].prefixLength))
  }

  @inline(__always)
  func route(to address: IPv4Address) -> Int32? {
    for index in 0..<state.pointee.interfaceCount {
      let mask = mask(of: index)
      if interfaces[Int(index)].address.masked(by: mask) == address.masked(by: mask) {
        return index
      }
    }
    if address == .broadcast && state.pointee.interfaceCount > 0 { return 0 }
    return nil
  }

  @inline(__always)
  func isBroadcast(_ address: IPv4Address, on interface: Int32) -> Bool {
    address == .broadcast
      || address == interfaces[Int(interface)].address.directedBroadcast(mask: mask(of: interface))
  }

  @inline(__always)
  func isOurs(_ address: IPv4Address) -> Bool {
    for index in 0..<state.pointee.interfaceCount
    where interfaces[Int(index)].address == address {
      return true
    }
    return false
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
