// Fault points: each answer at each point, state in closures, their own draws, what they may not.

import NetScript
import NetStack
import Testing

@testable import NetLab

/// A hundred datagrams a second from `a` to `b`, and what comes of them.
private func feed(_ faults: String, _ rest: String = "print end.reads") -> [String] {
  printed(
    """
    import "std/craft"
    case "c" {
        lan office { rate = 10Mbps }
        host a { nic eth0 { lan = office } }
        host b { nic eth0 { lan = office } }
        cbr feed { from = a; to = b; udp = 9; rate = 100/s }
        sink end { host = b; udp = 9 }
        \(faults)
        run for 1005ms
        \(rest)
    }
    """)
}

@Suite("Fault points")
struct FaultPointTests {
  @Test(
    "on a medium, into a port and out of one: lost, doubled, damaged, late, replaced",
    arguments: ["office.fault", "a.eth0.tx.fault", "b.eth0.rx.fault"])
  func frames(point: String) {
    func reads(_ answer: String) -> [String] {
      feed("\(point) = fn(f) => if f.proto == .udp then \(answer) else .pass")
    }
    #expect(reads(".pass") == ["100"])
    #expect(reads(".drop") == ["0"])
    #expect(reads(".dup") == ["200"])
    #expect(reads("300ms") == ["70"])
    #expect(reads("[]") == ["0"])
    #expect(reads("[f, f, f]") == ["300"])
    #expect(
      feed(
        "\(point) = fn(f) => if f.proto == .udp then f.with(len = 10B) else .pass",
        "print end.reads, end.received, b.udp.stats.bad_checksums") == ["100  1000B  0"])
    let damaged = feed(
      "\(point) = fn(f) => if f.proto == .udp then .corrupt else .pass",
      "print end.reads < 20, b.udp.stats.bad_checksums > 50")
    #expect(damaged == ["true  true"])
  }

  @Test("a constant stands for its function, and none or .pass takes the fault away")
  func constants() {
    let lines = feed(
      "",
      """
      print end.reads
      office.fault = .drop
      run for 1s
      print end.reads, office.lost.count
      office.fault = none
      run for 1s
      office.fault = .dup
      run for 1s
      office.fault = .pass
      run for 1s
      print end.reads
      """)
    #expect(lines == ["100", "100  100", "500"])
  }

  @Test("the record is the frame: what it is, which it is here, when")
  func record() {
    let lines = feed(
      """
      var seen = []
      b.eth0.rx.fault = fn(f) { if f.n == 2 { seen = [f.proto, f.src, f.port, f.len, f.at == now] }
          return .pass }
      """, "print seen")
    #expect(lines == ["[.udp, a, 9, 200B, true]"] || lines == ["[.arp, a, 1, 0B, true]"])
  }

  @Test("the hardware refuses a frame: the driver frees it, or has lost it and its descriptors")
  func fail() {
    func lines(_ onFail: String) -> [String] {
      feed(
        "a.eth0.tx.fault = craft.each(10, .fail); a.eth0.tx.on_fail = \(onFail)",
        "print end.reads, a.eth0.tx.fails, a.eth0.tx.frames, leaked(a)")
    }
    #expect(lines(".release") == ["90  10  91  0"])
    // Three mbufs a frame: ten failures take 30 of the 32 descriptors, and no frame goes out again.
    #expect(lines(".keep") == ["89  10  90  30"])
  }

  @Test("nth, each, chance, during and only, with state of their own")
  func answers() {
    #expect(feed("b.eth0.rx.fault = craft.nth(5)") == ["99"])
    #expect(feed("b.eth0.rx.fault = craft.only(fn(f) => f.proto == .udp)") == ["0"])
    #expect(feed("b.eth0.rx.fault = craft.during(200ms, 400ms)") == ["80"])
    #expect(
      feed(
        "at 100ms { office.fault = craft.chance(30%) }",  // not the ARP request
        "print end.reads in 50..90, end.reads")[0].hasPrefix("true"))
  }

  @Test("a fault draws from its point's own stream: a second one shifts no other")
  func streams() {
    let one = feed("office.fault = craft.chance(30%)")
    let two = feed(
      "office.fault = craft.chance(30%)\nb.eth0.rx.fault = fn(f) => if draw(uniform(0, 9)) > 99 "
        + "then .drop else .pass")
    #expect(one == two)
  }

  @Test("a pool refuses: who may wait looks again at each tick, who may not is told")
  func pools() {
    let lines = feed(
      "a.pool.fault = fn(r) => if r.who == .app and now in 500ms..700ms then .deny else .pass",
      "print end.reads in 75..85, a.pool.mbufs.waits")
    #expect(lines == ["true  1"])
    #expect(
      feed("b.pool.clusters.fault = .deny", "print end.reads, b.eth0.rx.posted")[0].hasPrefix("0"))
    #expect(feed("a.pool.mbufs.fault = .deny") == ["0"])
  }

  @Test("a lock is held longer, by its owner's CPU time; the network semaphore too")
  func locks() {
    let lines = printed(
      onBoard(
        """
        lock m { fault = fn(h) => if h.task == board.one then 5ms else .pass }
        var got = none
        task one { priority = 10; fn main() { m.lock(); m.unlock() } }
        task two { priority = 20; fn main() { m.lock(); got = now } }
        """.replacing(
          "fn(h) => if h.task == board.one then 5ms else .pass", with: "craft.nth(1, 5ms)"),
        "run for 1s\nprint board.got, board.one.cpu"
      ).replacing("case \"c\"", with: "import \"std/craft\"\ncase \"c\""))
    #expect(lines == ["5ms  5ms"])
    let slow = feed("a.network.fault = 1ms", "print end.reads, a.ntwk.cpu > 0s")
    #expect(slow == ["100  true"])
  }

  @Test("what a function may not do, or answers wrongly, ends the run and says so")
  func misuse() {
    #expect(
      feed("office.fault = fn(f) => f.len == a.pool.bytes")
        == ["N462: a fault point's function may only compute"])
    #expect(feed("office.fault = .sometimes") == ["N461: the fault point answered .sometimes"])
    #expect(feed("office.fault = .fail") == ["N461: the fault point answered .fail"])
    #expect(feed("a.pool.fault = .drop") == ["N461: the fault point answered .drop"])
    #expect(
      feed("office.fault = 5")
        == ["N210: `fault` is a function, or its constant answer, but 5 is a bare number"])
    #expect(
      feed("office.fault = fn(f) { while true { } }").first?.contains("steps") == true)
  }

  @Test("what follows a checkpoint follows it again, faults and all")
  func checkpoints() throws {
    let text = """
      import "std/craft"
      case "c" {
          lan office { rate = 10Mbps; fault = craft.chance(2%) }
          host a { nic eth0 { lan = office; tx { fault = craft.each(7, .dup) } } }
          host b { nic eth0 { lan = office } }
          bulk up { from = a; to = b }
          run for 3s
      }
      """
    let planned = Planner.plan(
      name: "test.ns", octets: Array(text.utf8), loader: TextLoader([:]), options: PlanOptions())
    let bench = Bench(try #require(planned.runs.first))
    try #require(bench.prepare(), "\(bench.diagnostics.map(\.title))")
    #expect(!bench.run(until: .zero + TimeSpan.milliseconds(777)))
    let checkpoint = bench.checkpoint()
    bench.run()
    let first = (bench.result.digest, bench.result.events)
    bench.restore(checkpoint)
    bench.run()
    #expect(first == (bench.result.digest, bench.result.events))
    #expect(bench.result.events > 1000 && bench.result.fault == nil)
  }
}
