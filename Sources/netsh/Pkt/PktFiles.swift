// Which scripts there are, and what is known of them.

import Foundation

/// A packetdrill script on its way to being run.
struct PktScript: Sendable {
  /// As it is told: the path as typed, or below the folder that was typed.
  var path: String
  var octets: [UInt8]
}

enum PktFiles {
  /// The files as typed, and of a folder all below it that end in `.pkt`, in the order of names.
  static func scripts(_ paths: [String]) throws -> [PktScript] {
    try paths.flatMap { try expanded($0) }.map { path in
      guard let octets = FileManager.default.contents(atPath: path) else {
        throw Failure(.usage, "\(path): cannot be read.")
      }
      return PktScript(path: path, octets: Array(octets))
    }
  }

  private static func expanded(_ path: String) throws -> [String] {
    let files = FileManager.default
    var isFolder: ObjCBool = false
    guard files.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Failure(.usage, "\(path): there is no such file.")
    }
    guard isFolder.boolValue else { return [path] }
    let root = path.hasSuffix("/") ? String(path.dropLast()) : path
    let names = files.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    let scripts = names.filter { name in
      name.hasSuffix(".pkt") && !name.split(separator: "/").contains { $0.hasPrefix(".") }
    }
    guard !scripts.isEmpty else {
      throw Failure(.usage, "\(path): no file below it ends in .pkt.")
    }
    return scripts.sorted().map { root + "/" + $0 }
  }
}

/// `--known FILE`: scripts that do not pass, each with its reason.
struct PktExceptions: Sendable {
  struct Line: Sendable {
    var path: String
    var reason: String
  }

  private(set) var lines: [Line] = []

  init() {}

  /// A path and a reason a line; what is behind `#` at its begin is for people.
  init(readingFile path: String) throws {
    guard let data = FileManager.default.contents(atPath: path),
      let text = String(validating: data, as: UTF8.self)
    else { throw Failure(.usage, "\(path): cannot be read.") }
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let line = line.trimmingCharacters(in: .whitespaces)
      guard !line.isEmpty && !line.hasPrefix("#") else { continue }
      let words = line.split(maxSplits: 1, whereSeparator: \.isWhitespace)
      guard words.count == 2 else {
        throw Failure(.usage, "\(path):\(index + 1): a path without a reason.")
      }
      let reason = words[1].trimmingCharacters(in: .whitespaces)
      lines.append(Line(path: String(words[0]), reason: reason))
    }
  }

  /// Why it is known that a script does not pass; the list names the end of its path.
  func reason(for path: String) -> String? {
    lines.first { path == $0.path || path.hasSuffix("/" + $0.path) }?.reason
  }
}
