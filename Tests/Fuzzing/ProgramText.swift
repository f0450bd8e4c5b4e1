// Where the generator of programs puts tokens: in any layout, with any comments, that may stand.

struct ProgramText {
  var random: CounterRandom
  private(set) var text = ""
  /// Tokens so far.
  private(set) var count = 0
  private var last: Character = "\n"
  /// The token before was a quantity, which "(" must not touch.
  private var isAfterQuantity = false
  /// Open parentheses and brackets since the innermost brace: lines may end anywhere in them.
  private var brackets: [Int] = [0]
  /// Within an interpolation everything stays on one line.
  private(set) var isOneLine = false
  /// How often lines end where they may: some programs are flat, some are tall.
  private let breakPercent: Int
  private let commentPercent: Int

  init(seed: UInt64) {
    random = CounterRandom(seed: seed)
    breakPercent = random.pick([0, 2, 10, 40])
    commentPercent = random.pick([0, 5, 30])
  }

  // MARK: Tokens

  /// A token on the line of the one before, or, where that means nothing, on a line of its own.
  mutating func put(_ token: String, stays: Bool = false, isQuantity: Bool = false) {
    count += 1
    if stays || brackets[brackets.count - 1] == 0 || !breakLineMaybe() {
      if mustSeparate(token.first ?? " ") || random.chance(70) {
        text += random.chance(90) ? " " : random.pick(["  ", "\t", "     ", " \t "])
      }
    }
    text += token
    last = token.last ?? " "
    isAfterQuantity = isQuantity
    switch token {
    case "(", "[": brackets[brackets.count - 1] += 1
    case ")", "]": brackets[brackets.count - 1] -= 1
    case "{": brackets.append(0)
    case "}": brackets.removeLast()
    default: break
    }
  }

  /// Where the grammar requires an operand or a name: a line may end. Says whether it did.
  @discardableResult
  mutating func breakLineMaybe() -> Bool {
    guard !isOneLine && random.chance(breakPercent) else { return false }
    breakLine()
    return true
  }

  private func mustSeparate(_ first: Character) -> Bool {
    if isAfterQuantity && (first == "(" || first == "/") || last == "/" { return true }
    if isWord(last) { return isWord(first) || first == "\"" || first == "/" }
    if last == "\"" && first == "\"" { return true }
    let apart = "()[]{},;\"\n "
    return !apart.contains(last) && !apart.contains(first) && !isWord(first)
  }

  private func isWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_" || character == "%"
  }

  // MARK: Lines

  private mutating func breakLine() {
    if random.chance(commentPercent) { putComment() }
    for _ in 0...random.pick([0, 0, 0, 1, 3]) { text += random.chance(95) ? "\n" : "  \r\n" }
    while random.chance(commentPercent / 2) {
      text += String(repeating: " ", count: random.below(8))
      putComment()
      text += random.pick(["\n", "\n\n"])
    }
    text += String(repeating: random.chance(90) ? " " : "\t", count: random.below(9))
    last = " "
    isAfterQuantity = false
  }

  private mutating func putComment() {
    text += String(repeating: " ", count: random.pick([0, 1, 2, 9, 40]))
    text += random.pick([
      "# a comment", "#tight", "## a doc comment", "##tight", "### three", "#", "## ", "# ; } \" {",
      "#! not the first line", "# trailing   ", "##   indented", "# é – wide", "#\ttab",
    ])
  }

  /// What stands between two statements.
  mutating func separate() {
    if random.chance(100 - breakPercent) && random.chance(50) {
      text += random.pick([";", "; ", " ; ", ";;"])
      last = ";"
      isAfterQuantity = false
      if random.chance(20) { breakLine() }
    } else {
      if random.chance(15) { text += ";" }
      breakLine()
      if random.chance(5) { text += ";" }
    }
  }

  /// May begin a block, a file, or end one: nothing, or some separators.
  mutating func pad() {
    if random.chance(40) { separate() }
  }

  // MARK: Strings

  /// The opening of a string: until `closeString` everything stays on this line.
  mutating func openString() {
    put("\"")
    last = " "
    isOneLine = true
  }

  mutating func closeString() {
    text += "\""
    last = "\""
    isOneLine = false
    isAfterQuantity = false
  }

  /// Text within a string, as it is.
  mutating func putRaw(_ raw: String) {
    text += raw
    last = " "
    isAfterQuantity = false
  }

  mutating func finish() -> String {
    if random.chance(80) { text += "\n" }
    return text
  }
}
