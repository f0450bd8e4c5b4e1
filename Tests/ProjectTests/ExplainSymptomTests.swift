// `netsh explain LINE`: from what a console said to the case of the library.

import Foundation
import Testing

@Suite("Explain a symptom")
struct ExplainSymptomTests {
  /// Lines as people paste them, and the folders in which the first answer may lie.
  private static let lines: [(String, Set<String>)] = [
    ("Still waiting for mbuf cluster", ["torre-2004", "knots", "exhaustion"]),
    ("keglimit", ["exhaustion"]), ("ENOBUFS", ["exhaustion", "timers"]),
    ("Failed to get net buffer", ["knots"]), ("no mem", ["knots", "queues"]),
    ("receive livelock", ["shape"]), ("tcp4 0 0 10.0.0.1.80 10.0.0.2.1025 FIN_WAIT_2", ["timers"]),
    ("mclpool limit reached", ["exhaustion"]), ("challenge ACK", ["leaks"]),
    ("2009-09-08: VU#723308, see the advisory", ["exhaustion"]),
    ("PX4: MAVLink over UDP drops out", ["knots"]),
  ]

  @Test("a pasted line leads to its family", arguments: lines)
  func families(line: String, families: Set<String>) throws {
    let found = try names(explaining: line)
    let path = try #require(Self.library[found.first ?? ""], "\(line): \(found)")
    #expect(families.contains(path), "\(line) leads to \(found)")
  }

  @Test(
    "host, time, numbers, addresses and paths of the line tell nothing",
    arguments: [
      "Nov 30 12:00:01 ftpd1 kernel: Still waiting for mbuf cluster.",
      "[  312.004] 0x7ffe0012 STILL WAITING FOR MBUF CLUSTERS",
      "/var/log/messages:12: fec0 192.168.1.7 still waiting for mbuf cluster (17)",
    ])
  func noise(line: String) throws {
    #expect(try names(explaining: line) == names(explaining: "Still waiting for mbuf cluster"))
  }

  @Test(
    "one wrong letter in a rare word is forgiven",
    arguments: ["keglimt", "kegllimit", "keglinit", "kgelimit", "KEGLIMITS"])
  func slips(word: String) throws {
    #expect(try names(explaining: word) == names(explaining: "keglimit"))
  }

  @Test("an errno is found by its name and by its words")
  func errno() throws {
    let words = try names(explaining: "sendto: No buffer space available")
    #expect(try Set(names(explaining: "ENOBUFS")).isSubset(of: words))
    #expect(try names(explaining: "no mem") == names(explaining: "Cannot allocate memory"))
  }

  @Test("each answer has title, symptom and two commands; the first tells where to look")
  func form() throws {
    let run = try Netsh.run(["explain", "Still waiting for mbuf cluster"])
    #expect(run.status == 0 && run.errors.isEmpty && !run.output.contains("\u{1B}"))
    #expect(run.output.hasPrefix("Case 1. "), "the report this project grew from")
    let parts = run.output.components(separatedBy: "\n\n")
    #expect(parts.count == 6 && parts[5].hasSuffix(" more; `netsh examples` lists them all.\n"))
    for part in parts.prefix(5) {
      let lines = part.split(separator: "\n")
      let seen = try #require(lines.firstIndex { $0.hasPrefix("    seen: \"Still waiting") })
      #expect(seen > 0 && lines[seen + 1].hasPrefix("    netsh examples copy "))
      let name = lines[seen + 1].dropFirst("    netsh examples copy ".count)
      #expect(lines[seen + 2] == "    netsh run \(name)/\(name).ns")
      #expect(lines.allSatisfy { $0.count <= 80 }, "\(part)")
    }
    #expect(!parts[1].contains("    then: "))
    let one = try Netsh.run(["explain", "keglimit"]).output
    #expect(one.components(separatedBy: "    then: ").count == 2, "\(one)")
  }

  @Test("the commands of an answer can be pasted one after the other")
  func pasted() throws {
    let folder = try TemporaryFolder()
    let lines = try Netsh.run(["explain", "FIN_WAIT_2"]).output.split(separator: "\n")
    let commands = lines.filter { $0.hasPrefix("    netsh ") }.prefix(2).map {
      $0.split(separator: " ").dropFirst().map(String.init)
    }
    try #require(commands.count == 2, "\(lines)")
    #expect(try Netsh.run(commands[0], folder: folder.url).status == 0)
    let check = try Netsh.run(["check"] + commands[1].dropFirst(), folder: folder.url)
    #expect(check.status == 0, "\(check.errors)")
  }

  @Test("words need no quotes, and `-` is standard input, with as many lines as it has")
  func input() throws {
    let quoted = try Netsh.run(["explain", "receive livelock"]).output
    #expect(!quoted.isEmpty)
    #expect(try Netsh.run(["explain", "receive", "livelock"]).output == quoted)
    let log = "login: root\n\nreceive livelock\nlast message repeated 3 times\n"
    let run = try Netsh.run(["explain", "-"], input: log)
    #expect(run.status == 0 && run.output == quoted)
  }

  @Test(
    "a line that no case knows ends with 2 and one sentence",
    arguments: [
      "segmentation fault (core dumped)", "usb 1-1: device descriptor read/64, error -71",
      "No such file or directory", "the of and", "12:30:01 0x17 10.0.0.1",
      "\u{1B}[31m\u{0}\u{7F}", "ü€🙂", " ",
    ])
  func unknown(line: String) throws {
    let run = try Netsh.run(["explain", "-"], input: line)
    #expect(run.status == 2 && run.output.isEmpty, "\(line): \(run.output)")
    let sentence = "no example knows such a line; `netsh examples` lists them all."
    #expect(run.errors == "netsh: \(sentence)\n")
  }

  @Test("standard input may be empty or no text at all; more than 64 KiB is refused")
  func lengths() throws {
    #expect(try Netsh.run(["explain", "-"]).status == 2)
    let long = String(repeating: "Still waiting for mbuf cluster\n", count: 2500)
    let run = try Netsh.run(["explain", "-"], input: long)
    #expect(run.status == 2 && run.output.isEmpty)
    #expect(run.errors == "netsh: standard input: longer than 64 KiB.\n")
  }

  @Test("a line of netsh's own leads to the page of its code")
  func ownLine() throws {
    let run = try Netsh.run(["explain", "error N103: `64K` could mean several things  a.ns:3:9"])
    #expect(run.status == 0 && run.output.hasPrefix("N103  A unit"))
  }

  /// The scripts that an answer names, in its order.
  private func names(explaining line: String) throws -> [String] {
    let run = try Netsh.run(["explain", line])
    #expect(run.status == 0, "\(line): \(run.errors)")
    return run.output.split(separator: "\n").compactMap { line in
      let command = "    netsh examples copy "
      return line.hasPrefix(command) ? String(line.dropFirst(command.count)) : nil
    }
  }

  /// The family of each script.
  private static let library: [String: String] = Project.paths(under: "examples")
    .filter { $0.hasSuffix(".ns") }.reduce(into: [:]) { library, path in
      let parts = path.split(separator: "/")
      library[String(parts[parts.count - 1].dropLast(3))] = String(parts[1])
    }
}
