// Lines that somebody types, edited by GNU readline. The only file that knows it.
//
// Readline is used through its callbacks: this process waits for input itself, so that a signal is
// seen at once and nothing is done inside a handler. The terminal stays in readline's modes between
// lines, without echo: what is typed while a command runs is shown where it is read.

import CReadline
import Foundation
import NetLab

final class ReadlineReader: LineReader {
  /// There is one readline in a process, and one reader in front of it.
  nonisolated(unsafe) private static weak var current: ReadlineReader?
  /// A line longer than this is shown when nothing more waits: each octet of a paste would draw all
  /// of it.
  private static let longLine: Int32 = 4096

  let isTyped = true
  /// What may stand at the end of a text; the text of the whole entry so far.
  var completer: (String) -> Completion = { _ in Completion() }
  private let history: History
  private let allowsEditor: Bool
  private var shown = (revision: -1, count: 0)
  private var input: Input?
  private var begun = ""
  private var completion = Completion()

  init(_ history: History, allowsEditor: Bool) {
    self.history = history
    self.allowsEditor = allowsEditor
    precondition(Self.current == nil, "two readers at one terminal")
    TerminalSignals.watch()
    Self.current = self
    prepareLocale()
    readline_set_name(strdup("netsh"))
    readline_leave_signals_alone()
    readline_keep_terminal()
    if isatty(1) == 0 { readline_write_to_errors() }
    readline_set_completion(
      { _, start, end in ReadlineReader.current?.matches(from: start, to: end) },
      { _, _, _ in ReadlineReader.current?.list() }, strdup(" \t\n;,()[]{}<>=+-*/|:.#\"'"))
    bindKeys()
    rl_initialize()
    // Not before: readline would not ask what the terminal can do.
    readline_set_redisplay(Self.redisplay)
    using_history()
    atexit { rl_deprep_terminal() }
  }

  deinit { rl_deprep_terminal() }

  /// Scripts are UTF-8; in the locale of a bare environment each octet would be a column.
  private func prepareLocale() {
    let environment = ProcessInfo.processInfo.environment
    let names = ["LC_ALL", "LC_CTYPE", "LANG"]
    if names.allSatisfy({ (environment[$0] ?? "").isEmpty }) { setenv("LC_CTYPE", "C.UTF-8", 1) }
  }

  /// Before the user's own bindings, which are read by `rl_initialize`.
  private func bindKeys() {
    let edit: @convention(c) (Int32, Int32) -> Int32 = { _, _ in
      ReadlineReader.current?.edit()
      return 0
    }
    rl_add_defun("edit-and-execute-command", edit, -1)
    rl_bind_keyseq("\\C-x\\C-e", edit)
    rl_bind_keyseq_in_map("v", edit, rl_get_keymap_by_name("vi-command"))
    rl_bind_keyseq("\\ep", rl_history_search_backward)
    rl_bind_keyseq("\\en", rl_history_search_forward)
  }

  // MARK: Reading

  func read(_ prompt: String, after begun: String) -> Input {
    showHistory()
    self.begun = begun
    input = nil
    // What was pressed when nothing ran concerns nothing.
    Interruption.clear()
    if TerminalSignals.wentOn { rl_deprep_terminal() }
    return TerminalSignals.holding {
      rl_callback_handler_install(prompt) { ReadlineReader.current?.accept($0) }
      while input == nil {
        switch TerminalSignals.wait() {
        case .input: rl_callback_read_char()
        case .signal: heedSignals()
        case .end:
          rl_callback_handler_remove()
          input = .end
        }
      }
      return input ?? .end
    }
  }

  func lending<Result>(_ body: () -> Result) -> Result {
    rl_deprep_terminal()
    defer { rl_prep_terminal(1) }
    return body()
  }

  /// Called by readline with a line, or with nothing at the end of the input.
  private func accept(_ line: UnsafeMutablePointer<CChar>?) {
    rl_callback_handler_remove()
    guard let line else { return input = .end }
    defer { free(line) }
    if input == nil { input = .line(String(cString: line)) }
  }

  private func heedSignals() {
    if TerminalSignals.hasNewSize { resize() }
    if TerminalSignals.isToStop {
      rl_deprep_terminal()
      TerminalSignals.stop()
    }
    if TerminalSignals.wentOn {
      rl_deprep_terminal()
      rl_prep_terminal(1)
      resize()
      rl_forced_update_display()
    }
    if Interruption.isRequested {
      Interruption.clear()
      interrupt()
    }
  }

  /// Readline's own way to draw after a change of size wants its own way to draw.
  private func resize() {
    readline_set_redisplay(rl_redisplay)
    rl_resize_terminal()
    readline_set_redisplay(Self.redisplay)
  }

  private static let redisplay: @convention(c) () -> Void = {
    if readline_length() < ReadlineReader.longLine || !TerminalSignals.hasInput { rl_redisplay() }
  }

  private func interrupt() {
    readline_go_to_end()
    rl_redisplay()
    rl_callback_sigcleanup()
    rl_free_line_state()
    rl_crlf()
    readline_flush()
    rl_callback_handler_remove()
    input = .interrupted
  }

  // MARK: History

  private func showHistory() {
    history.refresh()
    let entries = history.entries
    if history.revision != shown.revision {
      clear_history()
      shown = (history.revision, 0)
    }
    for entry in entries[shown.count...] { add_history(entry.text) }
    shown.count = entries.count
    using_history()
  }

  // MARK: Editor

  /// The whole entry, in an editor. What was saved is done at once.
  private func edit() {
    guard allowsEditor else {
      rl_ding()
      return
    }
    let text = begun + String(cString: readline_line())
    guard let saved = lending({ ExternalEditor.edit(text) }) else {
      rl_forced_update_display()
      return
    }
    rl_crlf()
    readline_write(saved.hasSuffix("\n") ? saved : saved + "\n")
    readline_flush()
    input = .entry(saved)
    readline_finish()
  }

  // MARK: Completion

  /// What readline puts in the place of what stands from `start` to the cursor: first what all
  /// matches have in common, then each of them, then nil.
  private func matches(
    from start: Int32, to end: Int32
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
    readline_end_completion()
    let line = Array(String(cString: readline_line()).utf8)
    let text = begun + String(decoding: line.prefix(Int(end)), as: UTF8.self)
    let rest = String(decoding: line.dropFirst(Int(end)), as: UTF8.self)
    completion = completer(text)
    let texts = completion.replacements(from: begun.utf8.count + Int(start), in: text, before: rest)
    guard let first = texts.first else { return nil }
    let common = texts.dropFirst().reduce(first) { $0.commonPrefix(with: $1, options: .literal) }
    let all = texts.count == 1 ? [first] : [common] + texts
    let array = calloc(all.count + 1, MemoryLayout<UnsafeMutablePointer<CChar>?>.stride)
      .bindMemory(to: UnsafeMutablePointer<CChar>?.self, capacity: all.count + 1)
    for (place, text) in all.enumerated() { array[place] = strdup(text) }
    return array
  }

  private func list() {
    let count = completion.candidates.count
    var (rows, columns): (Int32, Int32) = (24, 80)
    rl_get_screen_size(&rows, &columns)
    rl_crlf()
    if count <= readline_asks_beyond() || isWanted(count) {
      let lines = CandidateList.lines(completion.candidates, columns: Int(columns), rows: Int(rows))
      for line in lines {
        readline_write(line)
        rl_crlf()
      }
    }
    rl_forced_update_display()
  }

  private func isWanted(_ count: Int) -> Bool {
    readline_write("\(count) possibilities: show all? (y or n) ")
    readline_flush()
    defer { rl_crlf() }
    while true {
      switch TerminalSignals.wait() {
      case .end: return false
      case .signal:
        guard Interruption.isRequested else { continue }
        Interruption.clear()
        return false
      case .input:
        switch rl_read_key() {
        case 0x79, 0x59, 0x20: return true  // y, Y, space
        case 0x6E, 0x4E, 0x07, 0x7F, EOF: return false  // n, N, Ctrl-G, rubout
        default: rl_ding()
        }
      }
    }
  }
}
