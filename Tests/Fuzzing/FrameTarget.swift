// A host with two interfaces, sockets of every kind and its own tasks, for whoever wants to throw
// frames at it: all of it through the front door, so that any build will do.
//
// A case is a list of steps, each an octet that says what, and for a frame its length in two octets
// and its octets: what libFuzzer finds and what a generator makes look alike. Unless the first bit
// of the step forbids it, a frame's checksums are mended, or few would get far. After each step the
// law of conservation is proved by a walk, and nothing may be leaked or in nobody's hands.

import NetStack
import Wire

public struct FrameTarget {
  public enum Step {
    /// A frame arrives on an interface.
    public static let first: UInt8 = 0
    public static let second: UInt8 = 1
    /// Half a second passes, or half a minute; a program reads what has come.
    public static let beat: UInt8 = 2
    public static let wait: UInt8 = 3
    public static let read: UInt8 = 4
  }

  private var host: Host
  private var context = Context()
  private var now = Instant.zero
  private var machines: [Machine] = []
  private var waits: [Wait?] = []
  private var sockets: [Int32] = []
  private var buffer = [UInt8](repeating: 0, count: 4096)
  /// Frames that the host sent.
  public private(set) var sent = 0

  public static let stations = [
    MACAddress(rawValue: 0x0200_0000_0101), MACAddress(rawValue: 0x0200_0000_0102),
  ]
  public static let addresses = [IPv4Address(10, 0, 1, 1), IPv4Address(10, 0, 2, 1)]

  public init() {
    var configuration = HostConfiguration()
    configuration.mbufs = 256
    configuration.clusters = 48
    configuration.sockets = 32
    configuration.neighbours = 16
    for (address, mac) in zip(Self.addresses, Self.stations) {
      var interface = InterfaceConfiguration(address: address, mac: mac)
      interface.receiveRing = 8
      interface.transmitRing = 64
      configuration.interfaces.append(interface)
    }
    configuration.tunables.internet.forwards = true
    configuration.tunables.internet.followsSourceRoutes = true
    configuration.tunables.internet.answersMask = true
    configuration.tunables.internet.reportsProtocol = true
    configuration.tunables.internet.reportsFragmentTimeout = true
    host = Host(configuration, seed: 1)
    machines = [
      Machine(NetworkDaemon()), Machine(ReceiveDaemon(interface: 0)),
      Machine(TransmitDaemon(interface: 0)), Machine(ReceiveDaemon(interface: 1)),
      Machine(TransmitDaemon(interface: 1)),
    ]
    waits = Array(repeating: nil, count: machines.count)
    host.assign(networkTask: 0, receiveTasks: [1, 3], transmitTasks: [2, 4], &context)
    run()
    for (kind, port) in [(SocketKind.stream, UInt16(21)), (.datagram, 9), (.icmp, 0), (.raw, 0)] {
      guard case .socket(let socket)? = call(.socket(kind)) else { continue }
      sockets.append(socket)
      if port > 0 { _ = call(.bind(socket, port)) }
      if kind == .stream { _ = call(.listen(socket, backlog: 4)) }
    }
    if case .socket(let socket)? = call(.socket(.stream)) {
      // A handshake that a frame may finish.
      _ = call(.connect(socket, IPv4Address(10, 0, 1, 2), 80))
    }
    run()
  }

  /// - Returns: what is wrong, if anything is.
  public mutating func run(_ steps: [UInt8]) -> String? {
    var place = 0
    while place < steps.count {
      let step = (steps[place] & 0x7F) % 5
      let isMended = steps[place] & 0x80 == 0
      place += 1
      switch step {
      case Step.first, Step.second:
        guard place + 2 <= steps.count else { return nil }
        let length = Int(steps[place]) << 8 | Int(steps[place + 1])
        place += 2
        let end = min(place + length, steps.count)
        var frame = Array(steps[place..<end])
        if isMended { FrameMending.mend(&frame) }
        receive(frame, on: Int32(step))
        place = end
      case Step.beat: pass(.milliseconds(500))
      case Step.wait: for _ in 0..<62 { pass(.milliseconds(500)) }
      default: readAll()
      }
      if let complaint = complaint() { return complaint }
    }
    return nil
  }

  private mutating func receive(_ frame: [UInt8], on interface: Int32) {
    enter(-1)
    _ = frame.withUnsafeBytes { host.receive($0, on: interface, &context) }
    run()
  }

  private mutating func pass(_ span: TimeSpan) {
    let end = now + span
    while context.nextCallout <= end {
      now = max(now, context.nextCallout)
      enter(-1)
      host.calloutFired(&context)
      run()
    }
    now = end
    run()
  }

  private mutating func readAll() {
    for socket in sockets.dropFirst() {
      for _ in 0..<100 where host.isReadable(socket) {
        _ = call(.receiveFrom(socket, atMost: 70_000))
      }
    }
  }

  // MARK: tasks

  private mutating func enter(_ task: Int32) {
    context.enter(host: 0, task: task, at: now)
    context.records.removeAll(keepingCapacity: true)
  }

  /// A call to its end; nil when it waits, and is given up.
  private mutating func call(_ call: Call) -> CallResult? {
    var machine = Machine()
    machine.begin(call)
    for _ in 0..<10_000 {
      enter(5)
      let step = host.resume(&machine, waited: .zero, &context)
      takeEffects()
      switch step {
      case .ran: continue
      case .done(let result): return result
      case .waits(let wait):
        if case .buffer = wait { preconditionFailure("a call of the target waits for a buffer") }
        host.timeOut(wait, in: machine, &context)
        return nil
      }
    }
    preconditionFailure("a call without end")
  }

  /// Every daemon until all of them wait.
  private mutating func run() {
    var rounds = 0
    takeEffects()
    while step() {
      rounds += 1
      precondition(rounds < 100_000, "the daemons go on for ever")
    }
  }

  private mutating func step() -> Bool {
    var moved = false
    for task in machines.indices {
      if case .buffer? = waits[task], let wait = waits[task] {
        enter(Int32(task))
        if host.poll(wait, waited: .zero, &context) { waits[task] = nil }
      }
      if waits[task] != nil { continue }
      moved = true
      enter(Int32(task))
      switch host.resume(&machines[task], waited: .zero, &context) {
      case .ran: break
      case .waits(let wait): waits[task] = wait
      case .done: preconditionFailure("a daemon ends")
      }
      takeEffects()
    }
    return moved
  }

  /// Wakes whom the stack wakes, and lets the hardware send what it was given.
  private mutating func takeEffects() {
    for index in 0..<context.wakes.count {
      let task = Int(context.wakes[index])
      if waits.indices.contains(task) { waits[task] = nil }
    }
    context.wakes.clear()
    context.transmits.clear()
    for interface in 0..<Int32(2) {
      while host.hasFrame(on: interface) {
        enter(-1)
        let count = buffer.withUnsafeMutableBytes { memory in
          host.nextFrame(on: interface, into: memory.baseAddress!, &context).octetCount
        }
        if count == 0 { break }
        sent += 1
        _ = host.sent(on: interface, &context)
        for index in 0..<context.wakes.count {
          let task = Int(context.wakes[index])
          if waits.indices.contains(task) { waits[task] = nil }
        }
        context.wakes.clear()
      }
    }
  }

  // MARK: the law

  private func complaint() -> String? {
    let state = host.state
    let hands = machines.indices.flatMap { task in
      machines[task].chainsInHand.map { (chain: $0, task: Int32(task)) }
    }
    let walk = host.walk(hands: hands)
    if walk.mbufs != state.heldMbufs { return "mbufs are not where they are counted" }
    if walk.clusters != state.heldClusters { return "clusters are not where they are counted" }
    if state.heldMbufs.total + state.mbufPool.free != state.mbufPool.total {
      return "mbufs are not conserved"
    }
    if state.heldClusters.total + state.clusterPool.free != state.clusterPool.total {
      return "clusters are not conserved"
    }
    if state.heldMbufs[.leaked] != 0 { return "an mbuf is leaked" }
    if state.heldClusters[.leaked] != 0 { return "a cluster is leaked" }
    return nil
  }
}
