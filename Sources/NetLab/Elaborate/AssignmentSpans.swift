// Where a mistake in a field is shown: under its name, or under its value.

import NetScript

extension Bench {
  /// Where a mistake of the whole case is shown.
  var caseSpan: SourceSpan { plan.span }

  /// One more mistake in a field. What `--set` said stands in no line.
  func report(_ mistake: Diagnostic?, of field: FieldValue) {
    guard var mistake else { return }
    if field.layer == .commandLine {
      mistake.title = "`--set`: " + mistake.title
      mistake.primary = DiagnosticLabel(caseSpan)
    }
    diagnostics.append(mistake)
  }

  /// The field's name in `server.tcp.keepidle = 30s`.
  func nameSpan(_ field: FieldValue) -> SourceSpan {
    guard let sign = assignmentSign(field.span) else { return field.span }
    let octets = program.files[field.span.file].octets
    var end = sign
    while end > field.span.start, !isNamePart(octets[end - 1]) { end -= 1 }
    var start = end
    while start > field.span.start, isNamePart(octets[start - 1]) { start -= 1 }
    return start < end ? SourceSpan(file: field.span.file, start: start, end: end) : field.span
  }

  /// Its value.
  func valueSpan(_ field: FieldValue) -> SourceSpan {
    guard let sign = assignmentSign(field.span) else { return field.span }
    let octets = program.files[field.span.file].octets
    var start = sign + 1
    while start < field.span.end, octets[start] <= 32 { start += 1 }
    guard start < field.span.end else { return field.span }
    return SourceSpan(file: field.span.file, start: start, end: field.span.end)
  }

  /// The place of the `=`: no path on the left side contains one outside of brackets.
  private func assignmentSign(_ span: SourceSpan) -> Int? {
    let octets = program.files[span.file].octets
    var depth = 0
    for place in span.start..<min(span.end, octets.count) {
      switch octets[place] {
      case UInt8(ascii: "["), UInt8(ascii: "("): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: ")"): depth -= 1
      case UInt8(ascii: "=") where depth == 0: return place
      default: break
      }
    }
    return nil
  }

  private func isNamePart(_ octet: UInt8) -> Bool {
    octet == 95 || octet >= 48 && octet <= 57 || octet >= 65 && octet <= 90
      || octet >= 97 && octet <= 122
  }
}
