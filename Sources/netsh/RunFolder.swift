// The files of one run: kept in memory until the run has ended well, then written at once.

import Foundation
import NetLab

/// Collects what a run captures and records.
final class FileSink: OutputSink {
  /// Files in the order of their first octets.
  private(set) var files: [(name: String, octets: [UInt8])] = []

  func append(_ octets: [UInt8], to file: String) {
    if let place = files.firstIndex(where: { $0.name == file }) {
      files[place].octets += octets
    } else {
      files.append((name: file, octets: octets))
    }
  }
}

/// `DIR/<case>/<variant>/seed-N`, only the levels that vary.
struct RunFolder: Sendable {
  var path: String

  init(_ root: String, levels: [String]) {
    path = ([root] + levels.map(RunFolder.fileName)).joined(separator: "/")
  }

  /// A title as a file name: letters, digits and dashes.
  static func fileName(_ title: String) -> String {
    var name = ""
    for scalar in title.unicodeScalars {
      let isKept =
        scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
      if isKept {
        name.unicodeScalars.append(scalar)
      } else if !name.hasSuffix("-") {
        name += "-"
      }
    }
    while name.hasSuffix("-") { name.removeLast() }
    return name.isEmpty ? "run" : String(name.prefix(100))
  }

  /// Why nothing may be written here, or nil.
  func objection(force: Bool) -> String? {
    let content = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    if content.isEmpty || force { return nil }
    return "\(path): is not empty; --force writes into it."
  }

  /// Writes the files. Returns what went wrong, or nil.
  func write(_ files: [(name: String, octets: [UInt8])]) -> String? {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      for file in files {
        let name = (file.name as NSString).lastPathComponent
        try Data(file.octets).write(to: URL(fileURLWithPath: path + "/" + name))
      }
      return nil
    } catch {
      return "\(path): cannot be written."
    }
  }
}
