// Script tests: each .ns file under Tests/Scripts says in comments what it prints.
//
// `# expect: …` is one printed line, in order; `# expect runtime error: …` is the title of the
// fault that ends it, on the line where the comment stands.

import Foundation
import NetScript
import Testing

struct ScriptFile: CustomTestStringConvertible, Sendable {
  let path: String
  var testDescription: String { path }

  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Scripts")

  static var all: [ScriptFile] {
    let walker = FileManager.default.enumerator(atPath: folder.path)
    var paths: [String] = []
    while let path = walker?.nextObject() as? String {
      if path.hasSuffix(".ns") { paths.append(path) }
    }
    return paths.sorted().map { ScriptFile(path: $0) }
  }

  var text: String {
    get throws {
      try String(contentsOf: ScriptFile.folder.appendingPathComponent(path), encoding: .utf8)
    }
  }
}

@Suite("scripts do what their comments say")
struct RuntimeScriptTests {
  @Test("each script prints what it expects", arguments: ScriptFile.all)
  func script(_ script: ScriptFile) throws {
    let text = try script.text
    var expected: [String] = []
    var fault: (line: Int, title: String)?
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if let range = line.range(of: "# expect: ") {
        expected.append(String(line[range.upperBound...]))
      } else if let range = line.range(of: "# expect runtime error: ") {
        fault = (index + 1, String(line[range.upperBound...]))
      }
    }
    let compiled = Script.compile(text, name: script.path, loader: NoImports())
    let errors = compiled.diagnostics.filter { $0.severity == .error }
    #expect(errors.isEmpty, "\(errors.map { "\($0.code) \($0.title)" })")
    let program = try #require(compiled.program)
    var limits = Limits()
    limits.steps = 20_000_000
    let result = Script.runPlain(program, limits: limits)
    #expect(result.lines == expected)
    #expect(result.error?.title == fault?.title)
    if let fault, let span = result.error?.span {
      #expect(compiled.files[span.file].line(at: span.start) == fault.line)
    } else {
      #expect(fault == nil)
    }
  }
}
