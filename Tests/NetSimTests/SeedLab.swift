// The lab of the 2004 report in Swift: a server, a client, chatter, without the language.

import NetSim
import NetStack
import Wire

/// The lab of the 2004 report in Swift: a writer of small records against a receive task.
struct SeedLab {
  var bench: Bench
  let sender: Sender
  let reader = Reader()
  let writer: Int32

  /// A 50 MHz MPC860, its caches off when `factor` is 6.
  static func costs(factor: Int64) -> CPUCosts {
    var costs = CPUCosts()
    costs.contextSwitch = .microseconds(15)
    costs.interrupt = .microseconds(10)
    costs.rx = .microseconds(40)
    costs.ip = .microseconds(25)
    costs.tcpInput = .microseconds(80)
    costs.tcpOutput = .microseconds(90)
    costs.udp = .microseconds(40)
    costs.systemCall = .microseconds(20)
    costs.copyPicoseconds = 40_000
    return costs.scaled(byPermille: factor * 1000)
  }

  init(
    write: Int32 = 300, factor: Int64 = 6, broadcasts: Int64 = 40, priority: Int32 = 40,
    seed: UInt64 = 1, refill: RefillPolicy = .wait, copybreak: Int32 = 0,
    waiting: WaitingMode = .poll, everyTick: Bool = false, sessions: Int = 1,
    think: Int64 = 300, tune: (inout Tunables) -> Void = { _ in },
    driver: (inout InterfaceConfiguration) -> Void = { _ in },
    build: (inout HostConfiguration) -> Void = { _ in }
  ) {
    bench = Bench()
    var server = HostConfiguration()
    server.costs = Self.costs(factor: factor)
    server.waiting = waiting
    server.runsEveryTick = everyTick
    server.tunables.rfc1323 = true
    tune(&server.tunables)
    var interface = InterfaceConfiguration(address: .any, mac: .zero)
    interface.policy.refill = refill
    interface.policy.copybreak = copybreak
    driver(&interface)
    server.interfaces = [interface]
    build(&server)
    var client = Bench.peer
    client.tunables.rfc1323 = false
    bench.add(server)
    bench.add(client)
    bench.add(nil)
    sender = Sender(
      to: Bench.address(1), write: write, total: .max, cost: .microseconds(think * factor))
    let reader = self.reader
    let sender = self.sender
    bench.program(on: 1) { reader.next($0) }
    writer = bench.program(on: 0, priority: priority) { sender.next($0) }
    for number in 1..<max(sessions, 1) {
      let port = UInt16(20 + number)
      let more = Sender(
        to: Bench.address(1), port: port, write: write, total: .max,
        cost: .microseconds(think * factor))
      let end = Reader(port: port)
      bench.program(on: 1) { end.next($0) }
      bench.program(on: 0, priority: priority) { more.next($0) }
    }
    chatter(rate: broadcasts, seed: seed)
  }

  /// UDP broadcasts to port 137 from a station of their own.
  private mutating func chatter(rate: Int64, seed: UInt64) {
    if rate == 0 { return }
    var stream = RandomStream(seed: seed, path: "windows.talk", purpose: "draw")
    let port = bench.stations[2].ports[0]
    let frame = Self.broadcast(octets: 240)
    let box = FrameBox(port: port, frame: frame)
    var first = true
    frames = box
    bench.program(on: 2) { _ in
      if !first { box.due += 1 }
      first = false
      let gap = 2 * 1_000_000_000 / rate
      return .sleep(TimeSpan(nanoseconds: Int64(stream.next() % UInt64(gap))))
    }
  }

  final class FrameBox {
    let port: Int32
    let frame: [UInt8]
    var due = 0
    init(port: Int32, frame: [UInt8]) {
      self.port = port
      self.frame = frame
    }
  }
  private var frames: FrameBox?

  static func broadcast(octets: Int) -> [UInt8] {
    var frame = [UInt8](repeating: 0, count: 42 + octets)
    frame.withUnsafeMutableBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      EthernetHeader(destination: .broadcast, source: Bench.mac(2), type: EtherType.ipv4)
        .write(to: base)
      var ip = IPv4Header(
        source: IPv4Address(10, 0, 1, 3), destination: IPv4Address(10, 0, 1, 255),
        protocolNumber: IPProtocol.udp, totalLength: UInt16(28 + octets))
      ip.writeWithChecksum(to: base + 14)
      UDPHeader(sourcePort: 137, destinationPort: 137, length: UInt16(8 + octets))
        .write(to: base + 34)
    }
    return frame
  }

  /// Runs on; conservation is walked every `walk` events.
  mutating func run(until limit: Instant, walk: Int64 = .max) {
    while true {
      switch bench.simulation.step(until: limit, &bench.context) {
      case .idle: return
      case .event:
        if bench.simulation.events % walk == 0 { bench.simulation.checkConservation(of: 0) }
      case .program(let task):
        let next = bench.programs[task].unsafelyUnwrapped(bench.simulation.result(of: task))
        if let frames, frames.due > 0 {
          frames.due -= 1
          _ = frames.frame.withUnsafeBytes {
            bench.simulation.send($0, from: frames.port, &bench.context)
          }
        }
        bench.simulation.submit(next, for: task, &bench.context)
      }
    }
  }

  var server: KernelState { bench.simulation.hosts[0].state }
}
