// From a script to its canonical form, in its file's place.
//
// A file is replaced as a whole or not at all: the text is written beside it and then renamed.

import Foundation
import NetScript

/// Formats one file in its place, or standard input to standard output; or only names it.
func formatScript(
  _ script: ScriptFile, onlyChecks: Bool, terminal: Terminal
) throws -> ExitStatus {
  var files = SourceFiles()
  let id = files.add(name: script.path, text: script.text)
  let (octets, diagnostics) = NetScript.Formatter.format(files[id])
  let renderer = DiagnosticRenderer(files)
  for diagnostic in diagnostics { terminal.tell(renderer.render(diagnostic)) }
  guard let octets else { return .scriptError }
  let text = String(decoding: octets, as: UTF8.self)
  if onlyChecks {
    if text == script.text { return .passed }
    terminal.write(script.path + "\n", to: .output)
    return .failed
  }
  if script.path == "-" {
    terminal.write(text, to: .output)
  } else if text != script.text {
    try replaceFile(script.path, by: text)
  }
  return .passed
}

/// Puts a text in a file's place, at once: whoever reads the file finds the old or the new one.
private func replaceFile(_ path: String, by text: String) throws {
  let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
  // A rename asks the folder only; a file that is not to be written says so itself.
  guard access(target, W_OK) == 0 else { throw unwritable(path) }
  var status = stat()
  guard stat(target, &status) == 0 else { throw unwritable(path) }
  // What mkstemp puts a name of its own in place of.
  let blank = String(repeating: "X", count: 6)
  var name = Array("\(target).\(blank)".utf8CString)
  let descriptor = mkstemp(&name)
  guard descriptor >= 0 else { throw unwritable(path) }
  let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  do {
    try handle.write(contentsOf: Data(text.utf8))
    try handle.synchronize()
  } catch {
    unlink(name)
    throw Failure(.usage, "\(path): cannot be written.")
  }
  guard fchmod(descriptor, status.st_mode & 0o7777) == 0, rename(name, target) == 0 else {
    let failure = unwritable(path)
    unlink(name)
    throw failure
  }
}

/// What the system said last.
private func unwritable(_ path: String) -> Failure {
  Failure(.usage, "\(path): \(String(cString: strerror(errno))).")
}
