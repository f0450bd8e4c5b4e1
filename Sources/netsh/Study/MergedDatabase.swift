// The results as a database: a run, what it was given, and what it reported.

import Foundation
import GRDB

extension MergedStudy {
  /// Makes the file anew.
  ///
  /// - Throws: `Failure` when it cannot be written; then there is what was there before.
  func writeDatabase(to path: String) throws {
    let draft = "\(path).\(ProcessInfo.processInfo.processIdentifier)"
    do {
      let queue = try DatabaseQueue(path: draft)
      try queue.write { try fill($0) }
      try queue.close()
      guard rename(draft, path) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    } catch {
      for left in [draft, draft + "-journal"] { try? FileManager.default.removeItem(atPath: left) }
      let isFull = (error as? DatabaseError)?.resultCode == .SQLITE_FULL
      throw Failure(
        .usage, "\(path): \(isFull ? "the disk is full" : WholeFile.reason(error)).")
    }
  }

  private func fill(_ database: Database) throws {
    try database.execute(
      sql: """
        CREATE TABLE runs (
          id TEXT PRIMARY KEY, "case" TEXT, variant TEXT, seed INTEGER, verdict TEXT,
          ended_at_ns INTEGER, events INTEGER, packets INTEGER, digest TEXT);
        CREATE TABLE points (run TEXT REFERENCES runs, name TEXT, value TEXT);
        CREATE TABLE reports (
          run TEXT REFERENCES runs, label TEXT, "row" INTEGER, "column" TEXT, value);
        """)
    for run in runs {
      let result = run.result
      try database.execute(
        sql: "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          result.id, result.case, result.variant, Int64(bitPattern: result.seed), result.verdict,
          result.endedAt, result.events, result.packets, result.digest,
        ])
      for setting in run.line.point {
        try database.execute(
          sql: "INSERT INTO points VALUES (?, ?, ?)",
          arguments: [result.id, setting.name, setting.value])
      }
      for table in result.reports {
        for (number, row) in table.rows.enumerated() {
          for (column, value) in zip(table.columns, row) {
            try database.execute(
              sql: "INSERT INTO reports VALUES (?, ?, ?, ?, ?)",
              arguments: [result.id, table.as, number + 1, column, value.databaseValue])
          }
        }
      }
    }
  }
}

extension StudyResult.Entry: DatabaseValueConvertible {
  var databaseValue: DatabaseValue {
    switch self {
    case .none: .null
    case .bool(let value): value.databaseValue
    case .number(let value): value.databaseValue
    case .text(let value): value.databaseValue
    }
  }

  static func fromDatabaseValue(_ value: DatabaseValue) -> StudyResult.Entry? {
    if let number = Double.fromDatabaseValue(value) { return .number(number) }
    return String.fromDatabaseValue(value).map(StudyResult.Entry.text) ?? StudyResult.Entry.none
  }
}
