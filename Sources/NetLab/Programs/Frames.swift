// Frames that programs make: octets with correct lengths and checksums, sent by a station itself.

import NetScript
import NetSim
import NetStack
import Wire

/// Shapes of the records that calls return.
struct RecordShapes {
  var datagram = 0
  var selection = 0
  var frame = 0
  /// The names of a frame's fields, in its record's order.
  var frameFields: [Symbol] = []

  init() {}

  init(_ vm: VM, _ words: WordTable) {
    datagram = vm.shape([words.symbol(.size), words.symbol(.from), words.symbol(.port)])
    selection = vm.shape([words.symbol(.read), words.symbol(.write)])
    frameFields = FrameField.allCases.map { vm.intern($0.name) }
    frame = vm.shape(frameFields)
  }
}

/// What a frame has, in the order of its record. The last is for the engine: the octets of the
/// frame that this one is made from.
enum FrameField: Int, CaseIterable {
  case proto, src, to, sport, port, seq, ack, flags, win, mss, len, size, id, frag, more, n, at, sum
  case octets

  @inline(__always)
  var index: Int { rawValue }

  var name: String { FrameField.names[rawValue] }

  private static let names = [
    "proto", "src", "to", "sport", "port", "seq", "ack", "flags", "win", "mss", "len", "size", "id",
    "frag", "more", "n", "at", "sum", "octets",
  ]

  /// Whether `frame` and `with` take it.
  var isGiven: Bool { self != .proto && self != .n && self != .at && self != .octets }
}

extension Bench {
  /// One value of a distribution; anything else as it is. Each task draws from a stream of its own.
  func draw(_ arguments: Arguments) throws(RuntimeError) -> Value {
    if activity == .fault, let faults = watch.faults {
      return try vm.sample(arguments[0]) { faults.draw() }
    }
    let place = programs.current
    if place < 0 { return try vm.sample(arguments[0]) { scriptDraws.next() } }
    return try vm.sample(arguments[0]) { programs.records[place].draws.next() }
  }

  // MARK: Making

  /// `frame(.udp, to = host, port = 137, len = 120B)`; `len` is the payload.
  func makeFrame(_ arguments: Arguments) throws(RuntimeError) -> Value {
    guard let word = arguments[0].asSymbol.flatMap({ words.word($0) }),
      word == .udp || word == .tcp || word == .icmp || word == .arp || word == .ip
    else {
      throw RuntimeError(
        "N422", "a frame is .udp, .tcp, .icmp, .arp or .ip", at: arguments.span,
        help: "`frame(.udp, to = …, port = …, len = …)`")
    }
    let record = try vm.makeRecord(shapes.frame) { fields throws(RuntimeError) in
      fields[FrameField.proto.index] = arguments[0]
      try take(arguments, into: fields)
      guard !fields[FrameField.to.index].isNone else {
        throw RuntimeError("N425", "a frame needs `to`", at: arguments.span)
      }
      let needsPort = word == .udp || word == .tcp || word == .ip
      guard !needsPort || !fields[FrameField.port.index].isNone else {
        throw RuntimeError(
          "N425", "a frame of this kind needs `port`", at: arguments.span,
          help: word == .ip ? "for .ip it is the protocol's number" : nil)
      }
    }
    var fields = FrameFields(proto: .ip)
    try take(record, from: nil, arguments.span, into: &fields)
    return record
  }

  public func callRecord(
    _ record: Value, _ name: Symbol, _ arguments: Arguments
  ) throws(RuntimeError) -> Value? {
    guard let old = vm.contents(record, ofShape: shapes.frame), self.name(name) == "with" else {
      return nil
    }
    let changed = try vm.makeRecord(shapes.frame) { fields throws(RuntimeError) in
      for index in old.indices { fields[index] = old[index] }
      // Computed anew, unless they are given now.
      for field in [FrameField.sum, .n, .at] { fields[field.index] = .none }
      if arguments.named(vm.intern("len")) != nil { fields[FrameField.size.index] = .none }
      try take(arguments, into: fields)
    }
    var fields = FrameFields(proto: .ip)
    try take(changed, from: nil, arguments.span, into: &fields)
    return changed
  }

  private func take(
    _ arguments: Arguments, into fields: UnsafeMutableBufferPointer<Value>
  ) throws(RuntimeError) {
    for index in 0..<arguments.namedCount {
      let place = shapes.frameFields.firstIndex(of: arguments.name(index))
      guard let place, let field = FrameField(rawValue: place), field.isGiven else {
        let text = name(arguments.name(index))
        let known = FrameField.allCases.filter { $0.isGiven }.map { $0.name }
        throw RuntimeError(
          "N425", "a frame has no `\(text)`", at: arguments.span,
          help: Spelling.nearest(to: text, among: known).map { "did you mean `\($0)`?" }
            ?? "there are: " + listed(known))
      }
      fields[field.index] = arguments.namedValue(index)
    }
  }

  // MARK: Record to fields

  /// A frame's fields in the engine's units.
  ///
  /// - Parameters:
  ///   - own: who sends it; nil only to look whether it could be.
  ///   - made: fields as they are from the beginning. In place: they hold arrays.
  private func take(
    _ record: Value, from own: FrameSender?, _ span: SourceSpan, into made: inout FrameFields
  ) throws(RuntimeError) {
    guard let values = vm.contents(record, ofShape: shapes.frame) else {
      throw RuntimeError("N422", "this is no frame, but \(vm.text(record))", at: span)
    }
    let isNew = values[FrameField.octets.index].isNone
    if isNew { made.proto = protocolOf(values[0]) } else { begin(&made, with: values) }
    if isNew, let own { (made.sourceMAC, made.source) = (own.mac, own.address) }
    try takeAddresses(values, own, isNew: isNew, &made, span)
    try takeNumbers(values, &made, span)
    guard made.length <= made.longest else {
      throw RuntimeError(
        "N422", "\(made.length)B do not fit into a frame: at most \(made.longest)B", at: span)
    }
  }

  /// What the frame that this one is made from has.
  @inline(never)
  private func begin(_ made: inout FrameFields, with values: UnsafeBufferPointer<Value>) {
    vm.withOctets(values[FrameField.octets.index]) { octets in
      if let old = FrameFields(reading: octets) { made = old }
    }
    made.checksum = nil
  }

  private func protocolOf(_ value: Value) -> FrameFields.Proto {
    switch value.asSymbol.flatMap({ words.word($0) }) {
    case .udp: return .udp
    case .tcp: return .tcp
    case .icmp: return .icmp
    case .arp: return .arp
    default: return .ip
    }
  }

  private func takeAddresses(
    _ values: UnsafeBufferPointer<Value>, _ own: FrameSender?, isNew: Bool,
    _ made: inout FrameFields, _ span: SourceSpan
  ) throws(RuntimeError) {
    let host = own?.host ?? -1
    let (src, to) = (values[FrameField.src.index], values[FrameField.to.index])
    if !src.isNone { made.source = try address(src, near: host, span) }
    let target = try address(to, near: host, span)
    if !isNew && target == made.target { return }
    made.target = target
    made.targetMAC = own.flatMap { hardwareAddress(of: target, on: $0.link) } ?? .broadcast
    if made.proto == .arp, values[FrameField.port.index].asInt != Int64(ARPOperation.reply) {
      made.targetMAC = .broadcast
    }
  }

  private func address(
    _ value: Value, near host: Int32, _ span: SourceSpan
  ) throws(RuntimeError) -> IPv4Address {
    if host >= 0 || value.asNode == nil { return try address(value, from: max(host, 0), span) }
    return .any
  }

  private func takeNumbers(
    _ values: UnsafeBufferPointer<Value>, _ made: inout FrameFields, _ span: SourceSpan
  ) throws(RuntimeError) {
    func value(_ field: FrameField) -> Value { values[field.index] }
    let usualPort: Int64 = made.proto == .icmp ? 8 : 1
    made.port = UInt16(try number(.port, value(.port), 0xFFFF, usual: usualPort, span))
    let isPort = made.proto == .udp || made.proto == .tcp
    made.sport = UInt16(
      try number(.sport, value(.sport), 0xFFFF, usual: isPort ? Int64(made.port) : 0, span))
    // Sequence numbers go round; a script may count on.
    made.sequence = UInt32(truncatingIfNeeded: try whole(.seq, value(.seq), span) ?? 0)
    made.acknowledgment = UInt32(truncatingIfNeeded: try whole(.ack, value(.ack), span) ?? 0)
    made.identification = UInt16(
      try number(.id, value(.id), 0xFFFF, usual: Int64(datagramCount), span))
    if let text = vm.string(value(.flags)) {
      guard let flags = TCPFlags(letters: text) else {
        throw RuntimeError(
          "N422", "`flags` are letters of SAFRPU, not \"\(text)\"", at: span)
      }
      made.flags = flags
    } else if made.proto == .tcp, value(.flags).isNone {
      made.flags = .ack
    }
    made.window = UInt16(try size(.win, value(.win), 0xFFFF, usual: 8192, span))
    if made.proto == .tcp, !value(.mss).isNone {
      made.maximumSegmentSize = UInt16(try size(.mss, value(.mss), 0xFFFF, usual: 0, span))
    }
    made.length = try size(.len, value(.len), 65_000, usual: 0, span)
    if !value(.size).isNone {
      made.size = try size(.size, value(.size), FrameFields.longestFrame, usual: 0, span)
    } else {
      made.size = nil
    }
    made.fragmentOffset = UInt16(try size(.frag, value(.frag), 65_528, usual: 0, span))
    guard made.fragmentOffset % 8 == 0 else {
      throw RuntimeError("N422", "`frag` is a multiple of 8B", at: span)
    }
    made.moreFragments = value(.more).asBool ?? false
    if !value(.sum).isNone {
      made.checksum = UInt16(try number(.sum, value(.sum), 0xFFFF, usual: 0, span))
    }
  }

  // Most of a frame's fields are not given.

  @inline(__always)
  private func whole(
    _ field: FrameField, _ value: Value, _ span: SourceSpan
  ) throws(RuntimeError) -> Int64? {
    value.isNone ? nil : try given(field, value, span)
  }

  @inline(__always)
  private func number(
    _ field: FrameField, _ value: Value, _ most: Int64, usual: Int64, _ span: SourceSpan
  ) throws(RuntimeError) -> Int64 {
    value.isNone ? usual : try given(field, value, most, span)
  }

  @inline(__always)
  private func size(
    _ field: FrameField, _ value: Value, _ most: Int, usual: Int, _ span: SourceSpan
  ) throws(RuntimeError) -> Int {
    value.isNone ? usual : try given(field, value, most, span)
  }

  private func given(
    _ field: FrameField, _ value: Value, _ span: SourceSpan
  ) throws(RuntimeError) -> Int64 {
    if let number = value.asInt { return number }
    throw RuntimeError(
      "N422", "`\(field.name)` is a number, not \(vm.text(value))", at: span)
  }

  private func given(
    _ field: FrameField, _ value: Value, _ most: Int64, _ span: SourceSpan
  ) throws(RuntimeError) -> Int64 {
    let number = try given(field, value, span)
    if number >= 0 && number <= most { return number }
    throw RuntimeError(
      "N422", "`\(field.name)` is from 0 to \(most), not \(number)", at: span)
  }

  private func given(
    _ field: FrameField, _ value: Value, _ most: Int, _ span: SourceSpan
  ) throws(RuntimeError) -> Int {
    let octets = Int(try octets(value, span))
    if octets <= most { return octets }
    throw RuntimeError("N422", "`\(field.name)` is at most \(most)B", at: span)
  }

  // MARK: Octets to record

  /// A frame that came by; nil for what a script cannot read (neither ARP nor IPv4).
  func frameValue(
    _ octets: UnsafeRawBufferPointer, at instant: Instant, number: Int64
  ) -> Value? {
    guard let read = FrameFields(reading: octets) else { return nil }
    let names = ["udp", "tcp", "icmp", "arp", "ip"]
    let proto = vm.symbol(names[Int(read.proto.rawValue)])
    let (src, to) = (hostNode(read.source), targetNode(read.target))
    let flags = vm.makeString(read.flags.letters)
    let raw = vm.makeOctets(octets)
    return vm.makeRecord(shapes.frame) { fields in
      fields[FrameField.proto.index] = proto
      fields[FrameField.src.index] = src
      fields[FrameField.to.index] = to
      fields[FrameField.sport.index] = .int(Int64(read.sport))
      fields[FrameField.port.index] = .int(Int64(read.port))
      fields[FrameField.seq.index] = .int(Int64(read.sequence))
      fields[FrameField.ack.index] = .int(Int64(read.acknowledgment))
      fields[FrameField.flags.index] = flags
      fields[FrameField.win.index] = .data(octets: Int64(read.window))
      fields[FrameField.mss.index] =
        read.maximumSegmentSize.map { .data(octets: Int64($0)) } ?? .none
      fields[FrameField.len.index] = .data(octets: Int64(read.length))
      fields[FrameField.size.index] = .data(octets: Int64(octets.count))
      fields[FrameField.id.index] = .int(Int64(read.identification))
      fields[FrameField.frag.index] = .data(octets: Int64(read.fragmentOffset))
      fields[FrameField.more.index] = .bool(read.moreFragments)
      fields[FrameField.n.index] = .int(number)
      fields[FrameField.at.index] = .time(nanoseconds: instant.nanoseconds)
      fields[FrameField.sum.index] = read.checksum.map { .int(Int64($0)) } ?? .none
      fields[FrameField.octets.index] = raw
    }
  }

  private func targetNode(_ address: IPv4Address) -> Value {
    address == .broadcast ? .symbol(words.symbol(.broadcast)) : hostNode(address)
  }

  // MARK: Sending and taking

  /// The octets of a frame, in the scratch memory, whole.
  func octets(
    of record: Value, from own: FrameSender, _ span: SourceSpan
  ) throws(RuntimeError) -> UnsafeRawBufferPointer {
    let frame = try gather(record, from: own, span)
    let (written, count) = (Int(frame.written), Int(frame.octetCount))
    if written < count {
      Payload.fill(scratch + written, frame.pattern, from: written, count: count - written)
    }
    return UnsafeRawBufferPointer(start: scratch, count: count)
  }

  /// What of it has been written, in the scratch memory.
  func gather(
    _ record: Value, from own: FrameSender, _ span: SourceSpan
  ) throws(RuntimeError) -> GatheredFrame {
    if let values = vm.contents(record, ofShape: shapes.frame),
      !values[FrameField.at.index].isNone
    {
      // Untouched since it came by.
      var count = 0
      vm.withOctets(values[FrameField.octets.index]) { octets in
        count = min(octets.count, Bench.scratchOctets)
        if let base = octets.baseAddress { scratch.copyMemory(from: base, byteCount: count) }
      }
      return GatheredFrame(octetCount: count)
    }
    datagramCount &+= 1
    var fields = FrameFields(proto: .ip)
    try take(record, from: own, span, into: &fields)
    return fields.write(to: scratch)
  }

  static let scratchOctets = 9216

  func bareStation(
    _ nic: NodeID, _ span: SourceSpan
  ) throws(RuntimeError) -> (StationRecord, Attachment) {
    guard isBuilt, let station = station(of: nic) else {
      throw RuntimeError("N301", "nothing is built yet", at: span)
    }
    guard station.stack < 0 else {
      throw RuntimeError(
        "N422", "`\(path(of: nic))` belongs to a stack", at: span,
        help: "frames of one's own need `stack = .none`")
    }
    return (station, station.attachments[Int(tree[nic].object)])
  }

  /// `nic.recv(test, timeout = …)`: the oldest frame that passes the test, when there is one.
  func receiveFrame(_ nic: NodeID, _ arguments: Arguments) throws(RuntimeError) -> Outcome {
    let (_, attachment) = try bareStation(nic, arguments.span)
    guard let place = currentProgram else { throw cannotWait("recv", at: arguments.span) }
    let time = try timeout(arguments)
    let test = arguments[0]
    if let frame = try matchingFrame(attachment.port, test, after: 0) { return .value(frame) }
    if time == .zero { return .value(errors.value(.EAGAIN)) }
    programs.records[place].reception = Reception(
      port: attachment.port, test: test.isNone ? -1 : vm.pin(test), tested: 0,
      deadline: time.map { simulation.now + $0 } ?? .never)
    noteTested(place)
    return ask(place, .receive(port: attachment.port, timeout: time), .frame)
  }

  /// The oldest frame at a port that a test accepts, taken out. Frames up to a number were seen.
  private func matchingFrame(
    _ port: Int32, _ test: Value, after tested: Int64
  ) throws(RuntimeError) -> Value? {
    var index = 0
    while index < simulation.ports[Int(port)].inbox.count {
      let entry = simulation.ports[Int(port)].inbox[index]
      index += 1
      guard entry.number > tested,
        let frame = frameValue(simulation.octets(of: entry), at: entry.at, number: entry.number)
      else { continue }
      let pin = vm.pin(frame)
      defer { vm.unpin(pin) }
      if !test.isNone, !(try accepts(test, frame)) { continue }
      simulation.removeFrame(index - 1, from: port)
      return vm.pinned(pin)
    }
    return nil
  }

  private func accepts(_ test: Value, _ frame: Value) throws(RuntimeError) -> Bool {
    let before = activity
    activity = .predicate
    defer { activity = before }
    let answer = try vm.call(test, frame, budget: plan.limits.hookSteps)
    if let truth = answer.asBool { return truth }
    throw RuntimeError(
      FaultCode.wrongType, "a test must be true or false, not \(vm.text(answer))",
      at: program.root.span)
  }

  private func noteTested(_ place: Int) {
    let port = Int(programs.records[place].reception?.port ?? 0)
    programs.records[place].reception?.tested = simulation.ports[port].inbox.last?.number ?? 0
  }

  /// A frame has come for a task that waits for one, or its time is up: its value, or nil while it
  /// waits on.
  func received(_ place: Int, isOver: Bool) throws(RuntimeError) -> Value? {
    guard let reception = programs.records[place].reception else { return Value.none }
    let test = reception.test >= 0 ? vm.pinned(reception.test) : .none
    let found = try matchingFrame(reception.port, test, after: reception.tested)
    if found == nil && !isOver {
      noteTested(place)
      let left =
        reception.deadline == .never ? nil : max(reception.deadline - simulation.now, .zero)
      simulation.submit(
        .receive(port: reception.port, timeout: left), for: programs.records[place].task,
        &context)
      return nil
    }
    endReception(place)
    return found ?? errors.value(.EAGAIN)
  }

  func endReception(_ place: Int) {
    guard let reception = programs.records[place].reception else { return }
    if reception.test >= 0 { vm.unpin(reception.test) }
    programs.records[place].reception = nil
  }

  func portNode(_ port: Int32) -> Value {
    for station in stations.records {
      for attachment in station.attachments where attachment.port == port {
        return attachment.node.value
      }
    }
    return .none
  }

  func hardwareAddress(of address: IPv4Address, on link: Int32) -> MACAddress? {
    stations.addresses[Int(link)].first { $0.ip == address }?.mac
  }
}

/// Who sends a frame that was made.
struct FrameSender {
  var host: Int32
  var link: Int32
  var mac: MACAddress
  var address: IPv4Address
}

extension FrameSender {
  init(station: StationRecord, attachment: Attachment) {
    host = station.host
    link = attachment.link
    mac = attachment.mac
    address = attachment.address
  }
}
