// Drivers that copy: frames lie in memory of the driver's or the card's own, and no ring pins a
// cluster.
//
// RTEMS 4.6: mvme167, i386ex, wd8003, ne2000. M_WAIT comes before ether_input, so a frame waits in
// its slot and not in the pool; a frame to send is copied out and its mbufs are free at once.

extension Kernel {
  private func slot(_ ifnet: UnsafeMutablePointer<Ifnet>, _ index: Int32) -> UnsafeMutableRawPointer
  {
    clusterMemory + Int(ifnet.pointee.memory &+ index) * Int(BufferSize.cluster)
  }

  // MARK: receiving

  /// At the start: every slot is the hardware's.
  func openSlots(_ interface: Int32) {
    let ifnet = interfaces + Int(interface)
    for index in 0..<ifnet.pointee.rxCount {
      rxRing[Int(ifnet.pointee.rxBase &+ index)] = ReceiveDescriptor(
        slot: ifnet.pointee.memory &+ index, isEmpty: true)
    }
    ifnet.pointee.rxPosted = ifnet.pointee.rxCount
  }

  /// The next frame goes up as a copy, in an mbuf with a cluster.
  func copySlotUp(into fresh: Int32, on interface: Int32) {
    let ifnet = interfaces + Int(interface)
    let length = rxRing[Int(ifnet.pointee.rxBase &+ ifnet.pointee.rxNext)].length
    data(fresh).copyMemory(from: slot(ifnet, ifnet.pointee.rxNext), byteCount: Int(length))
    let m = mbuf(fresh)
    m.pointee.length = length
    m.pointee.packetLength = length
    m.pointee.interface = Int16(interface)
    owe(state.pointee.costs.touching(length))
    closeSlot(ifnet)
    etherInput(fresh, on: interface)
  }

  /// A frame of at most `copybreak` octets needs no cluster. False when it is longer, or no mbuf is
  /// free.
  func copyBrief(_ interface: Int32) -> Bool {
    let ifnet = interfaces + Int(interface)
    let length = rxRing[Int(ifnet.pointee.rxBase &+ ifnet.pointee.rxNext)].length
    guard length <= ifnet.pointee.copybreak, let fresh = mGet(.rx, at: .copybreak, header: true)
    else {
      return false
    }
    copySlotUp(into: fresh, on: interface)
    return true
  }

  /// The next frame is gone for want of a buffer.
  func dropSlot(_ interface: Int32) {
    let ifnet = interfaces + Int(interface)
    ifnet.pointee.refillDrops &+= 1
    trace(.nicDropped, interface)
    closeSlot(ifnet)
  }

  /// The next slot is the hardware's again.
  private func closeSlot(_ ifnet: UnsafeMutablePointer<Ifnet>) {
    rxRing[Int(ifnet.pointee.rxBase &+ ifnet.pointee.rxNext)].isEmpty = true
    ifnet.pointee.rxNext = ifnet.pointee.rxAfter(ifnet.pointee.rxNext)
    ifnet.pointee.rxFilled &-= 1
    if ifnet.pointee.isSuspended && ifnet.pointee.policy.kicks { ifnet.pointee.isSuspended = false }
  }

  // MARK: sending

  /// A frame is copied to the slot of one descriptor, and freed.
  func loadCopy(_ frame: Int32, on interface: Int32) {
    let ifnet = interfaces + Int(interface)
    let to = slot(ifnet, ifnet.pointee.rxCount &+ ifnet.pointee.txLoad)
    var length: Int32 = 0
    var index = frame
    while index >= 0 {
      let count = mbuf(index).pointee.length
      (to + Int(length)).copyMemory(from: data(index), byteCount: Int(count))
      length &+= count
      index = mbuf(index).pointee.next
    }
    owe(state.pointee.costs.touching(length))
    mFreem(frame, .sent)
    txRing[Int(ifnet.pointee.txBase &+ ifnet.pointee.txLoad)] = TransmitDescriptor(
      isReady: true, isLast: true, length: length)
    ifnet.pointee.txLoad = ifnet.pointee.txAfter(ifnet.pointee.txLoad)
    ifnet.pointee.txActive &+= 1
    ifnet.pointee.creditsFree &-= 1
    context.pointee.transmits.append(interface)
  }

  /// Copies the frame that is sent next.
  func copiedFrame(
    _ ifnet: UnsafeMutablePointer<Ifnet>, into octets: UnsafeMutableRawPointer
  ) -> Int {
    let index = ifnet.pointee.txSend
    let length = Int(txRing[Int(ifnet.pointee.txBase &+ index)].length)
    octets.copyMemory(from: slot(ifnet, ifnet.pointee.rxCount &+ index), byteCount: length)
    return length
  }
}
