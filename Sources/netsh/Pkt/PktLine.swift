// `--json`: one object for each script. Fields are added, never renamed.

import Foundation
import NetLab

struct PktLine: Encodable {
  var file: String
  var profile: String
  /// passed, relaxed, failed, unsupported, error
  var verdict: String
  /// The strictest level at which it passed.
  var strictness: String?
  /// Of what follows.
  var line: Int?
  /// Why it did not pass, or not strictly.
  var title: String?
  var expected: String?
  var actual: String?
  var field: String?
  var time: Int64?
  var phase: Int?
  var known: String?

  private enum CodingKeys: String, CodingKey {
    case file, profile, verdict, strictness, line, title, expected, actual, field, known
    case time = "at_ns"
    case phase = "phase_ms"
  }

  init(_ result: PktResult, _ settings: PktSettings) {
    file = result.script.path
    profile = settings.profile
    known = result.known
    var failure: DrillFailure?
    switch result.verdict {
    case .passed(let level):
      verdict = level == .strict ? "passed" : "relaxed"
      strictness = level.name
      failure = level == .strict ? nil : result.strictFailure
    case .failed(let own):
      verdict = "failed"
      failure = own
      phase = result.phase
    case .unsupported(let what, let span):
      verdict = "unsupported"
      title = what
      line = result.file.line(at: span.start)
    case .mistaken(let diagnostics):
      verdict = "error"
      title = diagnostics.first.map { "\($0.code): \($0.title)" }
      line = diagnostics.first.map { result.file.line(at: $0.primary.span.start) }
    case .interrupted: verdict = "interrupted"
    }
    guard let failure else { return }
    title = failure.title
    line = result.file.line(at: failure.span.start)
    expected = failure.expected?.text
    actual = failure.actual?.text
    field = failure.field?.rawValue
    time = failure.at.nanoseconds
  }

  var text: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    let octets = (try? encoder.encode(self)) ?? Data()
    return String(decoding: octets, as: UTF8.self) + "\n"
  }
}
