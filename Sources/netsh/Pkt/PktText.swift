// What is told about scripts that did not pass as they are written, and the counts of all.

import NetLab
import NetScript
import NetStack

extension DrillStrictness {
  /// As `--strictness` takes it.
  var name: String {
    switch self {
    case .strict: return "strict"
    case .synOptions: return "syn-options"
    case .options: return "options"
    case .window: return "window"
    }
  }
}

struct PktText {
  let terminal: Terminal
  let settings: PktSettings

  /// Lines about one script; none when it passed strictly.
  func text(_ result: PktResult) -> String {
    let known = result.known.map { "    known: \($0)\n".folded(to: 80) } ?? ""
    switch result.verdict {
    case .passed(.strict):
      return result.known == nil ? "" : head("PASSED", .good, result, nil, "") + known
    case .passed(let level):
      guard let failure = result.strictFailure else { return "" }
      return head("RELAXED", .caution, result, failure.span, "(\(level.name)) \(failure.title)")
        + known
    case .failed(let failure):
      return head("FAILED", .bad, result, failure.span, failure.title)
        + (known.isEmpty ? detail(failure, result) : known)
    case .unsupported(let what, let span):
      return head("UNSUPPORTED", .note, result, span, what) + known
    case .mistaken, .interrupted: return ""
    }
  }

  private func head(
    _ word: String, _ style: Terminal.Style, _ result: PktResult, _ span: SourceSpan?,
    _ title: String
  ) -> String {
    let line = span.map { ":\(result.file.line(at: $0.start))" } ?? ""
    let place = result.script.path.harmless + line
    let styled = terminal.styled(word, style, on: .output)
    let width = word.count + 1 + place.unicodeScalars.count + 2 + title.unicodeScalars.count
    let gap = title.isEmpty ? "" : width <= 80 ? "  " : "\n    "
    return "\(styled) \(place)\(gap)\(title)\n"
  }

  // MARK: A failure

  private func detail(_ failure: DrillFailure, _ result: PktResult) -> String {
    var rows: [String] = []
    let line = result.file.line(at: failure.span.start)
    let source = result.file.text(result.file.lineRange(line)).harmless
    rows.append("  \(line) | \(source)")
    if let expected = failure.expected {
      rows.append("    expected  \(expected.text)")
    }
    if let actual = failure.actual {
      rows.append("    actual    \(actual.text)")
      if let mark = mark(failure.field, in: actual) { rows.append("              " + mark) }
    }
    var moment = "    at \(seconds(failure.at)) s"
    if result.phase > 0 { moment += ", clocks at \(result.phase) ms" }
    rows.append(moment)
    if let report = result.report {
      if !report.log.isEmpty { rows.append("    the last packets") }
      for entry in report.log { rows.append("      \(seconds(entry.at))  \(entry.packet.text)") }
      if !report.connections.isEmpty { rows.append("    the connections") }
      for line in report.connections { rows.append(("      " + line).folded(to: 80)) }
    }
    if let first = result.strictFailure, first.span != failure.span {
      let line = result.file.line(at: first.span.start)
      rows.append("    strictly it fails at line \(line): \(first.title)")
    }
    var again = settings
    (again.strictness, again.phases) = (result.level, [result.phase])
    let words = ["netsh", "pkt", "-i"] + again.words + [result.script.path]
    rows.append("    " + ReplayCommand.quoted(words))
    return rows.joined(separator: "\n") + "\n"
  }

  /// Carets below the field of the packet, or behind it where it lacks the field.
  private func mark(_ field: DrillPacketField?, in packet: DrillPacket) -> String? {
    guard let field, field != .time else { return nil }
    let shown: DrillPacketField =
      field == .length || field == .payload ? .sequence : field
    var lead = 0
    for piece in packet.pieces {
      let width = piece.text.unicodeScalars.count
      if piece.field == shown {
        return String(repeating: " ", count: lead) + String(repeating: "^", count: width)
      }
      lead += width + 1
    }
    return String(repeating: " ", count: lead) + "^"
  }

  /// Microseconds are what packetdrill counts.
  private func seconds(_ time: TimeSpan) -> String {
    let microseconds = max(0, time.nanoseconds) / 1000
    let rest = "\(microseconds % 1_000_000)"
    return "\(microseconds / 1_000_000)." + String(repeating: "0", count: 6 - rest.count) + rest
  }
}

/// Of many scripts, how many did what; levels are never mixed.
struct PktCounts {
  private(set) var strict = 0
  private(set) var relaxed: [Int] = [0, 0, 0, 0]
  private(set) var failed = 0
  private(set) var knownFailed = 0
  private(set) var mistaken = 0
  private(set) var unsupported = 0
  private(set) var reasons: [(what: String, count: Int)] = []
  /// Listed as not passing, and passing strictly.
  private(set) var needlesslyKnown = 0

  mutating func add(_ result: PktResult) {
    switch result.verdict {
    case .passed(.strict):
      strict += 1
      if result.known != nil { needlesslyKnown += 1 }
    case .passed(let level): relaxed[Int(level.rawValue)] += 1
    case .failed: result.known == nil ? (failed += 1) : (knownFailed += 1)
    case .mistaken: mistaken += 1
    case .interrupted: break
    case .unsupported(let what, _):
      unsupported += 1
      if let place = reasons.firstIndex(where: { $0.what == what }) {
        reasons[place].count += 1
      } else {
        reasons.append((what, 1))
      }
    }
  }

  var text: String {
    var parts = ["\(strict) passed strict"]
    for level in DrillStrictness.allCases.dropFirst() where relaxed[Int(level.rawValue)] > 0 {
      parts.append("\(relaxed[Int(level.rawValue)]) relaxed(\(level.name))")
    }
    parts.append("\(failed) failed")
    if knownFailed > 0 { parts.append("\(knownFailed) failed as known") }
    if mistaken > 0 { parts.append("\(mistaken) broken") }
    let list = reasons.map { "\($0.what): \($0.count)" }.joined(separator: "; ")
    parts.append("\(unsupported) unsupported" + (list.isEmpty ? "" : " (\(list))"))
    if needlesslyKnown > 0 { parts.append("\(needlesslyKnown) known to fail and passed") }
    return (parts.joined(separator: ", ") + "\n").folded(to: 80)
  }
}
