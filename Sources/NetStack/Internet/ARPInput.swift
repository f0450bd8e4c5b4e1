// ARP, the answering side: who asks for us, or for somebody we stand in for, is answered; who asks
// for us is remembered, and so is who answers.
//
// RFC 826, RFC 1027 (proxy ARP), RFC 5227 §2.1.1 (conflicts, seen and told, not defended). 4.4BSD:
// in_arpinput of netinet/if_ether.c.

import Wire

extension Kernel {
  /// in_arpinput: learns the sender when we know it or it asks for us; answers in the same buffer.
  func arpInput(_ packet: Int32) {
    let interface = Int32(mbuf(packet).pointee.interface)
    guard let arp = ARPPacket(reading: octets(packet)),
      arp.operation == ARPOperation.request || arp.operation == ARPOperation.reply
    else {
      state.pointee.statistics.arp.malformed &+= 1
      mFreem(packet, .short)
      return
    }
    let ifnet = interfaces[Int(interface)]
    let isRequest = arp.operation == ARPOperation.request
    if isRequest {
      state.pointee.statistics.arp.requestsReceived &+= 1
    } else {
      state.pointee.statistics.arp.repliesReceived &+= 1
    }
    if arp.senderHardware == ifnet.mac {  // it's from me, ignore it
      mFreem(packet, .processed)
      return
    }
    if arp.senderHardware.isGroup {
      state.pointee.statistics.arp.malformed &+= 1
      console(.arpBroadcast, address: arp.senderProtocol)
      mFreem(packet, .badHeader)
      return
    }
    var target = arp.targetProtocol
    if arp.senderProtocol == ifnet.address {
      state.pointee.statistics.arp.duplicates &+= 1
      console(.duplicateAddress, address: arp.senderProtocol, mac: arp.senderHardware)
      target = ifnet.address
    } else if arp.senderProtocol != .any {
      learn(arp, on: interface, isForUs: ifnet.address == arp.targetProtocol)
    }
    guard isRequest, ifnet.answersARP, target == ifnet.address || standsIn(for: target, interface)
    else {
      mFreem(packet, .processed)
      return
    }
    answer(packet, arp, as: target, on: interface)
  }

  /// SIN_PROXY, arp_proxyall: whether we answer for somebody else. Never for one who lives where
  /// the question comes from, unless told to.
  private func standsIn(for target: IPv4Address, _ interface: Int32) -> Bool {
    let rules = state.pointee.tunables.internet
    if rules.publishedLength >= 0,
      target.masked(by: .mask(prefixLength: Int(rules.publishedLength))) == rules.published
    {
      return true
    }
    guard rules.proxiesAll, let way = hop(to: target) else { return false }
    return way.interface != interface && way.interface != loopback
  }

  private func answer(
    _ packet: Int32, _ arp: ARPPacket, as target: IPv4Address, on interface: Int32
  ) {
    let ifnet = interfaces[Int(interface)]
    if target != ifnet.address { state.pointee.statistics.arp.proxied &+= 1 }
    mTrimBack(packet, to: Int32(ARPPacket.octetCount))
    mbuf(packet).pointee.flags.remove([.broadcast, .multicast])
    ARPPacket(
      operation: ARPOperation.reply, senderHardware: ifnet.mac, senderProtocol: target,
      targetHardware: arp.senderHardware, targetProtocol: arp.senderProtocol
    ).write(to: data(packet))
    state.pointee.statistics.arp.repliesSent &+= 1
    _ = etherTransmit(packet, on: interface, to: arp.senderHardware, type: EtherType.arp)
  }

  private func learn(_ arp: ARPPacket, on interface: Int32, isForUs: Bool) {
    let entry: UnsafeMutablePointer<Neighbour>
    if let known = knownNeighbour(arp.senderProtocol) {
      entry = known
    } else if isForUs, let made = neighbour(arp.senderProtocol, on: interface) {
      entry = made
    } else {
      return
    }
    let hasMoved = entry.pointee.isResolved && entry.pointee.mac != arp.senderHardware
    if hasMoved {
      state.pointee.statistics.arp.moved &+= 1
      console(.arpMoved, address: arp.senderProtocol, mac: arp.senderHardware)
    }
    entry.pointee.mac = arp.senderHardware
    entry.pointee.interface = Int16(interface)
    entry.pointee.isResolved = true
    entry.pointee.isRejected = false
    entry.pointee.asked = 0
    entry.pointee.askedAt = .never
    entry.pointee.expires = now + state.pointee.tunables.internet.arpLifetime
    if entry.pointee.held < 0 { return }
    entry.pointee.sentHeldAt = now
    while entry.pointee.held >= 0 {
      let held = takeHeld(entry)
      placeChain(held, .hand, holder: context.pointee.task)
      _ = etherTransmit(held, on: interface, to: arp.senderHardware, type: EtherType.ipv4)
    }
  }

  /// A line of log(9), with the addresses it names.
  func console(_ line: ConsoleLine, address: IPv4Address, mac: MACAddress = .zero) {
    trace(.console, line.rawValue, Int64(address.rawValue), Int64(mac.rawValue))
  }
}
