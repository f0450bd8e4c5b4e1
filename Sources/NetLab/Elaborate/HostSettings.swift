// Fields of a host's groups in the engine's own units: counts, octets, slow beats of TCP.

import NetScript
import NetSim
import NetStack

extension Bench {
  // MARK: Reading checked fields

  /// The schema of a field of a declaration, or of a group in one.
  func fieldSchema(_ id: NodeID, _ word: Word) -> FieldSchema? {
    switch tree[id].role {
    case .builtin(let kind): Schema.field(word, of: kind)
    case .place: placeField(id, words.symbol(word))
    default: nil
    }
  }

  /// The field in the schema's own unit; nil when it has no value.
  func number(_ id: NodeID, _ word: Word) -> Int64? {
    guard let field = fieldSchema(id, word) else { return nil }
    if let value = ownField(id, words.symbol(word)) {
      return number(value, field, unit: unitSize(field, in: id))
    }
    switch field.standard {
    case .count(let value), .octets(let value), .nanoseconds(let value), .bitsPerSecond(let value):
      return value
    default: return nil
    }
  }

  func flag(_ id: NodeID, _ word: Word) -> Bool {
    if let value = ownField(id, words.symbol(word))?.asBool { return value }
    guard case .bool(let value) = fieldSchema(id, word)?.standard else { return false }
    return value
  }

  func word(_ id: NodeID, _ word: Word) -> Word? {
    if let symbol = ownField(id, words.symbol(word))?.asSymbol { return words.word(symbol) }
    guard case .symbol(let value) = fieldSchema(id, word)?.standard else { return nil }
    return value
  }

  func group(_ word: Word, of host: NodeID) -> NodeID {
    guard let id = implicit(word, in: host) else { preconditionFailure("no such group") }
    return id
  }

  // MARK: Groups

  func configure(_ stack: inout HostConfiguration, of host: NodeID) {
    let pool = group(.pool, of: host)
    stack.mbufs = Int32(clamping: number(pool, .mbufs) ?? 4096)
    stack.clusters = Int32(clamping: number(pool, .clusters) ?? 1024)
    stack.waiting = waiting(of: pool)
    configureClasses(&stack, of: host)
    // rtems_task_wake_after counts in ticks.
    let tick = number(host, .tick) ?? 10_000_000
    if let poll = ownField(pool, words.symbol(.poll))?.asBaseUnits {
      stack.pollTicks = max((poll + tick - 1) / tick, 1)
    }
    stack.messagePeriod = TimeSpan(nanoseconds: number(pool, .complains) ?? 30_000_000_000)
    stack.waitTimeout = number(pool, .waitTimeout).map { TimeSpan(nanoseconds: $0) }
    stack.costs = costs(of: host)
    stack.tunables = tunables(of: host)
    let tcp = group(.tcp, of: host)
    stack.sack = flag(tcp, .sack)
    stack.slowBeat = TimeSpan(nanoseconds: slowBeat(of: tcp))
  }

  private func waiting(of pool: NodeID) -> WaitingMode {
    switch word(pool, .waiting) {
    case .fifo: .fifo
    case .priority: .priority
    case .event: .event
    case .spin: .spin
    default: .poll
    }
  }

  /// The table of CPU costs, already multiplied.
  private func costs(of host: NodeID) -> CPUCosts {
    let cpu = group(.cpu, of: host)
    func span(_ word: Word) -> TimeSpan { TimeSpan(nanoseconds: number(cpu, word) ?? 0) }
    var costs = CPUCosts()
    costs.contextSwitch = span(.switchCost)
    costs.interrupt = span(.interrupt)
    costs.rx = span(.rx)
    costs.ip = span(.ip)
    costs.tcpInput = span(.tcpIn)
    costs.tcpOutput = span(.tcpOut)
    costs.udp = span(.udp)
    costs.systemCall = span(.syscall)
    // A rate of r bits a second is 8 * 10^12 / r picoseconds an octet.
    if let rate = number(cpu, .copy), rate > 0 { costs.copyPicoseconds = 8_000_000_000_000 / rate }
    return costs.scaled(byPermille: number(cpu, .factor) ?? 1000)
  }

  func tunables(of host: NodeID) -> Tunables {
    let tcp = group(.tcp, of: host)
    let udp = group(.udp, of: host)
    let sock = group(.sock, of: host)
    let beat = slowBeat(of: tcp)
    func ticks(_ word: Word) -> Int64 { ((number(tcp, word) ?? 0) + beat - 1) / beat }
    func octets(_ id: NodeID, _ word: Word) -> Int32 { Int32(clamping: number(id, word) ?? 0) }
    var tunables = Tunables()
    tunables.tcp = rules(of: tcp)
    tunables.dropFrees = flag(tcp, .dropFrees)
    tunables.sendFrees = flag(tcp, .sendFrees)
    tunables.keepIdleTicks = ticks(.keepidle)
    tunables.keepIntervalTicks = ticks(.keepintvl)
    tunables.keepCount = number(tcp, .keepcnt) ?? 8
    tunables.alwaysKeepalive = flag(tcp, .alwaysKeepalive)
    tunables.sendSpace = octets(tcp, .sndbuf)
    tunables.receiveSpace = octets(tcp, .rcvbuf)
    tunables.rfc1323 = flag(tcp, .rfc1323)
    tunables.tcpRttMinTicks = Int32(clamping: ticks(.rtoMin))
    tunables.udpReceiveSpace = octets(udp, .rcvbuf)
    tunables.udpSendSpace = octets(udp, .sndbuf)
    tunables.bufferEfficiency = Int32(clamping: number(sock, .efficiency) ?? 8)
    tunables.bufferMax = octets(sock, .max)
    tunables.backlogMax = Int32(clamping: number(sock, .backlogMax) ?? 128)
    tunables.wakesOnClose = flag(sock, .wakesOnClose)
    tunables.internet = internetRules(of: host)
    tunables.selectsWriters = flag(sock, .selectWrite)
    tunables.sendLowWater = octets(sock, .sndlowat)
    tunables.discoversPathMTU = flag(tcp, .pathMTUDiscovery)
    tunables.icmpMayReset = flag(tcp, .icmpMayReset)
    return tunables
  }

  // MARK: After time 0

  /// Sets a field while time passes; structure cannot change any more.
  func setLive(
    _ id: NodeID, _ name: Symbol, _ value: Value, _ operation: PathOperation, at span: SourceSpan
  ) throws(RuntimeError) {
    hasSetLive = true
    switch tree[id].role {
    case .instance(let kind): try setInstance(id, kind, name, value, operation, at: span)
    case .builtin(let kind):
      guard let word = words.word(name), let schema = Schema.field(word, of: kind) else {
        throw unknown(name, in: id, at: span)
      }
      guard schema.isLive else { throw structural(name, in: id, at: span) }
      try setLive(id, schema, value, operation, at: span)
    case .place:
      guard let schema = placeField(id, name) else { throw unknown(name, in: id, at: span) }
      guard schema.isLive else { throw structural(name, in: id, at: span) }
      try setLive(id, schema, value, .set, at: span)
    default: throw unknown(name, in: id, at: span)
    }
  }

  private func setLive(
    _ id: NodeID, _ schema: FieldSchema, _ value: Value, _ operation: PathOperation,
    at span: SourceSpan
  ) throws(RuntimeError) {
    var wanted = value
    if operation != .set {
      wanted = try combined(fieldValue(id, schema), value, operation, at: span)
    }
    let field = FieldValue(
      name: words.symbol(schema.word), value: wanted, layer: .live, span: span)
    if let fault = mistake(field, schema, in: id) {
      throw RuntimeError(fault.code, fault.title, at: span, help: fault.help)
    }
    store(field, in: id)
    try apply(schema.word, of: id, wanted, at: span)
  }

  /// Tells the engine.
  private func apply(
    _ word: Word, of id: NodeID, _ value: Value, at span: SourceSpan
  ) throws(RuntimeError) {
    let host = tree[id].host
    if word == .fault { return try install(fault: value, word, of: id, at: span) }
    try refuseStackless(id, at: span)
    if word == .release || word == .wake {
      return try install(fault: value, word, of: id, at: span)
    }
    if case .builtin(.nic) = tree[id].parent == .none ? .root : tree[tree[id].parent].role {
      return setTransmit(tree[id].parent, word)
    }
    switch tree[id].role {
    case .builtin(.tcp), .builtin(.udp), .builtin(.sock), .builtin(.ip), .builtin(.arp),
      .place(.frag), .place(.queue):
      let node = stations.records[Int(host)].node
      simulation.tune(host: host, tunables(of: node), &context)
    case .builtin(.nic):
      let attachment = stations.records[Int(host)].attachments[Int(tree[id].object)]
      if word == .answersARP {
        setAnswersARP(id)
      } else if word == .up {
        simulation.setPort(attachment.port, isUp: value.asBool ?? true, &context)
      } else if attachment.interface >= 0 {
        simulation.setDriver(driverPolicy(of: id), port: attachment.port, &context)
      }
    case .builtin(.lan), .builtin(.link): setMedium(id)
    case .builtin(.pool): try install(policy: value, host: host, .clusters, at: span)
    case .builtin(.bufferClass): try install(policy: value, pool: id, at: span)
    case .place(.reass), .place(.timer):
      let node = stations.records[Int(host)].node
      simulation.tune(host: host, tunables(of: node), &context)
    case .place(let place):
      try install(policy: value, host: host, place == .mbufs ? .mbufs : .clusters, at: span)
    case .builtin(.replay): setActive(id, value.asBool ?? true)
    case .builtin(.task):
      if word == .active { setActive(id, value.asBool ?? true) }
      if word == .cost { setCost(id, TimeSpan(nanoseconds: value.asBaseUnits ?? 0)) }
    default: break
    }
  }

  /// A station without a stack may carry groups, of its preset for one; they are nobody's.
  private func refuseStackless(_ id: NodeID, at span: SourceSpan) throws(RuntimeError) {
    switch tree[id].role {
    case .builtin(.tcp), .builtin(.udp), .builtin(.sock), .builtin(.ip), .builtin(.arp),
      .builtin(.pool), .place:
      break
    default: return
    }
    let host = tree[id].host
    if host >= 0, stations.records[Int(host)].stack >= 0 { return }
    throw RuntimeError(
      "N201", "`\(path(of: id))` has no stack to be set in", at: span,
      help: "take `stack = .none` out of its host")
  }

  private func setInstance(
    _ id: NodeID, _ kind: Int, _ name: Symbol, _ value: Value, _ operation: PathOperation,
    at span: SourceSpan
  ) throws(RuntimeError) {
    if words.word(name) == .active, let active = value.asBool { return setActive(id, active) }
    let template = program.kinds[kind]
    guard let parameter = template.parameters.first(where: { $0.name == name }) else {
      if tree[id].members.contains(where: { $0.name == name }) {
        throw RuntimeError(
          "N302", "`\(path(of: id)).\(self.name(name))` is measured, not set", at: span,
          help: "what can be set: "
            + listed(template.parameters.map { self.name($0.name) } + ["active"]))
      }
      throw unknown(name, in: id, at: span)
    }
    if let use = parameter.structuralUse {
      throw RuntimeError(
        "N304", "`\(self.name(name))` is structural and cannot change after time 0", at: span,
        help: "put it in a variant", origin: DiagnosticLabel(use, "used to declare"))
    }
    var wanted = value
    if operation != .set {
      wanted = try combined(ownField(id, name) ?? .none, value, operation, at: span)
    }
    store(FieldValue(name: name, value: wanted, layer: .live, span: span), in: id)
  }

  private func structural(_ name: Symbol, in id: NodeID, at span: SourceSpan) -> RuntimeError {
    var live: [String] = []
    if case .builtin(let kind) = tree[id].role {
      live = Schema.kind(kind)?.fields.filter { $0.isLive }.map { $0.word.rawValue } ?? []
    }
    let rest = live.isEmpty ? "" : "; live fields here: " + listed(live)
    return RuntimeError(
      "N304", "`\(self.name(name))` is structural and cannot change after time 0", at: span,
      help: "set it before the first `run`, or in a variant" + rest)
  }
}
