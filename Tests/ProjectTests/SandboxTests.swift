// A script reads below its own folder and writes below `--out`, whatever it says.

import Foundation
import Testing

@Suite("Sandbox")
struct SandboxTests {
  private let secret = "let word = \"secret\"\n"

  @Test(
    "nothing is imported from outside of the script's folder",
    arguments: [
      "../secret.ns", "sub/../../secret.ns", "./../secret.ns", "link.ns", "folder/secret.ns",
      "ABSOLUTE", "../lab/../secret.ns", "//etc/passwd", "/etc/passwd", "..",
    ])
  func imports(path: String) throws {
    let folder = try TemporaryFolder()
    let outside = try folder.write("secret.ns", secret)
    try folder.write("outer/secret.ns", secret)
    try folder.write("lab/sub/inner.ns", "let size = 1\n")
    let files = FileManager.default
    try files.createSymbolicLink(atPath: folder.path("lab/link.ns"), withDestinationPath: outside)
    try files.createSymbolicLink(
      atPath: folder.path("lab/folder"), withDestinationPath: folder.path("outer"))
    let wanted = path == "ABSOLUTE" ? outside : path
    let script = try folder.write("lab/main.ns", "import \"\(wanted)\" as it\nprint it.word\n")
    let run = try Netsh.run(["run", script])
    #expect(run.status == 3 && !run.output.contains("secret"), "\(run.output)")
    #expect(run.errors.contains("error N217: "), "\(run.errors)")
    // Nor if the script is named from where somebody stands.
    for (place, name) in [("", "lab/main.ns"), ("lab", "main.ns"), ("lab/sub", "../main.ns")] {
      let run = try Netsh.run(
        ["run", name], folder: URL(fileURLWithPath: folder.path(place)))
      #expect(run.status == 3 && !run.output.contains("secret"), "\(name): \(run.output)")
      #expect(run.errors.contains("error N217: "), "\(name): \(run.errors)")
    }
  }

  @Test("files below the folder are found, also through a link that stays inside")
  func inside() throws {
    let folder = try TemporaryFolder()
    try folder.write("lab/sub/inner.ns", "import \"../near.ns\"\nlet size = near.size\n")
    try folder.write("lab/near.ns", "let size = 64\n")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("lab/same"), withDestinationPath: folder.path("lab/sub"))
    let script = try folder.write(
      "lab/main.ns",
      "import \"sub/inner.ns\"\nimport \"same/inner.ns\" as again\n"
        + "print inner.size, again.size\n")
    let run = try Netsh.run(["run", script])
    #expect(run.status == 0 && run.output == "64  64\n", "\(run.errors)")
  }

  @Test("imports in a circle are told with the way round")
  func circle() throws {
    let folder = try TemporaryFolder()
    try folder.write("b.ns", "import \"c.ns\"\nlet x = c.x\n")
    try folder.write("c.ns", "import \"a.ns\"\nlet x = a.x\n")
    let script = try folder.write("a.ns", "import \"b.ns\"\nlet x = b.x\n")
    let run = try Netsh.run(["run", script])
    #expect(run.status == 3 && run.errors.contains("error N218: "), "\(run.errors)")
    #expect(run.errors.contains("a.ns → ") && run.errors.contains("c.ns → "))
    let own = try folder.write("self.ns", "import \"self.ns\" as me\nprint me.x\n")
    #expect(try Netsh.run(["run", own]).errors.contains("error N218: "))
  }

  @Test(
    "a file's name says no folder",
    arguments: ["../out.pcapng", "/tmp/netsh-out.pcapng", "a/b.pcapng", "..", ".", "a\\\\b", ""])
  func names(name: String) throws {
    let folder = try TemporaryFolder()
    let script = try folder.write(
      "capture.ns",
      """
      case "c" {
          lan l { rate = 10Mbps }
          host a { nic eth0 { lan = l } }
          capture a.eth0 "\(name)"
          record a.pool.clusters.free as "\(name)"
          plot a.pool.clusters.free as "\(name)"
          run for 1s
      }
      """)
    let out = folder.path("run/out")
    _ = try Netsh.run(["run", "--out", out, script])
    let everything = try FileManager.default.subpathsOfDirectory(atPath: folder.url.path)
    for path in everything where path != "capture.ns" && path != "run" {
      #expect(path.hasPrefix("run/out"), "\(path)")
    }
    #expect(!FileManager.default.fileExists(atPath: "/tmp/netsh-out.pcapng"))
  }

  @Test(
    "there is no clock, environment, process or network to be had",
    arguments: [
      "clock()", "time()", "env(\"PATH\")", "getenv(\"PATH\")", "exec(\"ls\")", "open(\"a\")",
      "random()", "system(\"ls\")", "http(\"a\")", "eval(\"1\")", "read(\"/etc/passwd\")",
    ])
  func nothing(call: String) throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("outside.ns", "print \(call)\n")
    let run = try Netsh.run(["run", script], environment: ["SECRET": "x"])
    #expect(run.status == 3, "\(run.output)")
    #expect(run.errors.contains("error N202: there is no function "), "\(run.errors)")
  }
}
