// Golden diagnostics: each `.ns` in Golden has beside it what `netsh check` would print.
//
// UPDATE_GOLDEN=1 rewrites the `.expected` files; the diff is then read as prose.

import Testing

import struct Foundation.Data
import class Foundation.ProcessInfo
import struct Foundation.URL

@testable import NetScript

struct SyntaxGoldenTests {
  @Test("every diagnostic is printed as expected")
  func diagnostics() throws {
    let isUpdate = ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1"
    let scripts = try TestFiles.scripts(in: "Golden")
    #expect(scripts.count > 20)
    for script in scripts {
      let printed = try printed(script)
      let beside = script.deletingPathExtension().appendingPathExtension("expected")
      if isUpdate {
        try Data(printed.utf8).write(to: beside)
      } else {
        let expected = String(decoding: try Data(contentsOf: beside), as: UTF8.self)
        #expect(printed == expected, "\(script.lastPathComponent)")
      }
      #expect(!printed.isEmpty, "\(script.lastPathComponent) has no diagnostic")
    }
  }

  @Test("the good scripts have no diagnostic")
  func goodScripts() throws {
    let scripts = try TestFiles.scripts(in: "Golden/Good")
    #expect(scripts.count >= 3)
    for script in scripts { #expect(try printed(script) == "", "\(script.lastPathComponent)") }
  }

  private func printed(_ script: URL) throws -> String {
    let octets = [UInt8](try Data(contentsOf: script))
    let sample = Sample(octets: octets, name: script.lastPathComponent)
    var found = sample.parsed.diagnostics
    // A text that cannot be read is not checked: half of it is missing.
    if !found.contains(where: { $0.severity == .error }) { found += sample.checked.diagnostics }
    let renderer = DiagnosticRenderer(sample.files)
    return found.map { renderer.render($0) }.joined(separator: "\n")
  }
}
