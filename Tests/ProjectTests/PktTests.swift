// `netsh pkt`: packetdrill scripts, what is told of each, and what the exit status says.

import Foundation
import Testing

@Suite("Packetdrill scripts on the command line")
struct PktTests {
  private static let handshake = """
    0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
    +0 bind(3, ..., ...) = 0
    +0 listen(3, 1) = 0
    +0 < S 0:0(0) win 65535 <mss 1460>
    +0 > S. 0:0(0) ack 1 <...>
    +0.01 < . 1:1(0) ack 1 win 65535
    +0 accept(3, ..., ...) = 4
    +0 write(4, ..., 1000) = 1000

    """
  private static let passing = handshake + "+0 > P. 1:1001(1000) ack 1\n"
  private static let failing = handshake + "+0 > P. 1:1001(1000) ack 2\n"
  /// Its options are another system's.
  private static let relaxed = handshake + "+0 > P. 1:1001(1000) ack 1 <nop,nop,nop,nop>\n"
  private static let unsupported = "0 < udp (100)\n"
  private static let broken = "0 close(3)\n"

  private func folder(_ scripts: (name: String, text: String)...) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for script in scripts { _ = try folder.write(script.name, script.text) }
    return folder
  }

  @Test("what passes, passes relaxed, fails and cannot be run is counted apart")
  func counts() throws {
    let folder = try folder(
      ("a.pkt", Self.passing), ("b.pkt", Self.failing), ("c.pkt", Self.relaxed),
      ("d.pkt", Self.unsupported), ("e.txt", Self.failing))
    let run = try Netsh.run(["pkt", "-q", folder.url.path])
    #expect(run.status == 1, "\(run.errors)")
    #expect(
      run.output == """
        1 passed strict, 1 relaxed(options), 1 failed, 1 unsupported (UDP packets: 1)

        """)
  }

  @Test("a failure shows the line, both packets, the field, what was before and how to go on")
  func failure() throws {
    let folder = try folder(("b.pkt", Self.failing))
    let run = try Netsh.run(["pkt", folder.path("b.pkt")])
    #expect(run.status == 1)
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(lines.contains("  9 | +0 > P. 1:1001(1000) ack 2"), "\(run.output)")
    #expect(lines.contains("    expected  > P. 1:1001(1000) ack 2"))
    let actual = try #require(lines.firstIndex { $0.hasPrefix("    actual    > P. 1:1001(1000)") })
    #expect(lines[actual + 1] == "                                ^^^^^")
    #expect(lines.contains { $0.hasSuffix("  < . 1:1(0) ack 1 win 65535") })
    #expect(lines.contains { $0.contains("ESTABLISHED snd_una 1 snd_nxt 1001") })
    #expect(lines.contains("    netsh pkt -i \(folder.path("b.pkt"))"))
  }

  @Test("a relaxed pass is a failure, unless that much was asked for")
  func strictness() throws {
    let folder = try folder(("c.pkt", Self.relaxed))
    let strict = try Netsh.run(["pkt", folder.path("c.pkt")])
    #expect(strict.status == 1)
    #expect(strict.output.hasPrefix("RELAXED"), "\(strict.output)")
    for level in ["options", "window"] {
      #expect(try Netsh.run(["pkt", "--strictness", level, folder.path("c.pkt")]).status == 0)
    }
    #expect(
      try Netsh.run(["pkt", "--strictness", "syn-options", folder.path("c.pkt")]).status == 1)
  }

  @Test("a script with a mistake is shown as every diagnostic is, and costs the others nothing")
  func mistakes() throws {
    let folder = try folder(("a.pkt", Self.passing), ("e.pkt", Self.broken))
    let run = try Netsh.run(["pkt", folder.url.path])
    #expect(run.status == 3)
    #expect(run.errors.hasPrefix("error N512: a call without its result"), "\(run.errors)")
    #expect(run.output == "1 passed strict, 0 failed, 1 broken, 0 unsupported\n")
  }

  @Test("a list tells what is known not to pass, and why")
  func exceptions() throws {
    let folder = try folder(
      ("a.pkt", Self.passing), ("b.pkt", Self.failing), ("d.pkt", Self.unsupported),
      ("list", "# a list\nb.pkt  acknowledges what was never sent\nd.pkt  UDP\na.pkt  old\n"))
    let run = try Netsh.run(["pkt", folder.url.path, "--known", folder.path("list")])
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.output.contains("known: acknowledges what was never sent\n"))
    #expect(
      run.output.hasSuffix(
        """
        1 passed strict, 0 failed, 1 failed as known, 1 unsupported (UDP packets: 1), 1
        known to fail and passed

        """), "\(run.output)")
    let short = try folder.write("short", "b.pkt\n")
    let wrong = try Netsh.run(["pkt", folder.url.path, "--known", short])
    #expect(wrong.status == 2 && wrong.errors.contains("a path without a reason"))
  }

  private struct Line: Decodable {
    var file: String
    var verdict: String
    var strictness: String?
    var line: Int?
    var field: String?
    var expected: String?
  }

  @Test("--json has one object for each script")
  func json() throws {
    let folder = try folder(
      ("a.pkt", Self.passing), ("b.pkt", Self.failing), ("c.pkt", Self.relaxed),
      ("d.pkt", Self.unsupported), ("e.pkt", Self.broken))
    let run = try Netsh.run(["pkt", "--json", folder.url.path])
    let lines = try run.output.split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
    #expect(lines.map(\.verdict) == ["passed", "failed", "relaxed", "unsupported", "error"])
    #expect(lines.map(\.line) == [nil, 9, 9, 1, 1])
    #expect(lines[1].field == "acknowledgment" && lines[2].strictness == "options")
  }

  @Test("packets that no line expects fail when that is asked for")
  func trailing() throws {
    let folder = try folder(("a.pkt", Self.handshake))
    #expect(try Netsh.run(["pkt", folder.path("a.pkt")]).status == 0)
    let run = try Netsh.run(["pkt", "--trailing", folder.path("a.pkt")])
    #expect(run.status == 1 && run.output.contains("P. 1:1001(1000)"), "\(run.output)")
  }

  @Test("every phase of the clocks has to let a script pass")
  func phases() throws {
    let folder = try folder(("a.pkt", Self.passing), ("b.pkt", Self.failing))
    let phases = ["--phase", "0,50,137,499"]
    #expect(try Netsh.run(["pkt", folder.path("a.pkt")] + phases).status == 0)
    #expect(try Netsh.run(["pkt", folder.path("b.pkt")] + phases).status == 1)
    #expect(try Netsh.run(["pkt", folder.path("b.pkt"), "--phase", "0,x"]).status == 2)
  }

  @Test("`#ifdef` follows the profile, or --define in its place")
  func defines() throws {
    let text = """
      0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
      #ifdef STANDARD
      +0 close(3) = -1 EBADF (Bad file descriptor)
      #endif
      #ifdef Linux
      +0 close(4) = 0
      #endif
      """
    let folder = try folder(("a.pkt", text))
    let path = folder.path("a.pkt")
    #expect(try Netsh.run(["pkt", path]).status == 0)
    #expect(try Netsh.run(["pkt", path, "--profile", "linux"]).status == 1)
    #expect(try Netsh.run(["pkt", path, "--define", "STANDARD"]).status == 1)
    #expect(try Netsh.run(["pkt", path, "--define", "1 }"]).status == 2)
  }

  @Test("--pcapng writes what happened, -i stops where it fails")
  func looks() throws {
    let folder = try folder(("b.pkt", Self.failing))
    let file = folder.path("b.pcapng")
    #expect(try Netsh.run(["pkt", folder.path("b.pkt"), "--pcapng", file]).status == 1)
    let octets = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
    #expect(octets.starts(with: [0x0A, 0x0D, 0x0D, 0x0A]) && octets.count > 500)
    let run = try Netsh.run(
      ["pkt", "-i", folder.path("b.pkt")], input: ":continue\nprint(script.line)\n")
    #expect(run.output.contains("FAIL") && run.output.hasSuffix("9\n"), "\(run.output)")
  }

  @Test("a mutant of what is expected is caught; of a window that is not compared there is none")
  func mutants() throws {
    let more = """
      +0 getsockopt(4, SOL_SOCKET, SO_ERROR, [0], [4]) = 0
      +0.1 < . 1:1(0) ack 1001 win 65535
      +0 read(4, ..., 10) = -1 EAGAIN (Resource temporarily unavailable)
      """
    let options = "+0 fcntl(4, F_SETFL, O_RDWR | O_NONBLOCK) = 0\n"
    let folder = try folder(
      ("a.pkt", Self.passing + options + more), ("b.pkt", Self.failing))
    let run = try Netsh.run(["pkt", folder.url.path, "--mutants", "100", "--seed", "3"])
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.output == "100 of 100 mutants of 1 script caught, 100.0 %; 0 survived\n")
    let again = try Netsh.run(["pkt", folder.path("b.pkt"), "--mutants", "5"])
    #expect(again.status == 2 && again.errors.contains("no script passes"))
  }

  @Test("a mutant that survives is shown as it was and as it is, and may be known")
  func survivors() throws {
    let folder = try folder(("a.pkt", Self.passing))
    let words = ["pkt", folder.path("a.pkt"), "--mutants", "40", "--sent"]
    let run = try Netsh.run(words)
    #expect(run.status == 1)
    let lines = run.output.split(separator: "\n").map(String.init)
    let first = try #require(lines.firstIndex { $0.hasPrefix("SURVIVED ") })
    #expect(lines[first + 1].hasPrefix("    was  +") && lines[first + 2].hasPrefix("    now  +"))
    let list = try folder.write("list", (1...12).map { "a.pkt:\($0) nobody looks\n" }.joined())
    #expect(try Netsh.run(words + ["--known", list]).status == 0)
  }

  @Test("what cannot be meant is refused before anything runs")
  func usage() throws {
    let folder = try folder(("a.pkt", Self.passing), ("b.pkt", Self.passing))
    let empty = try TemporaryFolder()
    let wrong = [
      ["--profile", "freebds"], ["--strictness", "loose"], ["--phase", "-1"], ["-i"],
      ["--pcapng", "x"], ["--known", "/nowhere"], ["--mutants", "0"],
    ]
    for words in wrong {
      let run = try Netsh.run(["pkt", folder.url.path] + words)
      #expect(run.status == 2 && !run.errors.isEmpty, "\(words): \(run.output)")
    }
    #expect(try Netsh.run(["pkt", empty.url.path]).status == 2)
    #expect(try Netsh.run(["pkt", "/nowhere.pkt"]).status == 2)
  }
}
