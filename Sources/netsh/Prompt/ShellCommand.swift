// A program that has the terminal for as long as it runs: an editor, a pager, what `:shell` names.

import Foundation

enum ShellCommand {
  /// A shell understands the command, because a variable may hold options. It stays in this
  /// process's own group: it needs the terminal, which a group of its own would not have.
  ///
  /// - Parameters:
  ///   - words: `$1`, `$2` … of the command.
  ///   - input: what it reads, instead of the terminal.
  /// - Returns: the status as `waitpid` has it; -1 when nothing was started.
  static func run(
    _ command: String, _ words: [String] = [], input: String? = nil,
    adding variables: [String: String] = [:]
  ) -> Int32 {
    guard let (child, door) = begin(command, words, isFed: input != nil, adding: variables) else {
      return -1
    }
    if let input {
      write(input, to: door)
      close(door)
    }
    return wait(for: child)
  }

  /// Starts it, and leaves it to itself.
  ///
  /// - Parameter isFed: it reads what is written into `input`, up to where that is closed.
  static func begin(
    _ command: String, _ words: [String] = [], isFed: Bool,
    adding variables: [String: String] = [:]
  ) -> (child: pid_t, input: Int32)? {
    var ends: [Int32] = [-1, -1]
    if isFed, pipe(&ends) != 0 { return nil }
    if isFed { _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if isFed {
      posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
      posix_spawn_file_actions_addclose(&actions, ends[0])
    }
    let child = start(["sh", "-c", command, "sh"] + words, &actions, variables)
    if isFed { close(ends[0]) }
    if child == nil && isFed { close(ends[1]) }
    return child.map { ($0, ends[1]) }
  }

  /// `exit 3`, `signal 9`; nil for success.
  static func failure(_ status: Int32) -> String? {
    let signal = status & 0x7F
    if status < 0 { return "it could not be started" }
    if signal != 0 { return "signal \(signal)" }
    return status == 0 ? nil : "exit \(status >> 8 & 0xFF)"
  }

  /// With signals as any program expects them.
  private static func start(
    _ words: [String], _ actions: inout posix_spawn_file_actions_t, _ variables: [String: String]
  ) -> pid_t? {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (none, usual) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigemptyset(&usual)
    for number in [SIGINT, SIGQUIT, SIGTSTP, SIGHUP, SIGTERM, SIGPIPE] {
      sigaddset(&usual, number)
    }
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &usual)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
    var pointers = words.map { strdup($0) } + [nil]
    var settings = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in pointers + settings { free(pointer) } }
    var child: pid_t = 0
    let failure = posix_spawn(&child, "/bin/sh", &actions, &attributes, &pointers, &settings)
    return failure == 0 ? child : nil
  }

  /// Up to where nobody reads any more.
  private static func write(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Up to its end; the status as `waitpid` has it.
  static func wait(for child: pid_t) -> Int32 {
    var status: Int32 = 0
    while true {
      if waitpid(child, &status, WUNTRACED) < 0 {
        if errno == EINTR { continue }
        return -1
      }
      // Ctrl-Z in an editor stops this process too, and `fg` continues both.
      guard status & 0xFF == 0x7F else { return status }
      TerminalSignals.stop()
    }
  }
}
