// Frames on their way: from a transmit ring over the medium into receive rings.

import NetStack
import Wire

extension Simulation {
  /// A port has a frame to send: now, or when the medium is free.
  mutating func offer(port: Int32, _ context: inout Context) {
    let p = Int(port)
    if ports[p].isWaiting || ports[p].isSending || !ports[p].isUp { return }
    let link = Int(ports[p].link)
    if links[link].isShared && links[link].isBusy {
      ports[p].isWaiting = true
      links[link].waiting.append(port)
      return
    }
    begin(port: port, &context)
  }

  /// Puts the port's next frame on the wire, if it still has one.
  private mutating func begin(port: Int32, _ context: inout Context) {
    let p = Int(port)
    guard let slot = takeFrame(from: port, &context) else { return }
    let link = Int(ports[p].link)
    let length = frames.length(slot)
    let onWire = links[link].time(forOctets: length + Framing.preamble + Framing.crc)
    let withGap = links[link].time(
      forOctets: length + Framing.preamble + Framing.crc + Framing.gap)
    ports[p].isSending = true
    ports[p].framesOut += 1
    links[link].isBusy = true
    links[link].frames += 1
    links[link].octets += Int64(length)
    links[link].busyTime = links[link].busyTime + withGap
    frameCount += 1
    let hash = frames.read(slot) { FrameHash.of($0) }
    context.enter(host: ports[p].host, task: -1, at: now)
    context.trace(
      .linkFrame, Int32(link), Int64(length) | Int64(port) << 32, Int64(bitPattern: hash))
    if context.observedLinks & Context.bit(Int32(link)) != 0 {
      frames.read(slot) { context.frames.add($0, at: now, link: Int32(link), port: port) }
    }
    queue.schedule(.sent, at: now + withGap, port)
    queue.schedule(
      .delivery, at: now + onWire + links[link].delay, Int32(link), detail: slot,
      generation: UInt32(port))
  }

  private mutating func takeFrame(from port: Int32, _ context: inout Context) -> Int32? {
    let p = Int(port)
    if !ports[p].isUp { return nil }
    if ports[p].interface < 0 {
      return ports[p].queue.isEmpty ? nil : ports[p].queue.removeFirst()
    }
    let stack = Int(processors[Int(ports[p].host)].stack)
    let slot = frames.take()
    context.enter(host: ports[p].host, task: -1, at: now)
    let interface = ports[p].interface
    let count = frames.write(slot) { hosts[stack].nextFrame(on: interface, into: $0, &context) }
    if count == 0 {
      frames.give(slot)
      return nil
    }
    return slot
  }

  /// The frame and its gap are over: the medium is free for the next.
  mutating func frameSent(port: Int32, _ context: inout Context) {
    let p = Int(port)
    let link = Int(ports[p].link)
    ports[p].isSending = false
    links[link].isBusy = false
    if ports[p].interface >= 0 {
      let host = ports[p].host
      context.enter(host: host, task: -1, at: now)
      let stack = Int(processors[Int(host)].stack)
      if hosts[stack].sent(on: ports[p].interface, &context) { interrupt(host) }
      takeEffects(Int(host), &context)
    }
    if links[link].isShared && !links[link].waiting.isEmpty {
      ports[p].isWaiting = true  // behind those that came first
      links[link].waiting.append(port)
    } else {
      offer(port: port, &context)
    }
    while links[link].isShared && !links[link].isBusy && !links[link].waiting.isEmpty {
      let next = links[link].waiting.removeFirst()
      ports[Int(next)].isWaiting = false
      begin(port: next, &context)
    }
  }

  /// A frame reaches its stations: the one it is addressed to, or all but the sender.
  mutating func deliver(
    _ slot: Int32, over link: Int32, from sender: UInt32, _ context: inout Context
  ) {
    let destination = frames.read(slot) { bytes in
      EthernetHeader(reading: bytes)?.destination ?? .zero
    }
    for index in 0..<links[Int(link)].ports.count {
      let port = links[Int(link)].ports[index]
      if port == Int32(bitPattern: sender) || !ports[Int(port)].isUp { continue }
      if !destination.isGroup && ports[Int(port)].mac != destination { continue }
      receive(slot, at: port, &context)
    }
    frames.give(slot)
  }

  private mutating func receive(_ slot: Int32, at port: Int32, _ context: inout Context) {
    let p = Int(port)
    ports[p].framesIn += 1
    if ports[p].interface < 0 { return }
    let host = ports[p].host
    let stack = Int(processors[Int(host)].stack)
    context.enter(host: host, task: -1, at: now)
    let interface = ports[p].interface
    let interrupts = frames.read(slot) { hosts[stack].receive($0, on: interface, &context) }
    if !interrupts { return }
    interrupt(host)
    takeEffects(Int(host), &context)
  }
}
