// Ethernet input: classifies a frame and queues it for the network task. BSD: ether_input.
//
// It runs in the receive task and goes no further: IP and ARP are the network task's business.

import Wire

extension Kernel {
  func etherInput(_ frame: Int32, on interface: Int32) {
    guard let header = EthernetHeader(reading: octets(frame)) else {
      mFreem(frame)
      return
    }
    mTrimFront(frame, Int32(EthernetHeader.octetCount))
    mbuf(frame).pointee.interface = Int16(interface)
    if header.destination.isBroadcast { mbuf(frame).pointee.flags.insert(.broadcast) }
    switch header.type {
    case EtherType.ipv4:
      enqueue(frame, isIP: true)
    case EtherType.arp:
      enqueue(frame, isIP: false)
    default:
      mFreem(frame)  // IPX, NetBEUI and their like: one buffer swapped, no more
    }
  }

  private func enqueue(_ packet: Int32, isIP: Bool) {
    var queue = isIP ? state.pointee.ipQueue : state.pointee.arpQueue
    if queue.length >= PacketQueue.limit {
      if isIP {
        state.pointee.ipQueue.drops &+= 1
        trace(.ipDrop, 0)
      } else {
        state.pointee.arpQueue.drops &+= 1
      }
      mFreem(packet)
      return
    }
    placeChain(packet, isIP ? .ipq : .arpq, holder: -1)
    mbuf(packet).pointee.nextPacket = -1
    if queue.tail >= 0 { mbuf(queue.tail).pointee.nextPacket = packet } else { queue.head = packet }
    queue.tail = packet
    queue.length &+= 1
    if isIP { state.pointee.ipQueue = queue } else { state.pointee.arpQueue = queue }
    schedNetisr()
  }

  /// schednetisr: an event to the network task.
  func schedNetisr() {
    if state.pointee.networkWaits {
      state.pointee.networkWaits = false
      wake(state.pointee.networkTask)
    }
  }
}
