// Imports read from the disk: only files below the folder of the root script.

import Foundation
import NetScript

final class FileLoader: Loader {
  /// The root script's folder; "" for the one that netsh was started in.
  private let folder: String
  /// Where the root script itself lies, as the compiler names it.
  private let rootName: String
  /// What relative names begin at, wherever somebody goes later.
  private let start = FileManager.default.currentDirectoryPath

  init(rootPath: String) {
    rootName = rootPath
    folder = rootPath == "-" ? "" : (rootPath as NSString).deletingLastPathComponent
  }

  func load(_ path: String, from importer: String) -> LoadedSource {
    let base = (importer == "-" ? "" : (importer as NSString).deletingLastPathComponent)
    let joined = base.isEmpty ? path : base + "/" + path
    let full = (joined as NSString).standardizingPath
    guard !path.hasPrefix("/"), isInside(full) else {
      return .missing(
        title: "`\(path)` lies outside of the script's folder",
        help: "a script can import files below its own folder, and `std/…`")
    }
    guard let data = FileManager.default.contents(atPath: absolute(full)) else {
      return .missing(title: "the file `\(path)` cannot be read", help: nearby(path, base))
    }
    guard data.count <= longestScriptOctets else {
      return .missing(title: "`\(path)` is longer than \(longestScriptOctets >> 20) MiB", help: nil)
    }
    return .found(name: full, octets: [UInt8](data))
  }

  private func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : start + "/" + path
  }

  private func isInside(_ path: String) -> Bool {
    if path.hasPrefix("../") || path == ".." { return folder.hasPrefix("..") && inFolder(path) }
    return inFolder(path)
  }

  private func inFolder(_ path: String) -> Bool {
    let root = (folder as NSString).standardizingPath
    if root.isEmpty || root == "." { return !path.hasPrefix("/") }
    return path.hasPrefix(root + "/")
  }

  /// A file of nearly this name in the same folder.
  private func nearby(_ path: String, _ base: String) -> String? {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: absolute(base))) ?? [])
      .filter { $0.hasSuffix(".ns") }.sorted()
    return Spelling.nearest(to: path, among: names).map { "did you mean `\($0)`?" }
  }
}
