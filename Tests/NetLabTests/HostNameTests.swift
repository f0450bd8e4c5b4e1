// Names that every host has for its own parts, taken by something else; and parts with a number.

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

  @Test("the interfaces of a family are plugged in like any other")
  func family() {
    let trial = trial(
      """
      case "c" {
          for i in 1..3 { link wire[i] { rate = 10Mbps; delay = 1ms } }
          host hub { for i in 1..3 { nic eth[i] { lan = wire[i] } } }
          for i in 1..3 { host spoke[i] { nic eth0 { lan = wire[i] } } }
          for i in 1..3 {
              task sink[i] {
                  host = hub
                  var got = 0
                  fn main() {
                      let s = socket(.udp)
                      s.bind(7000 + i)
                      s.recvfrom(1KiB)
                      got = 1
                  }
              }
              task source[i] {
                  host = spoke[i]
                  fn main() { socket(.udp).sendto(hub, 7000 + i, 100B) }
              }
          }
          run for 1s
          expect sum(map(sink[*], fn(s) => s.got)) == 3
      }
      """)
    #expect(trial.mistakes == [])
    #expect(trial.bench?.result.expectations.map { "\($0.verdict)" } == ["pass"])
  }
}
