// Numbers beyond all sense: mistakes of the script, found before time 0.

import NetScript
import Testing

@testable import NetLab

@Suite("Extremes")
struct ExtremeTests {
  @Test("an amount of memory near the end of 64 bits has a remainder too")
  func memory() {
    #expect(
      trial(inServer("pool { clusters = 1000000000000000001B }")).mistakes
        == [
          "N221: 1e+18B is not a whole number of 2KiB clusters (488281250000000.00)"
        ])
  }

  @Test("a bare number too large to count in half seconds gets no such hint")
  func ticks() {
    let trial = trial(inServer("tcp { keepidle = 9000000000000000000 }"))
    #expect(
      trial.mistakes == ["N210: `keepidle` is a time, but 9000000000000000000 is a bare number"])
    #expect(trial.diagnostics.first?.help == "`9000000000000000000s`")
  }

  @Test("a factor is not below zero", arguments: ["-9223372036854775807", "-1", "-2.5"])
  func factor(value: String) {
    #expect(
      trial(inServer("cpu { factor = \(value) }")).mistakes == ["N222: `factor` cannot be \(value)"]
    )
  }

  @Test(
    "costs times their factor are at most 1000000s, copying is at least 8kbps",
    arguments: [
      ("factor = 1000000; rx = 1000s", "N222: `rx` times `factor` is more than 1000000s"),
      ("factor = 1000000; syscall = 2s", "N222: `syscall` times `factor` is more than 1000000s"),
      ("copy = 1bps", "N222: `copy` cannot be 1bps"),
      ("factor = 3; copy = 8kbps", "N222: `copy` by `factor` is less than 8kbps"),
    ])
  func costs(fields: String, mistake: String) {
    #expect(trial(inServer("cpu { \(fields) }")).mistakes == [mistake])
  }

  @Test("the largest costs run", arguments: ["factor = 1000; rx = 1000s", "copy = 8kbps"])
  func largest(fields: String) {
    let trial = trial(inServer("cpu { \(fields) }"))
    #expect(trial.mistakes == [] && trial.fault == nil)
  }

  @Test("a host without a stack has nothing to tune while it runs")
  func stackless() {
    let text = """
      case "c" {
          lan office { rate = 10Mbps }
          host server { stack = .none; nic eth0 { lan = office }
              tcp { keepcnt = 3 }; pool { allocator = .first_come } }
          at 500ms { server.FIELD }
          run for 1s
      }
      """
    for (field, group) in [
      ("tcp.keepidle = 30s", "tcp"), ("udp.rcvbuf = 4KiB", "udp"), ("sock.max = 64KiB", "sock"),
      ("pool.allocator = .first_come", "pool"),
    ] {
      #expect(
        trial(text.replacing("FIELD", with: field)).fault
          == "N201: `server.\(group)` has no stack to be set in")
    }
    #expect(trial(text.replacing("server.FIELD", with: "print 1")).mistakes == [])
  }
}
