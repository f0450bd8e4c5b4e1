// The file of `--report`: asked for before anything runs, written when all is over, in one piece.
//
// As with the output of a compiler, a file that is there is replaced. A script that is to be run is
// not: that is a slip of the hand.

import Foundation

struct ReportFile {
  private let path: String

  /// - Throws: when nothing can be written there.
  init(_ path: String, _ options: RunOptions) throws {
    let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    self.path = url.path
    let files = FileManager.default
    var isFolder: ObjCBool = false
    if files.fileExists(atPath: url.path, isDirectory: &isFolder) {
      if isFolder.boolValue { throw Failure(.usage, "\(path): is a folder.") }
      for script in options.scripts
      where URL(fileURLWithPath: script.path).resolvingSymlinksInPath() == url {
        throw Failure(.usage, "\(path): is the script itself.")
      }
      guard files.isWritableFile(atPath: url.path) else {
        throw Failure(.usage, "\(path): cannot be written to.")
      }
      return
    }
    let folder = url.deletingLastPathComponent().path
    guard files.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw Failure(.usage, "\(folder): there is no such folder.")
    }
    guard files.isWritableFile(atPath: folder) else {
      throw Failure(.usage, "\(folder): cannot be written to.")
    }
  }

  /// Writes the page. Returns what went wrong, or nil; then there is what was there before.
  func write(_ html: String) -> String? { WholeFile.write(html, to: path) }
}
