// What stands behind `:break`, cut at its clause words.
//
//     on EVENT [if EXPR]   EXPR   change EXPR [if EXPR]   [FILE:]LINE [if EXPR]
//     … [after N] [once] [do LINE; LINE]

struct BreakpointText {
  enum Subject: Equatable {
    case event(String)
    case condition(String)
    case change(String)
    case line(file: String?, Int)
  }
  var subject: Subject
  var condition: String?
  var passes: Int64 = 0
  var isOnce = false
  var commands: [String] = []

  /// nil when it makes no sense: `why` says what is wrong.
  init?(_ text: String, why: inout String) {
    var words = ClauseScanner(text)
    let head = words.take(until: ["if", "after", "once", "do"], from: Self.isPlain(text))
    guard let subject = Self.subject(head) else {
      why = "nothing to break on: `:break on server.pool.wait`, `:break 33`"
      return nil
    }
    self.subject = subject
    while let word = words.clause {
      switch word {
      case "if": condition = words.take(until: ["after", "once", "do"])
      case "after":
        guard let count = Int64(words.take(until: ["once", "do"])), count >= 0 else {
          why = "`after` takes a number of meetings that pass: `after 3`"
          return nil
        }
        passes = count
      case "once":
        isOnce = true
        guard words.take(until: ["after", "do"]).isEmpty else {
          why = "`once` takes nothing"
          return nil
        }
      default:
        commands = words.takeRest()
        guard !commands.isEmpty else {
          why = "`do` takes lines: `do show server.pool; why server`"
          return nil
        }
      }
    }
    if condition?.isEmpty == true {
      why = "`if` takes a condition"
      return nil
    }
  }

  /// Whether an `if` behind the subject is a clause: not in a condition, which may have one.
  private static func isPlain(_ text: String) -> Bool {
    let first = text.split(separator: " ").first ?? ""
    return first == "on" || first == "change" || line(String(first)) != nil
  }

  private static func subject(_ head: String) -> Subject? {
    if head.hasPrefix("on ") {
      let event = ClauseScanner.trimmed(head.dropFirst(3))
      return event.isEmpty ? nil : .event(event)
    }
    if head.hasPrefix("change ") {
      let text = ClauseScanner.trimmed(head.dropFirst(7))
      return text.isEmpty ? nil : .change(text)
    }
    if let line = line(head) { return line }
    return head.isEmpty || head == "on" || head == "change" ? nil : .condition(head)
  }

  /// `33`, `baseline.ns:33`.
  private static func line(_ text: String) -> Subject? {
    if let number = Int(text), number > 0 { return .line(file: nil, number) }
    guard let colon = text.lastIndex(of: ":"), let number = Int(text[text.index(after: colon)...]),
      number > 0, !text.contains(" ")
    else { return nil }
    return .line(file: String(text[..<colon]), number)
  }
}

/// Finds words that stand outside of strings and brackets.
struct ClauseScanner {
  private let text: [Character]
  private var place = 0
  /// The clause word that ended what was taken last.
  private(set) var clause: String?

  init(_ text: String) { self.text = Array(text) }

  /// What stands here, up to one of the words; then that word is `clause`.
  mutating func take(until words: [String], from hasIf: Bool = true) -> String {
    var taken = ""
    var depth = 0
    var isString = false
    clause = nil
    while place < text.count {
      let character = text[place]
      if character == "\"" && !(taken.hasSuffix("\\")) { isString.toggle() }
      if !isString {
        if "([{".contains(character) { depth += 1 }
        if ")]}".contains(character) { depth -= 1 }
        let isStart = place == 0 || text[place - 1] == " "
        if depth == 0, isStart, let word = word(at: place), words.contains(word),
          hasIf || word != "if"
        {
          place += word.count
          clause = word
          return Self.trimmed(taken[...])
        }
      }
      taken.append(character)
      place += 1
    }
    return Self.trimmed(taken[...])
  }

  /// The rest, cut at its semicolons.
  mutating func takeRest() -> [String] {
    clause = nil
    var parts: [String] = []
    while place < text.count {
      var part = ""
      var isString = false
      while place < text.count, isString || text[place] != ";" {
        if text[place] == "\"" && !part.hasSuffix("\\") { isString.toggle() }
        part.append(text[place])
        place += 1
      }
      place += 1
      let trimmed = Self.trimmed(part[...])
      if !trimmed.isEmpty { parts.append(trimmed) }
    }
    return parts
  }

  private func word(at start: Int) -> String? {
    var end = start
    while end < text.count, text[end].isLetter { end += 1 }
    guard end > start, end == text.count || text[end] == " " else { return nil }
    return String(text[start..<end])
  }

  static func trimmed(_ text: Substring) -> String {
    var rest = text
    while let first = rest.first, first == " " || first == "\n" || first == "\t" {
      rest.removeFirst()
    }
    while let last = rest.last, last == " " || last == "\n" || last == "\t" { rest.removeLast() }
    return String(rest)
  }
}
