// Fault points that a script has filled: the engine asks, a function of the script's answers, at
// once.
//
// Asked in the middle of an event, as policies are, so a function may compute, look at its record
// and at `now`, draw from the point's own stream, and make frames; nothing else. A fault of the
// function is kept until the step is over and ends the run then.

import NetScript
import NetSim
import NetStack
import Wire

/// Where a function stands, in the engine's numbers.
enum FaultPlace: Equatable {
  case frames(FramePoint, Int32)
  case lock(Int32)
  /// Of a further pool, or with -1 of the BSD pool.
  case requests(host: Int32, BufferClass, pool: Int32)
  case releases(host: Int32)
  /// Of a further pool, or with -1 of the BSD pool.
  case wakes(host: Int32, pool: Int32)
}

struct FaultPointRecord {
  var place: FaultPlace
  /// Pin of the function, or of the answer that never changes.
  var answer: Int
  var draws: RandomStream
  /// How often it was asked.
  var count: Int64 = 0
  var span: SourceSpan
}

final class ScriptFaults: FaultPoints {
  // The bench owns this object, and outlives every step that asks it.
  private unowned(unsafe) let bench: Bench
  private unowned(unsafe) let vm: VM
  private let words: Words
  let state: UnsafeMutablePointer<State>
  /// Frames of the last answer.
  private var replacements: [[UInt8]] = []

  struct State {
    var points: [FaultPointRecord] = []
    var fault: RuntimeError?
    /// The point that is asked now, or -1.
    var current = -1
  }

  private struct Words {
    var pass, drop, dup, corrupt, fail, deny, task, free, leak, lose: Symbol
  }

  init(_ bench: Bench, _ vm: VM) {
    self.bench = bench
    self.vm = vm
    words = Words(
      pass: vm.intern("pass"), drop: vm.intern("drop"), dup: vm.intern("dup"),
      corrupt: vm.intern("corrupt"), fail: vm.intern("fail"), deny: vm.intern("deny"),
      task: vm.intern("task"),
      free: vm.intern("free"), leak: vm.intern("leak"), lose: vm.intern("lose"))
    state = .allocate(capacity: 1)
    state.initialize(to: State())
  }

  deinit {
    state.deinitialize(count: 1)
    state.deallocate()
  }

  var fault: RuntimeError? { state.pointee.fault }

  /// A draw inside a function: from its point's stream.
  func draw() -> UInt64 {
    state.pointee.points[state.pointee.current].draws.next()
  }

  func isFilled(_ place: FaultPlace) -> Bool { index(of: place) != nil }

  func fill(_ place: FaultPlace, with answer: Value, _ draws: RandomStream, at span: SourceSpan) {
    clear(place)
    state.pointee.points.append(
      FaultPointRecord(place: place, answer: vm.pin(answer), draws: draws, span: span))
  }

  func clear(_ place: FaultPlace) {
    guard let index = index(of: place) else { return }
    vm.unpin(state.pointee.points[index].answer)
    state.pointee.points.remove(at: index)
  }

  private func index(of place: FaultPlace) -> Int? {
    state.pointee.points.firstIndex { $0.place == place }
  }

  // MARK: Asked by the engine

  func fate(
    of frame: UnsafeRawBufferPointer, _ point: FramePoint, _ number: Int32, at instant: Instant
  ) -> FrameFate {
    guard let index = index(of: .frames(point, number)) else { return .pass }
    return asked(index, else: .pass) { () throws(RuntimeError) in
      let count = self.state.pointee.points[index].count
      guard let record = self.bench.frameValue(frame, at: instant, number: count) else {
        return .pass
      }
      return try self.fate(try self.answer(index, record), frame, point, index)
    }
  }

  func replacement(_ index: Int) -> UnsafeRawBufferPointer {
    replacements[index].withUnsafeBytes { octets in
      bench.scratch.copyMemory(
        from: octets.baseAddress ?? UnsafeRawPointer(bench.scratch), byteCount: octets.count)
      return UnsafeRawBufferPointer(start: bench.scratch, count: octets.count)
    }
  }

  func hold(lock: Int32, task: Int32) -> TimeSpan {
    guard let index = index(of: .lock(lock)) else { return .zero }
    return asked(index, else: .zero) { () throws(RuntimeError) in
      let shape = self.vm.shape([self.words.task])
      let record = self.vm.makeRecord(shape, [self.bench.taskNode(task)])
      let answer = try self.answer(index, record)
      if answer.asSymbol == self.words.pass { return .zero }
      guard answer.dimension == .time, let nanoseconds = answer.asBaseUnits else {
        throw self.badAnswer(answer, index, "`.pass` or a time")
      }
      return TimeSpan(nanoseconds: nanoseconds)
    }
  }

  /// Whether a request for a buffer is refused, whatever there is.
  func denies(_ request: AllocationRequest, _ record: () -> Value) -> Bool {
    let place = FaultPlace.requests(
      host: request.host, request.bufferClass, pool: request.pool)
    guard let index = index(of: place) else { return false }
    let value = record()
    return asked(index, else: false) { () throws(RuntimeError) in
      let answer = try self.answer(index, value)
      if answer.asSymbol == self.words.deny { return true }
      if answer.asSymbol == self.words.pass { return false }
      throw self.badAnswer(answer, index, "`.pass` or `.deny`")
    }
  }

  func loses(_ request: AllocationRequest) -> Bool {
    guard let index = index(of: .wakes(host: request.host, pool: request.pool)) else {
      return false
    }
    return asked(index, else: false) { () throws(RuntimeError) in
      let answer = try self.answer(index, self.bench.requestValue(request))
      if answer.asSymbol == self.words.lose { return true }
      if answer.asSymbol == self.words.pass { return false }
      throw self.badAnswer(answer, index, "`.pass` or `.lose`")
    }
  }

  /// A buffer is about to go back: whether it is forgotten instead.
  func keeps(_ buffer: ReleasedBuffer, at instant: Instant) -> Bool {
    guard let index = index(of: .releases(host: buffer.host)) else { return false }
    return asked(index, else: false) { () throws(RuntimeError) in
      let answer = try self.answer(index, self.bench.releaseValue(buffer, at: instant))
      if answer.asSymbol == self.words.free { return false }
      if answer.asSymbol == self.words.leak { return true }
      throw self.badAnswer(answer, index, "`.free` or `.leak`")
    }
  }

  private func asked<Result>(
    _ index: Int, else usual: Result, _ body: () throws(RuntimeError) -> Result
  ) -> Result {
    guard state.pointee.fault == nil else { return usual }
    let (outer, current) = (bench.activity, state.pointee.current)
    bench.activity = .fault
    state.pointee.current = index
    state.pointee.points[index].count += 1
    defer {
      bench.activity = outer
      state.pointee.current = current
    }
    do throws(RuntimeError) { return try body() } catch {
      state.pointee.fault = error
      return usual
    }
  }

  private func answer(_ index: Int, _ record: Value) throws(RuntimeError) -> Value {
    let answer = vm.pinned(state.pointee.points[index].answer)
    guard answer.tag == .closure else { return answer }
    return try vm.call(answer, record, budget: bench.plan.limits.handlerSteps)
  }

  // MARK: Answers

  private func fate(
    _ answer: Value, _ frame: UnsafeRawBufferPointer, _ point: FramePoint, _ index: Int
  ) throws(RuntimeError) -> FrameFate {
    if let symbol = answer.asSymbol {
      if symbol == words.pass { return .pass }
      if symbol == words.drop { return .drop }
      if symbol == words.dup { return .duplicate }
      if symbol == words.fail && point == .transmit { return .fail }
      if symbol == words.corrupt {
        let bits = UInt64(max(frame.count, 1) * 8)
        return .corrupt(bit: Int(state.pointee.points[index].draws.next() % bits))
      }
    }
    if answer.dimension == .time, let nanoseconds = answer.asBaseUnits {
      return .late(TimeSpan(nanoseconds: nanoseconds))
    }
    if let frames = frames(answer) { return try instead(frames, of: frame, index) }
    let fails = point == .transmit ? ", `.fail`" : ""
    throw badAnswer(
      answer, index,
      "`.pass`, `.drop`, `.dup`, `.corrupt`\(fails), a time, a frame or a list of them")
  }

  private func frames(_ answer: Value) -> [Value]? {
    if vm.contents(answer, ofShape: bench.shapes.frame) != nil { return [answer] }
    guard let list = vm.list(answer),
      list.allSatisfy({ vm.contents($0, ofShape: bench.shapes.frame) != nil })
    else { return nil }
    return list
  }

  /// Made frames go out in the name of whoever sent the one that they replace.
  private func instead(
    _ frames: [Value], of frame: UnsafeRawBufferPointer, _ index: Int
  ) throws(RuntimeError) -> FrameFate {
    replacements.removeAll(keepingCapacity: true)
    let sender = bench.sender(of: frame)
    for made in frames {
      let octets = try bench.octets(of: made, from: sender, state.pointee.points[index].span)
      replacements.append(Array(octets))
    }
    return .instead(replacements.count)
  }

  private func badAnswer(_ answer: Value, _ index: Int, _ known: String) -> RuntimeError {
    RuntimeError(
      "N461", "the fault point answered \(vm.text(answer))",
      at: state.pointee.points[index].span, help: "it answers " + known)
  }
}

extension Bench {
  /// Fills a fault point, or clears it: `none`, `.pass` and, of releases, `.free` are no fault.
  func install(
    fault: Value, _ field: Word, of id: NodeID, at span: SourceSpan
  ) throws(RuntimeError) {
    let usual = field == .release ? "free" : "pass"
    for place in faultPlaces(field, of: id) {
      let isPass = fault.isNone || fault.asSymbol.map { name($0) } == usual
      if isPass {
        watch.faults?.clear(place)
      } else {
        let faults = watch.faults ?? ScriptFaults(self, vm)
        watch.faults = faults
        context.faults = faults
        let draws = RandomStream(seed: plan.seed, path: path(of: id), purpose: field.rawValue)
        faults.fill(place, with: fault, draws, at: span)
      }
      mark(place, isFaulty: !isPass)
    }
  }

  private func faultPlaces(_ field: Word, of id: NodeID) -> [FaultPlace] {
    let host = tree[id].host
    if field == .release { return host >= 0 ? [.releases(host: host)] : [] }
    if field == .wake {
      let isFurther = tree[id].role == .builtin(.bufferClass)
      return host >= 0 ? [.wakes(host: host, pool: isFurther ? tree[id].object : -1)] : []
    }
    let parent = tree[id].parent
    switch (tree[id].role, parent == .none ? .root : tree[parent].role) {
    case (.builtin(.lan), _), (.builtin(.link), _):
      return [.frames(.medium, tree[id].object)]
    case (.builtin(.lock), _): return lockNumber(id).map { [.lock($0)] } ?? []
    case (.place(let way), .builtin(.nic)):
      guard host >= 0, tree[parent].object >= 0 else { return [] }
      let port = stations.records[Int(host)].attachments[Int(tree[parent].object)].port
      return [.frames(way == .rx ? .receive : .transmit, port)]
    case (.builtin(.pool), _):
      return host >= 0
        ? [.clusters, .mbufs].map { .requests(host: host, $0, pool: -1) } : []
    case (.place(let word), .builtin(.pool)):
      let bufferClass = word == .mbufs ? BufferClass.mbufs : .clusters
      return host >= 0 ? [.requests(host: host, bufferClass, pool: -1)] : []
    case (.builtin(.bufferClass), _):
      return host >= 0 ? [.requests(host: host, .clusters, pool: tree[id].object)] : []
    default: return []
    }
  }

  private func mark(_ place: FaultPlace, isFaulty: Bool) {
    switch place {
    case .frames(.medium, let link): simulation.setFaulty(isFaulty, link: link)
    case .frames(let point, let port): simulation.setFaulty(isFaulty, port: port, point)
    case .lock(let lock): simulation.setFaulty(isFaulty, lock: lock)
    case .requests(let host, let bufferClass, let pool):
      askForRequests(host: host, bufferClass, pool: pool)
    case .wakes(let host, -1): simulation.setLosesWakes(isFaulty, host: host)
    case .wakes(_, let pool): simulation.setLosesWakes(isFaulty, ofPool: pool)
    case .releases(let host): simulation.setAsksRelease(isFaulty, host: host, &context)
    }
  }

  /// All fields named `fault` or `release`, once the simulation stands.
  func installFaults() throws(RuntimeError) {
    for number in 1..<tree.count {
      let id = NodeID(.tree, number)
      for field in tree[id].fields {
        guard let word = words.word(field.name), [.fault, .release, .wake].contains(word) else {
          continue
        }
        try install(fault: field.value, word, of: id, at: field.span)
      }
    }
  }

  /// The station that a frame says it is from; else who has its source address.
  func sender(of frame: UnsafeRawBufferPointer) -> FrameSender {
    let mac = EthernetHeader(reading: frame)?.source ?? .zero
    for station in stations.records {
      for attachment in station.attachments where attachment.mac == mac {
        return FrameSender(station: station, attachment: attachment)
      }
    }
    return FrameSender(host: -1, link: -1, mac: mac, address: .any)
  }
}
