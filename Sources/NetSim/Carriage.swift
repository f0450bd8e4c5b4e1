// Frames on their way: from a transmit ring over the medium into receive rings.

import NetStack
import Wire

extension Simulation {
  /// A port has a frame to send: now, or when the medium is free.
  mutating func offer(port: Int32, _ context: inout Context) {
    let end = ports.place(Int(port))
    if end.pointee.isWaiting || end.pointee.isSending || !end.pointee.isUp { return }
    let link = links.place(Int(end.pointee.link))
    if link.pointee.isShared && link.pointee.isBusy {
      end.pointee.isWaiting = true
      link.pointee.waiting.append(port)
      return
    }
    begin(port: port, &context)
  }

  /// Puts the port's next frame on the wire, if it still has one.
  private mutating func begin(port: Int32, _ context: inout Context) {
    let end = ports.place(Int(port))
    let taken =
      end.pointee.transmitsFaulty ? takePassed(port, &context) : takeFrame(from: port, &context)
    guard let slot = taken else { return }
    let number = end.pointee.link
    let link = links.place(Int(number))
    let frame = frames.octets(slot)
    let octets = frame.count + Framing.preamble + Framing.crc
    let onWire = link.pointee.time(forOctets: octets)
    let withGap = link.pointee.time(forOctets: octets + Framing.gap)
    end.pointee.isSending = true
    end.pointee.framesOut += 1
    link.pointee.isBusy = true
    link.pointee.frames += 1
    link.pointee.octets += Int64(frame.count)
    link.pointee.busyTime = link.pointee.busyTime + withGap
    frameCount += 1
    context.enter(host: end.pointee.host, task: -1, at: now)
    context.trace(
      .linkFrame, number, Int64(frame.count) | Int64(port) << 32,
      Int64(bitPattern: FrameHash.of(frame)))
    if context.observedLinks & Context.bit(number) != 0 {
      observe(frame, at: port, isIncoming: false, &context)
    }
    queue.schedule(.sent, at: now + withGap, port)
    if !link.pointee.isPlain { return carry(slot, port, until: now + onWire, &context) }
    queue.schedule(
      .delivery, at: now + onWire + link.pointee.delay, number, detail: slot,
      generation: UInt32(port))
  }

  mutating func takeFrame(from port: Int32, _ context: inout Context) -> Int32? {
    let end = ports.place(Int(port))
    if !end.pointee.isUp { return nil }
    let interface = end.pointee.interface
    end.pointee.isExtra = !end.pointee.extras.isEmpty
    if end.pointee.isExtra { return end.pointee.extras.removeFirst() }
    if interface < 0 {
      if end.pointee.queue.isEmpty { return nil }
      let slot = end.pointee.queue.removeFirst()
      if end.pointee.senders > 0 { wakeSenders(port, &context) }
      return slot
    }
    let stack = Int(processors[Int(end.pointee.host)].stack)
    let slot = end.pointee.sendsLong ? frames.take(for: FramePool.mostOctets) : frames.take()
    context.enter(host: end.pointee.host, task: -1, at: now)
    let frame = hosts[stack].nextFrame(on: interface, into: frames.memory(slot), &context)
    if frame.octetCount == 0 {
      frames.give(slot)
      return nil
    }
    frames.set(frame, of: slot)
    return slot
  }

  /// The frame and its gap are over: the medium is free for the next.
  mutating func frameSent(port: Int32, _ context: inout Context) {
    let end = ports.place(Int(port))
    let link = links.place(Int(end.pointee.link))
    end.pointee.isSending = false
    link.pointee.isBusy = false
    if end.pointee.interface >= 0 && !end.pointee.isExtra { ringIsDone(port, &context) }
    if !link.pointee.isShared { return offer(port: port, &context) }
    if link.pointee.waiting.isEmpty {
      offer(port: port, &context)
    } else {
      end.pointee.isWaiting = true  // behind those that came first
      link.pointee.waiting.append(port)
    }
    while !link.pointee.isBusy && !link.pointee.waiting.isEmpty {
      let next = link.pointee.waiting.removeFirst()
      ports[Int(next)].isWaiting = false
      begin(port: next, &context)
    }
  }

  /// The hardware is through with the frame that it took last.
  mutating func ringIsDone(_ port: Int32, _ context: inout Context) {
    let host = ports[Int(port)].host
    context.enter(host: host, task: -1, at: now)
    let stack = Int(processors[Int(host)].stack)
    if hosts[stack].sent(on: ports[Int(port)].interface, &context) { interrupt(host) }
    takeEffects(Int(host), &context)
  }

  /// A frame reaches its stations: the one it is addressed to, or all but the sender.
  mutating func deliver(
    _ slot: Int32, over link: Int32, from sender: UInt32, _ context: inout Context
  ) {
    let sender = Int32(bitPattern: sender)
    let destination = EthernetHeader(reading: frames.octets(slot))?.destination ?? .zero
    let isPlain = links[Int(link)].isPlain
    if !isPlain, let reason = obstacle(to: destination, link, from: sender) {
      return lose(slot, from: sender, reason, &context)
    }
    for index in 0..<links[Int(link)].ports.count {
      let port = links[Int(link)].ports[index]
      if port == sender || !ports[Int(port)].isUp { continue }
      if !destination.isGroup && ports[Int(port)].mac != destination { continue }
      if !isPlain && isCut(sender, port) { continue }
      take(slot, at: port, &context)
    }
    frames.give(slot)
  }

  /// Past the fault point of the port, if there is one.
  mutating func take(_ slot: Int32, at port: Int32, _ context: inout Context) {
    if ports[Int(port)].receivesFaulty {
      receiveFaulty(slot, at: port, &context)
    } else {
      receive(slot, at: port, &context)
    }
  }

  mutating func receive(_ slot: Int32, at port: Int32, _ context: inout Context) {
    if context.observedLinks != 0, isObserved(port, by: context.observedLinks) {
      return receiveObserved(slot, at: port, &context)
    }
    accept(slot, at: port, &context)
  }

  /// The frame is in the port: its ring takes it, or whoever there has no stack.
  @inline(__always)
  mutating func accept(_ slot: Int32, at port: Int32, _ context: inout Context) {
    let p = Int(port)
    if frames.hasDamaged && refuses(slot, at: port, &context) { return }
    ports[p].framesIn += 1
    if ports[p].interface < 0 { return keep(slot, at: port, &context) }
    let host = ports[p].host
    let stack = Int(processors[Int(host)].stack)
    context.enter(host: host, task: -1, at: now)
    let interface = ports[p].interface
    let interrupts = hosts[stack].receive(
      frames.octets(slot), isSummed: frames.isSummed(slot), pattern: frames.pattern(slot),
      on: interface, &context)
    if !interrupts {
      if processors[Int(host)].polls {
        look(at: host)  // an idle CPU polls at once
        schedulePoll(Int(host), &context)
      }
      return
    }
    interrupt(host)
    takeEffects(Int(host), &context)
  }
}
