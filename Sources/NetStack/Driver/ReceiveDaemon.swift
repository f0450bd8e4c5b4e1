// The receive task of the MPC860 driver, and the hardware in front of it.
//
// RTEMS 4.6: eth_comm and mbx8xx, scc_rxDaemon. It hands a frame up first and replaces the buffer
// after; while it waits for the replacement, the descriptors behind, filled or not, are captive.
// Other drivers' ways (`DriverPolicy`) differ in the one step of `handUp`, and in what calls the
// task again; those that copy every frame out of memory of their own are in CopyingDriver.swift,
// frames of a larger MTU in LongFrames.swift.

import Wire

public struct ReceiveDaemon: Sendable {
  let interface: Int32
  private var point = Point.fillHeader
  /// Descriptors filled at the start.
  private var filled: Int32 = 0
  /// The mbuf in hand, still without a cluster.
  private var mbuf: Int32 = -1
  /// Frames taken since it began to look, for the quota of a driver that polls.
  private var taken: Int32 = 0

  private enum Point: UInt8 {
    case fillHeader, fillHeaderPolled, fillCluster, fillClusterPolled
    case look, frame
    case refillHeader, refillHeaderPolled, refillCluster, refillClusterPolled
  }

  public init(interface: Int32) { self.interface = interface }

  var chainsInHand: [Int32] { mbuf < 0 ? [] : [mbuf] }

  mutating func resume(_ kernel: borrowing Kernel) -> Step {
    kernel.context.pointee.requester = .rx
    while true {
      switch point {
      case .fillHeader, .fillHeaderPolled, .fillCluster, .fillClusterPolled:
        if let wait = fill(kernel) { return .waits(wait) }
      case .look:
        if kernel.hasEmptyDescriptors(interface), startsRefill(kernel) { continue }
        guard kernel.nextFrameIsFilled(interface) else { return .waits(rest(kernel)) }
        if kernel.interfaces[Int(interface)].policy.polls {
          if taken >= kernel.interfaces[Int(interface)].policy.quota {
            return .waits(rest(kernel))
          }
          taken &+= 1
        }
        point = .frame
        let rx = kernel.state.pointee.costs.rx.nanoseconds
        let ip = kernel.state.pointee.costs.ip.nanoseconds
        if let step = kernel.pay(rx &+ ip) { return step }
      case .frame:
        if let wait = handUp(kernel) { return .waits(wait) }
      case .refillHeader, .refillHeaderPolled, .refillCluster, .refillClusterPolled:
        if let wait = refill(kernel) { return .waits(wait) }
      }
    }
  }

  /// What calls the task again when it has looked at all that it may.
  private mutating func rest(_ kernel: borrowing Kernel) -> Wait {
    taken = 0
    kernel.interfaces[Int(interface)].rxEventPending = false
    if kernel.interfaces[Int(interface)].policy.polls { return .devicePoll(interface) }
    kernel.interfaces[Int(interface)].rxInterruptEnabled = true
    return kernel.hasEmptyDescriptors(interface) ? .refill(interface) : .deviceReceive(interface)
  }

  private var mbufWait: Wait { .buffer(.mbufs, .rx, socket: -1) }
  private var clusterWait: Wait { .buffer(.clusters, .rx, socket: -1) }

  /// At the start: a cluster for each descriptor, waited for if need be.
  private mutating func fill(_ kernel: borrowing Kernel) -> Wait? {
    if kernel.interfaces[Int(interface)].copies {
      kernel.openSlots(interface)
      filled = kernel.interfaces[Int(interface)].rxCount
    } else if kernel.interfaces[Int(interface)].sourceCount > 0 {
      fillFromSources(kernel)
      filled = kernel.interfaces[Int(interface)].rxCount
    }
    if filled == kernel.interfaces[Int(interface)].rxCount {
      point = .look
      return nil
    }
    if let wait = takeBuffer(
      kernel, header: .fillHeader, headerPolled: .fillHeaderPolled, cluster: .fillCluster,
      clusterPolled: .fillClusterPolled)
    {
      return wait
    }
    kernel.post(mbuf, on: interface, at: filled)
    mbuf = -1
    filled += 1
    point = .fillHeader
    return nil
  }

  @inline(__always)
  private mutating func refill(_ kernel: borrowing Kernel) -> Wait? {
    if let wait = takeBuffer(
      kernel, header: .refillHeader, headerPolled: .refillHeaderPolled, cluster: .refillCluster,
      clusterPolled: .refillClusterPolled)
    {
      kernel.interfaces[Int(interface)].refillWaits &+= 1
      kernel.trace(.nicRefillWait, interface)
      return wait
    }
    let fresh = mbuf
    mbuf = -1
    point = .look
    if kernel.interfaces[Int(interface)].copies {
      kernel.copySlotUp(into: fresh, on: interface)
    } else if kernel.hasEmptyDescriptors(interface) {
      kernel.rearm(fresh, on: interface)
    } else {
      kernel.exchange(fresh, on: interface)  // it was asked for first
    }
    return nil
  }

  /// MGETHDR(M_WAIT), then MCLGET(M_WAIT): nil when `mbuf` has its cluster.
  @inline(__always)
  private mutating func takeBuffer(
    _ kernel: borrowing Kernel, header: Point, headerPolled: Point, cluster: Point,
    clusterPolled: Point
  ) -> Wait? {
    if point == header {
      kernel.owe(kernel.interfaces[Int(interface)].refillCost.nanoseconds)
      switch kernel.mGetOrWait(.rx, at: .refill, header: true, type: .data, socket: -1) {
      case .granted(let index):
        mbuf = index
        point = cluster
      case .mustWait:
        point = headerPolled
        return mbufWait
      }
    } else if point == headerPolled {
      mbuf = kernel.popMbuf(.rx, at: .refill, header: true, type: .data, socket: -1)
      point = cluster
    }
    if kernel.interfaces[Int(interface)].sourceCount > 0 {
      return takeSourced(kernel, polled: clusterPolled)
    }
    if point == clusterPolled {
      kernel.popCluster(for: mbuf, .rx, at: .refill, socket: -1)
      return nil
    }
    if kernel.mclGetOrWait(mbuf, .rx, at: .refill, socket: -1) { return nil }
    point = clusterPolled
    return clusterWait
  }

  /// The same of a ring that lies in size classes: what none has is waited for in the first.
  private mutating func takeSourced(_ kernel: borrowing Kernel, polled: Point) -> Wait? {
    let source = kernel.interfaces[Int(interface)].sources[0]
    if point == polled {
      if source == 0 {
        kernel.popCluster(for: mbuf, .rx, at: .refill, socket: -1)
      } else {
        kernel.popPolled(source, for: mbuf, .rx, at: .refill, socket: -1)
      }
      return nil
    }
    let hasChoice = kernel.interfaces[Int(interface)].sourceCount > 1
    if hasChoice && kernel.sourceGet(mbuf, on: interface) { return nil }
    let isHad =
      source == 0
      ? kernel.mclGetOrWait(mbuf, .rx, at: .refill, socket: -1)
      : kernel.classGetOrWait(source, for: mbuf, .rx, at: .refill, socket: -1)
    if isHad { return nil }
    point = polled
    return source == 0 ? clusterWait : .sized(source, .rx, socket: -1)
  }

  /// Its wait has come to nothing: it asks again, since a ring lacks a buffer still.
  mutating func refuse() {
    switch point {
    case .fillHeaderPolled: point = .fillHeader
    case .fillClusterPolled: point = .fillCluster
    case .refillHeaderPolled: point = .refillHeader
    case .refillClusterPolled: point = .refillCluster
    case .fillHeader, .fillCluster, .look, .frame, .refillHeader, .refillCluster:
      preconditionFailure("a refusal without a request")
    }
  }

  /// ether_input, before or after the replacement as the policy has it.
  ///
  /// - Returns: the wait of a routine that has given up.
  @inline(__always)
  private mutating func handUp(_ kernel: borrowing Kernel) -> Wait? {
    if kernel.interfaces[Int(interface)].copies { return handCopyUp(kernel) }
    if kernel.interfaces[Int(interface)].copybreak > 0 && kernel.copyUp(interface) {
      point = .look
      return nil
    }
    switch kernel.interfaces[Int(interface)].refill {
    case .wait:
      if !kernel.interfaces[Int(interface)].policy.asksFirst {
        kernel.etherInput(kernel.takeFrame(interface), on: interface)
      }
      point = .refillHeader
    case .retry where kernel.interfaces[Int(interface)].policy.asksFirst:
      point = .look
      if !handUpIfReplaced(kernel) { return tryLater(kernel) }
    case .retry:
      kernel.etherInput(kernel.takeFrame(interface), on: interface)
      point = .look
    case .reuse:
      point = .look
      if !handUpIfReplaced(kernel) { kernel.dropFrame(interface) }
    case .abandon:
      point = .look
      if !handUpIfReplaced(kernel) { return giveUp(kernel) }
    }
    return nil
  }

  /// A copying driver: the frame stays in its slot until there is a buffer to copy it to.
  private mutating func handCopyUp(_ kernel: borrowing Kernel) -> Wait? {
    point = .look
    if kernel.copyBrief(interface) { return nil }
    let refill = kernel.interfaces[Int(interface)].refill
    if refill == .wait {
      point = .refillHeader
      return nil
    }
    if let fresh = kernel.bufferNow(on: interface) {
      kernel.copySlotUp(into: fresh, on: interface)
      return nil
    }
    if refill == .abandon { return giveUp(kernel) }
    if refill == .retry && kernel.interfaces[Int(interface)].policy.asksFirst {
      return tryLater(kernel)
    }
    kernel.dropSlot(interface)
    return nil
  }

  /// The frame goes up if there is a new buffer for its descriptor now.
  private mutating func handUpIfReplaced(_ kernel: borrowing Kernel) -> Bool {
    guard let fresh = kernel.bufferNow(on: interface) else { return false }
    kernel.exchange(fresh, on: interface)
    return true
  }

  /// Nothing is looked at again before another frame interrupts; or has while we were at it,
  /// unless such an interrupt is lost.
  private mutating func giveUp(_ kernel: borrowing Kernel) -> Wait? {
    let ifnet = kernel.interfaces + Int(interface)
    if ifnet.pointee.policy.polls { return tryLater(kernel) }
    let isPending = ifnet.pointee.rxEventPending && !ifnet.pointee.policy.losesEdges
    ifnet.pointee.rxEventPending = false
    if isPending { return nil }
    ifnet.pointee.rxInterruptEnabled = true
    return .deviceReceive(interface)
  }

  /// The frame stays where it is until a tick finds buffers, or another frame interrupts.
  private mutating func tryLater(_ kernel: borrowing Kernel) -> Wait {
    taken = 0
    let polls = kernel.interfaces[Int(interface)].policy.polls
    kernel.interfaces[Int(interface)].rxInterruptEnabled = !polls
    kernel.interfaces[Int(interface)].rxEventPending = false
    return .refill(interface)
  }

  /// Descriptors without a buffer: those of `.retry` get what there is, those that it left behind
  /// are waited for when the policy is `.wait` by now.
  private mutating func startsRefill(_ kernel: borrowing Kernel) -> Bool {
    if kernel.interfaces[Int(interface)].refill == .wait {
      point = .refillHeader
      return true
    }
    fillFromSources(kernel)
    return false
  }

  /// Posts what buffers there are now, as far as descriptors lack one.
  private func fillFromSources(_ kernel: borrowing Kernel) {
    while kernel.hasEmptyDescriptors(interface), let fresh = kernel.bufferNow(on: interface) {
      kernel.rearm(fresh, on: interface)
    }
  }
}

extension Kernel {
  @inline(__always)
  func post(_ mbuf: Int32, on interface: Int32, at index: Int32) {
    let ifnet = interfaces + Int(interface)
    let descriptor = rxRing + Int(ifnet.pointee.rxBase &+ index)
    precondition(descriptor.pointee.mbuf < 0, "a descriptor is posted twice")
    let m = self.mbuf(mbuf)
    m.pointee.offset = 0
    m.pointee.length = 0
    m.pointee.interface = Int16(interface)
    place(mbuf, .ring, holder: interface)
    descriptor.pointee = ReceiveDescriptor(mbuf: mbuf, slot: m.pointee.cluster, isEmpty: true)
    ifnet.pointee.rxPosted &+= 1
    if ifnet.pointee.isSuspended { kick(interface) }
  }

  /// The receive poll demand of the DWMAC family, or whatever makes suspended hardware look again.
  @inline(never)
  func kick(_ interface: Int32) {
    if interfaces[Int(interface)].policy.kicks { interfaces[Int(interface)].isSuspended = false }
  }

  /// The next frame goes up, a new buffer takes its place.
  func exchange(_ fresh: Int32, on interface: Int32) {
    let frame = takeFrame(interface)
    rearm(fresh, on: interface)
    etherInput(frame, on: interface)
  }

  /// Posts a buffer at the first descriptor that has none.
  @inline(__always)
  func rearm(_ mbuf: Int32, on interface: Int32) {
    let ifnet = interfaces + Int(interface)
    let behind = ifnet.pointee.rxNext &+ ifnet.pointee.rxPosted
    let count = ifnet.pointee.rxCount
    post(mbuf, on: interface, at: behind < count ? behind : behind &- count)
  }

  @inline(__always)
  func hasEmptyDescriptors(_ interface: Int32) -> Bool {
    interfaces[Int(interface)].rxPosted < interfaces[Int(interface)].rxCount
  }

  /// MGETHDR and MCLGET with M_DONTWAIT.
  func bufferNow(on interface: Int32) -> Int32? {
    owe(interfaces[Int(interface)].refillCost.nanoseconds)
    guard let fresh = mGet(.rx, at: .refill, header: true) else { return nil }
    let isHad =
      interfaces[Int(interface)].sourceCount == 0
      ? mclGet(fresh, .rx, at: .refill) : sourceGet(fresh, on: interface)
    if isHad { return fresh }
    mFree(fresh, .noBuffer)
    return nil
  }

  /// The next frame's buffer is posted again, and the frame is gone.
  fileprivate func dropFrame(_ interface: Int32) {
    interfaces[Int(interface)].refillDrops &+= 1
    trace(.nicDropped, interface)
    rearmAll(takeFrame(interface), on: interface)
  }

  /// A frame of at most `copybreak` octets goes up as a copy in one mbuf. False when it is longer,
  /// or no mbuf is free.
  fileprivate func copyUp(_ interface: Int32) -> Bool {
    let ifnet = interfaces + Int(interface)
    let descriptor = rxRing + Int(ifnet.pointee.rxBase &+ ifnet.pointee.rxNext)
    let length = descriptor.pointee.length
    guard length <= ifnet.pointee.copybreak, let copy = mGet(.rx, at: .copybreak, header: true)
    else {
      return false
    }
    let frame = takeFrame(interface)
    data(copy).copyMemory(from: data(frame), byteCount: Int(length))
    mbuf(copy).pointee.length = length
    mbuf(copy).pointee.packetLength = length
    owe(state.pointee.costs.touching(length))
    rearm(frame, on: interface)
    etherInput(copy, on: interface)
    return true
  }

  func nextFrameIsFilled(_ interface: Int32) -> Bool {
    let ifnet = interfaces + Int(interface)
    let descriptor = rxRing + Int(ifnet.pointee.rxBase &+ ifnet.pointee.rxNext)
    return (descriptor.pointee.mbuf >= 0 || ifnet.pointee.copies) && !descriptor.pointee.isEmpty
  }

  /// The frame of the next descriptor, as a packet in the driver's hand.
  @inline(__always)
  func takeFrame(_ interface: Int32) -> Int32 {
    let ifnet = interfaces + Int(interface)
    let descriptor = rxRing + Int(ifnet.pointee.rxBase &+ ifnet.pointee.rxNext)
    precondition(!descriptor.pointee.isEmpty, "a frame is taken from an empty descriptor")
    if descriptor.pointee.isContinued { return takeLong(interface) }
    let packet = descriptor.pointee.mbuf
    let m = mbuf(packet)
    m.pointee.offset = 0
    m.pointee.length = descriptor.pointee.length
    m.pointee.packetLength = descriptor.pointee.length
    m.pointee.flags = descriptor.pointee.isSummed ? [.packetHeader, .summed] : .packetHeader
    precondition(m.pointee.cluster >= 0, "a ring's buffer has no cluster")
    let use = clusterUse + Int(m.pointee.cluster)
    use.pointee.pattern = descriptor.pointee.pattern
    let isWritten = Int32(descriptor.pointee.written) >= descriptor.pointee.length
    use.pointee.written = isWritten ? Int16(BufferSize.cluster) : descriptor.pointee.written
    place(packet, .hand, holder: context.pointee.task)
    descriptor.pointee.mbuf = -1
    ifnet.pointee.rxNext = ifnet.pointee.rxAfter(ifnet.pointee.rxNext)
    ifnet.pointee.rxPosted &-= 1
    ifnet.pointee.rxFilled &-= 1
    return packet
  }

  @inline(never)
  func overrun(_ octets: Int, on interface: Int32) {
    let ifnet = interfaces + Int(interface)
    ifnet.pointee.overruns &+= 1
    if ifnet.pointee.policy.suspends && !ifnet.pointee.isReceiving && !ifnet.pointee.isSuspended {
      ifnet.pointee.isSuspended = true
      ifnet.pointee.suspensions &+= 1
    }
    trace(.nicOverrun, interface, Int64(octets))
  }

  @inline(never)
  private func isIgnored(_ frame: UnsafeRawBufferPointer, on interface: Int32) -> Bool {
    guard let header = EthernetHeader(reading: frame), header.destination.isBroadcast else {
      return false
    }
    interfaces[Int(interface)].filtered &+= 1
    return true
  }

  /// The hardware has a frame for us: it fills the next empty descriptor, or loses the frame.
  ///
  /// - Returns: true when that interrupts the processor.
  @inline(__always)
  func hardwareReceive(
    _ octets: UnsafeRawPointer, _ frame: GatheredFrame, on interface: Int32
  ) -> Bool {
    let ifnet = interfaces + Int(interface)
    let count = Int(frame.octetCount)
    let written = UnsafeRawBufferPointer(start: octets, count: min(Int(frame.written), count))
    if ifnet.pointee.policy.ignoresBroadcasts && isIgnored(written, on: interface) { return false }
    if count > EthernetLimits.usualFrameOctets { return receiveLong(written, on: interface) }
    let descriptor = rxRing + Int(ifnet.pointee.rxBase &+ ifnet.pointee.rxFill)
    let buffer = descriptor.pointee.mbuf
    guard ifnet.pointee.rxCount > 0, buffer >= 0 || ifnet.pointee.copies,
      descriptor.pointee.isEmpty, !ifnet.pointee.isSuspended
    else {
      overrun(count, on: interface)
      return false
    }
    let memory = clusterMemory + Int(descriptor.pointee.slot) &* Int(BufferSize.cluster)
    memory.copyMemory(from: octets, byteCount: written.count)
    descriptor.pointee.length = frame.octetCount
    descriptor.pointee.isEmpty = false
    descriptor.pointee.isSummed = frame.isSummed
    descriptor.pointee.pattern = frame.pattern
    descriptor.pointee.written = Int16(truncatingIfNeeded: frame.written)
    if buffer < 0 && !frame.isWritten { writeSlot(memory, descriptor) }
    ifnet.pointee.rxFill = ifnet.pointee.rxAfter(ifnet.pointee.rxFill)
    ifnet.pointee.rxFilled &+= 1
    return signal(count, on: interface)
  }

  /// The memory of a driver that copies has its frames whole.
  @inline(never)
  private func writeSlot(
    _ memory: UnsafeMutableRawPointer, _ descriptor: UnsafeMutablePointer<ReceiveDescriptor>
  ) {
    let written = Int(descriptor.pointee.written)
    let count = Int(descriptor.pointee.length) - written
    Payload.fill(memory + written, descriptor.pointee.pattern, from: written, count: count)
    descriptor.pointee.written += Int16(count)
  }

  /// A frame that lies in a ring's buffer, whole, for who may change nothing.
  func withFrame(
    in descriptor: ReceiveDescriptor, _ body: (UnsafeRawBufferPointer) -> Void
  ) {
    let start = UnsafeRawPointer(
      clusterMemory + Int(descriptor.slot) * Int(BufferSize.cluster))
    let (written, count) = (Int(descriptor.written), Int(descriptor.length))
    if written >= count { return body(UnsafeRawBufferPointer(start: start, count: count)) }
    Payload.withWhole(start, written: written, count: count, descriptor.pattern, body)
  }

  /// A frame lies in the ring. True when that interrupts the processor.
  @inline(__always)
  func signal(_ octets: Int, on interface: Int32) -> Bool {
    let ifnet = interfaces + Int(interface)
    ifnet.pointee.framesIn &+= 1
    ifnet.pointee.octetsIn &+= Int64(octets)
    trace(.nicFrame, interface, Int64(octets))
    guard ifnet.pointee.rxInterruptEnabled else {
      ifnet.pointee.rxEventPending = true
      return false
    }
    ifnet.pointee.rxInterruptEnabled = false
    wake(ifnet.pointee.rxTask)
    return true
  }
}

extension ReceiveDaemon {
  func addState(to hash: inout StateHash) {
    hash.add(interface, point.rawValue, filled, taken)
  }
}
