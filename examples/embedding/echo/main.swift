// The engine in a program of one's own: when is an echo request answered on an idle 10 Mb/s LAN?
import NetSim
import NetStack
import Wire

var context = Context()
var simulation = Simulation()
let lan = simulation.addLink(rate: 10_000_000, delay: .microseconds(50), isShared: true)
for number in 1...2 as ClosedRange<UInt8> {
  let mac = MACAddress(rawValue: 0x0200_0000_0000 + UInt64(number))
  var station = StationConfiguration()
  station.attachments = [.init(link: lan, mac: mac)]
  station.stack = HostConfiguration()
  station.stack?.interfaces = [InterfaceConfiguration(address: .init(10, 0, 1, number), mac: mac)]
  _ = simulation.addHost(station, &context)
}

// A task asks for one step after another: each begins when the one before has its result.
var steps: [ProgramStep] = [
  .call(.socket(.icmp), timeout: nil),
  .call(.sendTo(0, .init(10, 0, 1, 2), 0, octets: 56), timeout: nil),
  .call(.receiveFrom(0, atMost: 2048), timeout: .seconds(1)),
]
let task = simulation.addProgram(host: 0, priority: 100)
simulation.start(task)
run: while true {
  switch simulation.step(until: Instant(nanoseconds: 2_000_000_000), &context) {
  case .idle: break run
  case .event: continue
  case .program:
    if steps.isEmpty {
      print("\(simulation.result(of: task)) at \(simulation.now.nanoseconds) ns")
      steps = [.end]
    }
    simulation.submit(steps.removeFirst(), for: task, &context)
  }
}
