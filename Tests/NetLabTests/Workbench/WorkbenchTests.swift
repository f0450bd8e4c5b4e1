// Somebody in front of the bench: what is typed, taken back, done again.

import NetScript
import NetStack
import Testing

@testable import NetLab

/// A small pool that runs dry, with all that has state around it.
let dryLab = """
  import "std/presets"
  import "std/policies" as policies
  case "dry" {
      lan office { rate = 10Mbps; delay = 50us }
      host server : presets.rtems46 {
          cpu { factor = 6 }
          pool { clusters = 40; mbufs = 400 }
          nic eth0 { lan = office; rx_ring = 24; tx_ring = 24; refill = .wait }
      }
      host client { nic eth0 { lan = office } }
      bulk ftp { from = server; to = client; write = 300B; priority = 40; cost = 300us }
      chatter windows { lan = office; rate = 400/s }
      var n = 0
      let gone = watch(fn() => server.pool.clusters.free == 0)
      on server.pool.wait(e) { n += 1 }
      run for 200ms
      print "half way {n}"
      pause
      run for 200ms
      print "end {n}"
  }
  """

func openWorkbench(_ text: String = dryLab, seed: UInt64 = 1) throws -> Workbench {
  var options = PlanOptions()
  options.seeds = seed...seed
  let opened = Workbench.open(
    name: "dry.ns", octets: Array(text.utf8), loader: TextLoader([:]), options: options)
  return try #require(opened.workbench, "\(opened.diagnostics.map(\.title))")
}

@Suite("Workbench")
struct WorkbenchTests {
  @Test("it stands at time 0, before the file's first `run`, and lines happen there")
  func opens() throws {
    let bench = try openWorkbench()
    #expect(bench.moment == .zero && bench.canGoOn)
    #expect(bench.type("server.pool.clusters.total").value == "40")
    #expect(bench.type("print \"n is {n}\"").lines == ["n is 0"])
    #expect(bench.type("run for 5ms").stop == .done)
    #expect(bench.moment.now == .zero + .milliseconds(5))
    #expect(bench.type("now").value == "5ms")
    #expect(bench.type("[len(server.tcp.conn), len(ftp.writer)]").value == "[1, 1]")
    #expect(bench.type("len(server)").fault?.code == "N422")
  }

  @Test("a wrong line changes nothing, wherever it is wrong")
  func mistakes() throws {
    let bench = try openWorkbench()
    _ = bench.type("run for 5ms")
    let digest = bench.digest
    for (line, code) in [
      ("run for", "N108"), ("server.pool.clusters.fre", "N202"), ("n = 5; n = 1 / 0", "N421"),
      ("n = 7; server.nothing = 3", "N202"), ("host more { }", "N304"),
    ] {
      let reply = bench.type(line)
      let found = reply.diagnostics.map(\.code) + (reply.fault.map { [$0.code] } ?? [])
      #expect(reply.isMistake && found.first?.first == "N", "\(line) \(code) \(found)")
      #expect(bench.type("n").value == "0", "\(line)")
    }
    #expect(bench.digest == digest && bench.moment.now == .zero + .milliseconds(5))
    #expect(bench.journal.entries.count == 1)
  }

  @Test("the file goes on to its `pause`, then to its end; that is the run without anybody")
  func goesOn() throws {
    let bench = try openWorkbench()
    let first = bench.goOn()
    #expect(first.stop == .halted && first.lines.first?.hasPrefix("half way") == true)
    #expect(bench.moment.now == .zero + .milliseconds(200))
    let second = bench.goOn()
    #expect(second.stop == .ended)
    #expect(!bench.canGoOn)
    let straight = result(ofScript: dryLab)
    #expect(straight.digest == bench.digest && straight.events == bench.moment.event)
    let told = (first.lines + second.lines).filter { !$0.hasPrefix("wedged") }
    #expect(straight.lines.filter { !$0.hasPrefix("pause") } == told)
  }

  @Test("back and forth to any event is the same moment, and what is done there starts anew")
  func travels() throws {
    let bench = try openWorkbench()
    _ = bench.type("run for 30ms")
    let end = (bench.moment, bench.digest)
    var digests: [Int64: UInt64] = [:]
    for event in [Int64](stride(from: 1, to: end.0.event, by: 37)).reversed() {
      _ = bench.go(to: .event(event))
      #expect(bench.moment.event == event)
      digests[event] = bench.digest
    }
    for (event, digest) in digests.sorted(by: { $0.key < $1.key }) {
      _ = bench.go(to: .event(event))
      #expect(bench.digest == digest, "\(event)")
    }
    _ = bench.go(to: .instant(end.0.now))
    #expect(bench.moment == end.0 && bench.digest == end.1)
    _ = bench.type("let seen = server.pool.clusters.free")
    _ = bench.back(10)
    #expect(bench.moment.event == end.0.event - 10)
    _ = bench.type("step 10")
    #expect(bench.digest == end.1)
    _ = bench.go(to: .instant(.zero + .milliseconds(150)))
    #expect(bench.moment.now == .zero + .milliseconds(150))
  }

  @Test("names of lines come and go with the moments")
  func names() throws {
    let bench = try openWorkbench()
    _ = bench.type("step 10")
    _ = bench.type("let mine = 3")
    _ = bench.type("step 10")
    #expect(bench.type("mine").value == "3")
    _ = bench.back(15)
    #expect(bench.type("mine").isMistake)
    _ = bench.go(to: .event(15))
    #expect(bench.type("mine").value == "3")
  }

  @Test("undo takes back what moved or changed the world, one by one")
  func undoes() throws {
    let bench = try openWorkbench()
    func state() -> String { "\(bench.moment) \(bench.digest) \(bench.type("n").value ?? "")" }
    var states: [String] = []
    for line in ["step 200", "n = 50", "run for 10ms", "let x = 1", "step 3 on office.frame"] {
      states.append(state())
      #expect(!bench.type(line).isMistake, "\(line)")
    }
    states.append(state())
    _ = bench.back(50)
    for expected in states.reversed() {
      #expect(bench.undo().note == nil)
      #expect(state() == expected)
    }
    #expect(bench.undo().note != nil && bench.moment == .zero)
  }

  @Test("two futures from one mark: the policy of one saves it, the other is as it was")
  func branches() throws {
    let bench = try openWorkbench()
    _ = bench.type("run until server.pool.clusters.free == 0 within 5min")
    _ = bench.mark("brink")
    _ = bench.type("run for 3s")
    #expect(bench.type("wedged(server)").value == "true")
    let dry = bench.digest
    _ = bench.mark("dry")
    _ = bench.go(toPlace: "brink")
    #expect(!bench.type("server.pool.allocator = policies.receiver_first").isMistake)
    _ = bench.type("run for 3s")
    #expect(bench.type("wedged(server)").value == "false")
    #expect(bench.digest != dry)
    _ = bench.go(toPlace: "dry")
    #expect(bench.digest == dry && bench.type("wedged(server)").value == "true")
    #expect(bench.go(toPlace: "brinc").note?.contains("brink") == true)
  }

  @Test("a hook that faults leaves the world at that event, and one can go back from there")
  func faults() throws {
    let bench = try openWorkbench()
    _ = bench.type("var left = 3; on server.pool.wait { left -= 1; print 6 / left }")
    let reply = bench.type("run for 1s")
    #expect(reply.fault?.code == "N421")
    let event = bench.moment.event
    #expect(event > 0 && bench.moment.now < .zero + .seconds(1))
    _ = bench.back()
    #expect(bench.moment.event == event - 1)
    #expect(bench.type("server.pool.clusters.total").value == "40")
  }
}
