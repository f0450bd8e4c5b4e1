// What came out of a study: for each case and variant a table, a row for each point, its seeds put
// together.

import Foundation
import NetLab

/// Groups are summed up when the next one begins: what is left for the end, one core does while the
/// others wait.
struct SweepSummary {
  private var sections: [Section] = []
  private var open: Group?

  /// The runs of one case, variant and point.
  private struct Group {
    var line: StudyLine
    var passed = 0
    /// What each run has measured.
    var measured: [[(column: String, value: StudyResult.Entry)]] = []
  }

  /// The points of one case and variant.
  private struct Section {
    var line: StudyLine
    /// Numbers that the first run of a point has measured.
    var columns: [String] = []
    var rows: [(point: [Cell], sums: [(column: String, text: String)])] = []
  }

  /// The next result in the order of the plan.
  mutating func add(_ line: StudyLine, _ result: StudyResult) {
    let isSame =
      open.map { $0.line.isOfVariant(of: line) && $0.line.point == line.point } ?? false
    if !isSame {
      close()
      open = Group(line: line)
    }
    if result.verdict == "pass" { open?.passed += 1 }
    open?.measured.append(result.measured)
  }

  private mutating func close() {
    guard let group = open else { return }
    open = nil
    if !(sections.last?.line.isOfVariant(of: group.line) ?? false) {
      sections.append(Section(line: group.line))
    }
    let last = sections.count - 1
    for (column, value) in group.measured[0] where !sections[last].columns.contains(column) {
      if case .number = value { sections[last].columns.append(column) }
    }
    let point = group.line.point.map { Cell(text: $0.value, number: .real(0)) }
    let passed = Cell(text: "\(group.passed) of \(group.measured.count)")
    sections[last].rows.append((point + [passed], sums(of: group)))
  }

  /// A heading and a table for each case and variant.
  mutating func finish() -> [String] {
    close()
    return sections.flatMap { section -> [String] in
      let heading = section.line.case + (section.line.variant.map { " · variant \"\($0)\"" } ?? "")
      let rows = section.rows.map { point, sums in
        point
          + section.columns.map { column in
            Cell(text: sums.first { $0.column == column }?.text ?? "", number: .real(0))
          }
      }
      let columns = section.line.point.map(\.name) + ["passed"] + section.columns
      return [heading] + TextTable(columns: columns, rows: rows).lines
    }
  }

  /// Of each column the mean, and from where to where if the seeds differ.
  private func sums(of group: Group) -> [(column: String, text: String)] {
    var columns: [(name: String, numbers: [Double])] = []
    for run in group.measured {
      for (place, one) in run.enumerated() {
        // Of two columns of one name the first counts.
        let isFirst = run.firstIndex { $0.column == one.column } == place
        guard isFirst, case .number(let value) = one.value else { continue }
        if let known = columns.firstIndex(where: { $0.name == one.column }) {
          columns[known].numbers.append(value)
        } else {
          columns.append((one.column, [value]))
        }
      }
    }
    return columns.map { ($0.name, range(of: $0.numbers)) }
  }

  /// - Parameter numbers: at least one.
  private func range(of numbers: [Double]) -> String {
    guard let least = numbers.min(), let most = numbers.max() else { return "" }
    let mean = text(numbers.reduce(0, +) / Double(numbers.count))
    return least == most ? mean : "\(mean) (\(text(least))..\(text(most)))"
  }

  /// Four digits: nobody reads more of a mean.
  private func text(_ value: Double) -> String { NumberText.text(value, digits: 4) }
}

extension StudyLine {
  fileprivate func isOfVariant(of other: StudyLine) -> Bool {
    `case` == other.case && variant == other.variant
  }
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
