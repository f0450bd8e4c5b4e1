// The project's own files, as the tests of this folder look at them.

import Foundation

/// A text file of the project.
struct ProjectFile: Sendable {
  /// Its path from the package's root, with slashes.
  let path: String
  let text: String
  let lines: [Substring]
  /// The lines without comments and literals; empty when the file is not Swift.
  let code: CodeText

  /// The folder below `Sources`, which is the module's name.
  var module: String {
    let parts = path.split(separator: "/")
    return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : ""
  }
}

/// Where the project lies and what it consists of.
enum Project {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
  }

  static func file(_ path: String) throws -> ProjectFile {
    let data = try Data(contentsOf: root.appendingPathComponent(path))
    let text = String(decoding: data, as: UTF8.self)
    return ProjectFile(
      path: path, text: text, lines: text.split(separator: "\n", omittingEmptySubsequences: false),
      code: CodeText(path.hasSuffix(".swift") ? text : ""))
  }

  /// Paths of all files under a folder, hidden ones and build products left out, in order.
  static func paths(under folder: String) -> [String] {
    let start = root.appendingPathComponent(folder).path
    let inside = FileManager.default.enumerator(atPath: start)?.compactMap { $0 as? String } ?? []
    let visible = inside.filter { path in
      !path.split(separator: "/").contains { $0.hasPrefix(".") }
    }
    return visible.map { folder.isEmpty ? $0 : folder + "/" + $0 }.sorted()
  }

  /// The Swift files under a folder.
  static func swiftFiles(under folder: String) throws -> [ProjectFile] {
    try paths(under: folder).filter { $0.hasSuffix(".swift") }.map(file)
  }

  static let sources: [ProjectFile] = (try? swiftFiles(under: "Sources")) ?? []
  static let tests: [ProjectFile] = (try? swiftFiles(under: "Tests")) ?? []
}
