// `netsh examples`: the library that the program carries, and copies of its scripts.

import Foundation
import Testing

@Suite("Examples command")
struct ExamplesCommandTests {
  /// What the library has to have: each script below examples/ that somebody may start from.
  private static let scripts = Project.paths(under: "examples").filter { path in
    path.hasSuffix(".ns") && path.split(separator: "/").count == 3
      && !["bench", "embedding"].contains { path.hasPrefix("examples/\($0)/") }
  }

  @Test("every script of every family travels in the program, word for word")
  func complete() throws {
    let folder = try TemporaryFolder()
    #expect(Self.scripts.count > 40)
    for script in Self.scripts {
      let path = script.dropFirst("examples/".count).dropLast(".ns".count)
      let name = String(path.split(separator: "/")[1])
      let run = try Netsh.run(["examples", "copy", String(path), name], folder: folder.url)
      #expect(run.status == 0, "\(script): \(run.errors)")
      #expect(try folder.text("\(name)/\(name).ns") == Project.file(script).text)
    }
  }

  @Test("no two scripts of the library share a name")
  func names() {
    let names = Self.scripts.map { $0.split(separator: "/").last ?? "" }
    #expect(Set(names).count == names.count)
  }

  @Test("the list has each script once below its family, within 80 columns and without colours")
  func list() throws {
    let run = try Netsh.run(["examples"])
    #expect(run.status == 0 && run.errors.isEmpty)
    let lines = run.output.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 80 } && !run.output.contains("\u{1B}"))
    var family = ""
    var listed: [String] = []
    for line in lines.dropLast() {
      if !line.hasPrefix(" ") {
        family = String(line.prefix { $0 != ":" })
      } else if let name = line.dropFirst(6).split(separator: " ").first, !line.hasPrefix("       ")
      {
        listed.append("examples/\(family)/\(name).ns")
      }
    }
    #expect(listed.sorted() == Self.scripts)
    #expect(listed.first?.hasPrefix("examples/torre-2004/") == true)
    #expect(try Netsh.run(["examples", "list"]).output == run.output)
  }

  @Test("a copy has what the script imports, runs anywhere, and says how")
  func copy() throws {
    let folder = try TemporaryFolder()
    let run = try Netsh.run(["examples", "copy", "both"], folder: folder.url)
    #expect(run.status == 0 && run.errors.isEmpty)
    #expect(run.output == "netsh run both/both.ns\nnetsh -i both/both.ns\n")
    #expect(try folder.names("both") == ["baseline.ns", "both.ns", "fix2.ns"])
    #expect(try folder.names("") == ["both"], "nothing else is left behind")
    let check = try Netsh.run(["check", "both/both.ns"], folder: folder.url)
    #expect(check.status == 0, "\(check.errors)")
  }

  @Test(
    "a script is named by its name, its file, or its family and name",
    arguments: ["queue_owns_all", "queue_owns_all.ns", "knots/queue_owns_all"])
  func spellings(name: String) throws {
    let folder = try TemporaryFolder()
    let run = try Netsh.run(["examples", "copy", name, "mine/"], folder: folder.url)
    #expect(run.output == "netsh run mine/queue_owns_all.ns\nnetsh -i mine/queue_owns_all.ns\n")
    #expect(try folder.names("mine") == ["queue_owns_all.ns"])
  }

  @Test("a case's number will do; of several scripts one has to be chosen")
  func numbers() throws {
    let folder = try TemporaryFolder()
    let one = try Netsh.run(["examples", "copy", "10", "ppp"], folder: folder.url)
    #expect(one.output.hasPrefix("netsh run ppp/link_sleeps.ns\n"), "\(one.errors)")
    let several = try Netsh.run(["examples", "copy", "5"], folder: folder.url)
    #expect(several.status == 2 && several.output.isEmpty)
    #expect(several.errors.hasPrefix("netsh: case 5 has 2 scripts: `netsh examples copy nuttx_"))
    #expect(try folder.names("") == ["ppp"])
  }

  @Test("the two commands can be pasted, whatever the folder is called")
  func quoting() throws {
    let folder = try TemporaryFolder()
    let run = try Netsh.run(
      ["examples", "copy", "queue_owns_all", "it's mine"], folder: folder.url)
    let quoted = "'it'\\''s mine/queue_owns_all.ns'"
    #expect(run.output == "netsh run \(quoted)\nnetsh -i \(quoted)\n")
    let option = try Netsh.run(
      ["examples", "copy", "queue_owns_all", "--", "-x"], folder: folder.url)
    #expect(option.output.hasPrefix("netsh run ./-x/queue_owns_all.ns\n"), "\(option.errors)")
  }

  @Test("what is there stays as it is: a folder, a file, a link that leads nowhere")
  func existing() throws {
    let folder = try TemporaryFolder()
    let files = FileManager.default
    try files.createDirectory(atPath: folder.path("folder"), withIntermediateDirectories: true)
    try folder.write("file", "mine")
    try files.createSymbolicLink(
      atPath: folder.path("link"), withDestinationPath: "nowhere")
    for name in ["folder", "file", "link", ".", "/"] {
      let run = try Netsh.run(["examples", "copy", "queue_owns_all", name], folder: folder.url)
      #expect(run.status == 2 && run.output.isEmpty)
      #expect(run.errors == "netsh: \(name): is there already; name another folder.\n")
    }
    #expect(try folder.names("folder") == [] && folder.text("file") == "mine")
    #expect(try folder.names("") == ["file", "folder", "link"])
  }

  @Test("a folder that cannot be made is refused with the reason, and nothing is left")
  func impossible() throws {
    let folder = try TemporaryFolder()
    for name in ["no/such", ""] {
      let run = try Netsh.run(["examples", "copy", "queue_owns_all", name], folder: folder.url)
      #expect(run.status == 2 && run.output.isEmpty)
      #expect(run.errors.hasSuffix(": No such file or directory.\n"), "\(run.errors)")
    }
    #expect(try folder.names("") == [])
  }

  @Test("an unknown name ends with 2 and the nearest one")
  func unknown() throws {
    let near = try Netsh.run(["examples", "copy", "queue_own_all"])
    #expect(near.status == 2 && near.output.isEmpty)
    let expected = "there is no example 'queue_own_all'; did you mean 'queue_owns_all'?"
    #expect(near.errors == "netsh: \(expected)\n")
    let far = try Netsh.run(["examples", "copy", "mathematics"])
    #expect(far.status == 2 && far.errors.contains("`netsh examples` lists them all"))
    let number = try Netsh.run(["examples", "copy", "31"])
    #expect(number.status == 2 && number.errors.contains("there is no case '31'"))
  }

  @Test(
    "a wrong usage ends with 2",
    arguments: [["copy"], ["copy", "both", "a", "b"], ["knots"], ["copy", "--force", "both"]])
  func usage(words: [String]) throws {
    let run = try Netsh.run(["examples"] + words)
    #expect(run.status == 2 && run.output.isEmpty && !run.errors.isEmpty)
  }

  @Test("the help and the shell's completion know them")
  func help() throws {
    let help = try Netsh.run(["--help"]).output
    #expect(help.contains("netsh examples [copy NAME [FOLDER]]"))
    #expect(help.contains("netsh explain [CODE|LINE]"))
    let completion = try Netsh.run(["--generate-completion-script", "bash"])
    #expect(completion.status == 0 && completion.output.contains("queue_owns_all"))
  }
}

extension TemporaryFolder {
  func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path(name))), as: UTF8.self)
  }

  /// What lies in one of its folders, in order.
  func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(folder)).sorted()
  }
}
