// docs/kinds: the pages are what the schema says. UPDATE_DOCS=1 writes them anew.

import Foundation
import NetScript
import NetSim
import NetStack
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

  @Test("the reference names every kind of the engine with all that it has")
  func names() throws {
    let file = Self.folder.deletingLastPathComponent().appendingPathComponent("reference.md")
    let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    let begin = "<!-- names: written by KindPagesTests with UPDATE_DOCS=1 -->\n"
    let start = try #require(text.range(of: begin)).upperBound
    let end = try #require(text.range(of: "<!-- end of names -->")).lowerBound
    let wanted = KindPages.names()
    if ProcessInfo.processInfo.environment["UPDATE_DOCS"] != nil {
      try Data((text[..<start] + wanted + text[end...]).utf8).write(to: file)
    } else {
      #expect(text[start..<end] == wanted, "UPDATE_DOCS=1 swift test writes it")
    }
  }

  @Test("the reference and the library speak of every call, reason, option, site and event")
  func calls() throws {
    var text = ""
    for name in ["reference.md", "library.md"] {
      let file = Self.folder.deletingLastPathComponent().appendingPathComponent(name)
      text += String(decoding: try Data(contentsOf: file), as: UTF8.self)
    }
    let words = Set(text.split { !$0.isLetter && !$0.isNumber && $0 != "_" })
    var wanted = NativeFunction.allCases.map(\.name) + ReleaseReason.allCases.map(\.name)
    wanted += Place.allCases.map(\.name) + AllocationSite.allCases.map(\.name)
    wanted += Bench.options.map(\.word.rawValue) + ContextualWords.statements
    wanted += (0..<8).compactMap { LossReason(rawValue: $0)?.name }
    #expect(Set(wanted).filter { !words.contains(Substring($0)) }.sorted() == [])
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
    let delack = Schema.kind(.tcp)?.fields.first { $0.word == .delack }
    #expect(delack?.rangeText == "1ms to 10s", "a symbol stands first among its types")
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
