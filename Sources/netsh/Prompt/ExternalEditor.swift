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
    guard written == octets.count, run(named ?? "vi", on: path) == 0 else { return nil }
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    let saved = String(decoding: data, as: UTF8.self)
    return saved.allSatisfy(\.isWhitespace) ? nil : saved
  }

  /// By the shell, because the variable may hold options. In this process's own group: it needs the
  /// terminal, which a group of its own would not have.
  private static func run(_ editor: String, on path: String) -> Int32 {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (none, usual) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigemptyset(&usual)
    for number in [SIGINT, SIGQUIT, SIGTSTP, SIGHUP, SIGTERM] { sigaddset(&usual, number) }
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &usual)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let words = ["sh", "-c", "\(editor) \"$1\"", "sh", path]
    var pointers = words.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    var child: pid_t = 0
    var settings = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in settings { free(pointer) } }
    guard posix_spawn(&child, "/bin/sh", nil, &attributes, &pointers, &settings) == 0 else {
      return -1
    }
    var status: Int32 = 0
    while true {
      if waitpid(child, &status, WUNTRACED) < 0, errno != EINTR { return -1 }
      // Ctrl-Z in an editor stops this process too, and `fg` continues both.
      guard status & 0xFF == 0x7F else { return status }
      TerminalSignals.stop()
    }
  }
}
