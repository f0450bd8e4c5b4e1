// Files that appear whole or not at all.

import Foundation

enum WholeFile {
  /// Replaces the file when its successor is complete. Returns what went wrong, or nil.
  static func write(_ text: String, to path: String) -> String? {
    write(Array(text.utf8), to: path)
  }

  static func write(_ octets: [UInt8], to path: String) -> String? {
    do {
      try Data(octets).write(to: URL(fileURLWithPath: path), options: .atomic)
      return nil
    } catch {
      let isFull = (error as? CocoaError)?.code == .fileWriteOutOfSpace
      return "\(path): \(isFull ? "the disk is full" : "cannot be written")."
    }
  }
}
