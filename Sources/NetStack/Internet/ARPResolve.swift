// ARP, the asking side: a neighbour's Ethernet address, and the packets that wait for it.
//
// RFC 826, RFC 1122 §2.3.2. 4.4BSD: arpresolve, arprequest of netinet/if_ether.c. An entry keeps
// one packet, the newest (la_hold), or as many as `arp.hold` says. Requests are a second apart;
// who would ask for a sixth time finds a neighbour down for twenty seconds (RTF_REJECT).

import Wire

enum Resolution {
  case resolved(MACAddress)
  case held
  case down
}

enum ARPLimits {
  static let requestInterval = TimeSpan.seconds(1)
}

extension Kernel {
  /// arpresolve. Takes the packet over unless it returns `.resolved`.
  @inline(__always)
  func arpResolve(_ address: IPv4Address, on interface: Int32, _ packet: Int32) -> Resolution {
    if let known = knownNeighbour(address), known.pointee.isResolved, known.pointee.expires > now {
      return .resolved(known.pointee.mac)
    }
    return arpResolveSlowly(address, on: interface, packet)
  }

  @inline(never)
  private func arpResolveSlowly(
    _ address: IPv4Address, on interface: Int32, _ packet: Int32
  ) -> Resolution {
    guard let entry = neighbour(address, on: interface) else {
      mFreem(packet, .noAnswer)
      return .down
    }
    let rules = state.pointee.tunables.internet
    if entry.pointee.isResolved {
      entry.pointee.isResolved = false
      entry.pointee.asked = 0
      entry.pointee.askedAt = .never
    }
    if entry.pointee.isRejected {
      if entry.pointee.expires > now {
        mFreem(packet, .noAnswer)
        return .down
      }
      entry.pointee.isRejected = false
    }
    if entry.pointee.heldCount >= rules.arpHold && entry.pointee.held >= 0 {
      releaseHeld(entry, .replaced)
    }
    guard takeUse(.arp) else {
      mFreem(packet, .noBuffer)
      return .down
    }
    hold(packet, for: entry, on: interface)
    let mayAsk =
      entry.pointee.askedAt == .never
      || now - entry.pointee.askedAt >= ARPLimits.requestInterval
    if mayAsk { ask(for: entry, on: interface) }
    return .held
  }

  /// One more request, or the end of asking. The packet that was one too many stays held.
  private func ask(for entry: UnsafeMutablePointer<Neighbour>, on interface: Int32) {
    let rules = state.pointee.tunables.internet
    entry.pointee.askedAt = now
    if entry.pointee.asked < rules.arpTries {
      entry.pointee.asked += 1
      return arpRequest(entry.pointee.address, on: interface)
    }
    entry.pointee.isRejected = true
    entry.pointee.expires = now + rules.arpDown
    entry.pointee.asked = 0
    entry.pointee.askedAt = .never
    state.pointee.statistics.arp.timeouts &+= 1
  }

  // MARK: held packets

  private func hold(
    _ packet: Int32, for entry: UnsafeMutablePointer<Neighbour>, on interface: Int32
  ) {
    // It was learnt elsewhere, perhaps, before it expired; the question goes where the route leads.
    if entry.pointee.held < 0 { entry.pointee.interface = Int16(interface) }
    placeChain(packet, .arphold, holder: Int32(entry.pointee.interface))
    mbuf(packet).pointee.nextPacket = -1
    if entry.pointee.held < 0 {
      entry.pointee.held = packet
    } else {
      var last = entry.pointee.held
      while mbuf(last).pointee.nextPacket >= 0 { last = mbuf(last).pointee.nextPacket }
      mbuf(last).pointee.nextPacket = packet
    }
    entry.pointee.heldCount &+= 1
    scheduleARP(entry)
  }

  /// The oldest held packet goes.
  func releaseHeld(_ entry: UnsafeMutablePointer<Neighbour>, _ why: ReleaseReason) {
    state.pointee.statistics.arp.dropped &+= 1
    mFreem(takeHeld(entry), why)
  }

  /// Takes the oldest held packet off an entry.
  func takeHeld(_ entry: UnsafeMutablePointer<Neighbour>) -> Int32 {
    let packet = entry.pointee.held
    entry.pointee.held = mbuf(packet).pointee.nextPacket
    entry.pointee.heldCount &-= 1
    mbuf(packet).pointee.nextPacket = -1
    giveUse(.arp)
    return packet
  }

  // MARK: entries

  /// arplookup: the entry for an address, made when there is none; nil when the table is full.
  func neighbour(
    _ address: IPv4Address, on interface: Int32
  ) -> UnsafeMutablePointer<Neighbour>? {
    if let found = knownNeighbour(address) { return found }
    var index = state.pointee.neighbourCount
    if index == neighbourLimit {
      guard let old = forgettableNeighbour() else { return nil }
      index = old
      unlink(index)
    } else {
      state.pointee.neighbourCount = index + 1
    }
    var entry = Neighbour()
    entry.address = address
    entry.interface = Int16(interface)
    let head = chain(of: address)
    entry.chainNext = neighbourHash[head] - 1
    neighbourHash[head] = index + 1
    neighbours[Int(index)] = entry
    return neighbours + Int(index)
  }

  private func unlink(_ index: Int32) {
    let head = chain(of: neighbours[Int(index)].address)
    let next = neighbours[Int(index)].chainNext
    var before = neighbourHash[head] - 1
    if before == index {
      neighbourHash[head] = next + 1
      return
    }
    while neighbours[Int(before)].chainNext != index { before = neighbours[Int(before)].chainNext }
    neighbours[Int(before)].chainNext = next
  }

  @inline(__always)
  private func chain(of address: IPv4Address) -> Int {
    let mixed = UInt64(address.rawValue) &* 0x9E37_79B9_7F4A_7C15
    return Int(mixed >> 32) & (tables.pointee.chains &- 1)
  }

  /// Where the heap would have had room: the entry that holds nothing and expires first.
  private func forgettableNeighbour() -> Int32? {
    var oldest: Int32?
    for index in 0..<state.pointee.neighbourCount where neighbours[Int(index)].held < 0 {
      if let best = oldest, neighbours[Int(best)].expires <= neighbours[Int(index)].expires {
        continue
      }
      oldest = index
    }
    return oldest
  }

  /// A few are walked: that touches one line of a cache less.
  @inline(__always)
  func knownNeighbour(_ address: IPv4Address) -> UnsafeMutablePointer<Neighbour>? {
    if state.pointee.neighbourCount > 4 { return neighbourByHash(address) }
    for index in 0..<Int(state.pointee.neighbourCount)
    where neighbours[index].address == address {
      return neighbours + index
    }
    return nil
  }

  @inline(never)
  private func neighbourByHash(_ address: IPv4Address) -> UnsafeMutablePointer<Neighbour>? {
    var index = neighbourHash[chain(of: address)] - 1
    while index >= 0 {
      let entry = neighbours + Int(index)
      if entry.pointee.address == address { return entry }
      index = entry.pointee.chainNext
    }
    return nil
  }

  /// arprequest: an mbuf with M_DONTWAIT, or none.
  func arpRequest(_ address: IPv4Address, on interface: Int32) {
    guard let packet = mGet(requester, at: .arprequest, header: true) else { return }
    let ifnet = interfaces[Int(interface)]
    let octets = Int32(ARPPacket.octetCount)
    mbuf(packet).pointee.offset = BufferSize.mbufData - octets
    mbuf(packet).pointee.length = octets
    mbuf(packet).pointee.packetLength = octets
    ARPPacket(
      operation: ARPOperation.request, senderHardware: ifnet.mac, senderProtocol: ifnet.address,
      targetHardware: .zero, targetProtocol: address
    ).write(to: data(packet))
    state.pointee.statistics.arp.requestsSent &+= 1
    _ = etherTransmit(packet, on: interface, to: .broadcast, type: EtherType.arp)
  }
}
