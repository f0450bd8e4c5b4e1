// LANs and links as scripts have them: switches, jitter, cuts, partitions, models of loss.

import NetScript
import Testing

@testable import NetLab

/// Three hosts on a LAN, with more of a script.
private func office(_ fields: String, _ rest: String) -> [String] {
  printed(
    """
    import "std/craft"
    case "c" {
        lan office { rate = 10Mbps; \(fields) }
        host a { nic eth0 { lan = office } }
        host b { nic eth0 { lan = office } }
        host c { nic eth0 { lan = office } }
        \(rest)
    }
    """)
}

/// A hundred datagrams a second for ten seconds.
private func feed(_ faults: String, _ rest: String) -> [String] {
  office(
    "",
    """
    cbr feed { from = a; to = b; udp = 9; rate = 100/s }
    sink end { host = b; udp = 9 }
    \(faults)
    run for 10005ms
    \(rest)
    """)
}

@Suite("Media in scripts")
struct MediaTests {
  @Test("two pairs of a switched LAN have the rate each, of a shared one together")
  func switched() {
    func share(_ medium: String) -> [String] {
      office(
        "medium = \(medium)",
        """
        host d { nic eth0 { lan = office } }
        bulk one { from = a; to = b }
        bulk two { from = c; to = d }
        run for 5s
        print one.rate() > 8Mbps, two.rate() > 8Mbps, one.rate() + two.rate() > 10Mbps
        """)
    }
    #expect(share(".switched") == ["true  true  true"])
    #expect(share(".shared") == ["false  false  false"])
  }

  @Test("two senders to one receiver fill the queue of its output; what finds it full is lost")
  func queue() {
    let lines = office(
      "medium = .switched; queue { max = 4 }",
      """
      bulk one { from = a; to = c; port = 20 }
      bulk two { from = b; to = c; port = 21 }
      var full = 0
      on office.lost(e) if e.reason == .queue_full { full += 1 }
      run for 5s
      print office.queue.max, office.queue.peak, office.queue.drops > 0, full == office.queue.drops
      print office.util > 80%, a.tcp.stats.retransmits + b.tcp.stats.retransmits > 0
      """)
    #expect(lines == ["4  4  true  true", "true  true"])
  }

  @Test("jitter comes from the seed, and a link keeps the order unless it is told not to")
  func jitter() {
    func line(_ fields: String) -> [String] {
      printed(
        """
        link wire { rate = 10Mbps; delay = 1ms; \(fields) }
        host a { nic eth0 { lan = wire } }
        host b { nic eth0 { lan = wire } }
        bulk copy { from = a; to = b }
        run for 5s
        print b.tcp.stats.out_of_order > 0, copy.sent > 100KB
        """)
    }
    #expect(line("jitter = 20ms") == ["false  true"])
    #expect(line("jitter = 20ms; ordered = false") == ["true  true"])
  }

  @Test("a link that is cut loses frames, says so, and works again when it is mended")
  func cut() {
    let lines = printed(
      """
      link wire { rate = 10Mbps }
      host a { nic eth0 { lan = wire } }
      host b { nic eth0 { lan = wire } }
      ping probe { from = a; to = b; interval = 100ms; timeout = 50ms; starts = 50ms }
      run for 1s
      print probe.answered, probe.lost
      wire.up = false
      run for 1s
      print probe.answered, probe.lost, wire.lost.count, wire.lost.last.reason
      wire.up = true
      run for 1s
      print probe.answered, probe.lost
      """)
    #expect(lines == ["10  0", "10  10  10  .down", "20  10"])
  }

  @Test("a partition leaves hosts of one list on speaking terms, and is live")
  func partition() {
    let lines = office(
      "",
      """
      ping near { from = a; to = b; interval = 100ms; timeout = 50ms }
      ping far { from = a; to = c; interval = 100ms; timeout = 50ms }
      run for 1s
      office.partition = [[a, b]]
      run for 1s
      print near.lost, far.lost, office.lost.last.reason
      office.partition = []
      run for 1s
      print near.answered, far.answered
      """)
    #expect(lines == ["0  10  .partition", "30  20"])
  }

  @Test("a rate of nothing is refused, and a partition of what is no host")
  func mistakes() {
    #expect(trial("lan l { rate = 0bps }\nrun for 1s").mistakes == ["N222: `rate` cannot be 0bps"])
    #expect(
      trial("link l { rate = 0bps }\nrun for 1s").mistakes == ["N222: `rate` cannot be 0bps"])
    #expect(
      trial("lan l { rate = 1Mbps; partition = [1] }\nrun for 1s").mistakes == [
        "N210: `partition` is a list of lists of hosts, but it is [1]"
      ])
  }

  @Test("Gilbert and Elliott: losses come in bursts, and as often as the model says")
  func gilbert() {
    let lines = feed(
      """
      var last = 0
      var bursts = 0
      let model = craft.gilbert(2%, 20%)
      var i = 0
      office.fault = craft.among(fn(f) => f.proto == .udp, fn(f) {
          i += 1
          let answer = model(f)
          if answer == .drop { if last != i - 1 { bursts += 1 }; last = i }
          return answer
      })
      """,
      """
      let lost = feed.sent - end.reads
      print lost in 40..160, lost / bursts > 2.5
      """)
    #expect(lines == ["true  true"])
  }

  @Test("the answers of std/craft double, damage, hold back and let pass")
  func answers() {
    func reads(_ fault: String) -> [String] {
      feed("office.fault = craft.among(fn(f) => f.proto == .udp, \(fault))", "print end.reads")
    }
    #expect(reads("craft.each(10, hit = .dup)") == ["1100"])
    #expect(reads("craft.each(10, hit = .drop)") == ["900"])
    #expect(reads("craft.any_of([craft.each(10), craft.each(10, hit = .dup)])") == ["990"])
    #expect(reads("craft.during(2s, 3s)") == ["900"])
    #expect(reads("craft.only(fn(f) => f.n mod 2 == 0)").first.map { Int($0) ?? 0 < 510 } == true)
  }

  @Test("held back for a time, or a distribution of times, frames are overtaken")
  func reordering() {
    let lines = office(
      "",
      """
      bulk copy { from = a; to = b }
      office.fault = craft.chance(5%, hit = uniform(2ms, 8ms))
      run for 5s
      print b.tcp.stats.out_of_order > 0, copy.sent > 100KB
      """)
    #expect(lines == ["true  true"])
  }
}
