// Swift source with comments and string literals blanked out, line for line: enough of a lexer for
// rules about words and braces.

/// The code of a file: what a comment or a literal said has become spaces.
struct CodeText: Sendable {
  let lines: [Substring]

  init(_ text: String) {
    var blanker = Blanker(Array(text.utf8))
    blanker.code(untilClosingParenthesis: false)
    lines = String(decoding: blanker.output, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// A function with a body, or anything that looks like one.
  struct Function {
    /// Its first line without surrounding spaces.
    var signature: String
    /// Indices into `lines`, signature and closing brace included.
    var lines: ClosedRange<Int>
  }

  /// Every `func`, `init`, `deinit`, `subscript` and computed property, in order.
  var functions: [Function] {
    lines.indices.compactMap { index in
      guard Self.opensFunction(lines[index]), let end = endOfBody(from: index) else { return nil }
      let signature = lines[index].drop { $0 == " " }
      return Function(signature: String(signature), lines: index...end)
    }
  }

  private static func opensFunction(_ line: Substring) -> Bool {
    let words = line.split { $0 == " " }
    let modifiers: Set<Substring> = [
      "public", "private", "fileprivate", "internal", "package", "static", "mutating", "consuming",
      "borrowing", "nonmutating", "override", "final", "convenience", "required", "indirect",
    ]
    let word = words.first { !modifiers.contains($0) && !$0.hasPrefix("@") } ?? ""
    if word == "var" { return line.last { $0 != " " } == "{" }
    return word == "func"
      || ["init(", "init?(", "init<", "deinit", "subscript"].contains {
        word.hasPrefix($0)
      }
  }

  /// The line of the brace that closes the body; nil when no body follows, as in a protocol.
  private func endOfBody(from start: Int) -> Int? {
    var braces = 0
    var brackets = 0
    for index in start..<lines.count {
      if index > start && braces == 0 && brackets == 0 {
        let next = lines[index].drop { $0 == " " }
        let goesOn = ["{", "where", "->", "throws", "async", ")"].contains { next.hasPrefix($0) }
        if !goesOn { return nil }
      }
      for character in lines[index] {
        switch character {
        case "(", "[": brackets += 1
        case ")", "]": brackets -= 1
        case "{": braces += 1
        case "}":
          braces -= 1
          if braces == 0 && brackets == 0 { return index }
          if braces < 0 { return nil }
        default: break
        }
      }
    }
    return nil
  }
}

/// Copies code and replaces the rest by spaces.
private struct Blanker {
  private let input: [UInt8]
  private var index = 0
  private static let newline = UInt8(ascii: "\n")
  private static let space = UInt8(ascii: " ")
  private(set) var output: [UInt8] = []

  init(_ input: [UInt8]) {
    self.input = input
    output.reserveCapacity(input.count)
  }

  private func has(_ text: String) -> Bool {
    input[index...].starts(with: text.utf8)
  }

  private mutating func keep(_ count: Int = 1) {
    output.append(contentsOf: input[index..<index + count])
    index += count
  }

  private mutating func blank(_ count: Int = 1) {
    let end = min(index + count, input.count)
    for octet in input[index..<end] {
      output.append(octet == Self.newline ? octet : Self.space)
    }
    index = end
  }

  /// Copies code to the end, or to the parenthesis that closes an interpolation.
  mutating func code(untilClosingParenthesis nested: Bool) {
    var depth = 0
    while index < input.count {
      if has("//") {
        while index < input.count && input[index] != Self.newline { blank() }
      } else if has("/*") {
        blockComment()
      } else if let hashes = hashesBeforeQuote() {
        string(hashes: hashes)
      } else {
        if input[index] == UInt8(ascii: "(") { depth += 1 }
        if input[index] == UInt8(ascii: ")") {
          depth -= 1
          if nested && depth < 0 { return }
        }
        keep()
      }
    }
  }

  private mutating func blockComment() {
    var depth = 0
    repeat {
      if has("/*") {
        depth += 1
        blank(2)
      } else if has("*/") {
        depth -= 1
        blank(2)
      } else {
        blank()
      }
    } while depth > 0 && index < input.count
  }

  /// How many `#` stand before a quotation mark here; nil when this is no string's beginning.
  private func hashesBeforeQuote() -> Int? {
    var end = index
    while end < input.count && input[end] == UInt8(ascii: "#") { end += 1 }
    return end < input.count && input[end] == UInt8(ascii: "\"") ? end - index : nil
  }

  private mutating func string(hashes: Int) {
    let hash = String(repeating: "#", count: hashes)
    blank(hashes)
    let quote = has("\"\"\"") ? "\"\"\"" : "\""
    blank(quote.count)
    while index < input.count && !has(quote + hash) {
      if has("\\" + hash + "(") {
        blank(2 + hashes)
        code(untilClosingParenthesis: true)
        blank()
      } else if has("\\" + hash) {
        blank(2 + hashes)
      } else {
        blank()
      }
    }
    blank(quote.count + hashes)
  }
}
