// The transmit task of the MPC860 driver, and the hardware behind it.
//
// RTEMS 4.6: eth_comm, scc_txDaemon and scc_sendpacket: one descriptor for each mbuf, no copy.
// Reaping is lazy: what was sent stays pinned until the next packet, or until the ring is full;
// unless the driver lets each frame interrupt. A chain of more mbufs than the ring has descriptors
// never finds room: such a driver waits for good, as scc_sendpacket does.

import Wire

public struct TransmitDaemon: Sendable {
  let interface: Int32
  private var point = Point.look
  private var frame: Int32 = -1

  private enum Point: UInt8 {
    case look, load
  }

  public init(interface: Int32) { self.interface = interface }

  var chainsInHand: [Int32] { frame < 0 ? [] : [frame] }

  mutating func resume(_ kernel: borrowing Kernel) -> Step {
    kernel.context.pointee.requester = .tx
    let ifnet = kernel.interfaces + Int(interface)
    ifnet.pointee.txEventPending = false
    while true {
      switch point {
      case .look:
        if ifnet.pointee.policy.reapsEagerly { kernel.reap(interface) }
        frame = kernel.dequeue(interface)
        if frame < 0 {
          ifnet.pointee.isActive = false
          if ifnet.pointee.policy.reapsEagerly { ifnet.pointee.txInterruptEnabled = true }
          return .waits(.deviceTransmit(interface))
        }
        point = .load
      case .load:
        kernel.reap(interface)
        let room = ifnet.pointee.txCount &- ifnet.pointee.txLost
        let needed = ifnet.pointee.copies ? 1 : kernel.descriptorsNeeded(frame)
        let hasCredit = ifnet.pointee.credits == 0 || ifnet.pointee.creditsFree > 0
        if ifnet.pointee.txActive &+ needed > room || !hasCredit {
          if ifnet.pointee.policy.dropsWhenFull {
            kernel.dropForRing(frame, on: interface)
            frame = -1
            point = .look
            continue
          }
          ifnet.pointee.txInterruptEnabled = true
          return .waits(.transmitRing(interface))
        }
        if ifnet.pointee.copies {
          kernel.loadCopy(frame, on: interface)
        } else {
          kernel.load(frame, on: interface)
        }
        frame = -1
        point = .look
      }
    }
  }
}

extension Kernel {
  /// The next packet of if_snd, or -1.
  @inline(__always)
  fileprivate func dequeue(_ interface: Int32) -> Int32 {
    let ifnet = interfaces + Int(interface)
    let frame = ifnet.pointee.queueHead
    if frame < 0 { return -1 }
    ifnet.pointee.queueHead = mbuf(frame).pointee.nextPacket
    if ifnet.pointee.queueHead < 0 { ifnet.pointee.queueTail = -1 }
    ifnet.pointee.queueLength &-= 1
    mbuf(frame).pointee.nextPacket = -1
    placeChain(frame, .hand, holder: context.pointee.task)
    return frame
  }

  @inline(never)
  fileprivate func dropForRing(_ frame: Int32, on interface: Int32) {
    interfaces[Int(interface)].ringDrops &+= 1
    mFreem(frame, .ringFull)
  }

  fileprivate func descriptorsNeeded(_ frame: Int32) -> Int32 {
    var count: Int32 = 0
    var index = frame
    while index >= 0 {
      if mbuf(index).pointee.length > 0 { count &+= 1 }
      index = mbuf(index).pointee.next
    }
    return count
  }

  /// m860Enet_retire_tx_bd: frees the frames whose last descriptor the hardware is done with.
  @inline(__always)
  fileprivate func reap(_ interface: Int32) {
    let ifnet = interfaces + Int(interface)
    while ifnet.pointee.txActive > 0 {
      let end = lastDescriptor(ifnet, from: ifnet.pointee.txReap)
      let last = txRing + Int(ifnet.pointee.txBase &+ end.index)
      if last.pointee.isReady { return }
      mFreem(last.pointee.frame, .sent)
      last.pointee.frame = -1
      if !last.pointee.isLost { ifnet.pointee.creditsFree &+= 1 }
      ifnet.pointee.txReap = ifnet.pointee.txAfter(end.index)
      ifnet.pointee.txActive &-= end.count
    }
  }

  /// The descriptor that ends the frame which begins at `start`, and how many the frame has.
  @inline(__always)
  private func lastDescriptor(
    _ ifnet: UnsafeMutablePointer<Ifnet>, from start: Int32
  ) -> (index: Int32, count: Int32) {
    var index = start
    var count: Int32 = 1
    while !txRing[Int(ifnet.pointee.txBase &+ index)].isLast {
      index = ifnet.pointee.txAfter(index)
      count &+= 1
      precondition(count <= ifnet.pointee.txCount, "a frame without an end in the transmit ring")
    }
    return (index, count)
  }

  @inline(__always)
  fileprivate func load(_ frame: Int32, on interface: Int32) {
    let ifnet = interfaces + Int(interface)
    placeChain(frame, .txring, holder: interface)
    var last: UnsafeMutablePointer<TransmitDescriptor>?
    var index = frame
    while index >= 0 {
      if mbuf(index).pointee.length > 0 {
        let descriptor = txRing + Int(ifnet.pointee.txBase &+ ifnet.pointee.txLoad)
        descriptor.pointee = TransmitDescriptor(
          mbuf: index, frame: -1, isReady: true, isLast: false)
        ifnet.pointee.txLoad = ifnet.pointee.txAfter(ifnet.pointee.txLoad)
        ifnet.pointee.txActive &+= 1
        last = descriptor
      }
      index = mbuf(index).pointee.next
    }
    guard let last else {
      mFreem(frame, .sent)
      return
    }
    last.pointee.isLast = true
    last.pointee.frame = frame
    ifnet.pointee.creditsFree &-= 1
    context.pointee.transmits.append(interface)
  }

  /// Whether the hardware has a frame to put on the wire.
  func hasFrameForWire(_ interface: Int32) -> Bool {
    let ifnet = interfaces + Int(interface)
    guard ifnet.pointee.txActive > 0, ifnet.pointee.isUp else { return false }
    let descriptor = txRing + Int(ifnet.pointee.txBase &+ ifnet.pointee.txSend)
    return descriptor.pointee.isReady
  }

  /// Gathers the octets of the next frame, padded to the least that Ethernet sends.
  ///
  /// The frame's descriptors stay READY until `transmitted`.
  @inline(__always)
  func frameForWire(
    _ interface: Int32, into octets: UnsafeMutableRawPointer
  ) -> GatheredFrame {
    let ifnet = interfaces + Int(interface)
    var count = 0
    var index = ifnet.pointee.txSend
    var isSummed = false
    if ifnet.pointee.copies {
      count = copiedFrame(ifnet, into: octets)
    } else {
      let first = txRing[Int(ifnet.pointee.txBase &+ index)].mbuf
      isSummed = mbuf(first).pointee.flags.contains(.summed)
    }
    while count == 0 || !ifnet.pointee.copies {
      let descriptor = txRing[Int(ifnet.pointee.txBase &+ index)]
      precondition(descriptor.isReady, "the hardware sends a descriptor that is not READY")
      let length = Int(mbuf(descriptor.mbuf).pointee.length)
      (octets + count).copyMemory(from: data(descriptor.mbuf), byteCount: length)
      count += length
      if descriptor.isLast { break }
      index = ifnet.pointee.txAfter(index)
    }
    while count < EthernetLimits.minimumFrameOctets {
      octets.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
      count += 1
    }
    ifnet.pointee.framesOut &+= 1
    let pattern = isSummed ? patternForWire(ifnet) : -1
    return GatheredFrame(octetCount: count, isSummed: isSummed, pattern: pattern)
  }

  /// Headers without options, and behind them what sosend has put into one cluster.
  @inline(__always)
  private func patternForWire(_ ifnet: UnsafeMutablePointer<Ifnet>) -> Int16 {
    let headers = EthernetHeader.octetCount + Int(TCPLimit.headerOctets)
    let index = ifnet.pointee.txSend
    let first = txRing + Int(ifnet.pointee.txBase &+ index)
    let next = txRing + Int(ifnet.pointee.txBase &+ ifnet.pointee.txAfter(index))
    guard mbuf(first.pointee.mbuf).pointee.length == headers, !first.pointee.isLast,
      next.pointee.isLast
    else { return -1 }
    let m = mbuf(next.pointee.mbuf)
    guard m.pointee.cluster >= 0, clusterUse[Int(m.pointee.cluster)].pattern >= 0 else {
      return -1
    }
    let place = Int(clusterUse[Int(m.pointee.cluster)].pattern) &+ Int(m.pointee.offset)
    return Int16((place &+ Payload.period &- headers) % Payload.period)
  }

  /// The call to the hardware fails. A driver that frees the frame then is as after sending it; one
  /// that keeps it never reaps it: the frame is leaked, and with it its credit, or where there are
  /// no credits its descriptors.
  func transmitFailed(_ interface: Int32) -> Bool {
    let ifnet = interfaces + Int(interface)
    ifnet.pointee.txFails &+= 1
    ifnet.pointee.framesOut &-= 1
    if ifnet.pointee.keepsFailed {
      let end = lastDescriptor(ifnet, from: ifnet.pointee.txSend)
      let last = txRing + Int(ifnet.pointee.txBase &+ end.index)
      if last.pointee.frame >= 0 { leak(last.pointee.frame, .unreaped) }
      last.pointee.frame = -1
      last.pointee.isLost = true
      if ifnet.pointee.credits == 0 { ifnet.pointee.txLost &+= end.count }
    }
    return transmitted(interface)
  }

  /// The hardware has sent the frame: its descriptors lose READY.
  ///
  /// - Returns: true when that interrupts the processor.
  @inline(__always)
  func transmitted(_ interface: Int32) -> Bool {
    let ifnet = interfaces + Int(interface)
    while true {
      let descriptor = txRing + Int(ifnet.pointee.txBase &+ ifnet.pointee.txSend)
      descriptor.pointee.isReady = false
      ifnet.pointee.txSend = ifnet.pointee.txAfter(ifnet.pointee.txSend)
      if descriptor.pointee.isLast { break }
    }
    guard ifnet.pointee.txInterruptEnabled else { return false }
    ifnet.pointee.txInterruptEnabled = false
    ifnet.pointee.txEventPending = true
    wake(ifnet.pointee.txTask)
    return true
  }
}

extension TransmitDaemon {
  func addState(to hash: inout StateHash) { hash.add(interface, point.rawValue) }
}
