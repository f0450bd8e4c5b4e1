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
    ifnet.pointee.framesOut &+= 1
    if ifnet.pointee.copies {
      return GatheredFrame(octetCount: padded(octets, copiedFrame(ifnet, into: octets)))
    }
    var index = ifnet.pointee.txSend
    let first = txRing[Int(ifnet.pointee.txBase &+ index)]
    let isSummed = mbuf(first.mbuf).pointee.flags.contains(.summed)
    let next = txRing[Int(ifnet.pointee.txBase &+ ifnet.pointee.txAfter(index))]
    if !first.isLast, next.isLast, var lean = leanFrame(first, next) {
      octets.copyMemory(from: data(first.mbuf), byteCount: Int(lean.written))
      lean.isSummed = isSummed
      return lean
    }
    var count = 0
    while true {
      let descriptor = txRing[Int(ifnet.pointee.txBase &+ index)]
      precondition(descriptor.isReady, "the hardware sends a descriptor that is not READY")
      let piece = self.octets(descriptor.mbuf)
      if let base = piece.baseAddress {
        (octets + count).copyMemory(from: base, byteCount: piece.count)
      }
      count += piece.count
      if descriptor.isLast { break }
      index = ifnet.pointee.txAfter(index)
    }
    var frame = GatheredFrame(octetCount: padded(octets, count))
    frame.isSummed = isSummed
    return frame
  }

  private func padded(_ octets: UnsafeMutableRawPointer, _ length: Int) -> Int {
    var count = length
    while count < EthernetLimits.minimumFrameOctets {
      octets.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
      count += 1
    }
    return count
  }

  /// Headers in one mbuf, and behind them a piece of a cluster that nobody has written: only the
  /// headers are copied then.
  @inline(__always)
  private func leanFrame(
    _ first: TransmitDescriptor, _ next: TransmitDescriptor
  ) -> GatheredFrame? {
    let headers = mbuf(first.mbuf).pointee.length
    let m = mbuf(next.mbuf)
    let count = headers &+ m.pointee.length
    guard m.pointee.cluster >= 0, mbuf(first.mbuf).pointee.cluster < 0,
      count >= EthernetLimits.minimumFrameOctets, count <= EthernetLimits.usualFrameOctets
    else { return nil }
    let use = clusterUse + Int(m.pointee.cluster)
    guard use.pointee.lacksOctets, use.pointee.written <= m.pointee.offset else { return nil }
    precondition(first.isReady && next.isReady, "the hardware sends what is not READY")
    var frame = GatheredFrame(octetCount: Int(count))
    frame.written = headers
    frame.pattern = Payload.pattern(use.pointee.pattern, before: headers, at: m.pointee.offset)
    return frame
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
