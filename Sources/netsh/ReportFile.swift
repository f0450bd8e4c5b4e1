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
  func write(_ html: String) -> String? {
    let url = URL(fileURLWithPath: path)
    do {
      // A pipe or a device is written to; a file is replaced when its successor is complete.
      if isPlainOrNew {
        try Data(html.utf8).write(to: url, options: .atomic)
      } else {
        let handle = try FileHandle(forWritingTo: url)
        try handle.write(contentsOf: Data(html.utf8))
        try handle.close()
      }
      return nil
    } catch {
      return "\(path): the report cannot be written."
    }
  }

  /// Asked of the system itself: Foundation's attributes are nil now and then for what is there,
  /// and a device that is taken for no file at all would be replaced by one.
  private var isPlainOrNew: Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return errno == ENOENT }
    return status.st_mode & S_IFMT == S_IFREG
  }
}
