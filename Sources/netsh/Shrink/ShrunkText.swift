// The shrunk script as it is given away: runnable as it stands, and told where it comes from.

import NetLab
import NetScript

/// The script as it is given away.
struct ShrunkText {
  private let failing: FailingCase
  private let script: ShrunkScript

  init(_ failing: FailingCase, _ script: ShrunkScript) {
    self.failing = failing
    self.script = script
  }

  var text: String { head + script.module.compacted.text }

  /// Where it comes from, and what it shows.
  private var head: String {
    let detail = script.failed.detail
    let first = detail.first ?? ""
    var shows = first.hasPrefix("at ") ? "`\(script.failed.text)` \(first)" : first
    if let knot = detail.first(where: { $0.hasPrefix("WEDGED: ") }) {
      shows += ": " + knot.dropFirst("WEDGED: ".count)
    }
    let lines = "From \(failing.name).\n\(shows).".folded(to: 78).split(separator: "\n")
    return lines.map { "# \($0)\n" }.joined()
  }
}

extension FailingCase {
  /// Of the script and all of its own that it imports.
  var lineCount: Int {
    outcome.job.files.files.filter { file in
      file.name == script.path || !StandardLibrary.names.contains(file.name)
    }.reduce(0) { $0 + ($1.octets.isEmpty ? 0 : $1.line(at: $1.octets.count - 1)) }
  }
}
