// Names that every host has for its own parts, taken by something else.

import NetScript
import Testing

@testable import NetLab

@Suite("Names that hosts have")
struct HostNameTests {
  @Test(
    "a group's name is not to be taken by something else",
    arguments: ["tcp", "pool", "cpu", "sock", "arp", "ip", "udp", "network"])
  func groups(name: String) {
    let trial = trial(inServer("task \(name) { fn main() { sleep(1s) } }"))
    #expect(trial.mistakes == ["N204: `\(name)` is what every host calls its own"])
    #expect(trial.diagnostics.first?.help == "another name: `task my_\(name) { … }`")
  }

  @Test("engine tasks keep their names, and other things cannot have them")
  func tasks() {
    #expect(trial(inServer("task rx { priority = 90 }")).mistakes == [])
    #expect(
      trial(inServer("nic rx { lan = office }")).mistakes
        == ["N204: `rx` is what every host calls its own"])
    #expect(
      trial(inServer("task ntwk[1] { fn main() { } }")).mistakes.contains(
        "N204: `ntwk` is what every host calls its own"))
    let station = "host radio { stack = .none; pool tx { count = 2 } }"
    #expect(trial("case \"c\" { \(station); run for 1s }").mistakes == [])
  }
}
