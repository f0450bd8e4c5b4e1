// Ethernet output: finds the station, prepends the header, queues on if_snd, tells the driver.
// BSD: net/if_ethersubr.c (ether_output).

import Wire

extension Kernel {
  /// - Returns: the error of ether_output; the packet is gone either way.
  @inline(__always)
  func etherOutput(
    _ packet: Int32, on interface: Int32, to destination: IPv4Address, type: UInt16
  ) -> SocketError? {
    if isBroadcast(destination, on: interface) {
      return etherTransmit(packet, on: interface, to: .broadcast, type: type)
    }
    if destination.isMulticast {
      return etherTransmit(packet, on: interface, to: .ofGroup(destination), type: type)
    }
    switch arpResolve(destination, on: interface, packet) {
    case .resolved(let mac): return etherTransmit(packet, on: interface, to: mac, type: type)
    case .held: return nil
    case .down: return .EHOSTDOWN
    }
  }

  func etherTransmit(
    _ packet: Int32, on interface: Int32, to destination: MACAddress, type: UInt16
  ) -> SocketError? {
    let ifnet = interfaces + Int(interface)
    guard
      let frame = mPrepend(packet, length: Int32(EthernetHeader.octetCount), requester)
    else { return .ENOBUFS }
    EthernetHeader(destination: destination, source: ifnet.pointee.mac, type: type)
      .write(to: data(frame))
    if ifnet.pointee.queueLength >= ifnet.pointee.queueLimit {
      ifnet.pointee.queueDrops &+= 1
      mFreem(frame, .queueFull)
      return .ENOBUFS
    }
    guard takeUse(.tx, for: frame) else {
      mFreem(frame, .noBuffer)
      return .ENOBUFS
    }
    placeChain(frame, .ifq, holder: interface)
    mbuf(frame).pointee.nextPacket = -1
    if ifnet.pointee.queueTail >= 0 {
      mbuf(ifnet.pointee.queueTail).pointee.nextPacket = frame
    } else {
      ifnet.pointee.queueHead = frame
    }
    ifnet.pointee.queueTail = frame
    ifnet.pointee.queueLength &+= 1
    startTransmit(interface)
    return nil
  }

  /// if_start of the MPC860 driver: an event to the transmit task, once.
  @inline(__always)
  private func startTransmit(_ interface: Int32) {
    let ifnet = interfaces + Int(interface)
    if ifnet.pointee.isActive { return }
    ifnet.pointee.isActive = true
    ifnet.pointee.txEventPending = true
    wake(ifnet.pointee.txTask)
  }
}
