// The first journey: two hosts of a script ping each other.

import NetScript
import NetSim
import Testing

@testable import NetLab

let twoHosts = """
  case "ping" {
      lan office { rate = 10Mbps; delay = 50us }
      host server { nic eth0 { lan = office } }
      host client { nic eth0 { lan = office } }
      ping probe { from = client; to = server; interval = 200ms }
      run for 3s
  }
  """

@Suite("A script's journey")
struct JourneyTests {
  @Test("two hosts of a script ping each other")
  func ping() {
    let trial = trial(twoHosts)
    #expect(trial.mistakes == [])
    #expect(trial.fault == nil)
    #expect(trial.read("probe.answered") == "15")
    #expect(trial.read("probe.lost") == "0")
    #expect(trial.read("probe.rtt") != "none")
    #expect(trial.bench?.simulation.now.nanoseconds == 3_000_000_000)
  }
}
