// `rate(path, span)` as a value: in conditions, in reports, with and without variables in the path.

import NetScript
import Testing

@testable import NetLab

private func lines(_ body: String) -> [String] {
  printed(
    """
    case "c" {
        lan office { rate = 10Mbps }
        host a { nic eth0 { lan = office } }
        host b { nic eth0 { lan = office } }
        cbr feed { from = a; to = b; udp = 9; rate = 10/s }
        \(body)
    }
    """)
}

@Suite("Rates of a path")
struct SampledRateTests {
  @Test("the change over the window, and before that is full since time 0")
  func value() {
    let found = lines(
      """
      run for 2050ms
      print rate(feed.sent, 1s), rate(feed.sent, 10s) > 9/s, rate(feed.sent * 2, 1s)
      at 3050ms { feed.stop() }
      run for 1500ms
      print rate(feed.sent, 1s), rate(feed.sent, 500ms)
      """)
    #expect(found == ["10/s  true  20/s", "5/s  0/s"])
  }

  @Test("it may stand in a condition, and is asked again as the window moves on")
  func conditions() {
    let run = result(
      ofScript: """
        case "c" {
            lan office { rate = 10Mbps }
            host a { nic eth0 { lan = office } }
            host b { nic eth0 { lan = office } }
            cbr feed { from = a; to = b; udp = 9; rate = 10/s }
            let slow = fn() => rate(feed.sent, 1s) < 5/s
            at 3s { feed.stop() }
            expect always rate(feed.sent, 1s) >= 10/s after 1s before 3s
            expect never slow() after 1s before 3s
            expect eventually rate(feed.sent, 1s) == 0/s within 4100ms
            when slow() { if now > 1s { print now in 3400ms..3600ms } }
            run for 6s
        }
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["pass", "pass", "pass"])
    #expect(run.lines == ["true"])
  }

  @Test("a variable in the path makes a rate for each of its values")
  func variables() {
    let found = lines(
      """
      cbr more { from = b; to = a; udp = 9; rate = 20/s }
      let of = fn(x) => rate(x.sent, 1s)
      print of == none
      at 0s { of(feed); of(more) }
      run for 2s
      print of(feed), of(more)
      """)
    #expect(found == ["false", "10/s  20/s"])
  }

  @Test("a function of the script gives a collector, as ever")
  func collectors() {
    #expect(
      lines(
        """
        let count = fn() => feed.sent
        let one = rate(count, 1s)
        let two = rate(fn() => feed.sent, 1s)
        run for 2050ms
        print one.value, two.value
        """) == ["10/s  10/s"])
  }

  @Test("before anything is built there is none")
  func early() {
    let found = printed(
      """
      case "c" {
          lan office { rate = 10Mbps }
          host a { nic eth0 { lan = office } }
          let early = rate(a.eth0.rx.frames, 1s)
          run for 1s
      }
      """)
    #expect(found.first?.hasPrefix("N301") == true)
  }

  @Test("a gap that is no whole number of nanoseconds is rounded")
  func rounded() {
    #expect(
      lines(
        """
        cbr odd { from = a; to = b; udp = 9; size = 1B; rate = 900/s }
        run for 1010ms
        print rate(odd.sent, 1s) > 90/s
        """) == ["true"])
  }
}
