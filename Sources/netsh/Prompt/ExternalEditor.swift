// An entry in somebody's own editor: `$VISUAL`, `$EDITOR`, or vi.

import Foundation

enum ExternalEditor {
  private static var environment: [String: String] { ProcessInfo.processInfo.environment }

  /// - Returns: what was saved; nil when the editor failed, or left nothing.
  static func edit(_ text: String) -> String? {
    let named = ["VISUAL", "EDITOR"].compactMap { environment[$0] }.first { !$0.isEmpty }
    let name = "netsh-" + String(repeating: "X", count: 6) + ".ns"
    var template = Array((NSTemporaryDirectory() + "/" + name).utf8CString)
    let descriptor = mkstemps(&template, 3)
    guard descriptor >= 0 else { return nil }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    let octets = Array(text.utf8)
    let written = write(descriptor, octets, octets.count)
    close(descriptor)
    guard written == octets.count, ShellCommand.run("\(named ?? "vi") \"$1\"", [path]) == 0 else {
      return nil
    }
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    let saved = String(decoding: data, as: UTF8.self)
    return saved.allSatisfy(\.isWhitespace) ? nil : saved
  }
}
