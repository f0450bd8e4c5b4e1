// The pages of `netsh explain`: every wrong example gives just the code of its page, every right
// one none; and what a wrong one prints is kept as a golden file.

import NetScript
import Testing

import struct Foundation.Data
import class Foundation.FileManager
import struct Foundation.URL

@testable import NetLab

/// A page of Sources/netsh/Explain.
struct Page: CustomTestStringConvertible, Sendable {
  var code: String
  var wrong: [String] = []
  var right: [String] = []
  var testDescription: String { code }

  static let all: [Page] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/netsh/Explain")
    var pages: [Page] = []
    for name in ["n1.md", "n2.md", "n3.md", "n4.md", "n5.md"] {
      guard let data = try? Data(contentsOf: folder.appendingPathComponent(name)) else { return [] }
      pages += Page.read(String(decoding: data, as: UTF8.self))
    }
    return pages
  }()

  /// What is said about an example; those of N5 are packetdrill scripts.
  func printed(_ example: String, _ name: String) -> Printed {
    code.hasPrefix("N5")
      ? Printed(drill: example, name: name + ".pkt") : Printed(example, name: name + ".ns")
  }

  private static let fences = ["```ns wrong", "```ns right", "```pkt wrong", "```pkt right"]

  private static func read(_ text: String) -> [Page] {
    var pages: [Page] = []
    var example: (isRight: Bool, text: String)?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("# N") {
        pages.append(Page(code: String(line.dropFirst(2).prefix { $0 != " " })))
      } else if Page.fences.contains(String(line)) {
        example = (line.hasSuffix("right"), "")
      } else if line == "```", let done = example {
        if done.isRight { pages[pages.count - 1].right.append(done.text) }
        if !done.isRight { pages[pages.count - 1].wrong.append(done.text) }
        example = nil
      } else if example != nil {
        example?.text += line + "\n"
      }
    }
    return pages
  }
}

@Suite("Explain pages")
struct ExplainPagesTests {
  @Test("there are pages, in order, each with a wrong and a right example")
  func pages() {
    let codes = Page.all.map(\.code)
    #expect(codes.count > 80)
    #expect(codes == Set(codes).sorted())
    for page in Page.all { #expect(!page.wrong.isEmpty && !page.right.isEmpty, "\(page.code)") }
  }

  @Test("a wrong example gives just its code, and prints what it always did", arguments: Page.all)
  func wrong(page: Page) throws {
    for (number, example) in page.wrong.enumerated() {
      let suffix = number == 0 ? "" : "-\(number + 1)"
      let name = page.code.lowercased() + suffix
      let printed = page.printed(example, name)
      #expect(Set(printed.codes) == [page.code], "\(printed.text)")
      let expected = try Golden.expected("Explain/\(name).expected", update: printed.text)
      #expect(printed.text == expected)
    }
  }

  @Test("a right example gives none, and its claims hold", arguments: Page.all)
  func right(page: Page) {
    for example in page.right {
      let printed = page.printed(example, page.code.lowercased())
      #expect(printed.codes == [], "\(printed.text)")
      #expect(
        !printed.text.contains("FAIL") && !printed.text.contains("VACUOUS"), "\(printed.text)")
    }
  }
}
