// Measurements of interfaces, media and tasks.

import NetScript
import NetSim
import NetStack
import Wire

extension Bench {
  private func attachment(_ id: NodeID) -> Attachment? {
    guard let station = station(of: id), tree[id].object >= 0 else { return nil }
    return station.attachments[Int(tree[id].object)]
  }

  func measureAttachment(_ id: NodeID, _ word: Word) -> Value? {
    guard let attachment = attachment(id) else { return nil }
    switch word {
    case .address: return vm.makeString(attachment.address.description)
    case .mac: return vm.makeString(attachment.mac.description)
    default: return nil
    }
  }

  func measureReceive(_ nic: NodeID, _ word: Word) -> Value? {
    guard let attachment = attachment(nic) else { return nil }
    // Of a station without a stack nothing is summed.
    let isLoss =
      attachment.interface >= 0
      && (word == .overruns || word == .refillWaits || word == .refillDrops
        || word == .crcErrors || word == .tooLong)
    note(isLoss ? .loss : .nic, host: tree[nic].host)
    let port = simulation.ports[Int(attachment.port)]
    guard attachment.interface >= 0, let stack = stack(of: nic, isLoss ? .loss : .nic) else {
      switch word {
      case .frames: return .int(port.framesIn)
      case .filled: return .int(Int64(port.inbox.count))
      case .overruns: return .int(port.overruns)
      default: return nil
      }
    }
    let interface = stack.interface(attachment.interface)
    switch word {
    case .posted: return .int(Int64(interface.rxPosted))
    case .filled: return .int(Int64(interface.rxFilled))
    case .frames: return .int(interface.framesIn)
    case .overruns: return .int(interface.overruns)
    case .crcErrors: return .int(interface.crcErrors)
    case .tooLong: return .int(interface.tooLong)
    case .refillWaits: return .int(interface.refillWaits)
    case .refillDrops: return .int(interface.refillDrops)
    case .filtered: return .int(interface.filtered)
    case .suspensions: return .int(interface.suspensions)
    case .state: return vm.symbol(interface.isReceiving ? "running" : "suspended")
    default: return nil
    }
  }

  func measureTransmit(_ nic: NodeID, _ word: Word) -> Value? {
    guard let attachment = attachment(nic) else { return nil }
    let aspect = word == .drops || word == .ringDrops ? Aspect.loss : .nic
    note(aspect, host: tree[nic].host)
    let port = simulation.ports[Int(attachment.port)]
    guard attachment.interface >= 0, let stack = stack(of: nic, aspect) else {
      return word == .frames ? .int(port.framesOut) : nil
    }
    let interface = stack.interface(attachment.interface)
    switch word {
    case .fails: return .int(interface.txFails)
    case .queued: return .int(Int64(interface.queueLength))
    case .pinned: return .int(Int64(interface.txActive))
    case .frames: return .int(port.framesOut)
    case .drops: return .int(interface.queueDrops)
    case .ringDrops: return .int(interface.ringDrops)
    default: return nil
    }
  }

  /// `none` for a driver that counts no credits.
  func measureCredits(_ nic: NodeID, _ word: Word) -> Value? {
    guard let attachment = attachment(nic), attachment.interface >= 0,
      let interface = stack(of: nic, .nic)?.interface(attachment.interface), interface.credits > 0
    else { return Value.none }
    switch word {
    case .total: return .int(Int64(interface.credits))
    case .free: return .int(Int64(interface.creditsFree))
    default: return nil
    }
  }

  func measureLink(_ id: NodeID, _ word: Word) -> Value? {
    guard tree[id].object >= 0 else { return nil }
    let link = simulation.links[Int(tree[id].object)]
    note(.link)
    switch word {
    case .frames: return .int(link.frames)
    case .octets: return .data(octets: link.octets)
    case .util:
      note(.now)
      let elapsed = observedNow.nanoseconds
      guard elapsed > 0 else { return .quantity(0, .none, unit: Bench.percent) }
      // The frame that is on the wire now counts whole.
      var time = link.busyTime
      if link.medium == .switched {
        time = link.ports.reduce(.zero) { max($0, simulation.ports[Int($1)].outputTime) }
      }
      let busy = min(time.nanoseconds, elapsed)
      let (high, low) = busy.multipliedFullWidth(by: 1_000_000_000)
      let share = elapsed.dividingFullWidth((high, low)).quotient
      return .quantity(share, .none, unit: Bench.percent)
    default: return nil
    }
  }

  /// `lan.queue`; `none` where there is no switch.
  func measureSwitch(_ lan: NodeID, _ word: Word) -> Value? {
    guard tree[lan].object >= 0 else { return nil }
    note(.anything)
    guard let bridge = simulation.links[Int(tree[lan].object)].bridge else {
      return word == .len || word == .drops || word == .peak ? Value.none : nil
    }
    switch word {
    case .len: return .int(Int64(bridge.queued))
    case .drops: return .int(bridge.drops)
    case .peak: return .int(Int64(bridge.peak))
    default: return nil
    }
  }

  static let percent = UnitExpression(unit: UnitTable.percent)

  // MARK: Tasks

  func measureTask(_ id: NodeID, _ word: Word) -> Value? {
    let task = tree[id].object
    guard task >= 0 else { return nil }
    let record = simulation.tasks[Int(task)]
    switch word {
    case .state:
      note(.anything)
      note(.task, host: record.host)
      return vm.symbol(Bench.name(of: record.state))
    case .cpu:
      note(.anything)
      return .time(nanoseconds: simulation.cpuTime(of: task).nanoseconds)
    case .interrupted:
      note(.anything)
      return .time(nanoseconds: record.interrupted)
    case .blockedFor:
      note(.task, host: record.host)
      guard let since = record.blockedSince else { return .time(nanoseconds: 0) }
      note(.now)
      return .time(nanoseconds: (observedNow - since).nanoseconds)
    case .waitingFor:
      note(.task, host: record.host)
      return waitedFor(record)
    default: return nil
    }
  }

  private static func name(of state: TaskState) -> String {
    switch state {
    case .dormant: return "dormant"
    case .ready, .program: return "ready"
    case .running: return "running"
    case .locked: return "locked"
    case .waiting, .polling: return "waiting"
    case .sleeping: return "sleeping"
    }
  }

  /// The node that a task waits for: a pool's class, a socket, an interface, a lock, a queue, or
  /// `none`.
  private func waitedFor(_ record: TaskRecord) -> Value {
    if record.state == .locked { return lockNode(record.awaitedLock) }
    if record.state == .waiting, let wait = record.programWait {
      switch wait {
      case .put(let queue), .get(let queue): return queueNode(queue)
      case .frame(let port), .room(let port): return portNode(port)
      case .buffer(let pool): return programs.pools[Int(pool)].node.value
      case .condition, .select: return .none
      }
    }
    guard let wait = record.wait, record.state == .waiting || record.state == .polling else {
      return .none
    }
    let host = stations.records[Int(record.host)].node
    switch wait {
    case .buffer(let bufferClass, _, _):
      guard let pool = implicit(.pool, in: host) else { return .none }
      return placeNode(bufferClass == .mbufs ? .mbufs : .clusters, of: pool).value
    case .sized: return wait.kind.flatMap { classNode($0, of: record.host) }?.value ?? .none
    case .socketSpace(let socket), .socketData(let socket), .connection(let socket),
      .acceptQueue(let socket), .lingering(let socket):
      let stack = stations.records[Int(record.host)].stack
      return socketNode(host: record.host, stack: stack, index: socket)
    case .deviceReceive(let interface), .deviceTransmit(let interface),
      .transmitRing(let interface), .refill(let interface), .devicePoll(let interface):
      return stations.records[Int(record.host)].attachments[Int(interface)].node.value
    case .select, .network: return .none
    }
  }

  /// The node of a place below a kind, made when it is first asked for.
  func placeNode(_ word: Word, of parent: NodeID) -> NodeID {
    if let known = tree.child(words.symbol(word), of: parent) { return known }
    return tree.add(.place(word), parent: parent, name: words.symbol(word))
  }
}

extension TaskRecord {
  /// Since when it waits for something that is not the CPU or the clock.
  var blockedSince: Instant? {
    switch state {
    case .waiting, .polling: return waitSince
    case .locked: return lockedSince
    case .dormant, .ready, .running, .sleeping, .program: return nil
    }
  }
}
