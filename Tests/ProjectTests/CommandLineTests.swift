// The command line as a contract: exit statuses, refusals, and which stream says what.

import Foundation
import Testing

@Suite("Command line")
struct CommandLineTests {
  @Test("netsh run alone says what it needs and ends with 2")
  func bare() throws {
    let run = try Netsh.run(["run"])
    #expect(run.status == 2 && run.output.isEmpty && run.errors.contains("run needs a FILE"))
  }

  @Test("--tcpdump prints the frames of an interface or a medium as they pass, `run` asks or not")
  func tcpdump() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("tcpdump-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let script = """
      lan bench { rate = 10Mbps }
      host a { nic eth0 { lan = bench } }
      host b { nic eth0 { lan = bench } }
      bulk copy { from = a; to = b; size = 1KB }
      run for 1s
      """
    try Data(script.utf8).write(to: folder.appendingPathComponent("case.ns"))
    for place in ["a.eth0", "bench"] {
      let run = try Netsh.run(["run", "--tcpdump", place, "case.ns"], folder: folder)
      #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
      #expect(run.output.contains("0.000000000 ARP, Request who-has 10.0.1.2 tell 10.0.1.1"))
      let data = "IP 10.0.1.1.1024 > 10.0.1.2.20: Flags [P.], seq 1:1001, ack 1, win "
      #expect(run.output.contains(data), "\(run.output)")
    }
    let run = try Netsh.run(["run", "--tcpdump", "nobody", "case.ns"], folder: folder)
    #expect(run.status == 3 && run.errors.contains("nothing named `nobody`"))
  }

  @Test("--version and --help succeed on standard output", arguments: ["--version", "--help"])
  func asked(option: String) throws {
    let run = try Netsh.run([option])
    #expect(run.status == 0 && run.output.contains("netsh") && run.errors.isEmpty)
  }

  @Test(
    "what is not there yet is refused with one sentence and 2",
    arguments: [
      ["plan", "a.ns"]
    ])
  func refused(words: [String]) throws {
    let run = try Netsh.run(words)
    #expect(run.status == 2 && run.output.isEmpty)
    #expect(run.errors.hasSuffix("is not part of this version.\n"))
    #expect(run.errors.filter { $0 == "\n" }.count == 1, "more than one sentence")
  }

  @Test(
    "a wrong usage ends with 2",
    arguments: [
      ["run"], ["check"], ["run", "--bogus", "a.ns"], ["run", "--seed", "5..1", "a.ns"],
      ["run", "--seed", "-1", "a.ns"], ["run", "--set", "noequals", "a.ns"],
      ["run", "--progress", "sometimes", "a.ns"], ["run", "-", "-"],
    ])
  func usage(words: [String]) throws {
    let run = try Netsh.run(words)
    #expect(run.status == 2 && run.output.isEmpty && !run.errors.isEmpty)
  }

  @Test("a file that cannot be read is named", arguments: [["run"], ["check"], []])
  func unreadable(command: [String]) throws {
    let run = try Netsh.run(command + ["no-such-file.ns"])
    #expect(run.status == 2)
    #expect(run.errors == "netsh: no-such-file.ns: No such file or directory.\n")
    #expect(try Netsh.run(command + ["/"]).status == 2)
  }

  @Test("a pool that can run out is told once for all runs, and counted by check")
  func warning() throws {
    let script = FileManager.default.temporaryDirectory
      .appendingPathComponent("netsh-pool-\(UUID().uuidString).ns")
    let text = """
      case "small writes" {
          lan bench { rate = 10Mbps }
          host server { pool { clusters = 64 }; nic eth0 { lan = bench } }
          host client { nic eth0 { lan = bench } }
          param size = 300B
          sweep size in [300B, 400B]
          bulk ftp { from = server; to = client; write = size }
          run for 10ms
      }
      """
    try Data(text.utf8).write(to: script)
    defer { try? FileManager.default.removeItem(at: script) }
    let run = try Netsh.run(["run", "--seed", "1..3", script.path])
    #expect(run.status == 0)
    #expect(run.errors.components(separatedBy: "warning N312").count == 2)
    #expect(run.errors.contains("`server.pool.clusters = 91` is always enough"))
    let check = try Netsh.run(["check", script.path])
    #expect(check.status == 0 && check.output.isEmpty)
    #expect(check.errors.hasSuffix("netsh: 1 warning.\n"))
  }

  @Test("check --bytecode prints the functions of a file, and its mistakes as ever")
  func bytecode() throws {
    let script = FileManager.default.temporaryDirectory
      .appendingPathComponent("netsh-bytecode-\(UUID().uuidString).ns")
    try Data("fn double(x) => x * 2\nprint double(21)\n".utf8).write(to: script)
    defer { try? FileManager.default.removeItem(at: script) }
    let run = try Netsh.run(["check", "--bytecode", script.path])
    #expect(run.status == 0 && run.errors.isEmpty)
    #expect(run.output.contains("\ndouble(x)  "))
    #expect(run.output.contains("    1 | fn double(x) => x * 2\n"))
    #expect(run.output.contains("returnValue") && !run.output.contains("\n42\n"))
    try Data("print 1 +\n".utf8).write(to: script)
    let mistaken = try Netsh.run(["check", "--bytecode", script.path])
    #expect(mistaken.status == 3 && mistaken.output.isEmpty)
    #expect(mistaken.errors.contains("N109"))
  }

  @Test("a static mistake in one variant keeps the others from running")
  func mistakenVariant() throws {
    let script = FileManager.default.temporaryDirectory
      .appendingPathComponent("netsh-mistaken-\(UUID().uuidString).ns")
    let text = """
      case "c" {
          lan office { rate = 10Mbps }
          host a { nic eth0 { lan = office } }
          variant "fine" { a.tcp.keepidle = 30s }
          variant "mistaken" { a.pool.clusters = 2000000 }
          run for 1s
          print "ran"
      }
      """
    try Data(text.utf8).write(to: script)
    defer { try? FileManager.default.removeItem(at: script) }
    let run = try Netsh.run(["run", script.path])
    #expect(run.status == 3)
    #expect(run.output.isEmpty)
    #expect(run.errors.contains("error N222") && run.errors.contains("2000000"))
    let fine = try Netsh.run(["run", "--variant", "fine", script.path])
    #expect(fine.status == 0 && fine.output.contains("ran"))
  }
}

/// The executable that was built beside these tests.
enum Netsh {
  struct Run {
    var status: Int32
    var output: String
    var errors: String
  }

  /// Runs it with words, a text on standard input, and an environment of its own.
  static func run(
    _ words: [String], input: String = "", environment: [String: String] = [:],
    executable other: URL? = nil, folder: URL? = nil
  ) throws -> Run {
    let process = Process()
    let netsh: URL = try #require(other ?? executable, "netsh has not been built")
    process.executableURL = netsh
    process.arguments = words
    process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
    if let folder { process.currentDirectoryURL = folder }
    // Only standard output is a pipe: of two, served one after the other, one can fill and block.
    let files = ["input", "errors"].map {
      FileManager.default.temporaryDirectory.appendingPathComponent("netsh-\($0)-\(UUID())")
    }
    defer { for file in files { try? FileManager.default.removeItem(at: file) } }
    let errors = files[1]
    try Data(input.utf8).write(to: files[0])
    try Data().write(to: errors)
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    let output = Pipe()
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    let outputData = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Run(
      status: process.terminationStatus, output: String(decoding: outputData, as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
  }

  static var executable: URL? { product("netsh") }

  /// A program that the build made: the test bundle lies in the folder of its products.
  static func product(_ name: String) -> URL? {
    let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? CommandLine.arguments[0]
    var folder = URL(fileURLWithPath: bundle).deletingLastPathComponent()
    for _ in 0..<4 {
      let candidate = folder.appendingPathComponent(name)
      if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
      folder.deleteLastPathComponent()
    }
    return nil
  }
}
