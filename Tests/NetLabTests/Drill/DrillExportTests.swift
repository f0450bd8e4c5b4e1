// Connections of cases as packetdrill scripts: what they say, and that the same stack passes them.

import NetScript
import NetStack
import Testing

@testable import NetLab

/// A run with a witness at one host, and what it makes of a connection.
private struct Exported {
  let bench: Bench
  let script: DrillExport
  var text: String { script.script.text(comments: script.notes) }
  var lines: [String] { text.split(separator: "\n").map { String($0) } }

  init(_ text: String, host: String, connection: Int = 0, seed: UInt64 = 1) throws {
    var options = PlanOptions()
    options.seeds = seed...seed
    let planned = Planner.plan(
      name: "case.ns", octets: Array(text.utf8), loader: TextLoader([:]), options: options)
    bench = Bench(try #require(planned.runs.first))
    bench.witness(host: host)
    try #require(bench.prepare())
    bench.run()
    try #require(connection < bench.witnessedConnections?.count ?? 0)
    script = bench.exportDrill(connection)
  }

  /// Runs it against a host of a profile, compared with everything that packetdrill compares.
  func replay(on profile: String) throws -> DrillOutcome {
    let lab = try #require(DrillLab(profile: profile, refusesRest: true).prepared())
    return try #require(lab.run(name: "exported.pkt", octets: Array(text.utf8))).outcome
  }
}

private func lab(_ profile: String, _ medium: String, _ rest: String) -> String {
  """
  import "std/presets"
  lan wire { rate = 10Mbps; \(medium) }
  host server : presets.\(profile) { nic eth0 { lan = wire } }
  host client : presets.\(profile) { nic eth0 { lan = wire } }
  \(rest)

  """
}

@Suite("Export to packetdrill")
struct DrillExportTests {
  static let bulk = lab(
    "bsd44", "delay = 50us",
    "bulk copy { from = server; to = client; size = 20KB }\nrun for 3s")
  static let call =
    "rpc calls { from = client; to = server; request = 100B; response = 300B }\nrun for 200ms"
  static let request = lab("freebsd", "delay = 50us", call)
  static let short = lab("bsd44", "delay = 50us", call)
  /// The report that this project grew from, in small: 64 clusters, of which the ring has 32.
  static let wedge = """
    import "std/presets"
    lan office { rate = 10Mbps; delay = 50us }
    host server : presets.rtems46 {
        cpu { factor = 6 }
        nic eth0 { lan = office; refill = .wait }
    }
    host client { nic eth0 { lan = office }; tcp { rfc1323 = false } }
    bulk ftp { from = server; to = client; write = 300B; priority = 40; cost = 300us }
    chatter windows { lan = office; rate = 40/s; size = uniform(90B, 600B) }
    run for 9min
    """

  @Test("a bulk transfer passes from both ends", arguments: ["server", "client"])
  func transfer(host: String) throws {
    let exported = try Exported(Self.bulk, host: host)
    #expect(try exported.replay(on: "bsd44").isPassed, "\(exported.text)")
    let hasBlocked = exported.lines.contains { $0.contains("...") && $0.contains(" write(") }
    #expect(hasBlocked == (host == "server"))
  }

  @Test("a request with its answer passes from both ends", arguments: ["server", "client"])
  func request(host: String) throws {
    let exported = try Exported(Self.request, host: host)
    #expect(try exported.replay(on: "freebsd").isPassed, "\(exported.text)")
  }

  @Test(
    "losses, retransmissions and SACK pass", arguments: ["bsd44", "freebsd", "rtems46"],
    ["server", "client"])
  func losses(profile: String, host: String) throws {
    let text = lab(
      profile, "delay = 5ms; fault = fn(_) => if draw(uniform(0, 99)) < 4 then .drop else .pass",
      "bulk copy { from = server; to = client; size = 60KB }\nrun for 60s")
    let exported = try Exported(text, host: host, seed: 2)
    #expect(try exported.replay(on: profile).isPassed, "\(exported.text)")
  }

  @Test("a SYN that the hold of ARP lost was sent all the same")
  func heldByARP() throws {
    let text = lab(
      "freebsd22", "delay = 5ms; fault = fn(_) => if now < 100ms then .drop else .pass",
      "bulk copy { from = server; to = client; size = 10KB }\nrun for 20s")
    let exported = try Exported(text, host: "server")
    let calls = exported.lines.filter { $0.contains(" > S ") }
    #expect(calls.count >= 2, "\(exported.text)")
    #expect(try exported.replay(on: "freebsd22").isPassed, "\(exported.text)")
  }

  @Test("calls of all sorts pass, on either side")
  func calls() throws {
    let text = lab(
      "freebsd22", "delay = 1ms",
      """
      task serve {
          host = server
          fn main() {
              let door = listen(80)
              let c = door.accept()
              c.setsockopt(.nodelay, true)
              c.readline()
              c.write(10B, oob = true)
              c.write(30KB)
              c.shutdown()
              c.read(100B)
              c.close()
          }
      }
      task ask {
          host = client
          fn main() {
              let s = socket(.tcp)
              s.connect(server, 80)
              sleep(20ms)
              s.write("one\\r\\n")
              s.read(1KB, timeout = 500us)
              sleep(400ms)
              var n = s.read(3KB)
              while not failed(n) and n > 0B { n = s.read(3KB); sleep(7ms) }
              s.setsockopt(.nonblock, true)
              s.read(10B)
              s.write(5B)
              s.abort()
          }
      }
      run for 5s
      """)
    for host in ["server", "client"] {
      let exported = try Exported(text, host: host)
      #expect(try exported.replay(on: "freebsd22").isPassed, "\(exported.text)")
    }
  }

  @Test("a wedge passes: what its driver never read never came")
  func wedge() throws {
    let exported = try Exported(Self.wedge, host: "server")
    let outcome = try exported.replay(on: "rtems46")
    #expect(outcome.isPassed, "\(exported.text)")
    #expect(exported.lines.filter { $0.hasSuffix("> . 1:1461(1460) ack 1 win 17520") }.count >= 12)
    #expect(exported.lines.last?.contains("> R.") ?? false, "TCP gives up in the end")
    #expect(exported.script.notes.contains { $0.contains("nobody looked at them") })
    #expect(exported.script.notes.contains { $0.contains("waits for a buffer") })
  }

  @Test("what is exported is what packetdrill reads")
  func grammar() throws {
    for host in ["server", "client"] {
      let text = try Exported(Self.request, host: host).text
      let file = SourceFile(
        id: SourceFileID(rawValue: 0), name: "exported.pkt", octets: Array(text.utf8))
      let (script, mistakes) = DrillParser.parse(file, defines: [])
      #expect(mistakes.isEmpty && script.events.count > 20)
      #expect(script.text() == String(text.drop { $0 != "-" }), "read and written again")
    }
  }

  @Test("the words of a short exchange")
  func words() throws {
    let exported = try Exported(Self.short, host: "server")
    let calls = exported.lines.filter { $0.first?.isNumber == true && !$0.contains("`") }
    #expect(
      calls == [
        "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3",
        "0 bind(3, ..., ...) = 0",
        "0 listen(3, 5) = 0",
        "0...0.000565 accept(3, ..., ...) = 4",
        "0.000334 < S 0:0(0) win 8192 <mss 1460,nop,wscale 0,nop,nop,TS val 0 ecr 0>",
        "0.000334 > S. 0:0(0) ack 1 win 8688 <mss 1460,nop,wscale 0,nop,nop,TS val 0 ecr 0>",
        "0.000565 < . 1:1(0) ack 1 win 8688 <nop,nop,TS val 0 ecr 0>",
        "0.000565...0.100192 read(4, ..., 100) = 100",
        "0.100192 < P. 1:101(100) ack 1 win 8688 <nop,nop,TS val 1 ecr 0>",
        "0.100192 write(4, ..., 300) = 300",
        "0.100192 > P. 1:301(300) ack 101 win 8688 <nop,nop,TS val 1 ecr 1>",
      ])
  }

  @Test("watching changes nothing: the digest is that of a run without a witness")
  func digest() throws {
    let exported = try Exported(Self.bulk, host: "server")
    let plain = trial(Self.bulk).bench
    #expect(exported.bench.result.digestText == plain?.result.digestText)
  }

  @Test("a host without a stack, or of no such name, has no connections to tell of")
  func nobody() throws {
    let planned = Planner.plan(
      name: "case.ns", octets: Array(Self.bulk.utf8), loader: TextLoader([:]),
      options: PlanOptions())
    let bench = Bench(try #require(planned.runs.first))
    bench.witness(host: "nobody")
    try #require(bench.prepare())
    bench.run()
    #expect(bench.witnessedConnections == nil)
    #expect(bench.stackHosts == ["server", "client"])
  }
}
