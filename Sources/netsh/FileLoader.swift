// Imports read from the disk: only files below the folder of the root script.

import Foundation
import NetScript

final class FileLoader: Loader {
  /// The root script's folder, as its name says and where it really lies.
  private let folder: (named: String, real: String)
  /// What relative names begin at, wherever somebody goes later.
  private let start = FileManager.default.currentDirectoryPath

  init(rootPath: String) {
    let path = rootPath == "-" ? "" : (rootPath as NSString).deletingLastPathComponent
    let named = FileLoader.absolute(path, from: start)
    folder = (named, FileLoader.real(named))
  }

  func load(_ path: String, from importer: String) -> LoadedSource {
    let base = (importer == "-" ? "" : (importer as NSString).deletingLastPathComponent)
    let full = FileLoader.collapsed(base.isEmpty ? path : base + "/" + path)
    let named = FileLoader.absolute(full, from: start)
    let real = FileLoader.real(named)
    guard !path.hasPrefix("/"), isBelow(named, folder.named), isBelow(real, folder.real) else {
      return .missing(
        title: "`\(path)` lies outside of the script's folder",
        help: "a script can import files below its own folder, and `std/…`")
    }
    guard let data = FileManager.default.contents(atPath: real) else {
      return .missing(title: "the file `\(path)` cannot be read", help: nearby(path, base))
    }
    guard data.count <= longestScriptOctets else {
      return .missing(title: "`\(path)` is longer than \(longestScriptOctets >> 20) MiB", help: nil)
    }
    return .found(name: full, octets: [UInt8](data))
  }

  private func isBelow(_ path: String, _ folder: String) -> Bool {
    path.hasPrefix(folder == "/" ? folder : folder + "/")
  }

  private static func absolute(_ path: String, from start: String) -> String {
    collapsed(path.hasPrefix("/") ? path : start + "/" + path)
  }

  /// Where the links of a path lead. Of a file that is not there, where it would be.
  private static func real(_ path: String) -> String {
    let link = (path as NSString).deletingLastPathComponent
    guard path != "/", !FileManager.default.fileExists(atPath: path) else {
      return URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }
    return (real(link) as NSString).appendingPathComponent((path as NSString).lastPathComponent)
  }

  /// Without `.` and `..`, by the names alone: `standardizingPath` leaves relative ones alone.
  static func collapsed(_ path: String) -> String {
    var names: [Substring] = []
    for name in path.split(separator: "/") where name != "." {
      if name == "..", let last = names.last, last != ".." {
        names.removeLast()
      } else if name != ".." || !path.hasPrefix("/") {
        names.append(name)
      }
    }
    return (path.hasPrefix("/") ? "/" : "") + names.joined(separator: "/")
  }

  /// A file of nearly this name in the same folder.
  private func nearby(_ path: String, _ base: String) -> String? {
    let names =
      ((try? FileManager.default.contentsOfDirectory(
        atPath: FileLoader.absolute(base, from: start))) ?? [])
      .filter { $0.hasSuffix(".ns") }.sorted()
    return Spelling.nearest(to: path, among: names).map { "did you mean `\($0)`?" }
  }
}
