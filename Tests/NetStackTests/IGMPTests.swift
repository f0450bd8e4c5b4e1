// IGMP: RFC 1112 appendix I; igmp_input, igmp_joingroup, igmp_fasttimo of netinet/igmp.c.

import Testing
import Wire

@testable import NetStack

@Suite struct IGMPTests {
  let bench = InternetBench()
  let group = IPv4Address(224, 0, 1, 1)
  let everybody = IPv4Address(224, 0, 0, 1)

  private func join(_ group: IPv4Address) -> Int32 {
    let socket = bench.socket(.datagram)
    bench.enter { #expect($0.joinGroup(socket, group, interface: -1) == nil) }
    return socket
  }

  private func message(_ type: UInt8, _ group: IPv4Address = .any) -> [UInt8] {
    var octets: [UInt8] =
      [type, 0, 0, 0] + (0..<4).map { UInt8(group.rawValue >> (24 - 8 * $0) & 255) }
    let sum = octets.withUnsafeBytes { InternetChecksum.of($0) }
    octets[2] = UInt8(sum >> 8)
    octets[3] = UInt8(sum & 255)
    return octets
  }

  private func hear(_ octets: [UInt8], to destination: IPv4Address) {
    bench.receive(
      Packet.ip(2, octets, from: InternetBench.far, to: destination), to: .ofGroup(destination))
  }

  private var reports: [SentFrame] { bench.sent.filter { $0.ip?.protocolNumber == 2 } }

  @Test("joining reports at once, and once more within ten seconds, to the group, with TTL 1")
  func joining() {
    _ = join(group)
    #expect(reports.count == 1)
    let report = reports.first
    #expect(report?.ip?.destination == group && report?.ip?.timeToLive == 1)
    #expect(report?.ethernet.destination == .ofGroup(group))
    #expect(report.map(\.payload) == message(0x12, group))
    bench.run(for: .seconds(60))
    #expect(reports.count == 2)
    let delay = reports.last.map { $0.at - reports[0].at }
    #expect(delay.map { $0 > .zero && $0 <= .seconds(10) } == true)
    #expect(bench.statistics.igmp.reportsSent == 2)
  }

  @Test("a second member of a group reports nothing, and 224.0.0.1 nobody reports")
  func once() {
    _ = join(group)
    _ = join(group)
    _ = join(everybody)
    bench.run(for: .seconds(60))
    #expect(reports.count == 2)
  }

  @Test("a query is answered once a group, after a delay; a second one meanwhile changes nothing")
  func query() {
    _ = join(group)
    _ = join(IPv4Address(224, 0, 1, 2))
    bench.run(for: .seconds(60))
    let before = reports.count
    hear(message(0x11), to: everybody)
    #expect(reports.count == before)
    bench.run(for: .milliseconds(100))
    hear(message(0x11), to: everybody)
    bench.run(for: .seconds(60))
    #expect(reports.dropFirst(before).compactMap(\.ip?.destination).count == 2)
    #expect(bench.statistics.igmp.queries == 2)
  }

  @Test("a report of somebody else stops our own; one about another group does not")
  func suppression() {
    _ = join(group)
    hear(message(0x12, IPv4Address(224, 0, 0, 1)), to: everybody)
    hear(message(0x12, group), to: group)
    bench.run(for: .seconds(60))
    #expect(reports.count == 1)
    #expect(bench.statistics.igmp.reports == 2 && bench.statistics.igmp.ourReports == 1)
    hear(message(0x11), to: everybody)
    bench.run(for: .seconds(60))
    #expect(reports.count == 2)
  }

  @Test("a report that is due passes to another member when its socket goes, or goes with the last")
  func leaving() {
    let first = join(group)
    let second = join(group)
    bench.enter { _ = $0.soClose(first) }
    bench.run(for: .seconds(60))
    #expect(reports.count == 2)
    hear(message(0x11), to: everybody)
    bench.enter { _ = $0.soClose(second) }
    bench.run(for: .seconds(60))
    #expect(reports.count == 2)
  }

  @Test("what cannot be a message is counted and freed, and raw sockets see the rest")
  func bad() {
    let raw = bench.socket(.raw)
    _ = join(group)
    hear([0x11, 0, 0], to: everybody)
    hear([0x11, 0, 0, 0, 0, 0, 0, 0], to: everybody)
    hear(message(0x11), to: group)
    hear(message(0x12, IPv4Address(10, 0, 0, 9)), to: group)
    let counted = bench.statistics.igmp
    #expect(counted.tooShort == 1 && counted.badSum == 1 && counted.badQueries == 1)
    #expect(counted.badReports == 1 && counted.received == 4)
    #expect(bench.read(raw) == nil)
    hear(message(0x17, group), to: group)
    #expect(bench.read(raw) != nil)
  }
}
