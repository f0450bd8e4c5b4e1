// docs/kinds: the pages are what the schema says. UPDATE_DOCS=1 writes them anew.

import Foundation
import NetScript
import Testing

@testable import NetLab

@Suite("Pages of kinds")
struct KindPagesTests {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("docs/kinds")

  @Test("docs/kinds has one page for each kind, as the schema has it, and no other")
  func pages() throws {
    var wanted = ["README.md": index()]
    for page in KindPages.all() { wanted[page.name + ".md"] = page.markdown }
    let there = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    if ProcessInfo.processInfo.environment["UPDATE_DOCS"] != nil {
      for name in there where wanted[name] == nil {
        try FileManager.default.removeItem(at: Self.folder.appendingPathComponent(name))
      }
      for (name, text) in wanted {
        try Data(text.utf8).write(to: Self.folder.appendingPathComponent(name))
      }
    }
    for name in Set(there).union(wanted.keys).sorted() {
      let data = try? Data(contentsOf: Self.folder.appendingPathComponent(name))
      let text = data.map { String(decoding: $0, as: UTF8.self) }
      #expect(text == wanted[name], "docs/kinds/\(name) lags: UPDATE_DOCS=1 swift test writes it")
    }
  }

  @Test("each kind has a meaning and an example", arguments: KindPages.all().map(\.name))
  func told(name: String) throws {
    let page = try #require(KindPages.all().first { $0.name == name })
    #expect(!page.meaning.hasPrefix("\n"), "a sentence for it belongs into KindNotes.swift")
    #expect(!page.example.isEmpty, "an example belongs into KindNotes.swift")
  }

  @Test("each field, measurement and event has a line of meaning")
  func meanings() {
    for kind in Schema.kinds {
      for field in kind.fields { #expect(!field.meaning.isEmpty, "\(kind.word).\(field.word)") }
      for one in KindPages.measurements(kind) {
        #expect(!one.meaning.isEmpty, "\(kind.word).\(one.path)")
      }
      for one in KindPages.events(kind) {
        #expect(!one.meaning.isEmpty, "\(kind.word).\(one.event)")
      }
    }
  }

  @Test("what a field takes at the ends of its range is written as a script would")
  func units() {
    #expect(UnitText.data(16384) == "16KiB" && UnitText.data(41600) == "41600B")
    #expect(UnitText.time(7_200_000_000_000) == "2h" && UnitText.time(1500) == "1500ns")
    #expect(UnitText.time(0) == "0s" && UnitText.rate(10_000_000) == "10Mbps")
    #expect(Measure.factor.text(1000) == "1" && Measure.factor.text(1) == "1 / 1000")
  }

  @Test("a page fits 80 columns, but for what its example prints")
  func narrow() {
    for page in KindPages.all() {
      for line in page.lines.prefix(while: { $0 != "Example" }) {
        #expect(line.unicodeScalars.count <= 80, "\(page.name): \(line)")
      }
    }
    #expect(KindPages.list(KindPages.all()).allSatisfy { $0.unicodeScalars.count <= 80 })
  }

  private func index() -> String {
    var text = "# Kinds\n\nWhat a script can declare. `netsh kinds NAME` prints the same page.\n\n"
    text += "| kind | is |\n| --- | --- |\n"
    for page in KindPages.all() {
      text += "| [`\(page.name)`](\(page.name).md) | \(page.sentence) |\n"
    }
    return text
  }
}
