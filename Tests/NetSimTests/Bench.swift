// Two hosts and a LAN in Swift, and programs as lists of steps: the engine without the language.

import NetSim
import NetStack
import Wire

struct Bench {
  var simulation = Simulation()
  var context = Context()
  var lan: Int32 = 0
  var stations: [Station] = []
  /// Of the hosts that are added from now on.
  var releasesAll = false
  /// What a task does next, given the result of what it did last.
  var programs: [Int32: (CallResult) -> ProgramStep] = [:]
  /// When a program was asked last.
  private(set) var askedAt: [Int32: Instant] = [:]

  init(rate: Int64 = 10_000_000, delay: TimeSpan = .microseconds(50), isShared: Bool = true) {
    context.reserve()
    lan = simulation.addLink(rate: rate, delay: delay, isShared: isShared)
  }

  init(_ link: LinkConfiguration) {
    context.reserve()
    lan = simulation.addLink(link)
  }

  static func address(_ index: Int) -> IPv4Address { IPv4Address(10, 0, 1, UInt8(index + 1)) }
  static func mac(_ index: Int) -> MACAddress {
    MACAddress(rawValue: 0x0200_0000_0100 + UInt64(index + 1))
  }

  /// A peer: the same stack, larger pools, no CPU cost.
  static var peer: HostConfiguration {
    var stack = HostConfiguration()
    stack.mbufs = 4096
    stack.clusters = 1024
    return stack
  }

  @discardableResult
  mutating func add(_ stack: HostConfiguration?, priority: Int32 = 100) -> Station {
    let index = stations.count
    var configuration = StationConfiguration()
    if var stack {
      var interface = InterfaceConfiguration(address: Self.address(index), mac: Self.mac(index))
      if let given = stack.interfaces.first {
        interface.receiveRing = given.receiveRing
        interface.transmitRing = given.transmitRing
        interface.policy = given.policy
        interface.sources = given.sources
        interface.zeroCopy = given.zeroCopy
      }
      stack.interfaces = [interface]
      configuration.stack = stack
    }
    if let stack { configuration.tick = stack.tick }
    configuration.attachments = [.init(link: lan, mac: Self.mac(index))]
    configuration.receivePriority = priority
    configuration.releasesAll = releasesAll
    let station = simulation.addHost(configuration, &context)
    stations.append(station)
    return station
  }

  @discardableResult
  mutating func program(
    on host: Int, priority: Int32 = 100, _ next: @escaping (CallResult) -> ProgramStep
  ) -> Int32 {
    let task = simulation.addProgram(host: stations[host].host, priority: priority)
    programs[task] = next
    simulation.start(task)
    return task
  }

  /// Runs until `limit`; `everyEvent` looks at the simulation after each.
  mutating func run(
    until limit: Instant, everyEvent: ((Simulation) -> Void)? = nil
  ) {
    while true {
      switch simulation.step(until: limit, &context) {
      case .idle: return
      case .event: everyEvent?(simulation)
      case .program(let task):
        askedAt[task] = simulation.now
        let next = programs[task].unsafelyUnwrapped(simulation.result(of: task))
        simulation.submit(next, for: task, &context)
      }
    }
  }
}
