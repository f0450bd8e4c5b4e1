// Which case a pasted line belongs to.
//
// A line of somebody's console has numbers, names and times that ours has not. What is compared are
// words, and a word counts the more, the fewer cases it occurs in.

import Foundation

/// The symptoms of all examples, by their words.
struct SymptomIndex {
  private var rows: [(example: Example, symptom: String, words: Set<String>)] = []
  /// In how many examples a word occurs.
  private var frequency: [String: Int] = [:]
  private let count: Int

  /// A likeness (1 is the same words) below which there is none.
  static let least = 0.38
  /// What is far less alike than the best is not told.
  static let besideBest = 0.55
  /// One letter was wrong.
  static let slip = 0.7
  /// What a word weighs that no symptom has: a log line's host and month must not drown the rest.
  static let foreign = 0.7

  init(_ examples: [Example]) {
    count = examples.count
    for example in examples {
      var all: Set<String> = []
      for symptom in example.symptoms {
        let words = SymptomIndex.words(of: symptom)
        rows.append((example, symptom, words))
        all.formUnion(words)
      }
      for word in all { frequency[word, default: 0] += 1 }
    }
  }

  /// One example and the symptom that brought it here.
  struct Match {
    var example: Example
    var symptom: String
    var likeness: Double
  }

  /// The examples that lines may belong to, each once, the likeliest first.
  func matches(of lines: String) -> [Match] {
    var best: [String: Match] = [:]
    for line in lines.split(whereSeparator: \.isNewline) {
      for match in matches(ofLine: String(line)) {
        let old = best[match.example.path]?.likeness ?? 0
        if match.likeness > old { best[match.example.path] = match }
      }
    }
    let limit = (best.values.map(\.likeness).max() ?? 0) * SymptomIndex.besideBest
    // Equals stay in the library's order.
    return Example.inOrder.compactMap { best[$0.path] }.filter { $0.likeness >= limit }
      .enumerated().sorted {
        ($1.element.likeness, $0.offset) < ($0.element.likeness, $1.offset)
      }.map(\.element)
  }

  private func matches(ofLine line: String) -> [Match] {
    // Words of the symptoms that are meant, and how surely.
    var asked: [String: Double] = [:]
    var weight = 0.0
    for word in SymptomIndex.words(of: line) {
      if frequency[word] != nil {
        asked[word] = 1
        weight += self.weight(word)
      } else if let near = nearest(to: word) {
        asked[near] = max(asked[near] ?? 0, SymptomIndex.slip)
        weight += self.weight(near)
      } else {
        weight += SymptomIndex.foreign
      }
    }
    return rows.compactMap { row in
      let shared = row.words.reduce(0) { $0 + self.weight($1) * (asked[$1] ?? 0) }
      let whole = row.words.reduce(0) { $0 + self.weight($1) }
      guard shared > 0 else { return nil }
      let likeness = shared / (whole * weight).squareRoot()
      guard likeness >= SymptomIndex.least else { return nil }
      return Match(example: row.example, symptom: row.symptom, likeness: likeness)
    }
  }

  /// Rare words tell more.
  private func weight(_ word: String) -> Double {
    log(1 + Double(count) / Double(frequency[word] ?? 1))
  }

  /// The rarest word of the symptoms that is one slip away.
  private func nearest(to word: String) -> String? {
    guard word.utf8.count > 3 else { return nil }
    let letters = Array(word.utf8)
    let near = frequency.keys.filter { SymptomIndex.isOneSlip(letters, Array($0.utf8)) }
    return near.min { (frequency[$0] ?? 0, $0) < (frequency[$1] ?? 0, $1) }
  }

  /// Whether one letter is missing, too many, another one, or has changed places with the next.
  static func isOneSlip(_ first: [UInt8], _ second: [UInt8]) -> Bool {
    var (left, right) = (first[...], second[...])
    while let letter = left.first, letter == right.first {
      left.removeFirst()
      right.removeFirst()
    }
    while let letter = left.last, letter == right.last {
      left.removeLast()
      right.removeLast()
    }
    if left.count <= 1 && right.count <= 1 { return true }
    return left.count == 2 && Array(left.reversed()) == Array(right)
  }
}

extension SymptomIndex {
  /// A line's words in small letters and the singular, parts of identifiers too, without numbers,
  /// addresses and paths.
  static func words(of text: String) -> Set<String> {
    var words: Set<String> = []
    for piece in text.lowercased().split(whereSeparator: \.isWhitespace) where !isPath(piece) {
      for name in piece.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }) {
        let parts = name.split(separator: "_")
        if parts.count > 1 { words.insert(String(name)) }
        words.formUnion(parts.compactMap(word))
      }
    }
    return words
  }

  /// `/var/log/messages`, `net/ip/net_pkt.c:120`; not `rx/tx`.
  private static func isPath(_ piece: Substring) -> Bool {
    let slashes = piece.count { $0 == "/" }
    return slashes > 1 || slashes == 1 && (piece.contains(".") || piece.contains("~"))
  }

  /// Nil for what tells nothing. `eth0` is `eth`, `clusters` is `cluster`.
  private static func word(_ part: Substring) -> String? {
    let isHexadecimal = part.count > 5 && part.allSatisfy(\.isHexDigit)
    if part.first?.isNumber == true || isHexadecimal && part.contains(where: \.isNumber) {
      return nil
    }
    var word = String(part)
    while word.last?.isNumber == true { word.removeLast() }
    if frequent.contains(word) { return nil }
    if word.count > 3 && word.hasSuffix("s") && !word.hasSuffix("ss") { word.removeLast() }
    return word.count > 1 ? word : nil
  }

  /// Words of any sentence.
  private static let frequent: Set<String> = [
    "an", "and", "are", "as", "at", "be", "but", "by", "can", "for", "from", "has", "have", "in",
    "is", "it", "no", "not", "of", "on", "or", "so", "that", "the", "then", "there", "this", "to",
    "was", "while", "with", "you",
  ]
}
