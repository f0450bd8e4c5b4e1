// When the process dies of a mistake of its own: what it says, and how it leaves the terminal.
//
// All of the text is written beforehand; the handler calls nothing but what a handler may call, and
// the process still dies of the signal.

import Foundation

enum CrashReport {
  private static let signals: [(number: Int32, name: StaticString)] = [
    (SIGILL, "SIGILL"), (SIGTRAP, "SIGTRAP"), (SIGSEGV, "SIGSEGV"), (SIGBUS, "SIGBUS"),
    (SIGABRT, "SIGABRT"), (SIGFPE, "SIGFPE"),
  ]
  private static let head: StaticString = "\r\nnetsh: a mistake of its own ends this session: "
  /// In memory that a handler can reach.
  nonisolated(unsafe) private static var text: UnsafeMutablePointer<CChar>?
  nonisolated(unsafe) private static var count = 0
  /// Where the stack has run out a handler needs another.
  private static let stackSize = 64 << 10

  /// Where everything is that was done, and what does it again.
  static func explain(_ explanation: String) {
    let old = text
    (count, text) = (0, nil)
    text = strdup("\n" + explanation)
    count = text.map { strlen($0) } ?? 0
    free(old)
  }

  static func watch() {
    _ = (signals.count, head.utf8CodeUnitCount)  // makes them exist before a signal needs them
    var stack = stack_t()
    stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: stackSize, alignment: 16)
    stack.ss_size = stackSize
    sigaltstack(&stack, nil)
    for (number, _) in signals {
      var action = sigaction()
      // The first member everywhere, by whatever name.
      withUnsafeMutableBytes(of: &action) {
        $0.storeBytes(of: CrashReport.tell, as: (@convention(c) (Int32) -> Void).self)
      }
      action.sa_flags = SA_ONSTACK
      sigaction(number, &action, nil)
    }
  }

  private static let tell: @convention(c) (Int32) -> Void = { number in
    TerminalSignals.restore()
    _ = write(2, CrashReport.head.utf8Start, CrashReport.head.utf8CodeUnitCount)
    for (known, name) in CrashReport.signals where known == number {
      _ = write(2, name.utf8Start, name.utf8CodeUnitCount)
    }
    if let text = CrashReport.text { _ = write(2, text, CrashReport.count) }
    signal(number, SIG_DFL)
    raise(number)
  }
}

extension Prompt {
  /// Before the first line.
  func watchForCrashes() {
    if !options.restricted {
      var complaint: String?
      log = SessionLog(folder: PromptFiles.stateFolder + "/sessions", complaint: &complaint)
      if let complaint { _ = refuse(complaint) }
    }
    explainCrashes()
    CrashReport.watch()
  }

  private func explainCrashes() {
    guard let log, log.isOpen else {
      return CrashReport.explain("  there is no log of what was done\n")
    }
    CrashReport.explain(
      """
        what was done is in \(log.path)
        this does it again: \(Self.command(replaying: log.path))

      """)
  }

  /// There is no log any more.
  func tellUnlogged(_ complaint: String) {
    explainCrashes()
    _ = refuse(complaint)
  }

  /// The words of this session, as a shell takes them.
  private static func command(replaying log: String) -> String {
    var words = CommandLine.arguments
    // This session's log has what another one's has told it.
    if let place = words.firstIndex(of: "--replay") {
      words.removeSubrange(place..<min(place + 2, words.count))
    }
    words.removeAll { $0.hasPrefix("--replay=") }
    return (words + ["--replay", log]).map(quoted).joined(separator: " ")
  }

  private static func quoted(_ word: String) -> String {
    let isPlain = word.allSatisfy { character in
      character.isASCII && (character.isLetter || character.isNumber)
        || "_./=:,+-".contains(character)
    }
    return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
