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
    "pool",
  ]

  init() {}

  private static let requesters = ["rx", "tx", "app", "stack", "timer"]
  /// All that it looks up.
  static let names = fields + requesters + ["clusters", "mbufs", "add"]

  init(_ vm: VM) {
    shape = vm.shape(EventShape.fields.map(vm.intern))
    requesters = EventShape.requesters.map(vm.symbol)
    clusters = vm.symbol("clusters")
    mbufs = vm.symbol("mbufs")
    add = vm.intern("add")
  }
}

extension Bench {
  /// What a hook's body gets: the record, or the line of a console.
  func eventValue(_ record: TraceRecord) -> Value {
    if record.kind == .console {
      return vm.makeString(ConsoleLine.text(record))
    }
    if record.kind.isOfPool { return poolEventValue(record) }
    if record.kind.isOfFurtherPool { return bufferEventValue(record) }
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
    let shape = watch.eventShape
    let host = stations.records[Int(record.host)].node
    return poolRecord(
      record, event.task, event.free, event.waited,
      class: event.bufferClass == .clusters ? shape.clusters : shape.mbufs,
      pool: implicit(.pool, in: host)?.value ?? .none,
      who: shape.requesters[Int(event.who.rawValue)],
      connection: connection(ofSocket: event.socket, host: record.host))
  }

  private func bufferEventValue(_ record: TraceRecord) -> Value {
    let event = BufferEvent(record)
    let pool = programs.pools[Int(event.pool)].node
    let role = event.task >= 0 ? role(ofTask: event.task) : nil
    return poolRecord(
      record, event.task, event.free, event.waited, class: vm.symbol(name(tree[pool].name)),
      pool: pool.value, who: role ?? watch.eventShape.requesters[Int(Requester.app.rawValue)],
      connection: .none)
  }

  private func poolRecord(
    _ record: TraceRecord, _ task: Int32, _ free: Int32, _ waited: TimeSpan,
    class bufferClass: Value, pool: Value, who: Value, connection: Value
  ) -> Value {
    let task = taskNode(task)
    let sequence = simulation.events
    return vm.makeRecord(watch.eventShape.shape) { fields in
      fields[0] = .time(nanoseconds: record.at.nanoseconds)
      fields[1] = .int(sequence)
      fields[2] = task
      fields[3] = connection
      fields[4] = .none
      fields[5] = .none
      fields[6] = bufferClass
      fields[7] = who
      fields[8] = .time(nanoseconds: waited.nanoseconds)
      fields[9] = .int(Int64(free))
      fields[10] = pool
    }
  }

  /// The connection that a socket has now; of a datagram socket, and of one that has none any
  /// more, `none`.
  private func connection(ofSocket socket: Int32, host: Int32) -> Value {
    let stack = stations.records[Int(host)].stack
    guard socket >= 0, stack >= 0 else { return .none }
    let record = simulation.hosts[Int(stack)].socket(socket)
    guard record.inUse, record.kind == .stream else { return .none }
    return connectionNode(host: host, pcb: record.pcb)
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
    case .nicFrame, .nicOverrun, .nicError, .tcpAck, .socketAppend, .socketFull:
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
    case .socketError, .taskError: return errorSymbol(record.a)
    case .nicError: return vm.symbol(record.b == 0 ? "crc" : "too_long")
    case .linkLost:
      return LossReason(rawValue: record.b).map { vm.symbol($0.name) } ?? .none
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
