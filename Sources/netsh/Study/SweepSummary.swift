// What came out of a study: for each case and variant a table, a row for each point, its seeds put
// together.

import Foundation
import NetLab

struct SweepSummary {
  private var groups: [Group] = []

  /// The runs of one case, variant and point.
  private struct Group {
    var line: StudyLine
    var passed = 0
    /// What each run has measured.
    var measured: [[(column: String, value: StudyResult.Entry)]] = []
    var heading: String {
      line.case + (line.variant.map { " · variant \"\($0)\"" } ?? "")
    }

    func isOfCase(of other: Group) -> Bool {
      line.case == other.line.case && line.variant == other.line.variant
    }
  }

  /// The next result in the order of the plan.
  mutating func add(_ line: StudyLine, _ result: StudyResult) {
    let isSame =
      groups.last.map {
        $0.line.case == line.case && $0.line.variant == line.variant
          && $0.line.point == line.point
      } ?? false
    if !isSame { groups.append(Group(line: line)) }
    let last = groups.count - 1
    if result.verdict == "pass" { groups[last].passed += 1 }
    groups[last].measured.append(result.measured)
  }

  var lines: [String] {
    var lines: [String] = []
    var first = 0
    while first < groups.count {
      var last = first
      while last + 1 < groups.count, groups[last + 1].isOfCase(of: groups[first]) { last += 1 }
      lines.append(groups[first].heading)
      lines += table(groups[first...last]).lines
      first = last + 1
    }
    return lines
  }

  private func table(_ groups: ArraySlice<Group>) -> TextTable {
    var columns: [String] = []
    for group in groups {
      for (column, value) in group.measured[0] where !columns.contains(column) {
        if case .number = value { columns.append(column) }
      }
    }
    let names = groups.first?.line.point.map(\.name) ?? []
    let rows = groups.map { group -> [Cell] in
      let point = group.line.point.map { Cell(text: $0.value, number: .real(0)) }
      let sums = columns.map { Cell(text: range(of: $0, in: group), number: .real(0)) }
      return point + [Cell(text: "\(group.passed) of \(group.measured.count)")] + sums
    }
    return TextTable(columns: names + ["passed"] + columns, rows: rows)
  }

  /// The mean, and from where to where if the seeds differ.
  private func range(of column: String, in group: Group) -> String {
    let numbers = group.measured.compactMap { measured -> Double? in
      guard case .number(let value)? = measured.first(where: { $0.column == column })?.value
      else { return nil }
      return value
    }
    guard let least = numbers.min(), let most = numbers.max() else { return "" }
    let mean = text(numbers.reduce(0, +) / Double(numbers.count))
    return least == most ? mean : "\(mean) (\(text(least))..\(text(most)))"
  }

  /// Four digits: nobody reads more of a mean.
  private func text(_ value: Double) -> String { NumberText.text(value, digits: 4) }
}

/// A number as people read it, the same whatever their language.
enum NumberText {
  private static let locale = Locale(identifier: "en_US_POSIX")

  static func text(_ value: Double, digits: Int) -> String {
    if value == value.rounded() && abs(value) < 1e9 { return "\(Int64(value))" }
    return value.formatted(
      .number.precision(.significantDigits(digits)).grouping(.never).locale(locale))
  }
}
