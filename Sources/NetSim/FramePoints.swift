// Fault points of frames: what a script lets happen to them on a medium, into and out of a port.
//
// Nobody comes here who has none: the marks are on links and ports. What a point puts in is not
// shown to it again.

import NetStack
import Wire

extension Simulation {
  public mutating func setFaulty(_ isFaulty: Bool, link: Int32) {
    makeUnique()
    links[Int(link)].isFaulty = isFaulty
  }

  public mutating func setFaulty(_ isFaulty: Bool, port: Int32, _ point: FramePoint) {
    makeUnique()
    if point == .receive {
      ports[Int(port)].receivesFaulty = isFaulty
    } else {
      ports[Int(port)].transmitsFaulty = isFaulty
    }
  }

  /// A frame of another slot's octets.
  mutating func copied(_ slot: Int32) -> Int32 {
    let copy = frames.take(for: frames.octets(slot).count)
    let octets = frames.octets(slot)
    if let base = octets.baseAddress {
      frames.memory(copy).copyMemory(from: base, byteCount: octets.count)
    }
    frames.setLength(octets.count, of: copy)
    if frames.isDamaged(slot) { frames.damage(copy) }
    return copy
  }

  private mutating func made(_ octets: UnsafeRawBufferPointer) -> Int32 {
    let count = min(octets.count, FramePool.mostOctets)
    let slot = frames.take(for: count)
    if let base = octets.baseAddress {
      frames.memory(slot).copyMemory(from: base, byteCount: count)
    }
    frames.setLength(count, of: slot)
    return slot
  }

  private func flip(_ bit: Int, of slot: Int32) {
    guard bit >= 0, bit / 8 < frames.octetCount(slot) else { return }
    frames.forget(slot)
    let octet = frames.memory(slot).assumingMemoryBound(to: UInt8.self) + bit / 8
    octet.pointee ^= 1 << UInt8(bit % 8)
  }

  private func fate(
    of slot: Int32, _ point: FramePoint, _ number: Int32, _ context: Context
  ) -> FrameFate {
    context.faults?.fate(of: frames.octets(slot), point, number, at: now) ?? .pass
  }

  // MARK: out of a port

  /// The port's next frame that its fault point lets go out; nil when there is none.
  @inline(never)
  mutating func takePassed(_ port: Int32, _ context: inout Context) -> Int32? {
    // The driver may offer more while a frame is looked at: that has to wait its turn.
    ports[Int(port)].isSending = true
    defer { ports[Int(port)].isSending = false }
    while let slot = takeFrame(from: port, &context) {
      if ports[Int(port)].isExtra { return slot }
      let fate = fate(of: slot, .transmit, port, context)
      switch fate {
      case .pass: return slot
      case .corrupt(let bit):
        flip(bit, of: slot)
        return slot
      case .duplicate:
        ports[Int(port)].extras.append(copied(slot))
        return slot
      case .instead(let count) where count > 0:
        for index in 0..<count {
          guard let faults = context.faults else { break }
          ports[Int(port)].extras.append(made(faults.replacement(index)))
        }
        frames.give(slot)
      case .late(let time):
        queue.schedule(.late, at: now + max(time, .zero), port, detail: slot)
      case .drop, .instead:
        showLoss(slot, at: port, isIncoming: false, .faulty, &context)
        frames.give(slot)
      case .fail:
        showLoss(slot, at: port, isIncoming: false, .refused, &context)
        frames.give(slot)
        fail(port, &context)
        continue
      }
      if ports[Int(port)].interface >= 0 { ringIsDone(port, &context) }
    }
    return nil
  }

  private func showLoss(
    _ slot: Int32, at port: Int32, isIncoming: Bool, _ loss: FrameLoss, _ context: inout Context
  ) {
    guard isObserved(port, by: context.observedLinks) else { return }
    observe(frames.octets(slot), at: port, isIncoming: isIncoming, &context, loss: loss)
  }

  /// The hardware refuses the frame that it took last.
  private mutating func fail(_ port: Int32, _ context: inout Context) {
    let host = ports[Int(port)].host
    guard ports[Int(port)].interface >= 0 else { return }
    context.enter(host: host, task: -1, at: now)
    let stack = Int(processors[Int(host)].stack)
    if hosts[stack].failed(on: ports[Int(port)].interface, &context) { interrupt(host) }
    takeEffects(Int(host), &context)
  }

  // MARK: on a medium

  /// What becomes of a frame that is on the wire until `end`.
  mutating func carryFaulty(
    _ slot: Int32, _ port: Int32, until end: Instant, _ context: inout Context
  ) {
    switch fate(of: slot, .medium, ports[Int(port)].link, context) {
    case .pass, .fail: convey(slot, port, at: end)
    case .corrupt(let bit):
      flip(bit, of: slot)
      frames.damage(slot)
      convey(slot, port, at: end)
    case .duplicate:
      convey(copied(slot), port, at: end)
      convey(slot, port, at: end)
    case .late(let time): convey(slot, port, at: end + max(time, .zero))
    case .instead(let count) where count > 0:
      for index in 0..<count {
        guard let faults = context.faults else { break }
        convey(made(faults.replacement(index)), port, at: end)
      }
      frames.give(slot)
    case .drop, .instead: lose(slot, from: port, .fault, &context)
    }
  }

  // MARK: into a port

  @inline(never)
  mutating func receiveFaulty(_ slot: Int32, at port: Int32, _ context: inout Context) {
    switch fate(of: slot, .receive, port, context) {
    case .pass, .fail: receive(slot, at: port, &context)
    case .drop: showLoss(slot, at: port, isIncoming: true, .faulty, &context)
    case .duplicate:
      receive(slot, at: port, &context)
      receive(slot, at: port, &context)
    case .corrupt(let bit):
      let damaged = copied(slot)
      flip(bit, of: damaged)
      receive(damaged, at: port, &context)
      frames.give(damaged)
    case .late(let time):
      let copy = copied(slot)
      queue.schedule(.late, at: now + max(time, .zero), port, detail: copy, generation: 1)
    case .instead(let count):
      var others: [Int32] = []
      for index in 0..<count {
        if let faults = context.faults { others.append(made(faults.replacement(index))) }
      }
      for other in others {
        receive(other, at: port, &context)
        frames.give(other)
      }
    }
  }

  mutating func passLate(_ slot: Int32, port: Int32, isIn: Bool, _ context: inout Context) {
    if isIn {
      if ports[Int(port)].isUp { receive(slot, at: port, &context) }
      frames.give(slot)
    } else {
      ports[Int(port)].extras.append(slot)
      offer(port: port, &context)
    }
  }
}
