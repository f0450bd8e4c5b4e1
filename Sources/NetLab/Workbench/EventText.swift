// What a record of the engine says, and what an event says that leaves no record.
//
// Read from the record and from the world as it is right behind the event; nothing is remembered.

import NetScript
import NetSim
import NetStack
import Wire

extension Bench {
  /// - Parameter frame: of a frame that was put on a wire, its octets.
  func line(of record: TraceRecord, frame: UnsafeRawBufferPointer? = nil) -> EventLine {
    var line = EventLine(
      at: moment(record.at), word: Self.word(of: record.kind), who: "", what: "",
      tone: Self.tone(of: record.kind))
    if record.kind.isOfPool {
      (line.who, line.what) = poolText(record)
    } else if record.kind.isOfFurtherPool {
      (line.who, line.what) = bufferText(record)
    } else if record.kind.isOfConnection {
      (line.who, line.what) = connectionText(record)
    } else if record.kind.isOfTask {
      (line.who, line.what) = taskText(record)
    } else {
      (line.who, line.what) = placeText(record, frame)
    }
    return line
  }

  private static func word(of kind: TraceKind) -> String {
    if kind == .poolLeak { return "leak" }
    return EventCatalogue.events.last { $0.kind == kind }?.event.rawValue ?? ""
  }

  private static func tone(of kind: TraceKind) -> Told.Tone {
    switch kind {
    case .poolWait, .bufferWait, .nicRefillWait, .socketFull, .taskBlock: return .wait
    case .poolDeny, .poolExhausted, .poolLeak, .bufferDeny, .bufferExhausted, .nicOverrun,
      .nicDropped, .nicError, .ipDrop, .tcpDrop, .tcpRetransmit, .linkLost, .socketError,
      .taskError:
      return .loss
    default: return .event
    }
  }

  func taskName(_ task: Int32) -> String { path(of: stations.tasks[Int(task)]) }

  // MARK: Buffers

  private func poolText(_ record: TraceRecord) -> (String, String) {
    let event = PoolEvent(record)
    let host = stations.records[Int(record.host)]
    let noun = event.bufferClass == .mbufs ? "mbuf" : "cluster"
    let total = simulation.hosts[Int(host.stack)].pool(event.bufferClass).total
    var what = "\(noun) for \(event.who), \(event.free)/\(total) free"
    switch record.kind {
    case .poolRelease: what = "\(noun) back, \(event.free)/\(total) free"
    case .poolExhausted: what = "the last \(noun) of \(total) for \(event.who)"
    case .poolLeak: what = "\(noun) that nobody reaches any more"
    default: break
    }
    if event.waited > .zero, record.kind == .poolGrant {
      what += ", waited \(vm.text(.time(nanoseconds: event.waited.nanoseconds)))"
    }
    if let owner = owner(ofSocket: event.socket, host), owner != event.task {
      what += ", of " + taskName(owner)
    }
    return (event.task >= 0 ? taskName(event.task) : path(of: host.node), what)
  }

  private func owner(ofSocket socket: Int32, _ host: StationRecord) -> Int32? {
    guard socket >= 0, host.stack >= 0 else { return nil }
    let owner = simulation.hosts[Int(host.stack)].socket(socket).owner
    return owner >= 0 ? owner : nil
  }

  private func bufferText(_ record: TraceRecord) -> (String, String) {
    let event = BufferEvent(record)
    let pool = path(of: programs.pools[Int(event.pool)].node)
    return (
      event.task >= 0 ? taskName(event.task) : pool, "\(pool), \(event.free) free"
    )
  }

  // MARK: Connections and sockets

  private func connectionText(_ record: TraceRecord) -> (String, String) {
    let host = stations.records[Int(record.host)]
    guard record.object >= 0, host.stack >= 0 else { return (path(of: host.node), "") }
    let stack = simulation.hosts[Int(host.stack)]
    let (pcb, block) = (stack.pcb(record.object), stack.tcpcb(record.object))
    var who = "\(path(of: host.node)).\(pcb.localPort)"
    if pcb.remotePort != 0 { who += " > \(hostText(pcb.remoteAddress)).\(pcb.remotePort)" }
    let what: String
    switch record.kind {
    case .tcpIn, .tcpOut:
      let isOut = record.kind == .tcpOut
      let flags = TCPFlags(rawValue: UInt8(truncatingIfNeeded: record.a >> 32))
      let first = isOut ? block.iss.rawValue : block.irs.rawValue
      let acknowledged = isOut ? block.rcvNxt - block.irs : block.sndUna - block.iss
      what = FrameFormatter.segment(
        flags, sequence: UInt32(truncatingIfNeeded: record.b) &- first,
        length: Int(Int32(truncatingIfNeeded: record.a)),
        acknowledgment: UInt32(truncatingIfNeeded: acknowledged),
        window: isOut ? Int(block.rcvAdv - block.rcvNxt) : Int(block.sndWnd))
    case .tcpAck: what = "\(record.a)B acknowledged"
    case .tcpRetransmit:
      let octet = UInt32(truncatingIfNeeded: record.a) &- block.iss.rawValue
      what = "again from \(octet), try \(record.b)"
    case .tcpPersist:
      let wait = record.a &* stack.state.slowBeatNanoseconds
      what = "window closed, next probe in \(vm.text(.time(nanoseconds: wait)))"
    case .tcpProbe: what = record.a == 0 ? "window probe \(record.b)" : "keepalive probe"
    case .tcpDrop:
      let error = SocketError(rawValue: UInt8(truncatingIfNeeded: record.a))
      what = error.map { "given up: \($0.name)" } ?? "reset by its user"
    default: what = "\(stateName(record.a)) → \(stateName(record.b))"
    }
    return (who, what)
  }

  private func stateName(_ number: Int64) -> String {
    TCPState(rawValue: UInt8(truncatingIfNeeded: number))?.name ?? "?"
  }

  // MARK: Tasks

  private func taskText(_ record: TraceRecord) -> (String, String) {
    let who = taskName(record.object)
    switch record.kind {
    case .taskBlock:
      let waits = simulation.tasks[Int(record.object)].wait.map(text) ?? ""
      return (who, waits.isEmpty ? "waits" : "waits for " + waits)
    case .taskRun: return (who, "has the CPU")
    case .taskError:
      return (who, SocketError(rawValue: UInt8(truncatingIfNeeded: record.a))?.name ?? "?")
    default: return (who, "")
    }
  }

  private func text(of wait: Wait) -> String {
    switch wait {
    case .buffer(let bufferClass, _, _): return bufferClass == .mbufs ? "an mbuf" : "a cluster"
    case .sized: return "a buffer of a size class"
    case .socketSpace: return "room in its socket"
    case .socketData: return "data"
    case .connection: return "its peer"
    case .acceptQueue: return "a connection"
    case .lingering: return "its data to arrive"
    case .select: return "one of several"
    case .deviceReceive, .devicePoll: return "a frame"
    case .deviceTransmit: return "a packet to send"
    case .transmitRing: return "room in the transmit ring"
    case .network: return "the network's work"
    case .refill: return "a buffer for its ring"
    }
  }

  // MARK: Places

  private func placeText(
    _ record: TraceRecord, _ frame: UnsafeRawBufferPointer?
  ) -> (String, String) {
    switch record.kind {
    case .linkFrame, .linkLost:
      if let frame { return frameText(frame) }
      return (path(of: stations.links[Int(record.object)]), "\(record.a & 0xFFFF_FFFF)B")
    default: break
    }
    let host = stations.records[Int(record.host)]
    let name = path(of: host.node)
    switch record.kind {
    case .nicFrame, .nicOverrun, .nicError, .nicRefillWait, .nicDropped:
      let nic = host.attachments.first { $0.interface == record.object }
      let size = record.a > 0 ? "\(record.a)B" : ""
      return (nic.map { path(of: $0.node) } ?? name, size)
    case .ipDrop: return (name + ".ip", record.a == 0 ? "its queue is full" : "a bad packet")
    case .socketAppend, .socketFull, .socketWake, .socketError:
      let who = owner(ofSocket: record.object, host).map { taskName($0) }
      return (who ?? name, socketText(record))
    case .hostTick: return (name, tickText(lookout.event))
    case .console: return (name, ConsoleLine.text(record))
    default: return (name, "")
    }
  }

  private func socketText(_ record: TraceRecord) -> String {
    switch record.kind {
    case .socketError:
      return SocketError(rawValue: UInt8(truncatingIfNeeded: record.a))?.name ?? "?"
    case .socketWake: return ""
    default:
      let isSend = record.b == Int64(Direction.send.rawValue)
      return "\(isSend ? "snd" : "rcv") \(record.a)B queued"
    }
  }

  private func tickText(_ event: Event?) -> String {
    event?.kind == .poll ? "who polls for a buffer looks" : "timers of the protocols"
  }

  // MARK: Events that leave no record

  func line(of event: Event, at instant: Instant, frame: UnsafeRawBufferPointer? = nil)
    -> EventLine
  {
    var line = EventLine(at: moment(instant), word: "", who: "", what: "")
    switch event.kind {
    case .delivery, .late, .bridged, .arrival:
      line.word =
        event.kind == .late ? "late" : event.kind == .bridged ? "switch" : "deliver"
      if let frame {
        (line.who, line.what) = frameText(frame)
      } else if event.kind == .delivery {
        line.who = path(of: stations.links[Int(event.object)])
        line.what = "a frame has arrived"
      }
    case .outputFree:
      line.who = path(of: stations.links[Int(simulation.ports[Int(event.object)].link)])
      (line.word, line.what) = ("switch", "an output is free again")
    case .sent:
      let host = simulation.ports[Int(event.object)].host
      (line.word, line.who) = ("sent", path(of: stations.records[Int(host)].node))
      line.what = "the medium is free again"
    case .cpu:
      let task = simulation.running(on: event.object)
      (line.word, line.what) = ("cpu", "a stage of its work is done")
      line.who =
        task >= 0 ? taskName(task) : path(of: stations.records[Int(event.object)].node)
    case .interruptEnd, .poll, .callout:
      line.who = path(of: stations.records[Int(event.object)].node)
      let isTick = event.kind != .interruptEnd
      line.word = isTick ? "tick" : "irq"
      line.what = isTick ? tickText(event) : "the interrupt routine ends"
    case .wake: (line.word, line.what) = ("wake", "has slept")
    case .timeout: (line.word, line.what) = ("timeout", "its call has taken too long")
    case .waitOver: (line.word, line.what) = ("timeout", "has waited for a buffer long enough")
    case .console: (line.word, line.what) = ("console", "has polled for 30s")
    }
    if line.who.isEmpty, event.kind != .late { line.who = taskName(event.object) }
    return line
  }
}

extension Bench {
  /// An event that is still to come.
  func line(ahead event: Event, at instant: Instant) -> EventLine {
    line(of: event, at: instant, frame: simulation.frame(of: event))
  }
}
