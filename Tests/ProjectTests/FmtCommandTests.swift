// `netsh fmt`: which files it writes, what it says of the others, and that it never half-writes.

import Foundation
import Testing

@Suite("netsh fmt")
struct FmtCommandTests {
  /// A folder with files in it, gone after the test.
  private final class Folder {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("netsh-fmt-\(UUID().uuidString)")

    init(_ files: [String: String]) throws {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      for (name, text) in files { try Data(text.utf8).write(to: url.appendingPathComponent(name)) }
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    func text(_ name: String) throws -> String {
      String(decoding: try Data(contentsOf: url.appendingPathComponent(name)), as: UTF8.self)
    }

    var names: [String] {
      ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted()
    }
  }

  private static let canonical = "if a { b }\n"
  private static let untidy = "if a{b}\n"
  private static let wrong = "let = 1\n"

  @Test("files are brought into the canonical form, and nothing is left beside them")
  func writes() throws {
    let folder = try Folder(["a.ns": Self.untidy, "b.ns": Self.canonical])
    let script = folder.path("a.ns")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: script)
    let run = try Netsh.run(["fmt", script, folder.path("b.ns")])
    #expect(run.status == 0 && run.output.isEmpty && run.errors.isEmpty)
    #expect(try folder.text("a.ns") == Self.canonical)
    #expect(folder.names == ["a.ns", "b.ns"])
    let mode = try FileManager.default.attributesOfItem(atPath: script)[.posixPermissions]
    #expect(mode as? Int == 0o640)
  }

  @Test("a link stays a link, and the file behind it is written")
  func links() throws {
    let folder = try Folder(["a.ns": Self.untidy])
    let link = folder.path("link.ns")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "a.ns")
    #expect(try Netsh.run(["fmt", link]).status == 0)
    #expect(try folder.text("a.ns") == Self.canonical)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "a.ns")
  }

  @Test("--check writes nothing, names the files that differ and ends with 1")
  func checks() throws {
    let folder = try Folder(["a.ns": Self.untidy, "b.ns": Self.canonical])
    let run = try Netsh.run(["fmt", "--check", folder.path("a.ns"), folder.path("b.ns")])
    #expect(run.status == 1 && run.errors.isEmpty)
    #expect(run.output == folder.path("a.ns") + "\n")
    #expect(try folder.text("a.ns") == Self.untidy)
    #expect(try Netsh.run(["fmt", "--check", folder.path("b.ns")]).status == 0)
  }

  @Test("a file with a mistake is left as it is, and ends with 3; the others are written")
  func mistakes() throws {
    let folder = try Folder(["a.ns": Self.wrong, "b.ns": Self.untidy])
    let run = try Netsh.run(["fmt", folder.path("a.ns"), folder.path("b.ns")])
    #expect(run.status == 3 && run.output.isEmpty && run.errors.contains("error N109"))
    #expect(try folder.text("a.ns") == Self.wrong)
    #expect(try folder.text("b.ns") == Self.canonical)
    #expect(try Netsh.run(["fmt", "--check", folder.path("a.ns")]).status == 3)
  }

  @Test("'-' is standard input to standard output")
  func standardInput() throws {
    let run = try Netsh.run(["fmt", "-"], input: Self.untidy)
    #expect(run.status == 0 && run.output == Self.canonical && run.errors.isEmpty)
    let check = try Netsh.run(["fmt", "--check", "-"], input: Self.untidy)
    #expect(check.status == 1 && check.output == "-\n")
  }

  @Test("where no file can be made beside it, the file stays whole")
  func unwritable() throws {
    // As long as a name can be: one beside it cannot be longer.
    let name = String(repeating: "a", count: 252) + ".ns"
    let folder = try Folder([name: Self.untidy])
    let run = try Netsh.run(["fmt", folder.path(name)])
    #expect(run.status == 2 && run.errors.hasSuffix(": File name too long.\n"))
    #expect(try folder.text(name) == Self.untidy)
    #expect(folder.names == [name])
  }
}
