// `netsh export pkt`: which connection, where to, and what is wrong with a question.

import Foundation
import Testing

@Suite("netsh export")
struct ExportTests {
  static let text = """
    import "std/presets"
    lan wire { rate = 10Mbps }
    host server : presets.freebsd { nic eth0 { lan = wire } }
    host client : presets.freebsd { nic eth0 { lan = wire } }
    rpc calls { from = client; to = server; request = 100B; response = 300B }
    bulk copy { from = client; to = server; port = 20; size = 5KB }
    run for 2s
    """

  @Test("a connection goes into a file that netsh pkt passes")
  func passes() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("case.ns", Self.text + "\n")
    let export = try Netsh.run(
      ["export", "pkt", "case.ns", "--host", "server", "--connection", "2", "-o", "two.pkt"],
      folder: folder.url)
    #expect(export.status == 0 && export.output.isEmpty && export.errors.isEmpty)
    let run = try Netsh.run(["pkt", "two.pkt"], folder: folder.url)
    #expect(run.status == 0, "\(run.output)\(run.errors)")
  }

  @Test("of several connections and hosts one has to be chosen")
  func choice() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("case.ns", Self.text + "\n")
    let hosts = try Netsh.run(["export", "pkt", "case.ns"], folder: folder.url)
    #expect(hosts.status == 2 && hosts.errors.contains("--host chooses one of server, client"))
    let several = try Netsh.run(
      ["export", "pkt", "case.ns", "--host", "server"], folder: folder.url)
    #expect(several.status == 2 && several.errors.contains("--connection or --port chooses one"))
    #expect(several.errors.contains("2  10.0.1.1.80 < 10.0.1.2.1024 from 1s, "))
    let nobody = try Netsh.run(["export", "pkt", "case.ns", "--host", "x"], folder: folder.url)
    #expect(nobody.status == 2 && nobody.errors.contains("there are server, client"))
    let early = try Netsh.run(
      ["export", "pkt", "case.ns", "--host", "server", "--until", "0s"], folder: folder.url)
    #expect(early.status == 2 && early.errors.contains("had no connection"))
  }
}
