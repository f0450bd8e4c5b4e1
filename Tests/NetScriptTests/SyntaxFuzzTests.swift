// Whatever the text: the lexer, parser, checker and renderer end, and never trap.

import Testing

import struct Foundation.Data

@testable import NetScript

struct SyntaxFuzzTests {
  /// A fixed sequence: a failure can be had again.
  private struct Sequence64 {
    var state: UInt64
    mutating func next(below limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(limit))
    }
  }

  /// Everything that is ever done with a text before it runs.
  private func process(_ octets: [UInt8]) {
    let sample = Sample(octets: octets)
    let found = sample.parsed.diagnostics + sample.checked.diagnostics
    let renderer = DiagnosticRenderer(sample.files)
    for diagnostic in found.prefix(3) { _ = renderer.render(diagnostic) }
    let size = octets.count
    for diagnostic in found {
      precondition(diagnostic.primary.span.end <= size, "outside the text")
    }
    for statement in sample.statements {
      precondition(statement.span.end <= size, "outside the text")
    }
  }

  @Test("soup of tokens is read to its end")
  func tokenSoup() {
    let pieces =
      TokenKind.allCases.compactMap(\.spelling) + ContextualWords.statements
      + ContextualWords.clauses + ContextualWords.modals
      + [
        "\n", "x", "a.b", "3", "5ms", "1.5", "\"s\"", "\"{x}\"", "\"{", "\"", "#", "## d\n", "64K",
        "@", "é",
      ]
    var random = Sequence64(state: 1)
    for _ in 0..<3000 {
      var text = ""
      for _ in 0..<random.next(below: 40) {
        text += pieces[random.next(below: pieces.count)] + (random.next(below: 5) == 0 ? "" : " ")
      }
      process(Array(text.utf8))
    }
  }

  @Test("soup of octets is read to its end")
  func octetSoup() {
    let likely = Array("{}()[]\"\\:.,=+-*/<>#%!&|'abr019ex_ \n\r\t".utf8)
    var random = Sequence64(state: 2)
    for _ in 0..<3000 {
      var octets: [UInt8] = []
      for _ in 0..<random.next(below: 40) {
        let isLikely = random.next(below: 10) > 0
        octets.append(
          isLikely ? likely[random.next(below: likely.count)] : UInt8(random.next(below: 256)))
      }
      process(octets)
    }
  }

  @Test("a script cut at any octet is read to its end")
  func truncation() throws {
    for script in try TestFiles.scripts(in: "Golden/Good") {
      let octets = [UInt8](try Data(contentsOf: script))
      for length in 0..<octets.count { process(Array(octets[..<length])) }
    }
  }

  @Test("a script with one octet gone is read to its end")
  func omission() throws {
    for script in try TestFiles.scripts(in: "Golden/Good") {
      let octets = [UInt8](try Data(contentsOf: script))
      for place in stride(from: 0, to: octets.count, by: 3) {
        var shorter = octets
        shorter.remove(at: place)
        process(shorter)
      }
    }
  }
}
