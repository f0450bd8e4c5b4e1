// Imports out of a pack: what is in it and `std/`, and nothing else of this machine.

import NetScript

final class PackLoader: Loader {
  private let files: [String: [UInt8]]

  init(_ entries: [StoredZip.Entry]) {
    files = Dictionary(entries.map { ($0.name, $0.octets) }) { first, _ in first }
  }

  func load(_ path: String, from importer: String) -> LoadedSource {
    let folder = importer.split(separator: "/").dropLast().joined(separator: "/")
    let name = FileLoader.collapsed(folder.isEmpty ? path : folder + "/" + path)
    guard !path.hasPrefix("/"), let octets = files[name] else {
      return .missing(
        title: "`\(path)` is not in the pack", help: "`netsh pack` takes in what is imported")
    }
    return .found(name: name, octets: octets)
  }
}
