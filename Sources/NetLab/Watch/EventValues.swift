// An event as a script sees it: a record with the same fields for every kind, filled in place.

import NetScript
import NetSim
import NetStack

/// The shape of event records and the symbols in them, looked up once.
struct EventShape {
  var shape = 0
  /// `.rx`, `.tx` … by the requester's number.
  var requesters: [Value] = []
  var clusters = Value.none
  var mbufs = Value.none
  /// The method of histograms that is called with every event.
  var add = Symbol(rawValue: .max)

  static let fields = [
    "at", "seq", "task", "conn", "size", "reason", "class", "who", "waited", "free",
  ]

  init() {}

  init(_ vm: VM) {
    shape = vm.shape(EventShape.fields.map(vm.intern))
    requesters = ["rx", "tx", "app", "stack", "timer"].map(vm.symbol)
    clusters = vm.symbol("clusters")
    mbufs = vm.symbol("mbufs")
    add = vm.intern("add")
  }
}

extension Bench {
  /// What a hook's body gets: the record, or the line of a console.
  func eventValue(_ record: TraceRecord) -> Value {
    if record.kind == .console {
      return vm.makeString(ConsoleLine(rawValue: record.object)?.text ?? "")
    }
    if record.kind.isOfPool { return poolEventValue(record) }
    let task = eventTask(record)
    let connection = eventConnection(record)
    let reason = eventReason(record)
    let size = eventSize(record)
    let sequence = simulation.events
    return vm.makeRecord(watch.eventShape.shape) { fields in
      fields[0] = .time(nanoseconds: record.at.nanoseconds)
      fields[1] = .int(sequence)
      fields[2] = task
      fields[3] = connection
      fields[4] = size
      fields[5] = reason
      for index in 6..<fields.count { fields[index] = .none }
    }
  }

  private func poolEventValue(_ record: TraceRecord) -> Value {
    let event = PoolEvent(record)
    let task = event.task >= 0 ? taskNode(event.task) : Value.none
    let shape = watch.eventShape
    let who = shape.requesters[Int(event.who.rawValue)]
    let sequence = simulation.events
    return vm.makeRecord(shape.shape) { fields in
      fields[0] = .time(nanoseconds: record.at.nanoseconds)
      fields[1] = .int(sequence)
      fields[2] = task
      fields[3] = .none
      fields[4] = .none
      fields[5] = .none
      fields[6] = event.bufferClass == .clusters ? shape.clusters : shape.mbufs
      fields[7] = who
      fields[8] = .time(nanoseconds: event.waited.nanoseconds)
      fields[9] = .int(Int64(event.free))
    }
  }

  /// The connection; of one that was dropped, whose pcb is gone, the task that owns its socket.
  private func eventConnection(_ record: TraceRecord) -> Value {
    guard record.kind.isOfConnection else { return .none }
    guard record.kind == .tcpDrop, record.b >= 0 else {
      return connectionNode(host: record.host, pcb: record.object)
    }
    let stack = simulation.processors[Int(record.host)].stack
    let owner = simulation.hosts[Int(stack)].socket(Int32(record.b)).owner
    return owner >= 0 ? taskNode(owner) : .none
  }

  private func eventTask(_ record: TraceRecord) -> Value {
    if record.kind.isOfTask { return taskNode(record.object) }
    return record.kind == .console && record.a >= 0 ? taskNode(Int32(record.a)) : .none
  }

  /// Octets, where a record says how many.
  private func eventSize(_ record: TraceRecord) -> Value {
    switch record.kind {
    case .nicFrame, .nicOverrun, .tcpAck, .socketAppend, .socketFull:
      return .data(octets: record.a)
    case .linkFrame, .linkLost: return .data(octets: record.a & 0xFFFF_FFFF)
    default: return .none
    }
  }

  private func eventReason(_ record: TraceRecord) -> Value {
    switch record.kind {
    case .tcpDrop:
      // A connection that TCP itself gave up has run into one of its timers.
      if record.a == Int64(SocketError.ETIMEDOUT.rawValue) { return vm.symbol("timeout") }
      return errorSymbol(record.a)
    case .socketError: return errorSymbol(record.a)
    case .tcpState:
      let state = TCPState(rawValue: UInt8(truncatingIfNeeded: record.b))
      return state.map { vm.symbol(lowercase($0.name)) } ?? .none
    default: return .none
    }
  }

  private func errorSymbol(_ number: Int64) -> Value {
    let error = SocketError(rawValue: UInt8(truncatingIfNeeded: number))
    return error.map { vm.symbol($0.name) } ?? .none
  }

  /// ASCII only: names of states, which in capitals would read as errors.
  private func lowercase(_ text: String) -> String {
    let octets = text.utf8.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 == 45 ? 95 : $0 }
    return String(decoding: octets, as: UTF8.self)
  }
}
