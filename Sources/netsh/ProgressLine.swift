// The one line on standard error that a long run rewrites while somebody waits.

import Foundation

/// A line that shows how far a run is. It appears after a second, changes at most ten times a
/// second and is gone before anything else is written. Not for use from several threads.
struct ProgressLine {
  private let terminal: Terminal
  private let isShown: Bool
  private let start = ContinuousClock.now
  private var lastChange = ContinuousClock.now
  private var isOnScreen = false

  init(terminal: Terminal) {
    self.terminal = terminal
    isShown = terminal.showsProgress
  }

  /// Shows the text when it is time to. It is composed only then.
  mutating func update(_ text: @autoclosure () -> String) {
    guard isShown else { return }
    let now = ContinuousClock.now
    guard now - start >= .seconds(1), now - lastChange >= .milliseconds(100) else { return }
    lastChange = now
    isOnScreen = true
    // One column stays free: some terminals wrap when the last one is filled.
    let line = text().prefix(max(0, terminal.columns - 1))
    terminal.write("\r\(line)\u{1B}[K", to: .error)
  }

  /// Takes the line off the screen; before every other output, and at the end.
  mutating func clear() {
    guard isOnScreen else { return }
    isOnScreen = false
    terminal.write("\r\u{1B}[K", to: .error)
  }
}
