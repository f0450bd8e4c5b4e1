// A real pseudo-terminal for a session: tmux with a server of its own, keys in, a screen out.
//
// Nothing here sleeps for a fixed time: whoever wants to see something waits for it, generously.

import Foundation
import Testing

/// One program in a terminal. Ends with its server and its folder when nobody holds it.
final class TerminalScreen {
  static let tmux = ["/usr/bin/tmux", "/bin/tmux", "/usr/local/bin/tmux", "/opt/homebrew/bin/tmux"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }
  static let isMissing: Comment = "tmux is not installed: scripts/setup installs it"

  /// How long something may take to appear on a machine with much else to do.
  static let patience: TimeInterval = 60

  /// Home, state and everything else that the session writes; also its working folder.
  let folder: URL
  private let isOwnFolder: Bool
  private let socket: String

  /// Begins `netsh` with these words.
  ///
  /// - Parameters:
  ///   - files: put into the folder before, by name.
  ///   - program: another program, as the shell finds it, instead of `netsh`.
  init(
    _ words: [String], columns: Int = 80, rows: Int = 24, environment: [String: String] = [:],
    files: [String: String] = [:], folder: URL? = nil, program: String? = nil
  ) throws {
    self.folder = folder ?? Self.newFolder()
    isOwnFolder = folder == nil
    socket = "netsh-\(UUID().uuidString.prefix(8))"
    for (name, text) in files {
      try Data(text.utf8).write(to: self.folder.appendingPathComponent(name))
    }
    let netsh = try #require(Netsh.executable, "netsh has not been built")
    let home = self.folder.path
    var settings = [
      "PATH": "/usr/bin:/bin", "HOME": home, "XDG_STATE_HOME": home + "/state",
      "XDG_CONFIG_HOME": home + "/config", "TERM": "screen", "LC_ALL": "C.UTF-8",
      "INPUTRC": home + "/.inputrc", "TMPDIR": home,
    ]
    settings.merge(environment) { $1 }
    let command =
      ["env", "-i"] + settings.map { "\($0.key)=\($0.value)" }.sorted()
      + [program ?? netsh.path] + words
    try tmux(
      [
        "-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "-c", home,
        command.map(Self.quoted).joined(separator: " "), ";",
        "set-option", "-g", "remain-on-exit", "on", ";", "set-option", "-g", "status", "off", ";",
        "set-option", "-g", "history-limit", "20000",
      ])
  }

  deinit {
    _ = try? tmux(["kill-server"])
    if isOwnFolder { try? FileManager.default.removeItem(at: folder) }
  }

  /// A folder for one session, or for several that share their history.
  static func newFolder() -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("netsh-screen-\(UUID().uuidString)")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  // MARK: Keys

  /// Types a text as it is.
  func type(_ text: String) throws { try tmux(["send-keys", "-l", "--", text]) }

  /// Presses keys by tmux's names: `Enter`, `C-c`, `M-b`, `Up`, `Tab`.
  func press(_ keys: String...) throws { try tmux(["send-keys"] + keys) }

  /// A line and Enter.
  func enter(_ line: String) throws {
    try type(line)
    try press("Enter")
  }

  /// Pastes a text, as a terminal does it: in brackets when the program has asked for them.
  func paste(_ text: String) throws {
    let file = folder.appendingPathComponent("paste-\(UUID().uuidString)")
    try Data(text.utf8).write(to: file)
    try tmux(["load-buffer", file.path, ";", "paste-buffer", "-p", "-r"])
    try FileManager.default.removeItem(at: file)
  }

  /// Types what a file holds, whatever it is, without brackets.
  func pasteFile(_ path: String) throws {
    try tmux(["load-buffer", path, ";", "paste-buffer", "-r"])
  }

  func resize(columns: Int, rows: Int) throws {
    try tmux(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
  }

  /// Everything that the program writes from now on, as it comes: into this file.
  func record() throws -> URL {
    let file = folder.appendingPathComponent("written-\(UUID().uuidString)")
    try tmux(["pipe-pane", "-o", "cat >> " + Self.quoted(file.path)])
    return file
  }

  /// Takes the terminal away, as a closed window does.
  func hangUp() throws { try tmux(["kill-server"]) }

  // MARK: Screen

  /// What the screen shows, without blanks at the ends of lines and empty lines at its end.
  var lines: [String] { get throws { try captured([]) } }

  /// The same, and what has scrolled away above it.
  var allLines: [String] { get throws { try captured(["-S", "-"]) } }

  /// What the screen shows, with the colours it has.
  var escapes: String { get throws { try tmux(["capture-pane", "-p", "-e"]) } }

  /// The last line that shows something.
  var lastLine: String { get throws { try lines.last ?? "" } }

  /// Where the cursor stands; both from 0.
  var cursor: (column: Int, row: Int) {
    get throws {
      let parts = try told("#{cursor_x} #{cursor_y}").split(separator: " ").compactMap { Int($0) }
      return parts.count == 2 ? (parts[0], parts[1]) : (-1, -1)
    }
  }

  /// The number of the process in the terminal.
  var process: Int32? { get throws { Int32(try told("#{pane_pid}")) } }

  /// Its exit status, once it has ended; a signal counts as 128 and its number, as in a shell.
  var status: Int? {
    get throws {
      let parts = try told("#{pane_dead} #{pane_dead_status} #{pane_dead_signal}")
        .split(separator: " ", omittingEmptySubsequences: false).map { Int($0) }
      // A pane is dead a moment before its status is known.
      guard parts.count == 3, parts[0] == 1 else { return nil }
      return parts[1] ?? parts[2].map { 128 + $0 }
    }
  }

  private func captured(_ words: [String]) throws -> [String] {
    var lines = try tmux(["capture-pane", "-p"] + words)
      .split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0.reversed().drop { $0 == " " }.reversed()) }
    while lines.last == "" { lines.removeLast() }
    return lines
  }

  private func told(_ format: String) throws -> String {
    try tmux(["display-message", "-p", format]).trimmingCharacters(in: .newlines)
  }

  // MARK: Waiting

  /// Waits until a condition holds; records what the screen shows when it never does.
  @discardableResult
  func wait(
    until what: String, at location: SourceLocation = #_sourceLocation,
    _ condition: (TerminalScreen) throws -> Bool
  ) throws -> Bool {
    let end = Date(timeIntervalSinceNow: Self.patience)
    while true {
      if try condition(self) { return true }
      guard Date() < end else { break }
      usleep(20_000)
    }
    let shown = try lines.joined(separator: "\n")
    Issue.record("waited for \(what); the screen shows\n\(shown)", sourceLocation: location)
    return false
  }

  /// Waits for a text anywhere on the screen.
  @discardableResult
  func wait(for text: String, at location: SourceLocation = #_sourceLocation) throws -> Bool {
    try wait(until: "`\(text)`", at: location) { try $0.lines.contains { $0.contains(text) } }
  }

  /// Waits for a text among all that was written since `record`; gives all of it.
  func wait(
    forWritten text: String, in file: URL, at location: SourceLocation = #_sourceLocation
  ) throws -> String {
    var written = ""
    try wait(until: "`\(text)` to be written", at: location) { _ in
      written = String(decoding: (try? Data(contentsOf: file)) ?? Data(), as: UTF8.self)
      return written.contains(text)
    }
    return written
  }

  /// Waits until the last line of the screen is this.
  @discardableResult
  func wait(
    forLast line: String, at location: SourceLocation = #_sourceLocation
  ) throws -> Bool {
    try wait(until: "the last line `\(line)`", at: location) { try $0.lastLine == line }
  }

  /// Waits for the end of the program, and gives its status; nil when tmux, which sees the end
  /// of the terminal first, never learns it.
  func waitForEnd(at location: SourceLocation = #_sourceLocation) throws -> Int? {
    try wait(until: "the end", at: location) { try $0.hasEnded }
    for _ in 0..<20 {
      if let status = try status { return status }
      usleep(50_000)
    }
    return nil
  }

  /// The program is no more, whatever tmux knows of it.
  var hasEnded: Bool {
    get throws {
      if try told("#{pane_dead}").hasPrefix("1") { return true }
      guard let process = try process else { return true }
      if kill(process, 0) != 0 && errno == ESRCH { return true }
      // Nobody has asked how it ended: `pid (name) Z …`.
      let state = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
      return state.split(separator: ")").last?.hasPrefix(" Z") == true
    }
  }

  // MARK: tmux

  /// Foundation's `Process` would wait for the server too, which inherits what it waits on.
  @discardableResult
  private func tmux(_ words: [String]) throws -> String {
    let tmux = try #require(Self.tmux, Self.isMissing)
    let output = FileManager.default.temporaryDirectory.appendingPathComponent(socket).path
    defer { unlink(output) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    for other: Int32 in 3..<256 { posix_spawn_file_actions_addclose(&actions, other) }
    // The threads that tests run on keep all signals back, and what they start inherits it.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let all = [tmux, "-u", "-L", socket] + words
    var arguments: [UnsafeMutablePointer<CChar>?] = all.map { strdup($0) } + [nil]
    let names = ["PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"]
    var settings: [UnsafeMutablePointer<CChar>?] = names.map { strdup($0) } + [nil]
    defer { for pointer in arguments + settings { free(pointer) } }
    var child: pid_t = 0
    try #require(posix_spawn(&child, tmux, &actions, &attributes, &arguments, &settings) == 0)
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return try String(contentsOfFile: output, encoding: .utf8)
  }

  private static func quoted(_ word: String) -> String {
    "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }
}
