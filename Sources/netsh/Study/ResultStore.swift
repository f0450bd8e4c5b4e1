// A folder of results: a file for each run, named by its key, and the plan of all.
//
// A file appears whole or not at all. Whoever kills the program loses the runs that were under way,
// and no other.

import Foundation
import NetLab

struct ResultStore: Sendable {
  var folder: String

  static let planName = "plan.ndjson"
  private static let suffix = ".json"

  init(_ folder: String) { self.folder = folder }

  func path(of id: String) -> String { "\(folder)/\(id)\(Self.suffix)" }
  func has(_ key: RunKey) -> Bool { FileManager.default.fileExists(atPath: path(of: key.text)) }

  /// Makes the folder and lays the plan into it.
  ///
  /// - Throws: `Failure` when that cannot be done, or when the plan of another study is there.
  func open(_ study: Study) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw Failure(.usage, "\(folder): the folder cannot be made.")
    }
    let text = try StudyLine.text(study.lines)
    if let old = FileManager.default.contents(atPath: "\(folder)/\(Self.planName)") {
      if old == Data(text.utf8) { return }
      throw Failure(
        .usage, "\(folder): has the results of another study; choose another folder.")
    }
    if let problem = write(text, to: Self.planName) { throw Failure(.usage, problem) }
  }

  /// Returns what went wrong, or nil.
  func keep(_ result: RunResult, _ key: RunKey) -> String? {
    write(JSONReport.line(result, id: key.text) + "\n", to: key.text + Self.suffix)
  }

  private func write(_ text: String, to name: String) -> String? {
    // Of a folder that is full each file would say so.
    guard let problem = WholeFile.write(text, to: "\(folder)/\(name)", called: folder) else {
      return nil
    }
    return "\(problem) Once that is mended, the same command goes on from here."
  }
}

extension StudyLine {
  static func text(_ lines: [StudyLine]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try lines.map { String(decoding: try encoder.encode($0), as: UTF8.self) + "\n" }.joined()
  }
}
