// ARP: who has an address. BSD: netinet/if_ether.c.
//
// An entry keeps one packet that waits for the answer (la_hold); a newer one replaces it. Entries
// live 20 minutes. Left out: proxy entries, the complaint about a changed address.

import Wire

enum Resolution {
  case resolved(MACAddress)
  case held
  case down
}

enum ARPLimits {
  static let lifetime = TimeSpan.seconds(1200)  // arpt_keep
  static let downTime = TimeSpan.seconds(20)  // arpt_down
  static let tries: Int32 = 5  // arp_maxtries
  static let requestInterval = TimeSpan.seconds(1)
}

extension Kernel {
  /// arpresolve. Takes the packet over unless it returns `.resolved`.
  func arpResolve(_ address: IPv4Address, on interface: Int32, _ packet: Int32) -> Resolution {
    let entry = neighbour(address, on: interface)
    if entry.pointee.isResolved && entry.pointee.expires > now {
      return .resolved(entry.pointee.mac)
    }
    if entry.pointee.isResolved {
      entry.pointee.isResolved = false
      entry.pointee.asked = 0
      entry.pointee.askedAt = .never
    }
    if entry.pointee.asked >= ARPLimits.tries {
      if entry.pointee.expires > now {
        mFreem(packet, .noAnswer)
        return .down
      }
      entry.pointee.asked = 0
    }
    if entry.pointee.held >= 0 {
      mFreem(entry.pointee.held, .replaced)
    } else if !takeUse(.arp) {
      mFreem(packet, .noBuffer)
      return .down
    }
    entry.pointee.held = packet
    placeChain(packet, .arphold, holder: interface)
    let mayAsk =
      entry.pointee.askedAt == .never
      || now - entry.pointee.askedAt >= ARPLimits.requestInterval
    if mayAsk {
      entry.pointee.askedAt = now
      entry.pointee.asked += 1
      if entry.pointee.asked >= ARPLimits.tries { entry.pointee.expires = now + ARPLimits.downTime }
      arpRequest(address, on: interface)
    }
    return .held
  }

  /// The entry for an address, made when there is none.
  private func neighbour(
    _ address: IPv4Address, on interface: Int32
  ) -> UnsafeMutablePointer<Neighbour> {
    if let found = knownNeighbour(address) { return found }
    let index = state.pointee.neighbourCount
    precondition(index < neighbourLimit, "more neighbours than the ARP table holds")
    state.pointee.neighbourCount = index + 1
    var entry = Neighbour()
    entry.address = address
    entry.interface = Int16(interface)
    neighbours[Int(index)] = entry
    return neighbours + Int(index)
  }

  func knownNeighbour(_ address: IPv4Address) -> UnsafeMutablePointer<Neighbour>? {
    for index in 0..<Int(state.pointee.neighbourCount)
    where neighbours[index].address == address {
      return neighbours + index
    }
    return nil
  }

  /// arprequest: an mbuf with M_DONTWAIT, or none.
  private func arpRequest(_ address: IPv4Address, on interface: Int32) {
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
    _ = etherTransmit(packet, on: interface, to: .broadcast, type: EtherType.arp)
  }

  /// in_arpinput: learns the sender when we know it or it asks for us; answers in the same buffer.
  func arpInput(_ packet: Int32) {
    let interface = Int32(mbuf(packet).pointee.interface)
    guard let arp = ARPPacket(reading: octets(packet)) else {
      mFreem(packet, .short)
      return
    }
    let ours = interfaces[Int(interface)].address == arp.targetProtocol
    if arp.senderProtocol != .any, arp.senderProtocol != interfaces[Int(interface)].address {
      learn(arp, on: interface, isForUs: ours)
    }
    guard ours, arp.operation == ARPOperation.request, interfaces[Int(interface)].answersARP else {
      mFreem(packet, .processed)
      return
    }
    let ifnet = interfaces[Int(interface)]
    let octets = Int32(ARPPacket.octetCount)
    mTrimBack(packet, to: octets)
    mbuf(packet).pointee.flags.remove(.broadcast)
    ARPPacket(
      operation: ARPOperation.reply, senderHardware: ifnet.mac, senderProtocol: ifnet.address,
      targetHardware: arp.senderHardware, targetProtocol: arp.senderProtocol
    ).write(to: data(packet))
    _ = etherTransmit(packet, on: interface, to: arp.senderHardware, type: EtherType.arp)
  }

  private func learn(_ arp: ARPPacket, on interface: Int32, isForUs: Bool) {
    let entry: UnsafeMutablePointer<Neighbour>
    if let known = knownNeighbour(arp.senderProtocol) {
      entry = known
    } else if isForUs {
      entry = neighbour(arp.senderProtocol, on: interface)
    } else {
      return
    }
    entry.pointee.mac = arp.senderHardware
    entry.pointee.isResolved = true
    entry.pointee.asked = 0
    entry.pointee.askedAt = .never
    entry.pointee.expires = now + ARPLimits.lifetime
    let held = entry.pointee.held
    if held < 0 { return }
    entry.pointee.held = -1
    entry.pointee.sentHeldAt = now
    giveUse(.arp)
    placeChain(held, .hand, holder: context.pointee.task)
    _ = etherTransmit(held, on: interface, to: arp.senderHardware, type: EtherType.ipv4)
  }
}
