// Every script of the project, wherever it lies: in files of its own, in pages, in other tests.

import Foundation

public enum Corpus {
  public static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The scripts below some folders, by path.
  public static func scripts(under folders: [String]) -> [(path: String, octets: [UInt8])] {
    files(".ns", under: folders)
  }

  /// What pages and tests below some folders show of the language: the fenced blocks of the one,
  /// the long strings of the other. Many are parts of a lab only.
  public static func blocks(under folders: [String]) -> [[UInt8]] {
    let fenced = files(".md", under: folders).flatMap { pieces(of: $0.octets, "```ns", "```") }
    let quoted = files(".swift", under: folders).flatMap {
      pieces(of: $0.octets, "\"\"\"", "\"\"\"")
    }
    return fenced + quoted
  }

  /// What lies in a folder, whatever it is, by name.
  public static func files(in folder: String) -> [[UInt8]] {
    files("", under: [folder]).map(\.octets)
  }

  private static func files(
    _ ending: String, under folders: [String]
  ) -> [(path: String, octets: [UInt8])] {
    var found: [(path: String, octets: [UInt8])] = []
    for folder in folders {
      let start = root.appendingPathComponent(folder)
      let names = FileManager.default.enumerator(atPath: start.path)?.compactMap { $0 as? String }
      for name in (names ?? []).filter({ $0.hasSuffix(ending) }).sorted() {
        let data = FileManager.default.contents(atPath: start.appendingPathComponent(name).path)
        found.append((path: name, octets: [UInt8](data ?? Data())))
      }
    }
    return found
  }

  /// Lines between one that has the first mark and the next that has the second.
  private static func pieces(of octets: [UInt8], _ opening: String, _ closing: String) -> [[UInt8]]
  {
    var found: [[UInt8]] = []
    var open: [Substring]?
    for line in String(decoding: octets, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    {
      if let lines = open, line.contains(closing) {
        found.append(Array((lines.joined(separator: "\n") + "\n").utf8))
        open = nil
      } else if open != nil {
        open?.append(line)
      } else if line.contains(opening) {
        open = []
      }
    }
    return found
  }
}
