// From tokens to a `DrillScript`: options, events and their times.
//
// The grammar is that of google/packetdrill with what the nplab fork adds. A mistake is reported
// and its event left out; the parser goes on at the next line that can begin one. What is right
// but cannot be run here (UDP, encapsulation) becomes an event `.unsupported` with its name.
//
// Packets are in DrillParserPackets.swift and DrillParserOptions.swift, calls in
// DrillParserCalls.swift, the lines `--name=value` in DrillParserSettings.swift.

import NetScript
import NetStack

/// Why an event is not read to its end.
enum DrillStop: Error {
  /// It has been reported.
  case mistake
  case unsupported(String)
}

public struct DrillParser {
  let file: SourceFile
  var tokens: [DrillToken]
  var place = 0
  var script = DrillScript()
  var diagnostics: [Diagnostic]
  /// `--define=NAME=value`: what stands for the word.
  var symbols: [(name: String, text: String)] = []
  /// Of lists in lists: a text of brackets must not exhaust the stack.
  var depth = 0
  static let depthLimit = 24

  /// The script, as far as it can be read, and what is wrong with it.
  ///
  /// - Parameter defines: the names for which `#ifdef` holds, as `FreeBSD`.
  public static func parse(
    _ file: SourceFile, defines: [String] = []
  ) -> (DrillScript, [Diagnostic]) {
    var lexer = DrillLexer(file, defines: defines)
    lexer.run()
    var parser = DrillParser(file, lexer)
    parser.parseScript()
    return (parser.script, parser.diagnostics)
  }

  private init(_ file: SourceFile, _ lexer: DrillLexer) {
    self.file = file
    tokens = lexer.tokens
    diagnostics = lexer.diagnostics
  }

  // MARK: Events

  private mutating func parseScript() {
    while token.kind == .option { parseOption() }
    while token.kind != .end {
      let before = place
      do throws(DrillStop) {
        try parseEvent()
      } catch .unsupported(let name) {
        finishUnsupported(name, from: before)
      } catch {
        resynchronize(after: before)
      }
      precondition(place > before, "the parser stands still")
    }
    checkOrder()
  }

  private mutating func parseEvent() throws(DrillStop) {
    let first = token
    if first.kind == .option {
      throw mistake(
        "N503", "an option behind the first event",
        why: "options stand at the top of a script")
    }
    guard first.kind != .command else {
      place += 1
      append(.untimed, .command(quoted(first)), from: first)
      return
    }
    let time = try parseTime()
    let timeSpan = span(from: first)
    do throws(DrillStop) {
      let action = try parseAction()
      guard startsEvent(token) || token.kind == .end || token.kind == .option else {
        throw mistake("N504", "something is left over behind this event")
      }
      try check(time, for: action, at: timeSpan)
      append(time, action, from: first)
    } catch .unsupported(let name) {
      skipToEvent()
      append(time, .unsupported(name), from: first)
    }
  }

  private mutating func append(_ time: DrillTime, _ action: DrillAction, from first: DrillToken) {
    script.events.append(DrillEvent(time: time, action: action, span: span(from: first)))
  }

  private mutating func parseAction() throws(DrillStop) -> DrillAction {
    let first = token
    switch first.kind {
    case .command:
      place += 1
      return .command(quoted(first))
    case .code:
      place += 1
      return .code(trimmed(first.start + 2..<first.end - 2))
    case .sign where text(first) == "<" || text(first) == ">":
      return try parsePacket()
    case .word:
      let name = text(first)
      if let symbol = symbols.first(where: { $0.name == name }), symbol.text.hasPrefix("`") {
        place += 1
        return .command(String(symbol.text.dropFirst().dropLast()))
      }
      return .call(try parseCall())
    case .option, .end, .integer, .hexadecimal, .real, .text, .ellipsis, .broken, .sign:
      throw mistake(
        "N504", "nothing happens at this time",
        why: "behind the time stands `<` or `>` with a packet, a call, a command or code",
        help: "+0 close(3) = 0")
    }
  }

  private mutating func finishUnsupported(_ name: String, from before: Int) {
    let first = tokens[before]
    place = max(place, before + 1)
    skipToEvent()
    append(.untimed, .unsupported(name), from: first)
  }

  // MARK: Going on

  /// Whether an event can begin with a token.
  private func startsEvent(_ token: DrillToken) -> Bool {
    switch token.kind {
    case .integer, .real, .command: return true
    case .sign: return text(token) == "+" || text(token) == "*"
    case .hexadecimal, .word, .text, .code, .option, .ellipsis, .broken, .end: return false
    }
  }

  mutating func skipToEvent() {
    while token.kind != .end && !(token.isFirstOnLine && startsEvent(token)) { place += 1 }
  }

  private mutating func resynchronize(after before: Int) {
    place = max(place, before + 1)
    skipToEvent()
  }

  /// A command without a time is the first or the last.
  private mutating func checkOrder() {
    let events = script.events
    guard let firstTimed = events.firstIndex(where: { !$0.time.isUntimed }),
      let lastTimed = events.lastIndex(where: { !$0.time.isUntimed })
    else {
      if diagnostics.isEmpty {
        report("N504", "a script without an event", at: span(tokens[tokens.count - 1]))
      }
      return
    }
    for event in events[firstTimed..<lastTimed] where event.time.isUntimed {
      report(
        "N505", "a command without a time between events", at: event.span,
        why: "only the first and the last command may stand without one",
        help: "+0")
    }
    if case .absolute(let time) = events[firstTimed].time, time > .zero {
      report(
        "N505", "the first event is not at 0", at: events[firstTimed].span,
        why: "packetdrill counts from the first event")
    }
  }

  // MARK: Tokens

  var token: DrillToken { tokens[place] }

  func peek(_ distance: Int) -> DrillToken { tokens[min(place + distance, tokens.count - 1)] }

  func text(_ token: DrillToken) -> String { file.text(token.start..<token.end) }

  /// Whether the token is this sign or word.
  func isAt(_ expected: String) -> Bool {
    (token.kind == .sign || token.kind == .word) && text(token) == expected
  }

  mutating func accept(_ expected: String) -> Bool {
    guard isAt(expected) else { return false }
    place += 1
    return true
  }

  /// - Parameter code: of the diagnostic when something else stands there.
  mutating func expect(
    _ expected: String, _ code: String, help: String? = nil
  ) throws(DrillStop) {
    guard accept(expected) else {
      throw mistake(code, "`\(expected)` is missing here", help: help)
    }
  }

  func span(_ token: DrillToken) -> SourceSpan {
    SourceSpan(file: file.id, start: token.start, end: token.end)
  }

  /// From a token to the end of the last one that was read.
  func span(from first: DrillToken) -> SourceSpan {
    let last = tokens[max(place - 1, 0)]
    return SourceSpan(file: file.id, start: first.start, end: max(first.end, last.end))
  }

  /// What is between the quotes.
  func quoted(_ token: DrillToken) -> String { file.text(token.start + 1..<token.end - 1) }

  func trimmed(_ range: Range<Int>) -> String {
    var start = range.lowerBound
    var end = range.upperBound
    while start < end && isSpace(file.octets[start]) { start += 1 }
    while end > start && isSpace(file.octets[end - 1]) { end -= 1 }
    return file.text(start..<end)
  }

  private func isSpace(_ octet: UInt8) -> Bool {
    octet == UInt8(ascii: " ") || (octet >= 9 && octet <= 13)
  }

  // MARK: Mistakes

  /// Reports what is wrong at the present token.
  mutating func mistake(
    _ code: String, _ title: String, why: String? = nil, help: String? = nil
  ) -> DrillStop {
    if token.kind != .broken { report(code, title, at: span(token), why: why, help: help) }
    return .mistake
  }

  mutating func report(
    _ code: String, _ title: String, at span: SourceSpan, why: String? = nil, help: String? = nil
  ) {
    let quoted = help.map { "`\($0)`" }
    diagnostics.append(Diagnostic(code: code, title: title, at: span, why: why, help: quoted))
  }
}

extension DrillTime {
  var isUntimed: Bool {
    if case .untimed = self { return true }
    return false
  }
}
