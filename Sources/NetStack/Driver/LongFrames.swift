// Frames of a larger MTU in the receive ring: each in one large buffer (`refill_from` a class of
// 9 KiB), or in as many clusters as it takes, one a descriptor, as if_em and its like have it.
//
// Hardware takes in what its MTU allows, and Ethernet's own frames at least. A frame that fits its
// buffer no more than its MTU is a giant: counted, and gone. Left out: drivers that copy; theirs is
// memory of 2 KiB a frame.

import Wire

extension Kernel {
  /// A frame of more than Ethernet's own octets comes in.
  @inline(never)
  func receiveLong(_ frame: UnsafeRawBufferPointer, on interface: Int32) -> Bool {
    let ifnet = interfaces + Int(interface)
    let most = Int(ifnet.pointee.mtu) + EthernetHeader.octetCount
    let room = ifnet.pointee.isReceiving ? roomAtFill(ifnet) : 0
    let fits = room == 0 || room >= frame.count || ifnet.pointee.policy.scatters
    guard frame.count <= most, fits, !ifnet.pointee.copies else {
      ifnet.pointee.tooLong &+= 1
      trace(.nicError, interface, Int64(frame.count), 1)
      return false
    }
    guard let count = descriptorsFor(frame.count, ifnet) else {
      overrun(frame.count, on: interface)
      return false
    }
    store(frame, in: count, ifnet)
    return signal(frame.count, on: interface)
  }

  /// Octets of the buffer that the hardware fills next.
  private func roomAtFill(_ ifnet: UnsafeMutablePointer<Ifnet>) -> Int {
    room(rxRing[Int(ifnet.pointee.rxBase &+ ifnet.pointee.rxFill)])
  }

  /// Octets of a descriptor's buffer; 0 where the hardware may fill none.
  private func room(_ descriptor: ReceiveDescriptor) -> Int {
    guard descriptor.mbuf >= 0, descriptor.isEmpty else { return 0 }
    let sizeClass = mbuf(descriptor.mbuf).pointee.sizeClass
    return Int(sizeClass == 0 ? BufferSize.cluster : classOctets(sizeClass))
  }

  /// How many descriptors from the next on a frame takes; nil when there are not so many.
  private func descriptorsFor(
    _ octets: Int, _ ifnet: UnsafeMutablePointer<Ifnet>
  ) -> Int32? {
    if !ifnet.pointee.isReceiving { return nil }
    var (index, count, left) = (ifnet.pointee.rxFill, Int32(0), octets)
    while left > 0 {
      let room = room(rxRing[Int(ifnet.pointee.rxBase &+ index)])
      if room == 0 || count == ifnet.pointee.rxCount { return nil }
      left -= room
      count &+= 1
      index = ifnet.pointee.rxAfter(index)
    }
    return count
  }

  private func store(
    _ frame: UnsafeRawBufferPointer, in count: Int32, _ ifnet: UnsafeMutablePointer<Ifnet>
  ) {
    var done = 0
    for step in 0..<count {
      let descriptor = rxRing + Int(ifnet.pointee.rxBase &+ ifnet.pointee.rxFill)
      let piece = min(room(descriptor.pointee), frame.count - done)
      if let octets = frame.baseAddress {
        (clusterMemory + Int(descriptor.pointee.slot) * Int(BufferSize.cluster)).copyMemory(
          from: octets + done, byteCount: piece)
      }
      done += piece
      descriptor.pointee.length = Int32(piece)
      descriptor.pointee.isEmpty = false
      descriptor.pointee.isSummed = false
      descriptor.pointee.pattern = -1
      descriptor.pointee.written = Int16(piece)
      descriptor.pointee.isContinued = step &+ 1 < count
      ifnet.pointee.rxFill = ifnet.pointee.rxAfter(ifnet.pointee.rxFill)
      ifnet.pointee.rxFilled &+= 1
    }
  }

  /// A frame of several descriptors, as a packet of as many mbufs in the driver's hand.
  @inline(never)
  func takeLong(_ interface: Int32) -> Int32 {
    let ifnet = interfaces + Int(interface)
    var (first, last, total, goesOn) = (Int32(-1), Int32(-1), Int32(0), true)
    while goesOn {
      let descriptor = rxRing + Int(ifnet.pointee.rxBase &+ ifnet.pointee.rxNext)
      let index = descriptor.pointee.mbuf
      let m = mbuf(index)
      m.pointee.offset = 0
      m.pointee.length = descriptor.pointee.length
      m.pointee.flags = first < 0 ? .packetHeader : []
      m.pointee.next = -1
      clusterUse[Int(m.pointee.cluster)].pattern = -1
      clusterUse[Int(m.pointee.cluster)].written = Int16(BufferSize.cluster)
      place(index, .hand, holder: context.pointee.task)
      if last >= 0 { mbuf(last).pointee.next = index } else { first = index }
      last = index
      total &+= descriptor.pointee.length
      goesOn = descriptor.pointee.isContinued
      descriptor.pointee.mbuf = -1
      ifnet.pointee.rxNext = ifnet.pointee.rxAfter(ifnet.pointee.rxNext)
      ifnet.pointee.rxPosted &-= 1
      ifnet.pointee.rxFilled &-= 1
    }
    mbuf(first).pointee.packetLength = total
    return first
  }

  /// Posts all buffers of a frame again, and the frame is gone.
  func rearmAll(_ chain: Int32, on interface: Int32) {
    var index = chain
    while index >= 0 {
      let next = mbuf(index).pointee.next
      mbuf(index).pointee.next = -1
      rearm(index, on: interface)
      index = next
    }
  }
}
