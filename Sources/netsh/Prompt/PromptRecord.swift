// `--json`: one object for each line that was read, for editors and other programs.

import Foundation
import NetLab
import NetScript
import NetStack

/// What came of a line. The names are a promise: fields are added, never changed.
struct PromptRecord: Encodable {
  struct Mistake: Encodable {
    var code: String
    var title: String
    var help: String?
    var text: String
  }

  var input: String
  /// `ok` or `mistake`.
  var status = "ok"
  var output: [String] = []
  var value: String?
  var mistakes: [Mistake] = []
  /// `done`, `halted` or `ended`.
  var stop = "done"
  /// In nanoseconds.
  var at: Int64 = 0
  var event: Int64 = 0
  var digest = ""

  private enum CodingKeys: String, CodingKey {
    case input, status, output, value, mistakes, stop, event, digest
    case at = "at_ns"
  }

  var line: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
  }
}

extension Prompt {
  /// Everything that is said while `body` runs, as one line.
  func recorded(_ input: String, _ body: () -> Bool) -> Bool {
    record = PromptRecord(input: input)
    let isWell = body()
    guard var done = record else { return isWell }
    record = nil
    done.status = isWell ? "ok" : "mistake"
    done.at = bench.moment.now.nanoseconds
    done.event = bench.moment.event
    done.digest = String(bench.digest, radix: 16)
    terminal.write(done.line + "\n", to: .output)
    return isWell
  }
}
