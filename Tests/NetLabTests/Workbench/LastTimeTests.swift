// `:last`: back to what happened last, to the event.

import NetScript
import NetStack
import Testing

@testable import NetLab

@Suite("The last time")
struct LastTimeTests {
  /// Every event up to here at which a value changes, by looking behind each.
  private func changes(of expression: String, in bench: Workbench) -> [Int64] {
    let end = bench.moment.event
    var found: [Int64] = []
    var before = ""
    for event in 0...end {
      _ = bench.go(to: .event(event))
      let value = bench.type(expression).value ?? "?"
      if event > 0 && value != before { found.append(event) }
      before = value
    }
    return found
  }

  @Test("a value's last change is found, and then the one before, as looking at each event does")
  func values() throws {
    for expression in [
      "server.pool.clusters.free", "server.pool.free_bytes", "server.tcp.stats.sent",
      "ftp.sent", "server.rx.state", "client.ntwk.state", "server.tcp.conn[0].snd.cc",
      "ftp.writer[1].state",
    ] {
      let bench = try openWorkbench()
      _ = bench.type("run for 12ms")
      let changes = changes(of: expression, in: bench)
      try #require(!changes.isEmpty, "\(expression)")
      for expected in changes.suffix(12).reversed() {
        let reply = bench.last(expression)
        #expect(reply.note == nil && reply.lines[0].hasPrefix(expression), "\(reply)")
        // What a program does behind an event can be seen when that event's instant is over.
        let isThere =
          bench.moment.event == expected
          || bench.moment.event == expected - 1 && !bench.moment.isMidInstant
        #expect(isThere, "\(expression): \(bench.moment) for \(expected)")
      }
    }
  }

  @Test("the last event of a kind is one restore, and the future stays")
  func events() throws {
    let bench = try openWorkbench()
    _ = bench.type("run until server.pool.clusters.free == 0 within 5min")
    let brink = bench.moment
    _ = bench.type("run for 1s")
    let end = (bench.moment, bench.digest)
    var seen: [Int64] = []
    while bench.last("server.pool.exhausted").note == nil {
      #expect(bench.type("server.pool.clusters.free").value == "0")
      seen.append(bench.moment.event)
    }
    #expect(seen == seen.sorted(by: >) && Set(seen).count == seen.count)
    #expect(seen.last == brink.event)
    _ = bench.go(to: .instant(end.0.now))
    #expect(bench.moment == end.0 && bench.digest == end.1)
  }

  @Test("what the index cannot tell apart is searched for: one task, one class, any of several")
  func finer() throws {
    for (pattern, count) in [
      ("server.rx.block", "server.rx.block.count"),
      ("office.frame", "office.frame.count"),
    ] {
      let text = dryLab.replacing(
        "run for 200ms\n", with: "at 0s { print \(count) }\n run for 200ms\n", maxReplacements: 1)
      let bench = try openWorkbench(text)
      _ = bench.type("run for 60ms")
      let value = try #require(bench.type(count).value)
      let end = bench.moment.event
      #expect(bench.last(pattern).note == nil, "\(pattern)")
      #expect(bench.moment.event < end)
      #expect(bench.type(count).value == value, "\(pattern)")
      _ = bench.back()
      #expect(bench.type(count).value != value || bench.moment.isMidInstant, "\(pattern)")
    }
    let bench = try openWorkbench()
    _ = bench.type("run for 60ms")
    for pattern in ["server.pool.*", "server.pool.clusters.exhausted", "office.frame"] {
      let reply = bench.last(pattern)
      #expect(reply.note == nil && reply.lines.count == 1, "\(pattern) \(reply)")
    }
  }

  @Test("a line that changed a value is named")
  func lines() throws {
    let bench = try openWorkbench()
    _ = bench.type("run for 5ms")
    _ = bench.type("n = 1000")
    let event = bench.moment.event
    _ = bench.type("server.tcp.keepidle = 30s; run for 5ms")
    let reply = bench.last("server.tcp.keepidle")
    #expect(
      reply.lines == [
        "server.tcp.keepidle: 2h → 30s",
        "by the line  server.tcp.keepidle = 30s; run for 5ms",
      ])
    #expect(bench.moment.event == event && bench.type("server.tcp.keepidle").value == "30s")
    _ = bench.go(to: .instant(.zero + .milliseconds(10)))
    #expect(bench.last("n >= 1000").lines.last == "by the line  n = 1000")
    #expect(bench.last("server.tcp.keepidle").note != nil)
  }

  @Test("what is no event and no expression, or never came, is refused, and nothing moves")
  func refusals() throws {
    let bench = try openWorkbench()
    _ = bench.type("run for 5ms")
    let here = (bench.moment, bench.digest)
    for text in ["server.pool.nothing", "run for 5s", "n = 5", "", "server.tcp.drop", "1 +", "7"] {
      let reply = bench.last(text)
      #expect(reply.note != nil || reply.isMistake, "\(text)")
      #expect(bench.moment == here.0 && bench.digest == here.1, "\(text)")
    }
    #expect(bench.undo().note == nil && bench.moment == .zero)
  }

  @Test("how often an event came is known to who first asks late")
  func late() throws {
    let early = try openWorkbench(
      dryLab.replacing("var n = 0", with: "var n = 0\n    at 0s { print server.pool.wait.count }"))
    let late = try openWorkbench()
    for bench in [early, late] { _ = bench.type("run for 100ms") }
    let count = try #require(early.type("server.pool.wait.count").value)
    #expect(count != "0" && late.type("server.pool.wait.count").value == count)
  }

  @Test("events that were stepped through have their numbers in the index, as all others")
  func stepped() throws {
    let (stepped, run) = (try openWorkbench(), try openWorkbench())
    for _ in 1...40 { _ = stepped.type("step") }
    _ = run.bench.run(until: Halt(event: 40))
    #expect(stepped.moment.event == 40 && run.moment.event == 40)
    let images = (stepped.bench.context.lastEvents.image, run.bench.context.lastEvents.image)
    let places = images.0.indices.filter { images.0[$0] != images.1[$0] }
    #expect(places.isEmpty, "\(places.map { [$0, Int(images.0[$0]), Int(images.1[$0])] })")
  }

  @Test("what the last event was that nothing had named is not known, and it is said where it was")
  func missed() throws {
    let bench = try openWorkbench()
    #expect(try !openWorkbench().type("office.frame.last").isMistake)
    _ = bench.type("run for 300ms")
    let reply = bench.type("office.frame.last")
    #expect(reply.fault?.code == "N424" && reply.fault?.help?.contains(":last") == true)
    _ = bench.last("office.frame")
    #expect(bench.moment.event > 0)
  }
}
