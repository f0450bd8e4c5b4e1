// Any octets end in diagnostics: lexer, parser, checker, formatter, compiler and VM.

import Fuzzing
import NetScript
import Testing

struct FuzzTests {
  private static let limits: Limits = {
    var limits = Limits()
    limits.steps = 100_000
    limits.heapOctets = 4 << 20
    return limits
  }()

  @Test("mutated scripts and generated programs end in diagnostics, a result or a fault")
  func language() {
    let corpus =
      Corpus.scripts(under: ["examples", "Sources/NetLab/Std", "Tests"]).map(\.octets)
      + Corpus.blocks(under: ["docs", "Sources/netsh/Explain", "Tests/NetScriptTests"])
    #expect(corpus.count > 250)
    let run = FuzzRun("NetScript", corpus: corpus) { input, _ in
      Self.complaint(about: input)
    }
    let outcome = run.run()
    print("fuzz NetScript: \(outcome.cases) cases")
    #expect(outcome.failure == nil)
    #expect(outcome.cases > 0)
  }

  private static func complaint(about input: [UInt8]) -> String? {
    let compiled = Script.compile(name: "fuzz.ns", octets: input, loader: NoImports())
    let renderer = DiagnosticRenderer(compiled.files)
    for diagnostic in compiled.diagnostics.prefix(20) {
      if renderer.render(diagnostic).isEmpty { return "a diagnostic without a text" }
    }
    if let complaint = complaintAboutFormat(input) { return complaint }
    guard let program = compiled.program else {
      let isRefused = compiled.diagnostics.contains { $0.severity == .error }
      return isRefused ? nil : "no program, and no error says why"
    }
    if let error = Script.runPlain(program, limits: limits, sink: { _ in }).error {
      if let diagnostic = error.diagnostic { _ = renderer.render(diagnostic) }
    }
    return nil
  }

  private static func complaintAboutFormat(_ input: [UInt8]) -> String? {
    let id = SourceFileID(rawValue: 0)
    let file = SourceFile(id: id, name: "fuzz.ns", octets: input)
    guard let once = Formatter.format(file).text else { return nil }
    let formatted = SourceFile(id: id, name: "fuzz.ns", octets: once)
    guard let twice = Formatter.format(formatted).text else { return "the formatted text is wrong" }
    return twice == once ? nil : "formatting changes it twice"
  }
}
