// `--report`: where the page goes, what becomes of a file that is there, and what cannot be.

import Foundation
import Testing

@Suite("Report files")
struct ReportFileTests {
  private let lab = """
    case "a" {
        lan l { rate = 10Mbps }
        host a { nic eth0 { lan = l } }
        host b { nic eth0 { lan = l } }
        ping p { from = a; to = b }
        run for 2s
    }

    """

  @Test("the page is written, replaces what was there, and the run is the same run")
  func written() throws {
    try inFolder { folder in
      let (script, page) = (folder + "/a.ns", folder + "/out.html")
      try lab.write(toFile: script, atomically: true, encoding: .utf8)
      try "old".write(toFile: page, atomically: true, encoding: .utf8)
      let plain = try Netsh.run(["run", script])
      let run = try Netsh.run(["run", script, "--report", page])
      #expect(run.status == 0 && run.output == plain.output && run.errors == plain.errors)
      let html = try String(contentsOfFile: page, encoding: .utf8)
      #expect(html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n"))
      #expect(html.contains("netsh run \(script) --case a --seed 1"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
    }
  }

  @Test(
    "a report changes nothing of an example, wedged or not, with a stack or without",
    arguments: [
      "knots/queue_owns_all.ns", "knots/who_frees_waits.ns", "leaks/credits.ns",
      "exhaustion/accelerator_hog.ns",
    ])
  func examples(path: String) throws {
    try inFolder { folder in
      let script = Project.root.appendingPathComponent("examples/" + path).path
      let plain = try Netsh.run(["run", script])
      let page = folder + "/out.html"
      let run = try Netsh.run(["run", script, "--report", page])
      #expect(run.output == plain.output && run.status == plain.status)
      let size = try FileManager.default.attributesOfItem(atPath: page)[.size] as? Int
      #expect(try #require(size) < 2 << 20)
    }
  }

  @Test("the command in the page gives the same run, point of a sweep and all")
  func replay() throws {
    try inFolder { folder in
      let (script, page) = (folder + "/it's a.ns", folder + "/out.html")
      let text = """
        param size = 100B
        \(lab.replacingOccurrences(of: "ping p { from = a; to = b }", with: """
            ping p { from = a; to = b; size = size }
            sweep size in [64B, 1000B]
            variant "slow one" { l.rate = 1Mbps }
        """))
        """
      try text.write(toFile: script, atomically: true, encoding: .utf8)
      let run = try Netsh.run(["run", script, "--report", page, "--seed", "3..4"])
      #expect(run.status == 0, "\(run.errors)")
      let html = try String(contentsOfFile: page, encoding: .utf8)
      let digests = run.output.matches(of: /digest ([0-9a-f]{16})/).map { String($0.1) }
      #expect(digests.count == 4)
      let commands = html.matches(of: />(netsh run [^<]*)<\/pre>/).map { String($0.1) }
        .filter { $0.contains("--case") }
      #expect(commands.count == 4)
      for (command, digest) in zip(commands, digests) {
        let again = try Netsh.run(words(command))
        #expect(again.status == 0 && again.output.contains(digest), "\(command)\n\(again.output)")
      }
    }
  }

  /// What a shell makes of the command, less its first word.
  private func words(_ command: String) throws -> [String] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "printf '%s\\n' \(command)"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text.split(separator: "\n").dropFirst().map(String.init)
  }

  @Test("where it cannot be written nothing runs, and the status is 2")
  func refused() throws {
    try inFolder { folder in
      let script = folder + "/a.ns"
      try lab.write(toFile: script, atomically: true, encoding: .utf8)
      for (page, reason) in [
        (folder, "is a folder."), (script, "is the script itself."),
        (folder + "/no/out.html", "there is no such folder."),
      ] {
        let run = try Netsh.run(["run", script, "--report", page])
        #expect(run.status == 2 && run.output.isEmpty)
        #expect(run.errors.hasSuffix(": \(reason)\n"), "\(run.errors)")
      }
      #expect(try String(contentsOfFile: script, encoding: .utf8) == lab)
    }
  }

  @Test("a pipe is written to and stays a pipe")
  func pipe() throws {
    try inFolder { folder in
      let script = folder + "/a.ns"
      try lab.write(toFile: script, atomically: true, encoding: .utf8)
      let pipe = folder + "/pipe"
      #expect(mkfifo(pipe, 0o600) == 0)
      // Open for both, so that neither end waits for the other; a small page fits into it.
      let descriptor = open(pipe, O_RDWR | O_NONBLOCK)
      defer { close(descriptor) }
      _ = fcntl(descriptor, Self.setPipeSize, 1 << 20)
      let run = try Netsh.run(["run", script, "--report", pipe])
      #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
      var status = stat()
      #expect(stat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
      var start = [UInt8](repeating: 0, count: 15)
      #expect(read(descriptor, &start, start.count) == 15)
      #expect(String(decoding: start, as: UTF8.self).lowercased() == "<!doctype html>")
    }
  }

  /// F_SETPIPE_SZ of Linux.
  private static let setPipeSize: Int32 = 1031

  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.resolvingSymlinksInPath().path)
  }
}
