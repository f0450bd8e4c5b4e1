// The engine in a program of one's own: when is an echo request answered on an idle 10 Mb/s LAN?
import NetSim
import NetStack

var context = Context()
var simulation = Simulation()
let lan = simulation.addLink(rate: 10_000_000, delay: .microseconds(50), isShared: true)
_ = simulation.addHost(StationConfiguration(.init(10, 0, 1, 1), on: lan), &context)
_ = simulation.addHost(StationConfiguration(.init(10, 0, 1, 2), on: lan), &context)
var steps: [ProgramStep] = [
  .call(.socket(.icmp), timeout: nil),
  .call(.sendTo(0, .init(10, 0, 1, 2), 0, octets: 56), timeout: nil),
  .call(.receiveFrom(0, atMost: 2048), timeout: .seconds(1)), .end,
]
simulation.start(simulation.addProgram(host: 0, priority: 100))
// Asked at the start, and whenever a step has its result, until nothing is left to happen.
while case .program(let task) = simulation.run(until: .never, &context) {
  print("\(simulation.now.nanoseconds) ns: \(simulation.result(of: task))")
  simulation.submit(steps.removeFirst(), for: task, &context)
}
