// Ethernet input: classifies a frame and queues it for the network task. BSD: ether_input.
//
// It runs in the receive task and goes no further: IP and ARP are the network task's business.

import Wire

extension Kernel {
  @inline(__always)
  func etherInput(_ frame: Int32, on interface: Int32) {
    let front = front(frame, atLeast: Int32(EthernetHeader.octetCount))
    guard let header = EthernetHeader(reading: front) else {
      mFreem(frame, .short)
      return
    }
    guard takeUse(.rx, for: frame) else {
      mFreem(frame, .noBuffer)
      return
    }
    mTrimFront(frame, Int32(EthernetHeader.octetCount))
    mbuf(frame).pointee.interface = Int16(interface)
    if header.destination.isGroup {
      mbuf(frame).pointee.flags.insert(header.destination.isBroadcast ? .broadcast : .multicast)
    }
    switch header.type {
    case EtherType.ipv4:
      if !enqueue(frame, on: &state.pointee.ipQueue, .ipq) { trace(.ipDrop, 0) }
    case EtherType.arp:
      _ = enqueue(frame, on: &state.pointee.arpQueue, .arpq)
    default:
      mFreem(frame, .noProtocol)  // IPX, NetBEUI and their like: one buffer swapped, no more
    }
  }

  /// IF_ENQUEUE and schednetisr. False when the queue is full: the packet is freed.
  @inline(__always)
  func enqueue(_ packet: Int32, on queue: inout PacketQueue, _ place: Place) -> Bool {
    let rules = state.pointee.tunables.internet
    if queue.length >= (place == .ipq ? rules.queueLimit : rules.arpQueueLimit) {
      queue.drops &+= 1
      mFreem(packet, .queueFull)
      return false
    }
    placeChain(packet, place, holder: -1)
    mbuf(packet).pointee.nextPacket = -1
    if queue.tail >= 0 { mbuf(queue.tail).pointee.nextPacket = packet } else { queue.head = packet }
    queue.tail = packet
    queue.length &+= 1
    schedNetisr()
    return true
  }

  /// schednetisr: an event to the network task.
  @inline(__always)
  func schedNetisr() {
    if state.pointee.networkWaits {
      state.pointee.networkWaits = false
      wake(state.pointee.networkTask)
    }
  }
}
