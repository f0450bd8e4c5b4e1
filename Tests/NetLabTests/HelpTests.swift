// What is said to who writes what nearly means something.

import NetScript
import Testing

@testable import NetLab

@Suite("Help with what nearly means something")
struct HelpTests {
  @Test("a clause ends the property: what comes behind it belongs before it")
  func clause() {
    let told = trial(
      inLab("let x = true\nexpect eventually x within 2min and x\nrun for 1s")
    ).rendered
    #expect(told.contains("N422"))
    #expect(told.contains("help: `within 2min` ends the property: `… and x within 2min`"))
  }

  @Test(
    "a function that is typed like a declaration is told how it is called",
    arguments: [
      ("holders server", "`holders(server)`"), ("waiters server", "`waiters(server)`"),
      ("holders server.pool.clusters", "`holders(server.pool.clusters)`"),
    ])
  func call(line: String, help: String) {
    let told = trial(inLab(line)).rendered
    #expect(told.contains("\(help); at the prompt it prints itself"), "\(told)")
    #expect(!told.contains("N204"))
  }

  @Test(
    "a param whose default says what it is refuses what is none",
    arguments: [
      ("on = 3", "`on` is a Bool (its default is true), and 3 is an Int"),
      ("on = .never", "`on` is a Bool"), ("on = none", ""), ("on = false", ""),
      ("wait = true", "`wait` is a Time (its default is 5s), and true is a Bool"),
      ("wait = \"5s\"", "`wait` is a Time"), ("wait = .never", ""), ("wait = none", ""),
      ("free = 3", ""), ("free = true", ""),
    ])
  func types(setting: String, told: String) {
    let name = setting.split(separator: " ")[0]
    let text = """
      param on = true
      param wait = 5s
      param free = none
      \(inLab("variant \"v\" { \(setting) }\nrun for 1ms\nprint \(name)"))
      """
    let rendered = trial(text).rendered
    #expect(told.isEmpty ? rendered.isEmpty : rendered.contains(told), "\(rendered)")
  }

  @Test("a value that is not allowed is told the condition, and whether its unit is wrong")
  func condition() {
    func told(_ value: String) -> String {
      trial(
        """
        param patience = none where patience == none or patience in 1min..1d
        \(inLab("variant \"v\" { patience = \(value) }\nrun for 1ms"))
        """
      ).rendered
    }
    #expect(told("2min").isEmpty)
    #expect(told("1s").contains("patience = 1s is not allowed"))
    #expect(told("1s").contains("help: allowed is `patience == none or patience in 1min..1d`"))
    #expect(told("3").contains("patience = 3 is not allowed: cannot compare time (min) with a"))
  }

  @Test("tasks of which the same is said are said together")
  func folded() {
    let lines = printed(
      """
      case "many" {
          lan office { rate = 10Mbps }
          host a {
              nic eth0 { lan = office }
              for i in 1..60 {
                  task t[i] { fn main() { let s = socket(.udp); s.bind(100 + i); s.recvfrom(9B) } }
              }
          }
          run for 1s
          why a
      }
      """)
    #expect(lines.count == 4)
    #expect(lines.contains { $0.hasPrefix("  a.t[1] and 59 more  sleep in sbwait") }, "\(lines)")
  }

  @Test("what a hook aborts is aborted when everybody has looked")
  func abort() {
    let run = result(
      ofScript: """
        case "abort" {
            lan office { rate = 10Mbps }
            host server { pool { clusters = 40 }; nic eth0 { lan = office } }
            host client { nic eth0 { lan = office } }
            bulk up { from = server; to = client; write = 1KiB }
            at 1s { client.eth0.up = false }
            when server.pool.clusters.free == 0 and now > 1s {
                for h in holders(server.pool) { if h.place == .sndbuf { h.owner.abort() } }
            }
            expect eventually server.pool.clusters.free == 0 and now > 1s
            run for 20s
            print server.pool.held[.sndbuf]
        }
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["pass"])
  }

  @Test("a task takes and sends frames at a station without a stack, be it another host's")
  func device() {
    let lines = printed(
      """
      case "device" {
          lan device { rate = 10Mbps }
          lan line { rate = 10Mbps }
          host box { nic eth0 { lan = device } }
          host near { stack = .none; nic eth0 { lan = device } }
          host far { stack = .none; nic eth0 { lan = line } }
          host peer { nic eth0 { lan = line } }
          sink take { host = peer; udp = 9 }
          task ppp {
              host = box
              fn main() {
                  while true {
                      let f = near.eth0.recv(fn(f) => f.proto == .udp)
                      far.eth0.send(f.with(src = far, to = peer))
                  }
              }
          }
          task asks {
              host = box
              fn main() {
                  let s = socket(.udp)
                  for i in 1..20 { s.sendto(near, 9, 100B); sleep(10ms) }
              }
          }
          run for 1s
          print take.reads, wedged(box)
      }
      """)
    #expect(lines == ["20  false"])
  }
}
