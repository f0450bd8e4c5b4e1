// Files that appear whole or not at all.

import Foundation

enum WholeFile {
  /// Replaces the file when its successor is complete. Returns what went wrong, or nil.
  ///
  /// - Parameter name: what is named in that sentence, if not the file.
  static func write(_ text: String, to path: String, called name: String? = nil) -> String? {
    write(Array(text.utf8), to: path, called: name)
  }

  static func write(_ octets: [UInt8], to path: String, called name: String? = nil) -> String? {
    let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    do {
      // A pipe or a device is written to; a file is replaced when its successor is complete.
      if isPlainOrNew(url.path) {
        try Data(octets).write(to: url, options: .atomic)
      } else {
        let handle = try FileHandle(forWritingTo: url)
        try handle.write(contentsOf: octets)
        try handle.close()
      }
      return nil
    } catch {
      return "\(name ?? path): \(reason(error))."
    }
  }

  /// What the system has against it. Some of it can be mended, so that it is worth telling apart.
  static func reason(_ error: any Error) -> String {
    let below = (error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error
    switch (below as? POSIXError)?.code ?? (error as? POSIXError)?.code {
    case .ENOSPC?, .EDQUOT?: return "the disk is full"
    case .EFBIG?: return "is longer than a file may be here"
    default:
      return (error as? CocoaError)?.code == .fileWriteOutOfSpace
        ? "the disk is full" : "cannot be written"
    }
  }

  /// Asked of the system itself: Foundation's attributes are nil now and then for what is there,
  /// and a device that is taken for no file at all would be replaced by one.
  private static func isPlainOrNew(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return errno == ENOENT }
    return status.st_mode & S_IFMT == S_IFREG
  }
}
