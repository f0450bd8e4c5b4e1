// Stations without a stack: their programs send and take frames themselves. The interface answers
// ARP for its own address, so that others find it.

import NetStack
import Wire

extension Simulation {
  /// A station without a stack sends a frame. False when too many wait already.
  public mutating func send(
    _ octets: UnsafeRawBufferPointer, from port: Int32, _ context: inout Context
  ) -> Bool {
    guard let base = octets.baseAddress else { return false }
    return send(base, GatheredFrame(octetCount: octets.count), from: port, &context)
  }

  /// The same of one of which only some octets have been written.
  public mutating func send(
    _ octets: UnsafeRawPointer, _ gathered: GatheredFrame, from port: Int32,
    _ context: inout Context
  ) -> Bool {
    makeUnique()
    guard hasRoom(port: port), gathered.octetCount <= FramePool.mostOctets else { return false }
    let slot = frames.take(for: Int(gathered.octetCount))
    frames.memory(slot).copyMemory(from: octets, byteCount: Int(gathered.written))
    frames.set(gathered, of: slot)
    if gathered.octetCount < EthernetLimits.minimumFrameOctets { frames.pad(slot) }
    ports[Int(port)].queue.append(slot)
    offer(port: port, &context)
    return true
  }

  /// Whether one more frame may wait for the medium.
  public func hasRoom(port: Int32) -> Bool {
    ports[Int(port)].queue.count < ports[Int(port)].queueLimit
  }

  /// A frame has gone to the medium: whoever waits for room looks again.
  mutating func wakeSenders(_ port: Int32, _ context: inout Context) {
    context.enter(host: ports[Int(port)].host, task: -1, at: now)
    for task in tasks.indices where tasks[task].programWait == .room(port) {
      endOutsideWait(Int32(task), .none, &context)
    }
  }

  public mutating func setAnswersARP(_ answers: Bool, port: Int32, _ context: inout Context) {
    makeUnique()
    let host = ports[Int(port)].host
    let stack = Int(processors[Int(host)].stack)
    guard stack >= 0 else { return ports[Int(port)].answersARP = answers }
    context.enter(host: host, task: -1, at: now)
    hosts[stack].setAnswersARP(answers, on: ports[Int(port)].interface, &context)
  }

  /// What the driver does with frames that the hardware refuses.
  public mutating func setKeepsFailed(
    _ keeps: Bool, host: Int32, interface: Int32, _ context: inout Context
  ) {
    makeUnique()
    context.enter(host: host, task: -1, at: now)
    hosts[Int(processors[Int(host)].stack)].setKeepsFailed(keeps, on: interface, &context)
  }

  /// The octets of a frame that lies in a port's inbox.
  public func octets(of frame: ReceivedFrame) -> UnsafeRawBufferPointer {
    frames.octets(frame.slot)
  }

  /// Takes a frame out of the inbox, by its place there.
  public mutating func removeFrame(_ place: Int, from port: Int32) {
    makeUnique()
    frames.give(ports[Int(port)].inbox.remove(at: place).slot)
  }

  /// A frame has come: answered at once, or kept for whoever asks. The oldest makes room.
  mutating func keep(_ slot: Int32, at port: Int32, _ context: inout Context) {
    let p = Int(port)
    context.enter(host: ports[p].host, task: -1, at: now)
    if ports[p].answersARP, answer(slot, at: port, &context) { return }
    if ports[p].inboxLimit == 0 { return }
    if ports[p].inbox.count >= ports[p].inboxLimit {
      frames.give(ports[p].inbox.removeFirst().slot)
      ports[p].overruns += 1
    }
    let copy = frames.take(for: frames.octets(slot).count)
    let octets = frames.octets(slot)
    if let base = octets.baseAddress {
      frames.memory(copy).copyMemory(from: base, byteCount: octets.count)
    }
    frames.setLength(octets.count, of: copy)
    ports[p].inbox.append(ReceivedFrame(number: ports[p].framesIn, at: now, slot: copy))
    if ports[p].readers == 0 { return }
    for task in tasks.indices where tasks[task].programWait == .frame(port) {
      endOutsideWait(Int32(task), .none, &context)
    }
  }

  /// A request for the port's own address gets its reply.
  private mutating func answer(_ slot: Int32, at port: Int32, _ context: inout Context) -> Bool {
    let octets = frames.octets(slot)
    guard let ethernet = EthernetHeader(reading: octets), ethernet.type == EtherType.arp,
      let request = ARPPacket(
        reading: UnsafeRawBufferPointer(rebasing: octets[EthernetHeader.octetCount...])),
      request.operation == ARPOperation.request,
      request.targetProtocol == ports[Int(port)].address
    else { return false }
    let own = ports[Int(port)].mac
    let size = EthernetHeader.octetCount + ARPPacket.octetCount
    withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { frame in
      guard let base = frame.baseAddress else { return }
      EthernetHeader(destination: request.senderHardware, source: own, type: EtherType.arp)
        .write(to: base)
      ARPPacket(
        operation: ARPOperation.reply, senderHardware: own,
        senderProtocol: ports[Int(port)].address, targetHardware: request.senderHardware,
        targetProtocol: request.senderProtocol
      ).write(to: base + EthernetHeader.octetCount)
      _ = send(UnsafeRawBufferPointer(frame), from: port, &context)
    }
    return true
  }
}
