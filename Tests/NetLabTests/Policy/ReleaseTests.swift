// The fault point of releases: why a buffer goes back, and what becomes of those that do not.

import NetScript
import Testing

@testable import NetLab

/// A host that answers echo requests, takes UDP on one port, and is sent to on two.
private func lines(_ point: String, _ rest: String) -> [String] {
  printed(
    """
    case "c" {
        lan office { rate = 10Mbps }
        host a { nic eth0 { lan = office } }
        host b { nic eth0 { lan = office } }
        cbr heard { from = a; to = b; udp = 9; rate = 10/s }
        cbr unheard { from = a; to = b; udp = 10; rate = 10/s }
        sink end { host = b; udp = 9 }
        \(point)
        run for 1s
        \(rest)
    }
    """)
}

@Suite("The release of buffers as a fault point")
struct ReleaseTests {
  @Test("a buffer is forgotten for one reason, and others go back as ever")
  func oneReason() {
    let leaking = "b.pool.release = fn(b) => if b.why == .no_port then .leak else .free"
    #expect(
      lines(
        leaking, "print b.udp.stats.no_port, leaked(b) / 2, b.pool.held[.leaked], end.reads > 5")
        == ["9  9  9  true"])
    #expect(lines("", "print leaked(b), leaked(a)") == ["0  0"])
  }

  @Test("the record tells why, what, where, whose and how old")
  func record() {
    let seen = lines(
      """
      var seen = [:]
      b.pool.release = fn(b) {
          if not seen.has(b.why) { seen[b.why] = [b.class, b.place, b.owner, b.age != none] }
          return .free
      }
      """, "print seen[.read], seen[.no_port]\nprint leaked(b)")
    #expect(
      seen == [
        "[.mbufs, .rcvbuf, end.app, true]  [.clusters, .hand, b.ntwk, true]", "0",
      ])
  }

  @Test("it may change while time passes, and a constant is its own function")
  func live() {
    let counts = lines(
      "",
      """
      b.pool.release = .leak
      run for 1s
      let lost = leaked(b)
      b.pool.release = .free
      run for 1s
      print lost > 20, leaked(b) == lost
      """)
    #expect(counts == ["true  true"])
  }

  @Test("an answer that is none ends the run and says what it may be")
  func wrongAnswer() {
    let run = result(
      ofScript: """
        case "c" {
            lan office { rate = 10Mbps }
            host a { nic eth0 { lan = office } }
            host b { nic eth0 { lan = office }; pool { release = fn(b) => .keep } }
            ping p { from = a; to = b }
            run for 1s
        }
        """)
    #expect(run.faultText?.contains("N461") == true)
    #expect(run.fault?.error.help?.contains("`.free` or `.leak`") == true)
  }
}
