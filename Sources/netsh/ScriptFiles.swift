// Reads the files named on the command line. All are read before anything runs, so that a misspelt
// name costs no simulated hours.

import Foundation

/// The longest script that is read, in octets. A text of this size takes a person years to write; a
/// device or a disk image named by mistake is longer.
let longestScriptOctets = 16 << 20

/// The scripts at the paths, in order; `-` is standard input and may be given once.
///
/// - Throws: `Failure` with status `usage` for the first that cannot be read.
func readScripts(_ paths: [String]) throws -> [ScriptFile] {
  if paths.count(where: { $0 == "-" }) > 1 {
    throw Failure(.usage, "'-' can be given once: standard input has one end.")
  }
  return try paths.map { ScriptFile(path: $0, text: try readScript($0)) }
}

private func readScript(_ path: String) throws -> String {
  let name = path == "-" ? "standard input" : path
  var isFolder: ObjCBool = false
  if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
    throw Failure(.usage, "\(name): is a folder, not a script.")
  }
  let handle = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
  guard let handle else {
    throw Failure(.usage, "\(name): \(String(cString: strerror(errno))).")
  }
  let data: Data
  do {
    data = try handle.read(upToCount: longestScriptOctets + 1) ?? Data()
  } catch {
    throw Failure(.usage, "\(name): cannot be read.")
  }
  guard data.count <= longestScriptOctets else {
    throw Failure(.usage, "\(name): longer than \(longestScriptOctets >> 20) MiB.")
  }
  guard let text = String(validating: data, as: UTF8.self) else {
    throw Failure(.usage, "\(name): is not text in UTF-8.")
  }
  return text
}
