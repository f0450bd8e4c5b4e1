// Going back: a run from a checkpoint is the run from the start.

import NetScript
import NetStack
import Testing

@testable import NetLab

/// What a reader or another tool could see of a run.
private struct Seen: Equatable {
  var digest: UInt64
  var events: Int64
  var lines: [String]
  var verdicts: [String]
  var rows: [[String]]

  init(_ bench: Bench) {
    let result = bench.result
    digest = result.digest
    events = result.events
    lines = result.lines
    verdicts = result.expectations.map { "\($0.verdict) \($0.at.nanoseconds) \($0.detail)" }
    rows = result.reports.flatMap { $0.rows.map { $0.map(\.text) } }
  }
}

@Suite("Checkpoints")
struct CheckpointTests {
  /// Everything that has state: tasks with variables, closures, growing texts, maps, collectors,
  /// policies, hooks that set fields, expectations, random draws, a `run` in a loop.
  private static let script = """
    policy fair(most = 40) {
        var held = [:]
        on request(r) {
            if r.free == 0 { return if r.may_wait then .wait else .deny }
            return if held.get(r.who, 0) >= most and not r.may_wait then .deny else .grant
        }
        on grant(r)   { held[r.who] = held.get(r.who, 0) + 1 }
        on release(r) { held[r.who] = held.get(r.who, 0) - 1 }
    }
    fn lab() {
        lan office { rate = 10Mbps; delay = 50us }
        host server : presets.rtems46 { cpu { factor = 6 }; nic eth0 { lan = office } }
        host client { nic eth0 { lan = office }
            lock gate
            queue jobs { capacity = 3 }
            var done = []
            task maker { priority = 60; fn main() { var n = 0
                while true { n += 1; jobs.put([n, "job {n}"], timeout = 7ms)
                    sleep(draw(uniform(1ms, 30ms))) } } }
            task taker { fn main() { while true { gate.lock(); let j = jobs.get(); done.push(j[1])
                compute(3ms); gate.unlock() } } }
            task rival { priority = 80; fn main() { while true {
                gate.lock(timeout = 20ms); sleep(10ms); gate.unlock()
                for q in select([jobs], timeout = 5ms).read { q.get(wait = false) } } } }
        }
        bulk ftp { from = server; to = client; write = 1KiB; priority = 40; cost = 300us }
        chatter noise { lan = office; rate = 200/s; size = uniform(90B, 600B) }
        task talker {
            host = client
            var text = ""
            var sizes = ["first": 0B]
            fn main() {
                let s = socket(.udp)
                var turn = 0
                while true {
                    turn += 1
                    let size = draw(uniform(1B, 999B))
                    text = "{text}{turn};"
                    sizes["{turn}"] = size
                    s.sendto(server, 9, size)
                    sleep(draw(exponential(20ms)))
                }
            }
        }
    }
    case "all that has state" {
        lab()
        server.pool.allocator = fair
        let waits = hist()
        var seen = counter()
        let gone = watch(fn() => server.pool.clusters.free < 8)
        on server.pool.grant(e) if e.waited > 0s { waits.add(e.waited) }
        on server.pool.grant(e) { seen[e.who] += 1 }
        every 100ms { print "{now} {len(talker.text)} {len(talker.sizes)} {server.pool.bytes}" }
        when server.pool.clusters.free < 12 { server.tcp.keepidle = 30s; print "{now} low" }
        expect eventually server.tcp.in.count > 30
        expect never wedged(server)
        expect whenever server.pool.clusters.free == 0 then server.pool.clusters.free > 0 within 1s
        for turn in 1..3 {
            run for 300ms
            report turn, ftp.sent, waits.count, gone.total, noise.frames, talker.text
        }
        run until server.tcp.out.count > 400 within 2s
        step 7
        print seen, len(talker.sizes), client.done, client.gate.owner, client.jobs.peak
    }
    """

  private func bench(_ text: String, seed: UInt64 = 1) throws -> Bench {
    let planned = Planner.plan(
      name: "test.ns", octets: Array("import \"std/presets\"\n\(text)".utf8),
      loader: TextLoader([:]), options: PlanOptions())
    try #require(planned.diagnostics.isEmpty, "\(planned.diagnostics.map(\.title))")
    let bench = Bench(planned.runs[0])
    try #require(bench.prepare(), "\(bench.diagnostics.map(\.title))")
    return bench
  }

  @Test("a run that stops on its way is the run that does not")
  func stops() throws {
    let straight = try bench(Self.script)
    straight.run()
    let halting = try bench(Self.script)
    var stop = Instant.zero
    while !halting.run(until: stop) { stop = stop + TimeSpan.milliseconds(37) }
    #expect(Seen(straight) == Seen(halting))
    #expect(straight.result.fault == nil)
    #expect(straight.result.lines.count > 10)
  }

  @Test(
    "what follows a checkpoint follows it again, from any moment and as often as one likes",
    arguments: [0, 1, 299, 300, 777])
  func again(milliseconds: Int64) throws {
    let bench = try bench(Self.script)
    if milliseconds > 0 {
      #expect(!bench.run(until: .zero + TimeSpan.milliseconds(milliseconds)))
    }
    let checkpoint = bench.checkpoint()
    bench.run()
    let first = Seen(bench)
    for _ in 1...2 {
      bench.restore(checkpoint)
      #expect(bench.simulation.now == checkpoint.now)
      bench.run()
      #expect(Seen(bench) == first)
    }
  }

  @Test(
    "a run that halts behind every so many events is the run that does not, from checkpoints too",
    arguments: [1, 250])
  func events(stride: Int64) throws {
    let straight = try bench(Self.script)
    straight.run()
    let halting = try bench(Self.script)
    var event: Int64 = 0
    var turn = 0
    while !halting.run(until: Halt(event: event)) {
      #expect(halting.simulation.events <= event)
      turn += 1
      if stride > 1 || turn % 97 == 0 {
        let checkpoint = halting.checkpoint()
        if turn % 3 == 0 { _ = halting.run(until: Halt(event: event + 31)) }
        halting.restore(checkpoint)
      }
      event += stride
    }
    #expect(Seen(straight) == Seen(halting))
  }

  @Test("`step` stops behind the event itself, and hooks look when its instant is done")
  func exact() throws {
    let bench = try bench(
      """
      case "c" {
          lan office { rate = 10Mbps }
          host a { nic eth0 { lan = office } }
          host b { nic eth0 { lan = office } }
          bulk copy { from = a; to = b; size = 1MB }
          for turn in 1..150 { step }
          print a.tcp.out.count > 0
          step 3 on a.tcp.out
          let before = a.tcp.out.count
          step on a.tcp.out
          print a.tcp.out.count - before
          step 2 on a.pool.*
          run for 1s
          step 5 on a.tcp.rexmt
      }
      """)
    #expect(!bench.run(until: Halt(event: 123)))
    #expect(bench.simulation.events == 123)
    #expect(bench.run(until: Halt()))
    #expect(bench.result.faultText == nil)
    #expect(bench.result.lines == ["true", "1"])
  }

  @Test("a later checkpoint is untouched by what an earlier one starts")
  func branches() throws {
    let bench = try bench(Self.script)
    let start = bench.checkpoint()
    #expect(!bench.run(until: .zero + TimeSpan.milliseconds(500)))
    let middle = bench.checkpoint()
    bench.run()
    let whole = Seen(bench)
    bench.restore(start)
    #expect(!bench.run(until: .zero + TimeSpan.milliseconds(200)))
    bench.restore(middle)
    bench.run()
    #expect(Seen(bench) == whole)
  }

  @Test("what hooks change while no event comes does not reach into a checkpoint")
  func idle() throws {
    let bench = try bench(
      """
      case "c" {
          lan office { rate = 10Mbps }
          host a { nic eth0 { lan = office } }
          host b { nic eth0 { lan = office } }
          var runs = 0
          task waiter { host = b; fn main() { runs += 1; wait(fn() => false) } }
          at 1s { waiter.stop(); b.eth0.up = false; b.tcp.keepidle = 9s; b.eth0.copybreak = 100B }
          at 2s { waiter.start(); b.pool.allocator = .first_come }
          at 3s { print runs, b.eth0.up, b.tcp.keepidle, b.eth0.copybreak }
          run for 4s
      }
      """)
    #expect(!bench.run(until: .zero + TimeSpan.milliseconds(500)))
    let checkpoint = bench.checkpoint()
    bench.run()
    let first = Seen(bench)
    #expect(first.lines == ["2  false  9s  100B"])
    bench.restore(checkpoint)
    bench.run()
    #expect(Seen(bench) == first)
  }

  @Test("a fault after a checkpoint is undone with the rest")
  func fault() throws {
    let bench = try bench(
      """
      case "c" {
          lan office { rate = 10Mbps }
          host a { nic eth0 { lan = office } }
          var n = 0
          every 1s { n += 1; print 6 / (3 - n) }
          run for 10s
      }
      """)
    #expect(!bench.run(until: .zero + TimeSpan.milliseconds(1500)))
    let checkpoint = bench.checkpoint()
    bench.run()
    #expect(bench.result.faultText == "N421: division by zero")
    bench.restore(checkpoint)
    #expect(!bench.run(until: .zero + TimeSpan.milliseconds(2500)))
    #expect(bench.result.lines == ["3", "6"])
  }
}
