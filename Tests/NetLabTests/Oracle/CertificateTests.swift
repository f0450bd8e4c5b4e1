// `why` as a certificate: its evidence is where it says, and what it foretells and advises is so.

import NetScript
import NetStack
import Testing

@testable import NetLab

@Suite("Certificates")
struct CertificateTests {
  /// The small lab where it has come to stand still for good.
  private func wedgedLab(_ settings: String = "") throws -> Workbench {
    let text = dryLab.replacing("var n = 0", with: "var n = 0\n\(settings)")
    let bench = try openWorkbench(text)
    _ = bench.type("run until wedged(server) within 2s")
    #expect(bench.type("wedged(server)").value == "true")
    _ = bench.type("windows.stop()")
    return bench
  }

  private func event(in line: String) throws -> Int64 {
    let digits = try #require(line.split(separator: "#").last).prefix { $0.isNumber || $0 == "," }
    return try #require(Int64(digits.filter { $0 != "," }))
  }

  @Test("the event of a wedge is the one behind which it is true, and was not before")
  func evidence() throws {
    let bench = try openWorkbench()
    _ = bench.type("run until wedged(server) within 2s")
    let lines = bench.type("why server").lines
    let last = try event(in: #require(lines.first { $0.hasPrefix("  all waiting since") }))
    _ = bench.go(to: .event(last - 1))
    #expect(bench.type("wedged(server)").value == "false")
    _ = bench.go(to: .event(last))
    #expect(bench.type("wedged(server)").value == "true")
    let members = lines.filter { $0.contains("   since ") }
    #expect(members.count == 2)
    #expect(try members.map(event).max() == last)
    #expect(members.contains { $0.contains(", at std/apps:") })
  }

  @Test("what would untie a wedge does, and what would not does not")
  func remedies() throws {
    let bench = try wedgedLab()
    let lines = bench.type("why server").lines
    let start = try #require(lines.firstIndex { $0.hasPrefix("  would untie it:") })
    let advice = lines[start...].map { line in
      let text = line.replacing("would untie it:", with: "").replacing("would not:", with: "")
      return text.split(separator: " (at").first.map { $0.trimmingPrefix { $0 == " " } } ?? ""
    }
    #expect(advice.count == 4 && advice.last?.hasPrefix("a link that heals") == true)
    for (place, setting) in advice.dropLast().enumerated() {
      let fork = bench.fork("try\(place)")
      #expect(fork.note == nil)
      #expect(!bench.type(String(setting)).isMistake, "\(setting)")
      _ = bench.type("run for 20min")
      #expect(bench.type("wedged(server)").value == (place == 0 ? "false" : "true"), "\(setting)")
      _ = bench.go(toNamed: "main")
    }
  }

  @Test(
    "the timer that gives a connection up is foretold to the beat",
    arguments: [
      "",
      "server.tcp.keepidle = 30s\nserver.tcp.keepintvl = 10s\nserver.tcp.always_keepalive = true",
    ])
  func foretold(settings: String) throws {
    let bench = try wedgedLab(settings)
    let foretold = bench.type("predict(server)[len(predict(server)) - 2].at")
    let at = try #require(foretold.time)
    let end = "none of these unties it: permanent"
    #expect(bench.type("predict(server)[len(predict(server)) - 1].does").value == end)
    #expect(bench.type("len(server.tcp.conn)").value == "1")
    _ = bench.go(to: .instant(.zero + (at - TimeSpan(nanoseconds: 1))))
    #expect(bench.type("len(server.tcp.conn)").value == "1")
    _ = bench.go(to: .instant(.zero + at + .milliseconds(1)))
    #expect(bench.type("len(server.tcp.conn)").value == "0")
  }

  @Test("a shut window that nobody hears of is given up when it was foretold")
  func persist() throws {
    let text = """
      case "deaf" {
          lan office { rate = 10Mbps; delay = 50us }
          host server { nic eth0 { lan = office } }
          host client { nic eth0 { lan = office } }
          bulk up { from = server; to = client; read = .never; write = 1KiB }
          run for 1h
      }
      """
    let bench = try openWorkbench(text)
    _ = bench.type("run for 30s")
    _ = bench.type("client.eth0.up = false")
    let foretold = bench.type("predict(server)[1]")
    #expect(foretold.value?.contains("persist") == true, "\(foretold.value ?? "")")
    let at = try #require(bench.type("predict(server)[1].at").time)
    _ = bench.go(to: .instant(.zero + (at - TimeSpan(nanoseconds: 1))))
    #expect(bench.type("len(server.tcp.conn)").value == "1")
    _ = bench.go(to: .instant(.zero + at + .milliseconds(1)))
    #expect(bench.type("len(server.tcp.conn)").value == "0")
  }

  @Test("who is not wedged is told with what it waits for and what comes next")
  func waiting() throws {
    let bench = try openWorkbench()
    _ = bench.type("run for 40ms")
    let lines = bench.type("why client").lines
    #expect(lines.first == "client: not wedged")
    #expect(lines.contains { $0.contains("ftp.end.app") && $0.contains("select") })
    #expect(lines.contains { $0.contains("since ") } && lines.last == "  idle: ntwk, rx, tx")
    let sleeper = bench.type("why windows").lines
    #expect(
      sleeper.contains { $0.contains("sleeps") } && sleeper.contains { $0.contains("until ") })
  }

  @Test("a run that ends wedged says who waits and who has it, in a few lines")
  func end() {
    let run = result(ofScript: dryLab.replacing("pause", with: "run for 2s"))
    #expect(run.wedged.map { $0.host } == ["server"])
    #expect(run.wedged.allSatisfy { $0.lines.count <= 8 })
    #expect(TextReport().lines(run).contains("server at the end:"))
    #expect(JSONReport.line(run).contains("\"wedged\":[{"))
  }

  @Test("what a failure has said is not said again at the end")
  func once() {
    let text = dryLab.replacing("pause", with: "expect never wedged(server)\nrun for 2s")
    let lines = TextReport().lines(result(ofScript: text))
    #expect(lines.contains("server at the end: the same"))
    #expect(lines.count { $0.contains("WEDGED: a knot") } == 1, "\(lines)")
  }
}
