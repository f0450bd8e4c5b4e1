// `:plot live`: charts that grow while the world runs, and change nothing of it.

import NetScript
import NetStack
import Testing

@testable import NetLab

@Suite("Live plots")
struct LivePlotTests {
  /// Draws each picture it is offered.
  private final class Onlooker: Audience {
    var pictures: [[String]] = []
    func hear(_ told: Told) {}
    func see(_ draw: () -> [String]) { pictures.append(draw()) }
  }

  @Test("a live plot draws while time passes and at the end; the digest is that without it")
  func draws() throws {
    let (bench, plain) = (try openWorkbench(), try openWorkbench())
    let onlooker = Onlooker()
    bench.audience = onlooker
    #expect(bench.plot("live server.pool.clusters.free, ftp.sent").note == nil)
    for line in ["run for 50ms", "run until server.pool.clusters.free == 0 within 5min", "step 7"] {
      let reply = bench.type(line)
      #expect(reply.lines.first == "  server.pool.clusters.free" && reply.lines.count == 18)
      _ = plain.type(line)
      #expect(bench.digest == plain.digest && bench.moment == plain.moment, "\(line)")
    }
    #expect(onlooker.pictures.count > 10 && onlooker.pictures.allSatisfy { $0.count == 18 })
    // What is not known to let time pass draws nothing.
    #expect(bench.type("print 1").lines == [] && bench.type("n").lines == [])
    bench.audience = nil
  }

  @Test("it shows what `:plot` shows, as finely as it was sampled")
  func same() throws {
    let bench = try openWorkbench()
    _ = bench.plot("live server.pool.clusters.free")
    let live = bench.type("run for 60ms").lines.suffix(9)
    let whole = bench.plot("server.pool.clusters.free").lines
    #expect(live.count == whole.count)
    #expect(live.first == whole.first && live.suffix(2) == whole.suffix(2))
    // Begun late, it knows what was.
    #expect(bench.plot("live server.pool.clusters.free").lines == whole)
  }

  @Test("of another future nothing stays in the picture")
  func futures() throws {
    let bench = try openWorkbench()
    _ = bench.plot("live now -> ms")
    _ = bench.type("run for 20ms")
    _ = bench.type("run for 20ms")
    let times = { bench.bench.lookout.live?.series[0].times ?? [] }
    #expect(times().last == 40_000_000)
    _ = bench.go(to: .instant(.zero + .milliseconds(30)))
    _ = bench.type("run for 5ms")
    #expect(times().last == 35_000_000 && times() == times().sorted() && times().count > 50)
    _ = bench.restart()
    _ = bench.type("run for 1ms")
    #expect(times().allSatisfy { $0 <= 1_000_000 })
  }

  @Test("there are never more samples than a picture can show, however long it runs")
  func thin() throws {
    let bench = try openWorkbench()
    _ = bench.plot("live server.pool.clusters.free")
    for _ in 1...5 {
      _ = bench.type("run for 2s")
      #expect((bench.bench.lookout.live?.origins.count ?? 0) <= LivePlot.limit)
    }
    #expect(bench.plot("off").lines.count == 1 && bench.type("run for 1ms").lines.isEmpty)
  }
}
