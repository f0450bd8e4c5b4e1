// N222: CPU costs that are in range each, and not when multiplied by their host's factor.

import NetScript

extension Bench {
  /// The longest that one operation may take, in nanoseconds: many of them in a row stay within
  /// 64 bits.
  private static let longestCost: Int64 = 1_000_000_000_000_000
  /// Picoseconds of copying one octet: a call moves up to 2^31 of them.
  private static let slowestCopy: Int64 = 1_000_000_000

  func checkCosts(_ cpu: NodeID) {
    guard let schema = Schema.kind(.cpu), let factor = number(cpu, .factor), factor > 1000,
      schema.field(.factor)?.range.contains(factor) == true
    else { return }
    for field in tree[cpu].fields {
      guard let word = words.word(field.name), word != .factor, let known = schema.field(word),
        let figure = number(cpu, word), known.range.contains(figure), figure > 0
      else { continue }
      if word == .copy {
        if 8_000_000_000_000 / figure <= Bench.slowestCopy * 1000 / factor { continue }
        report("`copy` by `factor` is less than 8kbps", field)
      } else if figure > Bench.longestCost / factor * 1000 {
        report("`\(word.rawValue)` times `factor` is more than 1000000s", field)
      }
    }
  }

  private func report(_ title: String, _ field: FieldValue) {
    report(Diagnostic(code: "N222", title: title, at: valueSpan(field)), of: field)
  }
}
