// Frames as tcpdump would print them.

import Testing
import Wire

@Suite("Frame formatter")
struct FrameFormatterTests {
  private func segment(
    _ flags: TCPFlags, seq: UInt32, ack: UInt32, fromServer: Bool = true,
    options: TCPOptions = TCPOptions(), data: Int = 0
  ) -> [UInt8] {
    let ports: (UInt16, UInt16) = fromServer ? (20, 1_025) : (1_025, 20)
    return Frames.tcp(
      TCPHeader(
        sourcePort: ports.0, destinationPort: ports.1, sequence: SequenceNumber(seq),
        acknowledgment: SequenceNumber(ack), flags: flags, window: 17_520),
      options: options, data: [UInt8](repeating: 0x55, count: data),
      from: fromServer ? Frames.server : Frames.client,
      to: fromServer ? Frames.client : Frames.server)
  }

  private func lines(_ frames: [[UInt8]], absolute: Bool = false) -> [String] {
    var formatter = FrameFormatter(absoluteSequenceNumbers: absolute)
    return frames.map { frame in frame.withUnsafeBytes { formatter.line($0) } }
  }

  @Test("a connection counts from its SYNs")
  func connection() {
    let frames = [
      segment(.syn, seq: 1_000, ack: 0, options: TCPOptions(maximumSegmentSize: 1_460)),
      segment(
        [.syn, .ack], seq: 0xFFFF_FFFF, ack: 1_001, fromServer: false,
        options: TCPOptions(maximumSegmentSize: 1_460)),
      segment(.ack, seq: 1_001, ack: 0),
      segment([.psh, .ack], seq: 1_001, ack: 0, data: 300),
      segment(.ack, seq: 0, ack: 1_301, fromServer: false),
      segment([.fin, .ack], seq: 1_301, ack: 0),
      segment(.rst, seq: 0, ack: 0, fromServer: false),
    ]
    let server = "10.0.1.1.20 > 10.0.1.2.1025: "
    let client = "10.0.1.2.1025 > 10.0.1.1.20: "
    #expect(
      lines(frames) == [
        server + "Flags [S], seq 1000, win 17520, options [mss 1460], length 0",
        client
          + "Flags [S.], seq 4294967295, ack 1001, win 17520, options [mss 1460], length 0",
        server + "Flags [.], ack 1, win 17520, length 0",
        server + "Flags [P.], seq 1:301, ack 1, win 17520, length 300",
        client + "Flags [.], ack 301, win 17520, length 0",
        server + "Flags [F.], seq 301, ack 1, win 17520, length 0",
        client + "Flags [R], seq 1, win 17520, length 0",
      ])
    #expect(
      lines(frames, absolute: true)[3]
        == server + "Flags [P.], seq 1001:1301, ack 0, win 17520, length 300")
  }

  @Test("timestamps and window scale are shown")
  func options() {
    let options = TCPOptions(
      windowScale: 0, timestamps: TCPTimestamps(value: 12, echo: 0))
    let line = lines([segment(.syn, seq: 5, ack: 0, options: options)])[0]
    #expect(line.contains("options [nop,wscale 0,nop,nop,TS val 12 ecr 0], length 0"))
  }

  @Test("SACK is shown as tcpdump shows it: ranges are counted like acknowledgments")
  func sack() {
    var syn = TCPOptions(maximumSegmentSize: 1460, timestamps: TCPTimestamps(value: 12, echo: 0))
    syn.sackPermitted = true
    var late = TCPOptions()
    late.sack.append(TCPSackBlock(SequenceNumber(5_449), SequenceNumber(6_909)))
    late.sack.append(TCPSackBlock(SequenceNumber(2_529), SequenceNumber(3_989)))
    let shown = lines([
      segment(.syn, seq: 1_000, ack: 0, options: syn),
      segment(.ack, seq: 5, ack: 1_001, fromServer: false, options: late),
    ])
    #expect(shown[0].contains("options [mss 1460,sackOK,TS val 12 ecr 0], length 0"))
    #expect(shown[1].contains("options [nop,nop,sack 2 {4449:5909}{1529:2989}], length 0"))
  }

  @Test("datagrams, echoes and ARP have their own forms")
  func others() {
    let hardware = MACAddress(rawValue: 0x0200_0A00_0101)
    let question = ARPPacket(
      operation: ARPOperation.request, senderHardware: hardware, senderProtocol: Frames.server,
      targetHardware: .zero, targetProtocol: Frames.client)
    var answer = question
    answer.operation = ARPOperation.reply
    let echo = ICMPHeader(echo: ICMPType.echoRequest, identifier: 1, sequence: 2)
    #expect(
      lines([
        Frames.udp(1_000, 137, [1, 2, 3], to: IPv4Address(10, 0, 1, 255)),
        Frames.icmp(echo, [UInt8](repeating: 0, count: 56)),
        Frames.arp(question), Frames.arp(answer),
        Frames.ipv4(89, [0, 0]), Frames.ethernet(0x86, [1]),
      ]) == [
        "10.0.1.1.1000 > 10.0.1.255.137: UDP, length 3",
        "10.0.1.1 > 10.0.1.2: ICMP echo request, id 1, seq 2, length 64",
        "ARP, Request who-has 10.0.1.2 tell 10.0.1.1, length 28",
        "ARP, Reply 10.0.1.1 is-at 02:00:0a:00:01:01, length 28",
        "10.0.1.1 > 10.0.1.2: ip-proto-89 2",
        "02:00:0a:00:01:01 > ff:ff:ff:ff:ff:ff, ethertype 0x0086, length 15",
      ])
  }

  @Test("a frame cut at any length, or of any octets, still makes a line")
  func truncation() {
    let whole = segment([.psh, .ack], seq: 1, ack: 1, data: 20)
    for count in 0...whole.count {
      #expect(!lines([Array(whole.prefix(count))])[0].isEmpty)
    }
    var numbers = Numbers(state: 6)
    for _ in 0..<2_000 {
      let header = Array(whole.prefix(14))
      let frame = header + [0x45] + numbers.octets(Int(numbers.next() % 60))
      #expect(!lines([frame])[0].isEmpty)
    }
  }
}
