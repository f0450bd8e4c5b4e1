// std/: the files that are embedded, and that each is a script like any other.

import Foundation
import NetScript
import Testing

@testable import NetLab

@Suite("Standard library")
struct StandardLibraryTests {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Sources/NetLab/Std")

  @Test("the library has each file of its folder, octet for octet, and no other")
  func files() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(files.sorted() == StandardLibrary.names.map { $0.dropFirst(4) + ".ns" }.sorted())
    for name in StandardLibrary.names {
      let file = Self.folder.appendingPathComponent(name.dropFirst(4) + ".ns")
      #expect(StandardLibrary.octets(of: name) == Array(try Data(contentsOf: file)), "\(name)")
    }
    #expect(StandardLibrary.octets(of: "std/none") == nil)
  }

  @Test("each file compiles without a remark", arguments: StandardLibrary.names)
  func compiles(name: String) throws {
    let run = trial("import \"\(name)\" as it\nprint 1")
    #expect(run.rendered == "")
    #expect(run.bench?.output.lines == ["1"])
  }
}
