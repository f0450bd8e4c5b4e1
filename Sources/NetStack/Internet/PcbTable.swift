// Making, finding and forgetting protocol control blocks. BSD: netinet/in_pcb.c.

import Wire

extension Kernel {
  /// in_pcballoc. Ours has a limit (the C heap does not): -1 when the table is full.
  func pcbAllocate(socket: Int32, kind: SocketKind) -> Int32 {
    let index: Int32
    if state.pointee.pcbFree >= 0 {
      index = state.pointee.pcbFree
      state.pointee.pcbFree = pcbs[Int(index)].listNext
    } else {
      if state.pointee.pcbHigh >= socketLimit { return -1 }
      index = state.pointee.pcbHigh
      state.pointee.pcbHigh &+= 1
    }
    var pcb = Inpcb()
    pcb.inUse = true
    pcb.kind = kind
    pcb.socket = socket
    state.pointee.pcbSerial &+= 1
    pcb.serial = state.pointee.pcbSerial
    pcb.listNext = state.pointee.pcbList
    pcbs[Int(index)] = pcb
    tcpcbs[Int(index)] = Tcpcb()
    if pcb.listNext >= 0 { pcbs[Int(pcb.listNext)].listPrevious = index }
    state.pointee.pcbList = index
    sockets[Int(socket)].pcb = index
    return index
  }

  /// in_pcbdetach: the socket is left without a protocol, and goes too when no descriptor holds it.
  func pcbDetach(_ index: Int32) {
    let socket = pcbs[Int(index)].socket
    sockets[Int(socket)].pcb = -1
    unhash(index)
    let pcb = pcbs[Int(index)]
    if pcb.listPrevious >= 0 {
      pcbs[Int(pcb.listPrevious)].listNext = pcb.listNext
    } else {
      state.pointee.pcbList = pcb.listNext
    }
    if pcb.listNext >= 0 { pcbs[Int(pcb.listNext)].listPrevious = pcb.listPrevious }
    pcbs[Int(index)] = Inpcb()
    pcbs[Int(index)].listNext = state.pointee.pcbFree
    state.pointee.pcbFree = index
    freeRoute()
    soFree(socket)
  }

  /// in_pcbbind: port 0 takes the next free one from 1024 up.
  func pcbBind(_ index: Int32, port: UInt16) -> SocketError? {
    let pcb = pcbs + Int(index)
    if pcb.pointee.localPort != 0 { return .EINVAL }
    var wanted = port
    if wanted == 0 {
      var tries = 0
      repeat {
        if tries > 4000 { return .EADDRNOTAVAIL }
        wanted = state.pointee.nextEphemeralPort
        state.pointee.nextEphemeralPort = wanted >= 5000 ? 1024 : wanted + 1
        tries += 1
      } while isBound(wanted, pcb.pointee.kind)
    } else if isTaken(wanted, for: index) {
      return .EADDRINUSE
    }
    pcb.pointee.localPort = wanted
    rehash(index)
    return nil
  }

  /// in_pcblookup of in_pcbbind: without SO_REUSEADDR or SO_REUSEPORT any pcb on the port is in the
  /// way; with them only one that has no peer either, unless both have SO_REUSEPORT.
  private func isTaken(_ port: UInt16, for wanted: Int32) -> Bool {
    let kind = pcbs[Int(wanted)].kind
    let options = sockets[Int(pcbs[Int(wanted)].socket)].options
    let reuses = !options.isDisjoint(with: [.reuseAddress, .reusePort])
    var index = state.pointee.pcbList
    while index >= 0 {
      let pcb = pcbs + Int(index)
      if pcb.pointee.localPort == port && pcb.pointee.kind == kind {
        if !reuses { return true }
        let hasPeer = pcb.pointee.remotePort != 0 || pcb.pointee.localAddress != .any
        let share = sockets[Int(pcb.pointee.socket)].options.intersection(options)
        if !hasPeer && !share.contains(.reusePort) { return true }
      }
      index = pcb.pointee.listNext
    }
    return false
  }

  private func isBound(_ port: UInt16, _ kind: SocketKind) -> Bool {
    var index = state.pointee.pcbList
    while index >= 0 {
      let pcb = pcbs + Int(index)
      if pcb.pointee.localPort == port && pcb.pointee.kind == kind { return true }
      index = pcb.pointee.listNext
    }
    return false
  }

  /// Gives a pcb its remote half; the local address is that of the interface on the way.
  func pcbConnect(_ index: Int32, to address: IPv4Address, port: UInt16) -> SocketError? {
    guard let interface = route(to: address) else { return .EHOSTUNREACH }
    let pcb = pcbs + Int(index)
    if pcb.pointee.localAddress == .any {
      pcb.pointee.localAddress = interfaces[Int(interface)].address
    }
    if pcb.pointee.localPort == 0, let error = pcbBind(index, port: 0) { return error }
    pcb.pointee.remoteAddress = address
    pcb.pointee.remotePort = port
    rehash(index)
    return nil
  }

  /// in_pcblookuphash: the connection, or (wildcard) who listens on the local port.
  func pcbLookup(
    _ kind: SocketKind, local: IPv4Address, localPort: UInt16, remote: IPv4Address,
    remotePort: UInt16
  ) -> Int32 {
    var index = pcbHash[chain(localPort, remotePort, remote)]
    while index >= 0 {
      let pcb = pcbs + Int(index)
      if pcb.pointee.localPort == localPort && pcb.pointee.remotePort == remotePort
        && pcb.pointee.remoteAddress == remote && pcb.pointee.kind == kind
        && pcb.pointee.localAddress == local
      {
        return index
      }
      index = pcb.pointee.hashNext
    }
    index = pcbHash[chain(localPort, 0, .any)]
    while index >= 0 {
      let pcb = pcbs + Int(index)
      if pcb.pointee.localPort == localPort && pcb.pointee.remotePort == 0
        && pcb.pointee.kind == kind
        && (pcb.pointee.localAddress == .any || pcb.pointee.localAddress == local)
      {
        return index
      }
      index = pcb.pointee.hashNext
    }
    return -1
  }

  /// Puts a pcb into the chain of its present addresses.
  func rehash(_ index: Int32) {
    unhash(index)
    let pcb = pcbs + Int(index)
    let head = chain(pcb.pointee.localPort, pcb.pointee.remotePort, pcb.pointee.remoteAddress)
    pcb.pointee.hashNext = pcbHash[head]
    pcb.pointee.hashChain = Int32(head)
    pcbHash[head] = index
  }

  private func unhash(_ index: Int32) {
    let pcb = pcbs + Int(index)
    if pcb.pointee.hashChain < 0 { return }
    let head = Int(pcb.pointee.hashChain)
    if pcbHash[head] == index {
      pcbHash[head] = pcb.pointee.hashNext
    } else {
      var before = pcbHash[head]
      while pcbs[Int(before)].hashNext != index { before = pcbs[Int(before)].hashNext }
      pcbs[Int(before)].hashNext = pcb.pointee.hashNext
    }
    pcb.pointee.hashChain = -1
    pcb.pointee.hashNext = -1
  }

  func chain(_ localPort: UInt16, _ remotePort: UInt16, _ remote: IPv4Address) -> Int {
    // Peers of a farm differ in any part of their address: BSD's sum would put them in few chains.
    let ports = UInt64(localPort) << 48 | UInt64(remotePort) << 32
    let mixed = (ports | UInt64(remote.rawValue)) &* 0x9E37_79B9_7F4A_7C15
    return Int(mixed >> 32) & (tables.pointee.chains &- 1)
  }
}
