// Captures: the octets of a small one, and what tshark makes of a larger one.

import Foundation
import Testing
import Wire

@Suite("pcapng")
struct PcapngTests {
  @Test("a section, an interface and a frame are laid out as the draft has them")
  func layout() {
    var writer = PcapngWriter(application: "netsh")
    #expect(writer.addInterface(name: "eth0") == 0)
    octets("010203").withUnsafeBytes {
      writer.add($0, nanoseconds: 0x1_0000_0002, interface: 0, comment: "hi")
    }
    let section = octets(
      "0a0d0d0a 2c000000 4d3c2b1a 0100 0000 ffffffffffffffff 0400 0500 6e65747368 000000"
        + "00000000 2c000000")
    let interface = octets(
      "01000000 28000000 0100 0000 00000000 0200 0400 65746830 0900 0100 09 000000"
        + "00000000 28000000")
    let frame = octets(
      "06000000 30000000 00000000 01000000 02000000 03000000 03000000 010203 00"
        + "0100 0200 6869 0000 00000000 30000000")
    #expect(writer.octets == section + interface + frame)
    #expect(writer.take() == section + interface + frame)
    #expect(writer.octets.isEmpty && writer.interfaceCount == 1)
  }

  @Test("every length of frame ends its block on a multiple of four")
  func padding() {
    var writer = PcapngWriter(application: "")
    let interface = writer.addInterface(name: "")
    for count in 0...70 {
      [UInt8](repeating: 1, count: count).withUnsafeBytes {
        writer.add($0, nanoseconds: 0, interface: interface)
      }
      #expect(writer.take().count.isMultiple(of: 4))
    }
  }

  @Test(
    "tshark reads a capture, finds every checksum good and nothing malformed",
    .enabled(if: Tshark.path != nil, "tshark is not installed; scripts/setup installs it"))
  func tshark() throws {
    let tcp = TCPHeader(
      sourcePort: 20, destinationPort: 1_025, sequence: SequenceNumber(1_000),
      acknowledgment: SequenceNumber(0), flags: .syn, window: 17_520)
    let frames = [
      Frames.arp(
        ARPPacket(
          operation: ARPOperation.request, senderHardware: MACAddress(rawValue: 0x0200_0A00_0101),
          senderProtocol: Frames.server, targetHardware: .zero, targetProtocol: Frames.client)),
      Frames.tcp(
        tcp,
        options: TCPOptions(
          maximumSegmentSize: 1_460, windowScale: 0, timestamps: TCPTimestamps(value: 1, echo: 0))),
      Frames.udp(1_000, 9_999, [1, 2, 3]),
      Frames.icmp(
        ICMPHeader(echo: ICMPType.echoRequest, identifier: 1, sequence: 2), [4, 5, 6, 7, 8]),
    ]
    var writer = PcapngWriter(application: "netsh")
    let interface = writer.addInterface(name: "server.eth0")
    for (index, frame) in frames.enumerated() {
      frame.withUnsafeBytes {
        writer.add($0, nanoseconds: UInt64(index) * 1_500_000_001, interface: interface)
      }
    }
    let lines = try Tshark.fields(
      of: writer.octets,
      [
        "frame.time_epoch", "frame.interface_name", "frame.len", "ip.checksum.status",
        "tcp.checksum.status", "udp.checksum.status", "icmp.checksum.status", "tcp.options.mss_val",
        "_ws.malformed",
      ])
    #expect(
      lines == [
        "0.000000000|server.eth0|42||||||", "1.500000001|server.eth0|74|1|1|||1460|",
        "3.000000002|server.eth0|45|1||1|||", "4.500000003|server.eth0|47|1|||1||",
      ])
  }
}

/// Runs the tshark of this machine.
enum Tshark {
  static let path: String? = ["/usr/bin/tshark", "/usr/local/bin/tshark"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// One line per frame, its fields with bars between.
  static func fields(of capture: [UInt8], _ names: [String]) throws -> [String] {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("netscript-\(UUID().uuidString).pcapng")
    try Data(capture).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(path))
    process.arguments =
      [
        "-n", "-r", file.path, "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
        "-o", "udp.check_checksum:TRUE", "-T", "fields", "-E", "separator=|",
      ] + names.flatMap { ["-e", $0] }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "tshark refused the capture")
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
