// What one line prints is held until it is whole: what is taller than the screen goes through a
// program that shows it page by page. Where time passes, lines are shown as they come.

import Foundation
import NetLab
import NetScript
import NetStack

/// What is held of one line's output.
struct Page {
  /// Who prints more than this without an end wants to see that it goes on.
  static let limit = 100_000

  var lines: [String] = []

  /// Rows of a screen of so many columns.
  func height(columns: Int) -> Int {
    lines.reduce(0) { $0 + max((Self.width($1) + columns - 1) / columns, 1) }
  }

  /// Colours take no room.
  private static func width(_ line: String) -> Int {
    var (width, isEscape) = (0, false)
    for scalar in line.unicodeScalars {
      if isEscape {
        isEscape = scalar != "m"
      } else if scalar == "\u{1B}" {
        isEscape = true
      } else {
        width += 1
      }
    }
    return width
  }
}

extension Prompt {
  private var pages: Bool {
    isTyped && record == nil && settings.isOn("pager") && !options.restricted
      && output.isTerminal && terminal.movesCursor
  }

  /// Whoever waits wants to see what happens.
  func letTimePass(to now: Instant) {
    if page != nil, now != lineMoment.now { endPage() }
  }

  /// Every now and then while things happen.
  func showProgress(_ now: Instant, _ events: Int64) {
    letTimePass(to: now)
    if picture.isShown { return }
    progress.update("at \(TimeText.text(now)), event \(Spelling.grouped(events)); Ctrl-C halts")
  }

  /// Before anything is written that stays.
  func clearScreen() {
    picture.clear(terminal)
    progress.clear()
  }

  func beginPage() { page = pages ? Page() : nil }

  /// Shows what is held; what follows is shown as it comes.
  func endPage() {
    guard let held = page else { return }
    page = nil
    let isTall = held.height(columns: terminal.columns) >= terminal.rows
    if isTall, show(held) { return }
    for line in held.lines { write(line) }
  }

  /// False when there is no such program.
  private func show(_ page: Page) -> Bool {
    let environment = ProcessInfo.processInfo.environment
    let named = ["NETSH_PAGER", "PAGER"].compactMap { environment[$0] }.first { !$0.isEmpty }
    let text = page.lines.map { $0 + "\n" }.joined()
    clearScreen()
    // Somebody's own pager may be a `less` that is told nothing of colours.
    let options = environment["LESS"] == nil ? ["LESS": "FRX"] : [:]
    let status = reader.lending {
      ShellCommand.run(named ?? "less -FRX", input: text, adding: options)
    }
    let isMissing = status < 0 || [126, 127].contains(status >> 8)
    return !isMissing
  }
}
