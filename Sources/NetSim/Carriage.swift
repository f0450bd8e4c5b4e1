// Frames on their way: from a transmit ring over the medium into receive rings.

import CPrefetch
import NetStack
import Wire

extension Simulation {
  /// A port has a frame to send: now, or when the medium is free.
  @inline(__always)
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
  @inline(never)
  private mutating func begin(port: Int32, _ context: inout Context) {
    let end = ports.place(Int(port))
    let taken =
      end.pointee.transmitsFaulty ? takePassed(port, &context) : takeFrame(from: port, &context)
    guard let slot = taken else { return }
    let number = end.pointee.link
    let link = links.place(Int(number))
    let count = frames.octetCount(slot)
    let times = link.pointee.times(forFrame: count)
    end.pointee.isSending = true
    end.pointee.framesOut += 1
    link.pointee.isBusy = true
    link.pointee.frames += 1
    link.pointee.octets += Int64(count)
    link.pointee.busyTime = link.pointee.busyTime + times.withGap
    frameCount += 1
    context.enter(host: end.pointee.host, task: -1, at: now)
    context.trace(
      .linkFrame, number, Int64(count) | Int64(port) << 32,
      Int64(bitPattern: frames.hash(slot)))
    if context.observedLinks & Context.bit(number) != 0 {
      observe(frames.octets(slot), at: port, isIncoming: false, &context)
    }
    queue.schedule(.sent, at: now + times.withGap, port)
    if !link.pointee.isPlain { return carry(slot, port, until: now + times.onWire, &context) }
    let delivery = Event(
      kind: .delivery, object: number, detail: slot, generation: UInt32(port))
    queue.schedule(
      delivery, at: now + times.onWire + link.pointee.delay, inLane: end.pointee.lane)
  }

  @inline(__always)
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
    let stack = Int(processors.place(Int(end.pointee.host)).pointee.stack)
    let slot = end.pointee.sendsLong ? frames.take(for: FramePool.mostOctets) : frames.take()
    context.enter(host: end.pointee.host, task: -1, at: now)
    let frame = hosts.place(stack).pointee.nextFrame(
      on: interface, into: frames.memory(slot), &context)
    if frame.octetCount == 0 {
      frames.give(slot)
      return nil
    }
    frames.set(frame, of: slot)
    return slot
  }

  /// The frame and its gap are over: the medium is free for the next.
  @inline(never)
  mutating func frameSent(port: Int32, _ context: inout Context) {
    let end = ports.place(Int(port))
    let link = links.place(Int(end.pointee.link))
    end.pointee.isSending = false
    link.pointee.isBusy = false
    var hasMore = true
    if end.pointee.interface >= 0 && !end.pointee.isExtra {
      hasMore = ringIsDone(port, &context) || !end.pointee.extras.isEmpty
    }
    if !link.pointee.isShared {
      if hasMore { offer(port: port, &context) }
      return
    }
    if link.pointee.waiting.isEmpty {
      if hasMore { offer(port: port, &context) }
      return
    }
    end.pointee.isWaiting = true  // behind those that came first
    link.pointee.waiting.append(port)
    while !link.pointee.isBusy && !link.pointee.waiting.isEmpty {
      let next = link.pointee.waiting.removeFirst()
      ports[Int(next)].isWaiting = false
      begin(port: next, &context)
    }
  }

  /// The hardware is through with the frame that it took last. False when it has no other.
  @discardableResult
  @inline(__always)
  mutating func ringIsDone(_ port: Int32, _ context: inout Context) -> Bool {
    let end = ports.place(Int(port))
    let host = end.pointee.host
    let cpu = processors.place(Int(host))
    context.enter(host: host, task: -1, at: now)
    let ring = hosts.place(Int(cpu.pointee.stack)).pointee.sent(
      on: end.pointee.interface, &context)
    if ring.interrupts { interrupt(host) }
    takeEffects(Int(host), &context)
    return ring.hasFrame
  }

  /// A frame reaches its stations: the one it is addressed to, or all but the sender.
  @inline(never)
  mutating func deliver(
    _ slot: Int32, over link: Int32, from sender: UInt32, _ context: inout Context
  ) {
    let sender = Int32(bitPattern: sender)
    let medium = links.place(Int(link))
    let destination = EthernetHeader(reading: frames.front(slot))?.destination ?? .zero
    let isPlain = medium.pointee.isPlain
    if !isPlain, let reason = obstacle(to: destination, link, from: sender) {
      return lose(slot, from: sender, reason, &context)
    }
    let isForMany = destination.isGroup && medium.pointee.ports.count > Simulation.fewPorts
    var index = 0
    while index < medium.pointee.ports.count {
      let port = medium.pointee.ports[index]
      if isForMany { fetch(medium, from: index) }
      index &+= 1
      let end = ports.place(Int(port))
      if port == sender || !end.pointee.isUp { continue }
      if !destination.isGroup && end.pointee.mac != destination { continue }
      if !isPlain && isCut(sender, port) { continue }
      take(slot, at: port, &context)
    }
    frames.give(slot)
  }

  /// Past the fault point of the port, if there is one.
  @inline(__always)
  mutating func take(_ slot: Int32, at port: Int32, _ context: inout Context) {
    if ports[Int(port)].receivesFaulty {
      receiveFaulty(slot, at: port, &context)
    } else {
      receive(slot, at: port, &context)
    }
  }

  @inline(__always)
  mutating func receive(_ slot: Int32, at port: Int32, _ context: inout Context) {
    if context.observedLinks != 0, isObserved(port, by: context.observedLinks) {
      return receiveObserved(slot, at: port, &context)
    }
    accept(slot, at: port, &context)
  }

  /// The frame is in the port: its ring takes it, or whoever there has no stack.
  @inline(__always)
  mutating func accept(_ slot: Int32, at port: Int32, _ context: inout Context) {
    if frames.hasDamaged && refuses(slot, at: port, &context) { return }
    let end = ports.place(Int(port))
    end.pointee.framesIn += 1
    if end.pointee.interface < 0 { return keep(slot, at: port, &context) }
    let host = end.pointee.host
    let cpu = processors.place(Int(host))
    context.enter(host: host, task: -1, at: now)
    let interrupts = hosts.place(Int(cpu.pointee.stack)).pointee.receive(
      frames.memory(slot), frames.gathered(slot), on: end.pointee.interface, &context)
    if !interrupts {
      if cpu.pointee.polls {
        look(at: host)  // an idle CPU polls at once
        schedulePoll(Int(host), &context)
      }
      return
    }
    interrupt(host)
    takeEffects(Int(host), &context)
  }

  // MARK: ahead

  /// Where a frame reaches no more stations than these, their memory is near.
  private static var fewPorts: Int { 24 }

  /// Asks for the memory of the stations that a frame for many reaches after the one in hand, the
  /// nearer the more.
  @inline(never)
  private func fetch(_ medium: UnsafeMutablePointer<Link>, from index: Int) {
    let count = medium.pointee.ports.count
    if index &+ 4 < count {
      let end = ports.place(Int(medium.pointee.ports[index &+ 4]))
      prefetch(processors.place(Int(end.pointee.host)), 128)
    }
    if index &+ 3 < count, let stack = stack(at: medium.pointee.ports[index &+ 3]) {
      stack.host.pointee.fetch(stack.interface)
    }
    if index &+ 2 < count, let stack = stack(at: medium.pointee.ports[index &+ 2]) {
      let woken = stack.host.pointee.fetchRing(stack.interface)
      fetch(task: woken.receive)
      fetch(task: woken.network)
    }
    if index &+ 1 < count, let stack = stack(at: medium.pointee.ports[index &+ 1]) {
      stack.host.pointee.fetchBuffer(stack.interface)
    }
    if index > 0, let stack = stack(at: medium.pointee.ports[index &- 1]) {
      stack.host.pointee.fetchReplacement(stack.interface)
    }
  }

  @inline(__always)
  private func stack(at port: Int32) -> (host: UnsafeMutablePointer<Host>, interface: Int32)? {
    let end = ports.place(Int(port))
    let stack = processors.place(Int(end.pointee.host)).pointee.stack
    if stack < 0 || end.pointee.interface < 0 { return nil }
    return (hosts.place(Int(stack)), end.pointee.interface)
  }
}
