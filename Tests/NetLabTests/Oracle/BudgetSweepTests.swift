// What `budget` calls safe never wedges: pools, rings, drivers, buffers and writes at random, with
// noise from everybody and an outage that kills connections.
//
// NETSCRIPT_BUDGETS=500 looks at so many configurations, and says how many of the others wedge.
// Of 2,400 such 1,288 were safe, and none of these wedged; of 1,112 others 169 did, none of them
// with drop_frees.

import Foundation
import Testing

@testable import NetLab

@Suite("Budgets against simulation")
struct BudgetSweepTests {
  private struct Choice {
    var state: UInt64
    mutating func pick<T>(_ values: [T]) -> T {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return values[Int((state >> 33) % UInt64(values.count))]
    }
  }

  private func lab(_ number: Int) -> String {
    var choice = Choice(state: UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
    let clusters = choice.pick([20, 32, 40, 48, 56, 64, 72, 80, 97, 128, 240])
    let ring = choice.pick([4, 8, 16, 24, 32].filter { $0 + 8 <= clusters })
    let write = choice.pick([
      208, 256, 300, 400, 512, 530, 548, 600, 800, 1024, 1460, 2048, 2100, 2500, 3000, 4096, 9000,
    ])
    let policy = choice.pick([
      "first_come()", "first_come()", "first_come()", "receiver_first()", "reserve(4)",
      "per_socket_quota(12)",
    ])
    return """
      import "std/policies"
      lan office { rate = 10Mbps; delay = 50us }
      host server {
          pool { clusters = \(clusters); mbufs = 4096; allocator = policies.\(policy) }
          nic eth0 {
              lan = office; rx_ring = \(ring); tx_ring = \(choice.pick([8, 16, 32]))
              refill = .\(choice.pick(["wait", "wait", "wait", "reuse", "retry"]))
              zero_copy = \(choice.pick(["true", "true", "true", "false"]))
              copybreak = \(choice.pick(["0B", "0B", "100B"]))
          }
          tcp {
              sndbuf = \(choice.pick(["4KiB", "8KiB", "16KiB", "16KiB", "24KiB"]))
              drop_frees = \(choice.pick(["true", "false", "false"]))
          }
          cpu { factor = \(choice.pick([1, 6])) }
      }
      host client { nic eth0 { lan = office } }
      bulk ftp {
          from = server; to = client; sessions = \(choice.pick([1, 1, 2, 3])); write = \(write)B
          priority = \(choice.pick([40, 100, 150])); cost = \(choice.pick(["0s", "300us"]))
          size = \(choice.pick([".endless", ".endless", "3000B", "20700B"]))
      }
      chatter pcs { lan = office; rate = \(choice.pick([0.1, 40, 150]))/s }
      ping probe { from = client; to = server; interval = 900ms }
      \(choice.pick(["", "", "cbr feed { from = server; to = client; rate = 20/s; size = 300B }"]))
      \(choice.pick(["", "", "", "sink deaf { host = server; udp = 137; read = .never }"]))
      run for 1ms
      print budget(server).last().term
      at 2s { client.eth0.up = false }
      at 20s { client.eth0.up = true }
      expect never wedged(server)
      run for 24s
      """
  }

  @Test("a configuration that a budget calls safe does not wedge")
  func safe() {
    let asked = ProcessInfo.processInfo.environment["NETSCRIPT_BUDGETS"].flatMap { Int($0) }
    var counts: [String: (runs: Int, wedges: Int)] = [:]
    for number in 1...(asked ?? 12) {
      let run = result(ofScript: lab(number))
      #expect(run.faultText == nil, "\(lab(number))")
      let verdict = run.lines.first ?? "nothing"
      let wedges = run.verdicts != ["pass"]
      counts[verdict, default: (0, 0)].runs += 1
      if wedges { counts[verdict]?.wedges += 1 }
      #expect(!(verdict == ".safe" && wedges), "\(number): \(lab(number))")
    }
    if asked != nil {
      for (verdict, count) in counts.sorted(by: { $0.key < $1.key }) {
        print("budget \(verdict): \(count.wedges) of \(count.runs) wedge")
      }
    }
  }
}
