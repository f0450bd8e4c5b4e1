// A world that grows line by line: before time 0, and after `:restart`.

import NetScript
import Testing

@testable import NetLab

@Suite("Structure")
struct StructureTests {
  private func bench() throws -> Workbench {
    try #require(
      Workbench.open(name: "session", octets: [], loader: NoImports()).workbench)
  }

  /// The value of a line, or what was said against it.
  @discardableResult
  private func type(_ text: String, _ bench: Workbench) -> String {
    let reply = bench.type(text)
    let wrong = reply.diagnostics.first?.code ?? reply.fault?.code
    return wrong ?? reply.value ?? reply.lines.joined(separator: "\n")
  }

  private static let lab = """
    lan office { rate = 10Mbps }
    host a { nic eth0 { lan = office } }
    host b { nic eth0 { lan = office } }
    bulk f { from = a; to = b; size = 20KB }
    """

  @Test("what is declared line by line is the world of a script that has these lines")
  func grows() throws {
    let bench = try bench()
    for line in Self.lab.split(separator: "\n") { #expect(type(String(line), bench) == "") }
    #expect(type("run for 1s", bench) == "")
    let script = try #require(
      Workbench.open(
        name: "lab.ns", octets: Array((Self.lab + "\nrun for 1s\n").utf8), loader: NoImports()
      ).workbench)
    #expect(script.goOn().stop == .ended)
    #expect(bench.digest == script.digest && bench.moment.event > 30)
    #expect(bench.moment.event == script.moment.event)
  }

  @Test("a pasted script declares, runs and tells, as one line that one undo takes back")
  func paste() throws {
    let bench = try bench()
    let reply = bench.type(Self.lab + "\nprint 1\nrun for 1s\nprint f.sent\n")
    #expect(reply.lines.count == 2 && reply.lines.first == "1" && !reply.isMistake)
    #expect(bench.moment.event > 30)
    _ = bench.undo()
    #expect(bench.moment == .zero && type("f.sent", bench) == "N202")
  }

  @Test("a declaration that is wrong changes nothing, also when its `run` has begun")
  func wrong() throws {
    let bench = try bench()
    type(Self.lab, bench)
    let digest = bench.digest
    #expect(type("host c { nic eth0 { lan = offic } }", bench) == "N202")
    #expect(type("host c\nrun for 1s\nprint 1 / 0", bench) == "N421")
    #expect(type("c.pool.clusters.total", bench) == "N202")
    #expect(bench.digest == digest && bench.moment == .zero)
  }

  @Test("structure changes before time 0 only; lines typed before a change stand before it")
  func structural() throws {
    let bench = try bench()
    type(Self.lab, bench)
    #expect(type("print 7\nvar n = 4", bench) == "7")
    #expect(type("a.eth0.rx_ring = n * 4", bench) == "" && type("a.eth0.rx_ring", bench) == "16")
    type("run for 1s", bench)
    #expect(type("a.eth0.rx_ring = 8", bench) == "N304" && type("host c", bench) == "N304")
    let (digest, moment) = (bench.digest, bench.moment)
    _ = bench.restart()
    #expect(type("host c", bench) == "" && type("c.pool.clusters.total", bench) == "1024")
    #expect(type("a.eth0.rx_ring", bench) == "16")
    _ = bench.undo()
    _ = bench.undo()
    #expect(bench.digest == digest && bench.moment == moment)
    #expect(type("c.pool.clusters.total", bench) == "N202")
  }

  @Test("kinds, functions and presets of earlier lines serve later declarations")
  func kinds() throws {
    let bench = try bench()
    type("lan office { rate = 10Mbps }", bench)
    type("preset small { pool { mbufs = 64; clusters = 16 } }", bench)
    type("fn half(n) { return n / 2 }", bench)
    #expect(type("host a : small { nic eth0 { lan = office; rx_ring = half(8) } }", bench) == "")
    #expect(type("print a.pool.clusters.total, a.eth0.rx_ring", bench) == "16  4")
  }

  @Test("structure may change beside forks and marks: they come back with the world they are of")
  func forks() throws {
    let bench = try bench()
    type(Self.lab, bench)
    _ = bench.fork("other")
    _ = bench.mark("here")
    let reply = bench.type("host c")
    #expect(
      reply.lines.last
        == "gone until `:undo`, because the world is another: fork `other`, mark `here`")
    #expect(bench.forkNames == ["main"] && bench.markNames.isEmpty)
    _ = bench.undo()
    #expect(bench.forkNames == ["main", "other"] && bench.markNames == ["here"])
    #expect(bench.currentFork == "other")
  }
}
