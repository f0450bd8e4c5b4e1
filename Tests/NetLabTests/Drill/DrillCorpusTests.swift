// The public suites of packetdrill scripts, where PKT_SCRIPTS names a folder of them; and texts
// that are no scripts at all.

import NetScript
import NetStack
import Testing

import struct Foundation.Data
import class Foundation.FileManager
import class Foundation.ProcessInfo
import struct Foundation.URL

@testable import NetLab

@Suite("Drill: whole scripts")
struct DrillCorpusTests {
  static let scripts: [(name: String, octets: [UInt8])] = {
    guard let folder = ProcessInfo.processInfo.environment["PKT_SCRIPTS"],
      let names = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String]
    else { return [] }
    return names.filter { $0.hasSuffix(".pkt") }.sorted().compactMap { name in
      let url = URL(fileURLWithPath: folder).appendingPathComponent(name)
      return (try? Data(contentsOf: url)).map { (name, Array($0)) }
    }
  }()

  private func parse(_ octets: [UInt8], _ name: String = "x.pkt") -> (DrillScript, [Diagnostic]) {
    let file = SourceFile(id: SourceFileID(rawValue: 0), name: name, octets: octets)
    return DrillParser.parse(file, defines: ["FreeBSD"])
  }

  @Test("every script of the suites parses, and nothing in it is unsupported")
  func suites() {
    for (name, octets) in Self.scripts {
      let (script, diagnostics) = parse(octets, name)
      for diagnostic in diagnostics {
        Issue.record("\(name): \(diagnostic.code) \(diagnostic.title)")
      }
      for event in script.events {
        if case .unsupported(let what) = event.action { Issue.record("\(name): \(what)") }
      }
    }
  }

  @Test("a packet that is printed is read as the same packet")
  func roundTrip() throws {
    var packets: Set<String> = []
    for (_, octets) in Self.scripts {
      for event in parse(octets).0.events {
        guard case .packet(let packet) = event.action else { continue }
        let text = packet.text
        guard packets.insert(text).inserted else { continue }
        let (again, diagnostics) = parse(Array(("0 " + text).utf8))
        #expect(diagnostics.isEmpty, "\(text)")
        guard case .packet(let read) = try #require(again.events.first).action else {
          Issue.record("\(text) is no packet")
          continue
        }
        #expect(same(packet, read), "\(text)")
      }
    }
  }

  /// All but the places.
  private func same(_ first: DrillPacket, _ second: DrillPacket) -> Bool {
    guard first.isInbound == second.isInbound, first.ip.ecn == second.ip.ecn,
      first.ip.timeToLive == second.ip.timeToLive,
      first.ip.typeOfService == second.ip.typeOfService, first.ports?.0 == second.ports?.0
    else { return false }
    switch (first.body, second.body) {
    case (.tcp(let one), .tcp(let other)):
      return one.flags == other.flags && one.acknowledgment == other.acknowledgment
        && same(one.sequence, other.sequence) && one.window == other.window
        && one.urgentPointer == other.urgentPointer && one.options == other.options
    case (.icmp(let one), .icmp(let other)):
      guard (one.quoted == nil) == (other.quoted == nil) else { return false }
      if let own = one.quoted, let read = other.quoted, !same(own, read) { return false }
      return one.type == other.type && one.code == other.code && one.mtu == other.mtu
    default: return false
    }
  }

  private func same(_ first: DrillRange, _ second: DrillRange) -> Bool {
    first.start == second.start && first.octets == second.octets && first.isAny == second.isAny
      && first.isAbsolute == second.isAbsolute
  }

  @Test("two thousand texts with octets changed, cut and doubled are refused without a trap")
  func mutations() {
    var seeds = Self.scripts.prefix(20).map { $0.octets }
    seeds.append(Array(Self.sample.utf8))
    var state: UInt64 = 1
    func random(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % max(limit, 1)
    }
    let favourites = Array("<>[](){}`\"\\%#/*+-.:~!,|=0919x\n \u{0}".utf8) + [0xFF, 0xC3]
    for round in 0..<2000 {
      var text = seeds[round % seeds.count]
      if round % 3 == 0 { text = Array(Self.sample.utf8) }
      for _ in 0...random(6) {
        let place = random(text.count)
        let other = random(text.count)
        switch random(5) {
        case 0: text[place] = favourites[random(favourites.count)]
        case 1: text.insert(favourites[random(favourites.count)], at: place)
        case 2: text.remove(at: place)
        case 3: text.removeSubrange(min(place, other)..<min(max(place, other), place + 40))
        default: text.insert(contentsOf: text[place..<min(place + 30, text.count)], at: other)
        }
        if text.isEmpty { text = favourites }
      }
      let (script, diagnostics) = parse(text)
      let renderer = DiagnosticRenderer(files(text))
      for diagnostic in diagnostics { _ = renderer.render(diagnostic) }
      for event in script.events {
        if case .packet(let packet) = event.action { _ = packet.text }
        if case .call(let call) = event.action { _ = call.text }
      }
    }
  }

  private func files(_ text: [UInt8]) -> SourceFiles {
    var files = SourceFiles()
    _ = files.add(name: "x.pkt", octets: text)
    return files
  }

  private static let sample = """
    --mtu=1500
    --define=CC="reno"
    `init`
    0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
    #ifdef FreeBSD
    +0 setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0
    #endif
    +0 < S 0:0(0) win 32792 <mss 1460,sackOK,TS val 0x64 ecr 0,nop,wscale 7>
    * > S. 0:0(0) ack 1 <...>
    +.1~+.2 > [ect0] P. 1:1001(1000) ack 1 win 5 urg 1 <nop,nop,sack 1:2 3:4>
    +0...0.2 read(3, ..., 100) = -1 EAGAIN (Resource temporarily unavailable)
    /* a comment */ +0 < icmp unreachable frag_needed mtu 1200 [1:1001(1000)]
    +0 > udp (100)
    +0 %{ assert tcpi_state == 1 }%
    +0 sendmsg(3, {msg_name(...)=..., msg_iov(1)=[{..., 4}], msg_flags=0}, MSG_A | 4) = "a\\n" "b"
    +0 `command`
    """

  @Test("a text of nothing but brackets does not exhaust the stack")
  func nesting() {
    for bracket in ["[", "{", "f(", "(", "\""] {
      let text = "0 f(" + String(repeating: bracket, count: 20_000)
      #expect(!parse(Array(text.utf8)).1.isEmpty)
    }
  }
}
