// Makes of scripts what nobody would write: octets flipped, tokens swapped, pieces gone, doubled,
// moved from one script to another, numbers at their ends, and brackets as deep as a well.

import NetScript

public struct Mutator {
  private var random: CounterRandom
  private let corpus: [[UInt8]]
  /// Longer inputs find nothing that shorter ones do not, only more slowly.
  private static let longest = 32 << 10

  public init(seed: UInt64, corpus: [[UInt8]]) {
    random = CounterRandom(seed: seed)
    self.corpus = corpus
  }

  /// One input: a script or a generated program after one to six changes; some as they are.
  public mutating func input() -> [UInt8] {
    var text = any()
    if random.chance(5) { return text }
    for _ in 0...random.pick([0, 0, 1, 1, 2, 5]) { change(&text) }
    return Array(text.prefix(Self.longest))
  }

  private mutating func any() -> [UInt8] {
    switch random.below(20) {
    case 0, 1, 2: Array(ProgramGenerator.program(seed: random.next()).utf8)
    case 3, 4, 5: Array(RunnableProgram.program(seed: random.next()).utf8)
    default: random.pick(corpus)
    }
  }

  private mutating func change(_ text: inout [UInt8]) {
    switch random.below(15) {
    case 0: changeOctet(&text)
    case 1: swapTokens(&text)
    case 2: text.removeSubrange(piece(of: text))
    case 3: repeatPiece(&text)
    case 4: splice(&text)
    case 5: nest(&text)
    case 6, 7: changeNumber(&text)
    case 8, 9: replaceToken(&text)
    case 10: swapLines(&text)
    case 11, 12, 13: transplant(&text)
    default: text.insert(contentsOf: Array(random.pick(Self.tokens).utf8), at: place(in: text))
    }
  }

  // MARK: Octets and pieces

  private mutating func place(in text: [UInt8]) -> Int { random.below(text.count + 1) }

  /// Mostly some octets, seldom half of the text.
  private mutating func piece(of text: [UInt8]) -> Range<Int> {
    let start = place(in: text)
    let length = random.pick([1, 2, 5, 20, 100, text.count / 2])
    return start..<min(text.count, start + length)
  }

  private mutating func changeOctet(_ text: inout [UInt8]) {
    guard !text.isEmpty else { return }
    let place = random.below(text.count)
    switch random.below(3) {
    case 0: text[place] ^= 1 << UInt8(random.below(8))
    case 1: text[place] = UInt8(random.below(256))
    default: text.insert(UInt8(random.below(256)), at: place)
    }
  }

  private mutating func repeatPiece(_ text: inout [UInt8]) {
    let piece = Array(text[piece(of: text)].prefix(400))
    let count = random.pick([1, 2, 10, 100])
    let copies = Array(repeatElement(piece, count: count).joined())
    text.insert(contentsOf: copies, at: place(in: text))
  }

  private mutating func splice(_ text: inout [UInt8]) {
    let other = any()
    let taken = Array(other[piece(of: other)])
    text.replaceSubrange(piece(of: text), with: taken)
  }

  /// A statement of another script, with its block, becomes one of this: what stays meaningful goes
  /// furthest.
  private mutating func transplant(_ text: inout [UInt8]) {
    let other = any()
    let start = random.pick(lineStarts(of: other))
    var depth = 0
    var end = start
    while end < other.count, end - start < Self.longest / 8 {
      let octet = other[end]
      end += 1
      if octet == UInt8(ascii: "{") { depth += 1 }
      if octet == UInt8(ascii: "}") { depth -= 1 }
      if octet == 10 && depth <= 0 { break }
    }
    text.insert(contentsOf: other[start..<end], at: random.pick(lineStarts(of: text)))
  }

  private func lineStarts(of text: [UInt8]) -> [Int] {
    [0] + text.indices.filter { text[$0] == 10 }.map { $0 + 1 }
  }

  private mutating func nest(_ text: inout [UInt8]) {
    let pairs = [
      ("(", ")"), ("[", "]"), ("if a { ", " }"), ("fn() => ", ""), ("- ", ""), ("not ", ""),
      ("x[", "]"), ("f(", ")"), ("\"{", "}\""), ("host a { ", " }"), ("[1: ", "]"), ("1 + ", ""),
      ("if a then 1 else ", ""), ("match a { _ => ", " }"), ("a.", ""), ("{ ", " }"),
    ]
    let (open, close) = random.pick(pairs)
    let count = random.pick([3, 40, 90, 110, 1000])
    let place = place(in: text)
    let closes = random.chance(80) ? count : random.below(count)
    text.insert(contentsOf: Array(String(repeating: close, count: closes).utf8), at: place)
    text.insert(contentsOf: Array(String(repeating: open, count: count).utf8), at: place)
  }

  // MARK: Tokens

  /// Words, numbers and single signs.
  private func tokens(of text: [UInt8]) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var place = 0
    while place < text.count {
      let start = place
      while place < text.count, Self.isWord(text[place]) { place += 1 }
      if place == start { place += 1 }
      if text[start] > 32 { found.append(start..<place) }
    }
    return found
  }

  private static func isWord(_ octet: UInt8) -> Bool {
    (48...57).contains(octet) || (65...90).contains(octet) || (97...122).contains(octet)
      || octet == 95
  }

  private mutating func swapTokens(_ text: inout [UInt8]) {
    let tokens = tokens(of: text)
    guard tokens.count > 1 else { return }
    let first = random.below(tokens.count - 1)
    let isNear = random.chance(60)
    let second = isNear ? first + 1 : first + 1 + random.below(tokens.count - 1 - first)
    let (one, two) = (Array(text[tokens[first]]), Array(text[tokens[second]]))
    text.replaceSubrange(tokens[second], with: one)
    text.replaceSubrange(tokens[first], with: two)
  }

  private mutating func replaceToken(_ text: inout [UInt8]) {
    let tokens = tokens(of: text)
    guard !tokens.isEmpty else { return }
    let new =
      random.chance(50) ? Array(random.pick(Self.tokens).utf8) : Array(text[random.pick(tokens)])
    text.replaceSubrange(random.pick(tokens), with: new)
  }

  private mutating func changeNumber(_ text: inout [UInt8]) {
    let numbers = tokens(of: text).filter { (48...57).contains(text[$0.lowerBound]) }
    guard !numbers.isEmpty else { return swapTokens(&text) }
    text.replaceSubrange(random.pick(numbers), with: Array(random.pick(Self.numbers).utf8))
  }

  private mutating func swapLines(_ text: inout [UInt8]) {
    var lines = text.split(separator: 10, omittingEmptySubsequences: false)
    let (first, second) = (random.below(lines.count), random.below(lines.count))
    lines.swapAt(first, second)
    if random.chance(30) { lines.insert(lines[first], at: second) }
    text = Array(lines.joined(separator: [10]))
  }

  private static let numbers = [
    "0", "-1", "1", "2", "63", "65536", "9223372036854775807", "-9223372036854775808",
    "4611686018427387904", "0xFFFFFFFFFFFFFFF", "1e280", "1e-280", "0.000001", "0s", "1ns", "0B",
    "1b", "106751d", "9000000000GB", "1e18Gbps", "0%", "100%", "-5ms", "1/d", "1000000000/s",
    "none",
    "\"text\"", ".symbol", "[1, 2]", "1..9223372036854775807", "fn() => 1", "true",
  ]

  private static let tokens =
    numbers + ContextualWords.statements + ContextualWords.clauses + ContextualWords.modals + [
      "let", "var", "fn", "if", "then", "else", "for", "in", "by", "while", "match", "return",
      "break", "continue", "and", "or", "not", "mod", "true", "false", "none", "(", ")", "[", "]",
      "{", "}", ",", ";", ":", ".", "=", "+=", "-=", "=>", "->", "==", "!=", "<", "<=", ">", ">=",
      "..", "..<", "+", "-", "*", "/", "#", "##", "\"", "\"\"\"", "\"{", "}\"", "\\", "\n", "\r\n",
      "\u{FEFF}", "é", "\u{0}", "_", "x", "-> ms", "-> KiB/s", "range(0, 100000)",
      "sort([3, 1, 2])",
      "[:]", "x[*]", "len", "map", "filter", "host", "server", "lan", "nic", "eth0", "task", "main",
    ]
}
