// Results of all parts of a study, put together: what is missing, cut short, contradictory or
// strange is named and never counted.

import Foundation

struct MergedStudy {
  /// In the order of the plan.
  private(set) var runs: [(line: StudyLine, result: StudyResult, text: String)] = []
  private(set) var problems: [String] = []

  /// - Throws: `Failure` when a folder has no plan, or two folders are of two studies.
  init(folders: [String]) throws {
    let lines = try Self.plan(of: folders)
    let known = Set(lines.map(\.id))
    var missing: [StudyLine] = []
    for line in lines {
      let found = folders.compactMap { folder -> (path: String, text: String)? in
        let path = ResultStore(folder).path(of: line.id)
        return FileManager.default.contents(atPath: path).map {
          (path, String(decoding: $0, as: UTF8.self))
        }
      }
      if found.isEmpty {
        missing.append(line)
      } else if let broken = found.first(where: { !Self.isSound($0.text, line) }) {
        problems.append("\(broken.path): is cut short or altered; delete it and run it again.")
      } else if let other = found.first(where: { $0.text != found[0].text }) {
        problems.append(
          "\(found[0].path) and \(other.path): the same run with two results; "
            + "`netsh run --check-determinism` tells more.")
      } else if let result = StudyResult(line: found[0].text) {
        runs.append((line, result, found[0].text))
      }
    }
    problems += Self.strays(in: folders, known)
    if !missing.isEmpty {
      let few = missing.prefix(5).map { "\($0.id) (\($0.case), seed \($0.seed))" }
      let rest = missing.count > 5 ? " and \(missing.count - 5) more" : ""
      problems.append(
        "\(missing.count) of \(lines.count) results are missing: "
          + few.joined(separator: ", ") + rest + ".")
    }
  }

  private static func isSound(_ text: String, _ line: StudyLine) -> Bool {
    guard text.hasSuffix("}\n"), let result = StudyResult(line: text) else { return false }
    return result.id == line.id && result.case == line.case && result.seed == line.seed
  }

  private static func plan(of folders: [String]) throws -> [StudyLine] {
    var plan: (folder: String, data: Data)?
    for folder in folders {
      let path = "\(folder)/\(ResultStore.planName)"
      guard let data = FileManager.default.contents(atPath: path) else {
        throw Failure(.usage, "\(folder): has no results of a study.")
      }
      if let plan, plan.data != data {
        throw Failure(.usage, "\(plan.folder) and \(folder): are of two studies.")
      }
      plan = (folder, data)
    }
    guard let plan else { throw Failure(.usage, "merge takes folders of results.") }
    do {
      return try String(decoding: plan.data, as: UTF8.self).split(separator: "\n").map {
        try JSONDecoder().decode(StudyLine.self, from: Data($0.utf8))
      }
    } catch {
      throw Failure(.usage, "\(plan.folder)/\(ResultStore.planName): cannot be read.")
    }
  }

  /// Results that the plan does not know.
  private static func strays(in folders: [String], _ known: Set<String>) -> [String] {
    folders.flatMap { folder in
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return names.sorted().filter { name in
        name.hasSuffix(".json") && !known.contains(String(name.dropLast(5)))
      }.map { "\(folder)/\($0): is of no run of this study." }
    }
  }

  // MARK: Text

  var jsonLines: String { runs.map(\.text).joined() }

  /// A row for each run, with the last row of each of its reports.
  var csv: String {
    var names: [String] = []
    var columns: [String] = []
    for run in runs {
      for setting in run.line.point where !names.contains(setting.name) {
        names.append(setting.name)
      }
      for (column, _) in run.result.measured where !columns.contains(column) {
        columns.append(column)
      }
    }
    let heading =
      ["id", "case", "variant"] + names + ["seed", "verdict", "ended_at_ns", "events"]
      + ["packets", "digest"] + columns
    var text = CommaSeparated.row(heading)
    for run in runs {
      let result = run.result
      let point = names.map { name in run.line.point.first { $0.name == name }?.value ?? "" }
      let measured = columns.map { column in
        result.measured.first { $0.column == column }?.value.text ?? ""
      }
      text += CommaSeparated.row(
        [result.id, result.case, result.variant ?? ""] + point
          + ["\(result.seed)", result.verdict, "\(result.endedAt)", "\(result.events)"]
          + ["\(result.packets)", result.digest] + measured)
    }
    return text
  }
}

enum CommaSeparated {
  /// RFC 4180, but for the line's end.
  static func row(_ fields: [String]) -> String {
    fields.map { field in
      field.contains { "\",\n\r".contains($0) }
        ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
    }.joined(separator: ",") + "\n"
  }
}
