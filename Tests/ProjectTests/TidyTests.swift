// Tidiness: lengths, columns, headers, promised files, and no debt without a number.

import Foundation
import Testing

@Suite("Tidy")
struct TidyTests {
  static let longestFile = 500
  static let longestFunction = 70
  static let columns = 100
  static let exemption = "// The dispatch loop: exempt from the length rule."

  @Test("the project's files are found")
  func found() {
    #expect(Project.sources.count > 6 && Project.tests.count > 6)
  }

  @Test("no source file is longer than 500 lines")
  func fileLengths() {
    for file in Project.sources where file.lines.count > Self.longestFile + 1 {
      Issue.record("\(file.path) has \(file.lines.count - 1) lines: two ideas in one file?")
    }
  }

  @Test("no function is longer than 70 lines, the one dispatch loop excepted")
  func functionLengths() {
    var exempt: [String] = []
    for file in Project.sources {
      let raw = file.lines
      for function in file.code.functions {
        let count = function.lines.count
        guard count > Self.longestFunction else { continue }
        let place = "\(file.path):\(function.lines.lowerBound + 1)"
        let around = max(0, function.lines.lowerBound - 1)...function.lines.upperBound
        if raw[around].contains(where: { $0.contains(Self.exemption) }) {
          exempt.append(place)
        } else {
          Issue.record("\(place): \(count) lines: \(function.signature)")
        }
      }
    }
    #expect(exempt.count <= 1, "only the VM's dispatch loop is exempt: \(exempt)")
  }

  @Test("no line is wider than 100 columns")
  func lineLengths() {
    for file in Project.sources + Project.tests {
      for (index, line) in file.lines.enumerated() where line.count > Self.columns {
        Issue.record("\(file.path):\(index + 1): \(line.count) columns")
      }
    }
  }

  @Test("every Swift file opens with a comment for its reader")
  func headers() {
    for file in Project.sources + Project.tests where !file.text.hasPrefix("//") {
      Issue.record("\(file.path) begins without saying what it is")
    }
  }

  @Test("what is left to do has an issue's number")
  func debts() {
    // Spelt in pieces, so that this file does not find itself.
    let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK:"]
    for file in Project.sources + Project.tests {
      for (index, line) in file.lines.enumerated() {
        guard let word = words.first(where: { line.contains($0) }) else { continue }
        let numbered = line.contains(/(#|issue )[0-9]+/)
        if !numbered {
          Issue.record("\(file.path):\(index + 1): \(word) without an issue's number")
        }
      }
    }
  }

  @Test(
    "the promised files are there",
    arguments: [
      "README.md", "ARCHITECTURE.md", "LICENSE", ".swift-format", ".ci/run", "scripts/setup",
      "scripts/test", "scripts/seed", "scripts/embedded", "scripts/bench", "scripts/hot-calls",
    ])
  func promised(path: String) throws {
    #expect(Project.exists(path), "\(path) is missing")
    if path.hasPrefix("scripts/") || path.hasPrefix(".ci/") {
      let full = Project.root.appendingPathComponent(path).path
      #expect(FileManager.default.isExecutableFile(atPath: full), "\(path) has no run bit")
    }
  }

  @Test("ARCHITECTURE.md has at most 200 lines and names only files that exist")
  func architecture() throws {
    let file = try Project.file("ARCHITECTURE.md")
    #expect(file.lines.count <= 201)
    let folders = ["Sources", "Tests", "examples", "grammar", "docs", "scripts", ".ci"]
    let everything = ["Package.swift"] + folders.flatMap { Project.paths(under: $0) }
    for match in file.text.matches(of: /`([A-Za-z0-9_.\/-]+)`/) {
      let name = String(match.output.1)
      let isFile = name.contains(/\.(swift|md|ns|ebnf)$/)
      if isFile && !name.contains("/") {
        let known = everything.contains { $0 == name || $0.hasSuffix("/" + name) }
        #expect(known || Project.exists(name), "ARCHITECTURE.md names \(name)")
      } else if isFile || folders.contains(where: { name.hasPrefix($0 + "/") }) {
        #expect(Project.exists(name), "ARCHITECTURE.md names \(name)")
      }
    }
  }

  @Test("README's first screen has at most 25 lines before its first heading of the second level")
  func firstScreen() throws {
    let lines = try Project.file("README.md").lines
    let end = lines.firstIndex { $0.hasPrefix("## ") } ?? lines.count
    #expect(end <= 25, "the first screen has \(end) lines")
  }

  @Test("no compiler flag takes a check away")
  func manifest() throws {
    let text = try Project.file("Package.swift").text
    for flag in ["unsafe" + "Flags", "-O" + "unchecked", "enforce-exclusivity=unchecked"] {
      #expect(!text.contains(flag), "Package.swift uses \(flag)")
    }
  }
}
