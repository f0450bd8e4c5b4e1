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

  /// What a key does: how often, and which key it was.
  private typealias Command = @convention(c) (Int32, Int32) -> Int32

  let isTyped = true
  /// What may stand at the end of a text; the text of the whole entry so far.
  var completer: (String) -> Completion = { _ in Completion() }
  private let history: History
  private let allowsEditor: Bool
  private var shown = (revision: -1, count: 0)
  private var input: Input?
  private var begun = ""
  private var completion = Completion()
  /// What readline still makes of the line counts for nothing: Ctrl-C, or the terminal is gone.
  private var isGivenUp = false
  /// The key under way ends a search, and readline may go on with others behind it.
  private var isKeyOfSearch = false
  /// vi's or Emacs's keys, as `.inputrc` wants them.
  private var editingMode: Int32 = 0

  init(_ history: History, allowsEditor: Bool) {
    self.history = history
    self.allowsEditor = allowsEditor
    precondition(Self.current == nil, "two readers at one terminal")
    TerminalSignals.watch()
    Self.current = self
    prepareLocale()
    readline_set_name(strdup("netsh"))
    readline_leave_signals_alone()
    readline_manage_terminal { _ in
      rl_prep_terminal(1)
      TerminalSignals.readAtOnce()
    }
    readline_set_getc { _ in ReadlineReader.current?.octet() ?? EOF }
    if isatty(1) == 0 { readline_write_to_errors() }
    readline_set_completion(
      { _, start, end in ReadlineReader.current?.matches(from: start, to: end) },
      { _, _, _ in ReadlineReader.current?.list() }, strdup(" \t\n;,()[]{}<>=+-*/|:.#\"'"))
    bindKeys()
    rl_initialize()
    editingMode = readline_editing_mode()
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
    let edit: Command = { _, _ in
      ReadlineReader.current?.edit()
      return 0
    }
    define("edit-and-execute-command", edit)
    rl_bind_keyseq("\\C-x\\C-e", edit)
    rl_bind_keyseq_in_map("v", edit, rl_get_keymap_by_name("vi-command"))
    rl_bind_keyseq("\\ep", rl_history_search_backward)
    rl_bind_keyseq("\\en", rl_history_search_forward)
    bindMacroKeys()
  }

  /// Where readline refuses one of these it jumps back to where it began to read the key. When a
  /// search has handed the key on, or a macro, that place is gone (in 8.2), and so is the process.
  private func bindMacroKeys() {
    let start: Command = { ReadlineReader.macro(rl_start_kbd_macro, $0, $1) }
    let end: Command = { ReadlineReader.macro(rl_end_kbd_macro, $0, $1) }
    let call: Command = { ReadlineReader.macro(rl_call_last_kbd_macro, $0, $1) }
    for (key, name, command) in [
      ("(", "start-kbd-macro", start), (")", "end-kbd-macro", end),
      ("e", "call-last-kbd-macro", call),
    ] {
      define(name, command)
      rl_bind_keyseq("\\C-x" + key, command)
    }
  }

  /// Readline keeps the name.
  private func define(_ name: String, _ command: Command) {
    rl_add_defun(strdup(name), command, -1)
  }

  private static func macro(
    _ command: (Int32, Int32) -> Int32, _ count: Int32, _ key: Int32
  ) -> Int32 {
    if current?.isKeyOfSearch == true || readline_is_in_macro() != 0 { return rl_ding() }
    return command(count, key)
  }

  // MARK: Reading

  func read(_ prompt: String, after begun: String) -> Input {
    // What was pressed when nothing ran concerns nothing, but what was begun.
    let wasPressed = Interruption.isRequested && !begun.isEmpty
    Interruption.clear()
    if wasPressed { return .interrupted }
    showHistory()
    self.begun = begun
    (input, isGivenUp) = (nil, false)
    if TerminalSignals.wentOn { rl_deprep_terminal() }
    return TerminalSignals.holding {
      rl_callback_handler_install(prompt) { ReadlineReader.current?.accept($0) }
      while input == nil {
        switch TerminalSignals.wait() {
        case .input:
          isKeyOfSearch = readline_is_in_search() != 0
          rl_callback_read_char()
        case .signal where Interruption.isRequested: interrupt()
        case .signal: heedSignals()
        case .end:
          rl_callback_handler_remove()
          input = .end
        }
      }
      return input ?? .end
    }
  }

  /// The next octet of a key, or of a paste; nothing more when the line is given up.
  private func octet() -> Int32 {
    while !isGivenUp {
      if let octet = TerminalSignals.octet() { return Int32(octet) }
      switch TerminalSignals.wait() {
      case .input: continue
      case .signal where !Interruption.isRequested: heedSignals()
      case .signal, .end: isGivenUp = true
      }
    }
    return EOF
  }

  func lending<Result>(_ body: () -> Result) -> Result {
    rl_deprep_terminal()
    defer { readline_prepare_terminal() }
    return body()
  }

  /// Called by readline with a line, or with nothing at the end of the input.
  private func accept(_ line: UnsafeMutablePointer<CChar>?) {
    defer { free(line) }
    rl_callback_handler_remove()
    if isGivenUp { return }
    guard let line else { return input = .end }
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
      readline_prepare_terminal()
      resize()
      rl_forced_update_display()
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

  /// The line is left on the screen, and nothing else of it: no search, no half of a key, no
  /// other keys than somebody's own.
  private func interrupt() {
    Interruption.clear()
    readline_go_to_end()
    rl_redisplay()
    rl_callback_sigcleanup()
    rl_clear_pending_input()
    rl_free_line_state()
    readline_set_editing_mode(editingMode)
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
      switch rl_read_key() {
      case 0x79, 0x59, 0x20: return true  // y, Y, space
      case 0x6E, 0x4E, 0x07, 0x7F, EOF: return false  // n, N, Ctrl-G, rubout
      default: rl_ding()
      }
    }
  }
}
