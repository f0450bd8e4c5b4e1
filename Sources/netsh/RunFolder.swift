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

  private init(_ root: String, levels: [String]) {
    path = ([root] + levels.map(RunFolder.fileName)).joined(separator: "/")
  }

  /// A folder for each run. What all levels together do not tell apart (points of a sweep, cases of
  /// one title in two files) is numbered.
  static func folders(in root: String, for plans: [RunPlan]) -> [RunFolder] {
    func varies(_ value: (RunPlan) -> String?) -> Bool {
      plans.contains { value($0) != value(plans[0]) }
    }
    let levels = (
      cases: varies { $0.title }, variants: varies { $0.variant?.title },
      seeds: varies { "\($0.seed)" }
    )
    let paths = plans.map { plan in
      var path: [String] = []
      if levels.cases { path.append(plan.title) }
      if levels.variants { path.append(plan.variant?.title ?? "baseline") }
      if levels.seeds { path.append("seed-\(plan.seed)") }
      return path
    }
    var sharers: [String: Int] = [:]
    for path in paths { sharers[RunFolder(root, levels: path).path, default: 0] += 1 }
    var numbers: [String: Int] = [:]
    return paths.map { path in
      let folder = RunFolder(root, levels: path)
      if sharers[folder.path] == 1 { return folder }
      numbers[folder.path, default: 0] += 1
      return RunFolder(root, levels: path + ["point-\(numbers[folder.path, default: 0])"])
    }
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
    let files = FileManager.default
    var place = URL(fileURLWithPath: path)
    while !files.fileExists(atPath: place.path), place.path != "/" {
      place.deleteLastPathComponent()
    }
    var isFolder: ObjCBool = false
    guard files.fileExists(atPath: place.path, isDirectory: &isFolder), isFolder.boolValue else {
      return "\(place.path): is no folder."
    }
    guard files.isWritableFile(atPath: place.path) else {
      return "\(place.path): cannot be written to."
    }
    let content = (try? files.contentsOfDirectory(atPath: path)) ?? []
    if content.isEmpty || force { return nil }
    return "\(path): is not empty; --force writes into it."
  }

  /// Writes the files, each whole or not at all. Returns what went wrong, or nil.
  func write(_ files: [(name: String, octets: [UInt8])]) -> String? {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      return "\(path): \(WholeFile.reason(error))."
    }
    for file in files {
      let name = (file.name as NSString).lastPathComponent
      if let problem = WholeFile.write(file.octets, to: path + "/" + name) { return problem }
    }
    return nil
  }
}
