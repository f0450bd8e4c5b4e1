// Where a diagnostic points: other files, and what stands in brackets or behind an arrow.

import Testing

@testable import NetScript

struct SyntaxPlacesTests {
  @Test("a label in another file says which one, and where")
  func otherFile() {
    var files = SourceFiles()
    let first = files.add(name: "one.ns", text: "let size = 3\nprint size\n")
    let second = files.add(name: "two.ns", text: "let other = 1\nlet size = 4\n")
    let diagnostic = Diagnostic(
      code: "N204", title: "`size` is declared twice",
      at: SourceSpan(file: first, start: 4, end: 8),
      secondary: [
        DiagnosticLabel(SourceSpan(file: second, start: 18, end: 22), "declared here"),
        DiagnosticLabel(SourceSpan(file: first, start: 19, end: 23), "read here"),
      ])
    let text = DiagnosticRenderer(files).render(diagnostic)
    #expect(text.contains("one.ns:1:5"))
    #expect(text.contains("2 | let size = 4") && text.contains("declared here (two.ns:2:5)"))
    #expect(text.contains("2 | print size") && text.contains("read here"))
    #expect(!text.contains("read here ("))
  }

  @Test(
    "a mistake within another is told once, by its own name",
    arguments: [
      ("print (1, let)", ["N107"]), ("print (1, 2)", ["N113"]), ("print (1, 2", ["N113"]),
      ("fn f() -> ms => 3", ["N109"]), ("fn f(a: ms) => a", []),
      ("if x { } else if y then 1 else 2", []),
    ])
  func nested(_ text: String, _ codes: [String]) {
    let sample = Sample(text)
    #expect(sample.codes == codes)
    #expect(sample.parsed.diagnostics.allSatisfy { $0.primary.span.end <= text.utf8.count })
  }
}
