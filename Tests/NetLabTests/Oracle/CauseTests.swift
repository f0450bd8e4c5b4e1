// `cause`: the decision that made a wedge inevitable, checked by doing otherwise in another world.

import Foundation
import NetScript
import NetStack
import Testing

@testable import NetLab

@Suite("Causes")
struct CauseTests {
  #if DEBUG
    static let seeds: ClosedRange<UInt64> = 1...4
  #else
    static let seeds: ClosedRange<UInt64> = 1...20
  #endif

  private static let decision = "ftp.writer[1] takes what server.rx waits for"

  private func seedLab(_ statements: String, seed: UInt64 = 1) throws -> Workbench {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../examples/torre-2004").standardized
    let baseline = try String(
      contentsOf: folder.appendingPathComponent("baseline.ns"), encoding: .utf8)
    let text = """
      import "baseline.ns" as torre
      import "std/policies" as policies
      case "seed" { torre.lab(); \(statements) }
      """
    var options = PlanOptions()
    options.seeds = seed...seed
    let opened = Workbench.open(
      name: "seed.ns", octets: Array(text.utf8), loader: TextLoader(["baseline.ns": baseline]),
      options: options)
    return try #require(opened.workbench, "\(opened.diagnostics.map(\.title))")
  }

  private func rows(_ bench: Workbench) throws -> [[String]] {
    let table = try #require(bench.type("cause(server)").table)
    return table.rows.map { row in row.map { $0.text } }
  }

  @Test(
    "the writer's taking of the cluster that rx polls for is named, and both sides are so",
    arguments: seeds)
  func baseline(seed: UInt64) throws {
    let bench = try seedLab("run for 16h", seed: seed)
    _ = bench.type("run until wedged(server) within 5min")
    let rows = try rows(bench)
    #expect(rows.first?[0] == ".decision" && rows.first?[3] == Self.decision)
    let helps = try #require(rows.first { $0[0] == ".helps" })
    let late = try #require(rows.first { $0[0] == ".too_late" && $0[3] == helps[3] })
    #expect(bench.mark("wedge").note == nil)
    for (row, outcome) in [(helps, "false"), (late, "true")] {
      _ = bench.go(toNamed: "wedge")
      let event = try #require(Int64(row[2].filter { $0 != "," }))
      _ = bench.go(to: .event(event))
      #expect(!bench.type(row[3]).isMistake)
      _ = bench.type("run for 3s")
      #expect(bench.type("wedged(server)").value == outcome, "\(row)")
    }
  }

  @Test("it asks for what was typed too, and leaves the world as it was")
  func typed() throws {
    let bench = try seedLab("run for 16h")
    _ = bench.type("run for 10ms")
    _ = bench.type("windows.stop()")
    _ = bench.type("run until wedged(server) within 5min")
    let digest = bench.digest
    let rows = try rows(bench)
    #expect(rows.first?[3] == Self.decision)
    #expect(bench.digest == digest)
    _ = bench.type("run for 1min")
    #expect(try self.rows(bench).map { $0[3] } == rows.map { $0[3] })
  }

  @Test("a script asks it in a hook or at its end, and its run is the same")
  func script() {
    let lab = dryLab.replacing("pause", with: "run for 2s")
    let plain = result(ofScript: lab)
    let asked = result(
      ofScript: lab.replacing(
        "var n = 0",
        with: "var n = 0\nonce when wedged(server) { print \"{cause(server)[0].part}\" }")
    )
    #expect(asked.lines.contains(".decision"))
    #expect(asked.digest == plain.digest && plain.wedged.count == 1)
  }

  @Test("where the connection's end made it inevitable, a link that heals helps until then")
  func deadPeer() throws {
    let bench = try openWorkbench()
    _ = bench.type("import \"std/policies\" as policies")
    _ = bench.type("server.pool.allocator = policies.receiver_first")
    _ = bench.type("run for 100ms")
    _ = bench.type("client.eth0.up = false; windows.stop()")
    _ = bench.type("run until wedged(server) within 20min")
    #expect(bench.type("len(server.tcp.conn)").value == "0")
    let end = bench.moment.now
    let rows = try rows(bench)
    #expect(rows.first?[0] == ".decision", "\(rows)")
    let helps = try #require(rows.first { $0[0] == ".helps" })
    #expect(helps[3] == "client.eth0.up = true", "\(rows)")
    let wedge = try #require(rows.first { $0[0] == ".wedge" })
    // A world that is halted stands before what the event sets going: up to an event later.
    #expect(wedge[1].hasPrefix(TimeText.text(end).dropLast()), "\(rows)")
  }

  @Test("locks taken crosswise have a cause as well: one of the two could have been stopped")
  func locks() throws {
    let text = """
      kind keeper(board: Node) {
          task k { host = board; fn main() { board.a.lock(); sleep(5ms); board.b.lock() } }
      }
      case "crosswise" {
          host board { stack = .none; lock a; lock b }
          keeper one { board = board }
          task two { host = board; fn main() { board.b.lock(); sleep(5ms); board.a.lock() } }
          run for 1s
      }
      """
    let bench = try openWorkbench(text)
    _ = bench.type("run until wedged(board)")
    #expect(bench.type("wedged(board)").value == "true")
    let table = try #require(bench.type("cause(board)").table)
    let parts = [".decision", ".wedge", ".helps", ".too_late"]
    #expect(table.rows.map { $0[0].text } == parts, "\(table.rows)")
  }

  @Test("who is not wedged has no cause")
  func none() throws {
    let bench = try openWorkbench()
    #expect(bench.type("cause(server)").value == "[]")
  }

  @Test("a policy that comes while tasks wait knows of them")
  func late() throws {
    let bench = try seedLab("run for 16h")
    _ = bench.type("run until len(waiters(server.pool)) == 2 within 1s")
    _ = bench.type("server.pool.allocator = policies.receiver_first")
    _ = bench.type("run for 3s")
    #expect(bench.type("wedged(server)").value == "false")
  }
}
