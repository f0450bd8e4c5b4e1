// Where the prompt's own files lie (the XDG base directories), and the rc file's lines.

import Foundation

enum PromptFiles {
  /// What is done before the first line: `$XDG_CONFIG_HOME/netsh/rc`.
  static var rc: String { folder("XDG_CONFIG_HOME", ".config") + "/rc" }

  /// What outlives a session: `$XDG_STATE_HOME/netsh`.
  static var stateFolder: String { folder("XDG_STATE_HOME", ".local/state") }

  /// All folders on the way to a file.
  static func makeFolder(of path: String) {
    var folder = ""
    for part in path.split(separator: "/").dropLast() {
      folder += "/" + part
      mkdir(folder, 0o700)
    }
  }

  private static func folder(_ variable: String, _ standard: String) -> String {
    let environment = ProcessInfo.processInfo.environment
    let chosen = environment[variable] ?? ""
    // A relative path is to be ignored: XDG Base Directory Specification.
    let base = chosen.hasPrefix("/") ? chosen : (environment["HOME"] ?? "") + "/" + standard
    return base + "/netsh"
  }
}

extension Prompt {
  /// Does the rc file's lines. A mistake is told, and the next line is done.
  func performRC() {
    guard !options.noRc, let data = FileManager.default.contents(atPath: PromptFiles.rc) else {
      return
    }
    origin = .rc
    defer { origin = .session }
    for (number, text) in String(decoding: data, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if text.allSatisfy(\.isWhitespace) || text.hasPrefix("#") { continue }
      if !perform(PromptLine(String(text))) {
        _ = refuse("that was line \(number + 1) of \(PromptFiles.rc)")
      }
    }
  }
}
