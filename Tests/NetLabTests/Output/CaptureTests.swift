// Captures and tcpdump's lines: what they say of each frame, and that tshark reads the same.

import Foundation
import Testing
import Wire

@testable import NetLab

/// tshark's answer for a capture in memory.
private enum Judge {
  static let path = "/usr/bin/tshark"
  static var isThere: Bool { FileManager.default.isExecutableFile(atPath: path) }

  /// A line a frame, a column for each field.
  static func fields(_ names: [String], of octets: [UInt8], filter: String = "") throws
    -> [[String]]
  {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("capture-\(UUID().uuidString).pcapng")
    try Data(octets).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = ["-r", file.path, "-T", "fields", "-E", "separator=|", "-Y", filter]
    for name in names { process.arguments! += ["-e", name] }
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map {
      $0.split(separator: "|", omittingEmptySubsequences: false).map { String($0) }
    }
  }
}

/// A small server that writes to a peer, and hears broadcasts until its ring overflows.
private func run(_ statements: String, sink: MemorySink? = nil, medium: String = "") -> [String] {
  result(
    ofScript: """
      import "std/presets"
      import "std/craft"
      case "capture" {
          lan office { rate = 10Mbps; delay = 50us; \(medium) }
          host server : presets.rtems46 { nic eth0 { lan = office } }
          host client { nic eth0 { lan = office } }
          bulk ftp { from = server; to = client; port = 20; write = 300B }
          chatter windows { lan = office; rate = 200/s }
          \(statements)
          run for 2s
          print server.eth0.rx.overruns, office.lost.count, server.eth0.tx.fails
      }
      """, sink: sink
  ).lines
}

@Suite("Captures")
struct CaptureTests {
  @Test(
    "each frame says which event it was, how the pool stood, and why it went no further",
    .enabled(if: Judge.isThere, "tshark is not installed; scripts/setup installs it"))
  func comments() throws {
    let sink = MemorySink()
    let lines = run("capture server.eth0 \"s.pcapng\"", sink: sink)
    let octets = try #require(sink.octets("s.pcapng"))
    let rows = try Judge.fields(["frame.interface_name", "frame.comment"], of: octets)
    #expect(rows.count > 50 && rows.allSatisfy { $0[0] == "server.eth0" })
    let pattern = #/event \d+; clusters \d+/64 free(, \d wait)?; mbufs \d+/512 free(; .*)?/#
    #expect(rows.allSatisfy { $0[1].wholeMatch(of: pattern) != nil })
    let overruns = rows.count { $0[1].hasSuffix("; dropped: no receive descriptor") }
    #expect(overruns > 0 && lines.last?.hasPrefix("\(overruns)  ") == true)
    let numbers = rows.compactMap { $0[1].split(separator: ";").first?.dropFirst(6) }
      .compactMap { Int($0) }
    #expect(numbers == numbers.sorted(), "events come in order")
  }

  @Test(
    "what the medium loses and what the hardware refuses is there, with its reason",
    .enabled(if: Judge.isThere, "tshark is not installed; scripts/setup installs it"))
  func losses() throws {
    let sink = MemorySink()
    let lines = run(
      """
      office.fault = craft.among(fn(f) => f.src == server, craft.each(5))
          server.eth0.tx.fault = craft.each(7, hit = .fail)
          capture server.eth0 "s.pcapng"
      """, sink: sink)
    let octets = try #require(sink.octets("s.pcapng"))
    let rows = try Judge.fields(["frame.comment"], of: octets)
    let lost = rows.count { $0[0].hasSuffix("; lost: fault") }
    let refused = rows.count { $0[0].hasSuffix("; dropped: the hardware refused it") }
    #expect(lost > 0 && refused > 0)
    #expect(lines.last?.hasSuffix("  \(lost)  \(refused)") == true)
  }

  @Test(
    "a capture of a medium has a block for each interface, and times in nanoseconds",
    .enabled(if: Judge.isThere, "tshark is not installed; scripts/setup installs it"))
  func interfaces() throws {
    let sink = MemorySink()
    _ = run("capture office \"all.pcapng\"", sink: sink)
    let octets = try #require(sink.octets("all.pcapng"))
    let rows = try Judge.fields(
      ["frame.interface_name", "frame.interface_description", "frame.time_epoch", "ip.src"],
      of: octets)
    #expect(Set(rows.map { $0[0] }) == ["server.eth0", "client.eth0", "windows.pcs.eth0"])
    #expect(rows.allSatisfy { $0[1] == "on office" })
    let times = rows.map { $0[2] }
    #expect(times.allSatisfy { $0.split(separator: ".").last?.count == 9 })
    // The propagation lies between a frame's two places.
    #expect(rows.filter { $0[0] == "server.eth0" && $0[3] == "10.0.1.1" }.count > 5)
  }

  @Test(
    "tcpdump's lines have the flags, numbers, windows and lengths that tshark reads",
    .enabled(if: Judge.isThere, "tshark is not installed; scripts/setup installs it"))
  func tcpdump() throws {
    let sink = MemorySink()
    let printed = run(
      """
      tcpdump(server.eth0)
          capture server.eth0 "s.pcapng"
      """, sink: sink)
    let octets = try #require(sink.octets("s.pcapng"))
    let rows = try Judge.fields(
      ["tcp.seq_raw", "tcp.seq", "tcp.ack", "tcp.len", "tcp.window_size_value", "tcp.flags.str"],
      of: octets, filter: "tcp")
    let lines = printed.filter { $0.contains("Flags [") }
    #expect(lines.count == rows.count && rows.count > 10)
    for (line, row) in zip(lines, rows) {
      let (raw, seq, ack, length, window) = (row[0], row[1], row[2], row[3], row[4])
      var wanted: [String] = ["win \(window)", "length \(length)"]
      let isSYN = row[5].contains("S")
      if isSYN {
        wanted.append("seq \(raw)")
      } else if length != "0" {
        wanted.append("seq \(seq):\(Int(seq)! + Int(length)!)")
      }
      if row[5].contains("A") && !isSYN { wanted.append("ack \(ack)") }
      for part in wanted { #expect(line.contains(part), "\(line)") }
    }
    #expect(printed[0].wholeMatch(of: #/0\.\d{9} ARP, Request who-has .*/#) != nil)
  }

  @Test(
    "what a switch's queue or a cut loses later is recorded then, and is no retransmission",
    .enabled(if: Judge.isThere, "tshark is not installed; scripts/setup installs it"))
  func lateLosses() throws {
    let sink = MemorySink()
    let lines = result(
      ofScript: """
        case "late" {
            lan office { rate = 10Mbps; medium = .switched; delay = 1ms; queue { max = 2 } }
            host server { nic eth0 { lan = office } }
            host client { nic eth0 { lan = office } }
            host other { nic eth0 { lan = office } }
            bulk ftp { from = server; to = client; size = 100KB }
            cbr noise { from = other; to = client; rate = 900/s; size = 1400B }
            capture server.eth0 "s.pcapng"
            tcpdump(server.eth0)
            run for 60ms
            office.up = false
            run for 20ms
            office.up = true
            run for 2s
            print server.tcp.stats.retransmits
        }
        """, sink: sink
    ).lines
    let octets = try #require(sink.octets("s.pcapng"))
    let rows = try Judge.fields(["frame.comment", "frame.len", "frame.cap_len"], of: octets)
    let late = rows.filter { $0[2] == "34" }
    let full = late.filter { $0[0].contains("; lost: queue_full: server.1024 > client.20 Flags") }
    #expect(full.contains { $0[1] == "1514" } && full.allSatisfy { $0[2] == "34" })
    #expect(late.contains { $0[0].contains("; lost: down: server.1024 > client.20 Flags [") })
    #expect(rows.contains { $0[0].hasSuffix("; lost: down") && $0[2] != "34" })
    let told = lines.filter { $0.hasSuffix(" (lost: queue_full)") }
    #expect(told.count == full.count)
    let again = try Judge.fields(
      ["frame.number"], of: octets, filter: "tcp.analysis.retransmission")
    #expect(lines.last == "\(again.count)")
  }

  @Test("tcpdump's lines tell of what did not arrive")
  func dumpLosses() {
    let printed = run("office.fault = craft.nth(3)\n    tcpdump(office)")
    #expect(printed.contains { $0.hasSuffix(" (lost: fault)") })
    #expect(printed.contains { $0.contains("UDP, length ") && $0.contains(" IP 10.0.1.3.") })
  }

  @Test("ICMP errors and fragments read as tcpdump has them")
  func others() {
    var formatter = FrameFormatter()
    func line(_ protocolNumber: UInt8, _ payload: [UInt8], offset: Int = 0, more: Bool = false)
      -> String
    {
      var header: [UInt8] = [0x45, 0, 0, UInt8(20 + payload.count), 0, 9]
      let word = UInt16(offset / 8) | (more ? 0x2000 : 0)
      header += [UInt8(word >> 8), UInt8(word & 0xFF), 64, protocolNumber, 0, 0]
      header += [10, 0, 1, 1, 10, 0, 1, 2]
      let frame = [UInt8](repeating: 2, count: 12) + [8, 0] + header + payload
      return frame.withUnsafeBytes { formatter.tcpdump($0) }
    }
    let udp: [UInt8] = [0x10, 0, 0, 9, 0, 16, 0, 0]
    var inner: [UInt8] = [0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 1, 2, 10, 0, 1, 7]
    inner += udp
    let hosts = "IP 10.0.1.1 > 10.0.1.2: "
    #expect(
      line(1, [3, 3, 0, 0, 0, 0, 0, 0] + inner)
        == hosts + "ICMP 10.0.1.7 udp port 9 unreachable, length 36")
    #expect(
      line(1, [3, 4, 0, 0, 0, 0, 5, 0x78] + inner)
        == hosts + "ICMP 10.0.1.7 unreachable - need to frag (mtu 1400), length 36")
    #expect(
      line(1, [11, 0, 0, 0, 0, 0, 0, 0] + inner)
        == hosts + "ICMP time exceeded in-transit, length 36")
    #expect(
      line(17, udp, more: true)
        == "IP 10.0.1.1.4096 > 10.0.1.2.9: UDP, length 8 (frag 9:8@0+)")
    #expect(line(17, udp, offset: 1480) == hosts + "udp (frag 9:8@1480)")
    #expect(line(1, [3]) == hosts + "[truncated ICMP, length 1]")
  }
}
