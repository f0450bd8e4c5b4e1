// Every script of the project, wherever it lies.

import Foundation

public enum Corpus {
  public static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The scripts below some folders, by path.
  public static func scripts(under folders: [String]) -> [(path: String, octets: [UInt8])] {
    var found: [(path: String, octets: [UInt8])] = []
    for folder in folders {
      let start = root.appendingPathComponent(folder)
      let names = FileManager.default.enumerator(atPath: start.path)?.compactMap { $0 as? String }
      for name in (names ?? []).filter({ $0.hasSuffix(".ns") }).sorted() {
        let data = FileManager.default.contents(atPath: start.appendingPathComponent(name).path)
        found.append((path: name, octets: [UInt8](data ?? Data())))
      }
    }
    return found
  }
}
