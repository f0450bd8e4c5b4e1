// From the octets of a packetdrill script to tokens.
//
// The words and numbers are those of google/packetdrill's lexer: a sign directly in front of digits
// belongs to the number, and the longest token wins. Lines matter in two places only: a comment
// ends with its line, and the parser goes on at a line's first token after a mistake.

import NetScript

struct DrillToken {
  enum Kind: UInt8 {
    case integer
    case hexadecimal
    /// Digits with a point: a time, or the ACK flag with the ACE field (`.5`).
    case real
    case word
    /// In double quotes.
    case text
    /// In back quotes.
    case command
    /// Between `%{` and `}%`.
    case code
    /// `--name`, `--name=value`.
    case option
    case ellipsis
    /// What has no end; it has been reported.
    case broken
    /// Any other octet, by itself.
    case sign
    case end
  }

  var kind: Kind
  var start: Int
  var end: Int
  var isFirstOnLine: Bool
}

struct DrillLexer {
  private let file: SourceFile
  private var offset = 0
  private var isAtLineStart = true
  private(set) var tokens: [DrillToken] = []
  private(set) var diagnostics: [Diagnostic] = []
  /// The places of the `#ifdef`s that are open and hold.
  private var conditions: [Int] = []
  private var defines: [String]

  init(_ file: SourceFile, defines: [String]) {
    self.file = file
    self.defines = defines
    tokens.reserveCapacity(file.octets.count / 4)
    if file.octets.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
  }

  mutating func run() {
    if file.isTruncated {
      report("N501", "a script longer than 16 MiB", from: file.octets.count)
    }
    while offset < file.octets.count {
      let before = offset
      lexToken()
      precondition(offset > before, "the lexer stands still")
    }
    if let open = conditions.first {
      report("N502", "`#ifdef` without `#endif`", from: open, to: open + 6)
    }
    emit(.end, from: offset)
  }

  private mutating func lexToken() {
    let start = offset
    let octet = file.octets[start]
    switch octet {
    case UInt8(ascii: "\n"):
      offset += 1
      isAtLineStart = true
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): offset += 1
    case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"): offset = lineEnd(from: start)
    case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"): skipComment()
    case UInt8(ascii: "#"): lexCondition()
    case UInt8(ascii: "\""): lexQuoted(.text, octet, "this text has no end", "close it with `\"`")
    case UInt8(ascii: "`"):
      lexQuoted(.command, octet, "this command has no end", "close it with a back quote")
    case UInt8(ascii: "%") where peek(1) == UInt8(ascii: "{"): lexCode()
    case UInt8(ascii: "-") where peek(1) == octet && isWordPart(peek(2)): lexOption()
    case UInt8(ascii: ".") where peek(1) == octet && peek(2) == octet:
      offset += 3
      emit(.ellipsis, from: start)
    default: lexNumberOrWord()
    }
  }

  // MARK: Numbers and words

  private mutating func lexNumberOrWord() {
    let start = offset
    let isNegative = file.octets[start] == UInt8(ascii: "-")
    let digits = start + (isNegative ? 1 : 0)
    var stop = digits
    while isDigit(octet(at: stop)) { stop += 1 }
    if octet(at: stop) == UInt8(ascii: ".") && isDigit(octet(at: stop + 1)) {
      stop += 1
      while isDigit(octet(at: stop)) { stop += 1 }
      offset = stop
      emit(.real, from: start)
      return
    }
    var wordEnd = start
    while isWordPart(octet(at: wordEnd)) { wordEnd += 1 }
    if stop > digits && stop >= wordEnd {
      offset = stop
      emit(.integer, from: start)
    } else if wordEnd > start {
      offset = wordEnd
      emit(isHexadecimal(start..<wordEnd) ? .hexadecimal : .word, from: start)
    } else {
      offset += 1
      emit(.sign, from: start)
    }
  }

  private func isHexadecimal(_ range: Range<Int>) -> Bool {
    guard range.count > 2, file.octets[range.lowerBound] == UInt8(ascii: "0"),
      file.octets[range.lowerBound + 1] == UInt8(ascii: "x")
    else { return false }
    for place in range.dropFirst(2) where Self.hexadecimalValue(file.octets[place]) == nil {
      return false
    }
    return true
  }

  static func hexadecimalValue(_ octet: UInt8) -> UInt8? {
    switch octet {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return octet - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): return octet - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): return octet - UInt8(ascii: "A") + 10
    default: return nil
    }
  }

  // MARK: What is quoted

  private mutating func skipComment() {
    let start = offset
    var place = start + 2
    while place < file.octets.count {
      if file.octets[place] == UInt8(ascii: "*") && octet(at: place + 1) == UInt8(ascii: "/") {
        offset = place + 2
        return
      }
      place += 1
    }
    offset = file.octets.count
    report(
      "N501", "this comment has no end", from: start, to: start + 2, help: "close it with `*/`")
  }

  private mutating func lexQuoted(
    _ kind: DrillToken.Kind, _ quote: UInt8, _ title: String, _ help: String
  ) {
    let start = offset
    var place = start + 1
    while place < file.octets.count {
      if file.octets[place] == quote {
        offset = place + 1
        emit(kind, from: start)
        return
      }
      place += file.octets[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    // The rest of the line is lost, not the rest of the file.
    offset = lineEnd(from: start)
    emit(.broken, from: start)
    report("N501", title, from: start, to: start + 1, help: help)
  }

  private mutating func lexCode() {
    let start = offset
    var place = start + 2
    while place < file.octets.count {
      if file.octets[place] == UInt8(ascii: "}") && octet(at: place + 1) == UInt8(ascii: "%") {
        offset = place + 2
        emit(.code, from: start)
        return
      }
      place += 1
    }
    offset = lineEnd(from: start)
    emit(.broken, from: start)
    report("N501", "this code has no end", from: start, to: start + 2, help: "close it with `}%`")
  }

  /// `--name`, and up to the next blank what follows `=`; a value may be quoted.
  private mutating func lexOption() {
    let start = offset
    offset += 2
    while isWordPart(octet(at: offset)) { offset += 1 }
    var place = offset
    while isBlank(octet(at: place)) { place += 1 }
    guard octet(at: place) == UInt8(ascii: "=") else {
      emit(.option, from: start)
      return
    }
    place += 1
    while isBlank(octet(at: place)) { place += 1 }
    var quote: UInt8 = 0
    while place < file.octets.count {
      let octet = file.octets[place]
      if octet == UInt8(ascii: "\n") { break }
      if quote == 0 && (isBlank(octet) || octet == UInt8(ascii: "\r")) { break }
      if quote == octet {
        quote = 0
      } else if quote == 0 && (octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "`")) {
        quote = octet
      }
      place += 1
    }
    offset = place
    emit(.option, from: start)
    define(start..<place)
  }

  /// A name of `--define=NAME` and `--define=NAME=value` holds from here on.
  private mutating func define(_ range: Range<Int>) {
    let words = words(range)
    if words.count > 1 && words[0] == "define" { defines.append(words[1]) }
  }

  // MARK: Conditions

  /// `#ifdef NAME` … `#endif`: without the name, what is between is left out.
  private mutating func lexCondition() {
    let start = offset
    let stop = lineEnd(from: start)
    let words = words(start + 1..<stop)
    offset = stop
    switch words.first {
    case "ifdef" where words.count > 1:
      if defines.contains(words[1]) {
        conditions.append(start)
      } else {
        skipCondition(from: start)
      }
    case "endif" where conditions.popLast() != nil: break
    case "endif": report("N502", "`#endif` without `#ifdef`", from: start, to: start + 6)
    case "ifdef":
      report("N502", "`#ifdef` without a name", from: start, to: stop, help: "`#ifdef FreeBSD`")
    case "else", "ifndef", "elif", "if":
      report(
        "N502", "`#\(words[0])` is not in this language", from: start, to: stop,
        help: "an `#ifdef NAME` … `#endif` for each case")
    default:
      report(
        "N502", "`#` does not begin a comment here", from: start, to: start + 1,
        help: "`//`")
    }
  }

  private mutating func skipCondition(from start: Int) {
    var depth = 1
    while offset < file.octets.count {
      var place = offset
      let stop = lineEnd(from: place)
      offset = min(stop + 1, file.octets.count)
      while isBlank(octet(at: place)) { place += 1 }
      guard place < stop, file.octets[place] == UInt8(ascii: "#") else { continue }
      let word = words(place + 1..<stop).first
      if word == "ifdef" { depth += 1 }
      if word == "endif" { depth -= 1 }
      if depth == 0 {
        isAtLineStart = true
        return
      }
    }
    report("N502", "`#ifdef` without `#endif`", from: start, to: start + 6)
  }

  private func words(_ range: Range<Int>) -> [String] {
    var words: [String] = []
    var place = range.lowerBound
    while place < range.upperBound && words.count < 2 {
      let start = place
      while place < range.upperBound && isWordPart(file.octets[place]) { place += 1 }
      if place > start { words.append(file.text(start..<place)) }
      while place < range.upperBound && !isWordPart(file.octets[place]) { place += 1 }
    }
    return words
  }

  // MARK: Octets

  private func octet(at place: Int) -> UInt8 {
    place < file.octets.count ? file.octets[place] : 0
  }

  private func peek(_ distance: Int) -> UInt8 { octet(at: offset + distance) }

  private func lineEnd(from place: Int) -> Int {
    var stop = place
    while stop < file.octets.count && file.octets[stop] != UInt8(ascii: "\n") { stop += 1 }
    return stop
  }

  private func isDigit(_ octet: UInt8) -> Bool {
    octet >= UInt8(ascii: "0") && octet <= UInt8(ascii: "9")
  }

  private func isBlank(_ octet: UInt8) -> Bool {
    octet == UInt8(ascii: " ") || octet == UInt8(ascii: "\t")
  }

  private func isWordPart(_ octet: UInt8) -> Bool {
    isDigit(octet) || octet == UInt8(ascii: "_")
      || (octet | 0x20 >= UInt8(ascii: "a") && octet | 0x20 <= UInt8(ascii: "z"))
  }

  private mutating func emit(_ kind: DrillToken.Kind, from start: Int) {
    tokens.append(
      DrillToken(kind: kind, start: start, end: offset, isFirstOnLine: isAtLineStart))
    isAtLineStart = false
  }

  private mutating func report(
    _ code: String, _ title: String, from start: Int, to stop: Int? = nil, help: String? = nil
  ) {
    let end = min(max(start, stop ?? start), file.octets.count)
    let span = SourceSpan(file: file.id, start: start, end: end)
    diagnostics.append(Diagnostic(code: code, title: title, at: span, help: help))
  }
}
