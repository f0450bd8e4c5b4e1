// What a run tells: reports, files, limits, and their two forms.

import Foundation
import NetScript
import NetStack
import Testing

@testable import NetLab

@Suite("Output")
struct OutputTests {
  @Test("a report in a loop adds rows to the table of its label")
  func reports() {
    let run = result(
      "",
      run: """
        for i in 1..3 {
            run for 1s
            report i, now, probe.answered as "by second"
        }
        """)
    #expect(run.reports.count == 1)
    #expect(run.reports[0].columns == ["i", "now", "probe.answered"])
    #expect(run.reports[0].rows.map { $0[2].text } == ["5", "10", "15"])
    let lines = TextTable(columns: run.reports[0].columns, rows: run.reports[0].rows).lines
    #expect(lines[0] == "  i  now  probe.answered")
    #expect(lines[3] == "  3   3s              15")
  }

  @Test("one row that is too wide stands on its side")
  func sideways() {
    let cells = [
      Cell(text: "1", number: .int(1)), Cell(text: "2ms", number: .real(2e6), unit: "ns"),
    ]
    let table = TextTable(
      columns: [String(repeating: "a", count: 50), String(repeating: "b", count: 40)],
      rows: [cells])
    #expect(table.lines.count == 2)
    #expect(table.lines[1] == "  " + String(repeating: "b", count: 40) + "            2ms")
  }

  @Test("a table that is too wide is folded: what has no room stands below, aligned")
  func folded() {
    let wide = String(repeating: "b", count: 74)
    let table = TextTable(
      columns: ["a", wide, "n"],
      rows: [
        [Cell(text: "1", number: .int(1)), Cell(text: "x"), Cell(text: "10", number: .int(10))],
        [Cell(text: "22", number: .int(22)), Cell(text: "y"), Cell(text: "9", number: .int(9))],
      ])
    #expect(
      table.lines == [
        "   a  " + wide, "       n", "   1  x", "      10", "  22  y", "       9",
      ])
  }

  @Test("without --out nothing is written and it is said once")
  func noFiles() {
    let run = result("record probe.answered every 1s\ncapture server.eth0 \"a.pcapng\"")
    #expect(run.notes.count == 2)
    #expect(run.notes[1] == "capture: would write a.pcapng (--out DIR)")
  }

  @Test("two statements cannot write into one file, whether files are written or not")
  func twice() {
    let twice = "capture server.eth0 \"a b.pcapng\"\ncapture client.eth0 \"a-b.pcapng\""
    let trial = trial(
      """
      case "twice" {
          lan office { rate = 10Mbps }
          host server { nic eth0 { lan = office } }
          host client { nic eth0 { lan = office } }
          \(twice)
      }
      """)
    #expect(trial.mistakes == ["N204: `a-b.pcapng` would be written twice"])
  }

  @Test("a record stores changes only, in base units with the unit in the column's name")
  func records() throws {
    let sink = MemorySink()
    let run = result(
      "record probe.answered, probe.lost every 100ms as \"answers\"", sink: sink)
    #expect(run.faultText == nil)
    let text = String(decoding: try #require(sink.octets("answers.csv")), as: UTF8.self)
    let lines = text.split(separator: "\n")
    #expect(lines[0] == "time_ns,probe.answered,probe.lost")
    #expect(lines[1] == "0,0,0")
    #expect(lines.count >= 16 && lines.count <= 17)
  }

  @Test("a file's name stays in its folder")
  func names() throws {
    let sink = MemorySink()
    _ = result("record probe.answered every 1s as \"../../etc/x y\"", sink: sink)
    #expect(sink.files.map(\.name) == ["etc-x-y.csv"])
  }

  @Test(
    "tshark reads a capture: no frame malformed, every ping answered",
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/tshark")))
  func capture() throws {
    let sink = MemorySink()
    let run = result(
      "capture server.eth0 \"server.pcapng\"", sink: sink, run: "run for 2900ms")
    #expect(run.faultText == nil)
    let octets = try #require(sink.octets("server.pcapng"))
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("judge-\(ProcessInfo.processInfo.processIdentifier).pcapng")
    try Data(octets).write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    func count(_ filter: String) throws -> Int {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/tshark")
      process.arguments = ["-r", path.path, "-o", "ip.check_checksum:TRUE", "-Y", filter]
      let pipe = Pipe()
      process.standardOutput = pipe
      process.standardError = FileHandle.nullDevice
      try process.run()
      let data = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      return String(decoding: data, as: UTF8.self).split(separator: "\n").count
    }
    #expect(try count("icmp.type == 8") == 15)
    #expect(try count("icmp.type == 0") == 15)
    #expect(try count("arp") >= 2)
    #expect(try count("_ws.malformed || ip.checksum.status == 0 || icmp.checksum.status == 0") == 0)
    #expect(try Int64(count("frame")) == run.packets)
    // Each frame says how the pool stood when it had crossed.
    let comment = "frame.comment matches \"^event [0-9]+; clusters [0-9]+/[0-9]+ free\""
    #expect(try Int64(count(comment)) == run.packets)
  }

  @Test("too much output is a limit, and so are too many events")
  func limits() {
    var limits = RunLimits()
    limits.outputOctets = 100
    let loud = result("every 1ms { print \"0123456789\" }", limits: limits)
    #expect(loud.verdict == .limit)
    #expect(loud.faultText?.hasPrefix("N443") == true)
    #expect(loud.lines.count == 9)
    var few = RunLimits()
    few.events = 10
    let short = result("", run: "run for 1000h", limits: few)
    #expect(short.verdict == .limit && short.events == 11)
  }

  @Test("JSON has the contract's fields, in their order, on one line")
  func json() throws {
    let run = result(
      "expect always probe.lost == 0 as \"none \\\"lost\\\"\"",
      run: "run for 1s\n report now, probe.answered as \"r\"")
    let line = JSONReport.line(
      run, cost: JSONReport.Cost(wallMilliseconds: 1234, cpuMilliseconds: 5))
    #expect(!line.contains("\n"))
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(object["case"] as? String == "ping")
    #expect(object["variant"] is NSNull)
    #expect(object["verdict"] as? String == "pass")
    #expect(object["ended_at_ns"] as? Int == 1_000_000_000)
    #expect(object["wall_s"] as? Double == 1.234)
    let expectations = try #require(object["expectations"] as? [[String: Any]])
    #expect(expectations[0]["as"] as? String == "none \"lost\"")
    #expect(expectations[0]["text"] as? String == "expect always probe.lost == 0")
    let reports = try #require(object["reports"] as? [[String: Any]])
    #expect(reports[0]["columns"] as? [String] == ["now [ns]", "probe.answered"])
    #expect((reports[0]["rows"] as? [[Double]]) == [[1e9, 5]])
    #expect((object["digest"] as? String)?.count == 16)
    let names = [
      "case", "variant", "seed", "params", "verdict", "expectations", "reports", "stalls",
      "output",
      "ended_at_ns", "events", "packets", "digest", "engine", "wall_s", "cpu_s",
    ]
    var place = line.startIndex
    for name in names {
      let found = try #require(line.range(of: "\"\(name)\":", range: place..<line.endIndex))
      place = found.upperBound
    }
  }

  @Test("the text has a header, the lines, the verdicts and the sum")
  func text() {
    let run = result("expect always probe.lost == 0 as \"none lost\"\nat 1s { print \"one\" }")
    let lines = TextReport().lines(run)
    #expect(lines.first == "netsh 0.1 · ping · seed 1")
    #expect(lines[1] == "one")
    #expect(lines.contains("ok       none lost"))
    #expect(lines.last?.hasPrefix("pass · 3s simulated · ") == true)
    for line in lines { #expect(line.count <= 80, "\(line)") }
  }

  @Test("times read as a person would write them")
  func times() {
    #expect(TimeText.text(Instant(nanoseconds: 0)) == "0s")
    #expect(TimeText.text(Instant(nanoseconds: 14_306_000)) == "14.306ms")
    #expect(TimeText.text(Instant(nanoseconds: 526_600_000_000)) == "8min 46.6s")
    #expect(TimeText.text(Instant(nanoseconds: 57_600_000_000_000)) == "16h")
  }
}
