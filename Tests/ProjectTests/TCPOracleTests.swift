// Two oracles besides our own tests: tshark's analysis of our captures, and the model of Mathis.

import Foundation
import Testing

@Suite("TCP beside tshark and Mathis")
struct TCPOracleTests {
  private static let tshark = ["/usr/bin/tshark", "/usr/local/bin/tshark"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// Runs a case that captures `host.pcapng` and prints counters.
  ///
  /// - Returns: the counters, and how many frames tshark marks with each of `marks`.
  private func analysed(
    _ text: String, set: [String] = [], marks: [String]
  ) throws -> (counters: [Int], marks: [Int]) {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "oracle-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let script = folder.appendingPathComponent("case.ns")
    try text.write(to: script, atomically: true, encoding: .utf8)
    let out = folder.appendingPathComponent("out")
    let options = set.flatMap { ["--set", $0] } + ["--out", out.path]
    let run = try Netsh.run(["run"] + options + [script.path])
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    let line = run.output.split(separator: "\n").first { $0.hasPrefix("counted") } ?? ""
    let counters = line.split(separator: " ").compactMap { Int($0) }
    let files = try FileManager.default.subpathsOfDirectory(atPath: out.path)
    let capture = try #require(files.first { $0.hasSuffix(".pcapng") })
    let path = out.appendingPathComponent(capture).path
    return (counters, try marks.map { try count("tcp.analysis.\($0)", in: path) })
  }

  private func count(_ filter: String, in capture: String) throws -> Int {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Self.tshark))
    process.arguments = ["-r", capture, "-Y", filter, "-T", "fields", "-e", "frame.number"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let octets = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "tshark refused the capture")
    return String(decoding: octets, as: UTF8.self).split(separator: "\n").count
  }

  private func pair(_ rest: String) -> String {
    """
    import "std/craft"
    case "beside tshark" {
        param sack = false
        param recovery = .reno
        lan wire { rate = 10Mbps; delay = 5ms }
        host sender { nic eth0 { lan = wire }; tcp { sack = sack; recovery = recovery } }
        host receiver { nic eth0 { lan = wire }; tcp { sack = sack; recovery = recovery } }
        \(rest)
    }
    """
  }

  @Test(
    "tshark counts as many retransmissions and duplicate ACKs as the sender does",
    .enabled(if: tshark != nil, "tshark is not installed; scripts/setup installs it"),
    arguments: ["recovery=.reno", "recovery=.newreno", "sack=true"])
  func retransmissions(_ rule: String) throws {
    let text = pair(
      """
      bulk flow { from = sender; to = receiver; write = 1460B; size = 1MB }
      receiver.eth0.rx.fault = craft.each(40)
      capture sender.eth0 "sender.pcapng"
      run for 60s
      let counts = sender.tcp.stats
      print "counted {counts.retransmits} {counts.dup_acks}"
      """)
    let seen = try analysed(text, set: [rule], marks: ["retransmission", "duplicate_ack"])
    #expect(seen.counters.count == 2 && seen.counters[0] > 10 && seen.counters[1] > 30)
    #expect(seen.counters == seen.marks)
  }

  @Test(
    "tshark marks the frames behind a gap and the late ones, and BSD's counter counts both",
    .enabled(if: tshark != nil, "tshark is not installed; scripts/setup installs it"))
  func outOfOrder() throws {
    let text = pair(
      """
      bulk flow { from = sender; to = receiver; write = 1460B; size = 300KB }
      sender.eth0.tx.fault = craft.each(30, hit = 300us)
      capture receiver.eth0 "receiver.pcapng"
      run for 60s
      print "counted {receiver.tcp.stats.out_of_order} {sender.tcp.stats.retransmits}"
      """)
    // One frame passes each one that is late. tcps_rcvoopack: tcp_reass takes both.
    let seen = try analysed(text, marks: ["lost_segment", "out_of_order", "retransmission"])
    #expect(seen.counters.count == 2 && seen.counters[0] > 3)
    #expect(seen.counters[0] == seen.marks[0] + seen.marks[1])
    #expect(seen.counters[1] == seen.marks[2])
  }

  @Test(
    "tshark counts as many shut windows and probes of them as the receiver does",
    .enabled(if: tshark != nil, "tshark is not installed; scripts/setup installs it"))
  func zeroWindows() throws {
    let text = pair(
      """
      sink slow { host = receiver; tcp = 99; read = .never }
      task writer {
          host = sender
          fn main() {
              let s = socket(.tcp)
              s.connect(receiver, 99)
              s.write(100KB)
          }
      }
      capture sender.eth0 "sender.pcapng"
      run for 200s
      let counts = receiver.tcp.stats
      print "counted {counts.zero_windows} {counts.window_probes}"
      """)
    let seen = try analysed(text, marks: ["zero_window", "zero_window_probe"])
    #expect(seen.counters.count == 2 && seen.counters[1] > 3)
    #expect(seen.counters == seen.marks)
  }

  @Test("Mathis: throughput at 1 % of loss is within a quarter of the model")
  func mathis() throws {
    let script = Project.root.appendingPathComponent("examples/bench/mathis.ns").path
    let run = try Netsh.run(["run", "--strict", "--seed", "1", script])
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.output.components(separatedBy: "\npass · ").count == 1 + 1)
  }

  @Test(
    "Mathis: the same from 1 % to 0.01 % of loss",
    .enabled(if: ExampleTests.isOptimised, "millions of packets: for the optimised tests"))
  func mathisWhole() throws {
    let script = Project.root.appendingPathComponent("examples/bench/mathis.ns").path
    let run = try Netsh.run(["run", "--strict", "--set", "whole=true", script])
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.output.components(separatedBy: "\npass · ").count == 1 + 5)
  }
}
