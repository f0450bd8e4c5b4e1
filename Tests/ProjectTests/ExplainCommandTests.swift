// `netsh explain`, and the list of all codes: each that the sources can give has a page and a
// golden file.

import Foundation
import Testing

@Suite("Explain")
struct ExplainCommandTests {
  @Test("a code is explained however it is typed", arguments: ["N103", "n103", "103"])
  func page(code: String) throws {
    let run = try Netsh.run(["explain", code])
    #expect(run.status == 0 && run.errors.isEmpty)
    #expect(run.output.hasPrefix("N103  A unit"))
    #expect(run.output.contains("wrong\n    let buffer = 64K\n"))
    #expect(run.output.contains("right\n    let buffer = 64KiB\n"))
    #expect(!run.output.contains("```") && !run.output.contains("N104"))
  }

  @Test("an unknown code ends with 2 and the nearest one")
  func unknown() throws {
    let near = try Netsh.run(["explain", "N1O3"])
    #expect(near.status == 2 && near.output.isEmpty)
    #expect(near.errors == "netsh: there is no diagnostic N1O3; did you mean N103?\n")
    let far = try Netsh.run(["explain", "9999"])
    #expect(far.status == 2 && far.errors.contains("`netsh explain` lists them all"))
  }

  @Test("without a code all are listed, one a line, in order")
  func list() throws {
    let run = try Netsh.run(["explain"])
    let codes = run.output.split(separator: "\n").map { String($0.prefix(4)) }
    #expect(run.status == 0 && codes == Set(codes).sorted() && codes.count > 80)
  }

  /// The codes that stand in the sources as texts of their own.
  private static let codes: [String] = {
    var codes: Set<String> = []
    for file in Project.sources {
      for piece in file.text.split(separator: "\"") where piece.utf8.count == 4 {
        if piece.first == "N", piece.dropFirst().allSatisfy(\.isNumber) {
          codes.insert(String(piece))
        }
      }
    }
    return codes.sorted()
  }()

  @Test("every code in the sources has a page")
  func pages() throws {
    let listed = try Netsh.run(["explain"]).output
    #expect(Self.codes.count > 80)
    for code in Self.codes { #expect(listed.contains("\(code)  "), "\(code) has no page") }
  }

  @Test("every code in the sources has a golden file")
  func goldenFiles() {
    let golden = ["Tests/NetLabTests/Golden", "Tests/NetScriptTests/Golden"]
      .flatMap { Project.paths(under: $0) }
      .filter { $0.hasSuffix(".expected") }.map { $0.split(separator: "/").last ?? "" }
    for code in Self.codes {
      #expect(golden.contains { $0.hasPrefix(code.lowercased()) }, "\(code) has no golden file")
    }
  }
}
