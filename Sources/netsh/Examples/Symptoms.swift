// Which case a pasted line belongs to.
//
// A line of somebody's console has numbers, names and times that ours has not. What is compared are
// words and pairs of words, and each counts the more, the fewer cases it occurs in.

import Foundation

/// The symptoms of all examples, by their words.
struct SymptomIndex {
  private var rows: [Row] = []
  /// In how many examples a term occurs.
  private var frequency: [String: Int] = [:]
  private let examples: [Example]

  /// A likeness (1 is the same words) below which there is none.
  static let least = 0.38
  /// What is less alike than this part of the best is not told.
  static let besideBest = 0.55
  /// The likeness of a line that has a symptom in it, letter for letter, whatever else it has.
  static let verbatim = 0.8
  /// What a word counts of which one letter was wrong.
  static let slip = 0.85
  /// What a word weighs that no symptom has: a log line's host and month must not drown the rest.
  static let foreign = 1.2

  private struct Row {
    var example: Example
    var symptom: String
    var terms: [String]
    /// What the terms weigh together.
    var whole = 0.0

    /// In small letters, without the end of a sentence.
    var plain: String {
      let text = symptom.lowercased()
      return text.hasSuffix(".") ? String(text.dropLast()) : text
    }
  }

  init(_ examples: [Example]) {
    self.examples = examples
    for example in examples {
      let symptoms = example.symptoms.map { ($0, SymptomTerms($0).all) }
      for (symptom, terms) in symptoms {
        rows.append(Row(example: example, symptom: symptom, terms: terms))
      }
      for term in Set(symptoms.flatMap { $0.1 }) { frequency[term, default: 0] += 1 }
    }
    for row in rows.indices { rows[row].whole = weight(rows[row].terms) }
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
    let found = examples.compactMap { best[$0.path] }.filter { $0.likeness >= limit }
    // Of equals what was reported comes first; then the order of the examples.
    func key(_ place: Int) -> (Double, Int, Int) {
      (-found[place].likeness, found[place].example.number == nil ? 1 : 0, place)
    }
    return found.indices.sorted { key($0) < key($1) }.map { found[$0] }
  }

  private func matches(ofLine line: String) -> [Match] {
    // Terms of the symptoms that are meant, and how surely.
    var asked: [String: Double] = [:]
    var whole = 0.0
    for term in SymptomTerms(line).all {
      if frequency[term] != nil {
        asked[term] = 1
        whole += weight(term)
      } else if SymptomTerms.isPair(term) {
        continue
      } else if let near = nearest(to: term) {
        asked[near] = max(asked[near] ?? 0, SymptomIndex.slip)
        whole += weight(near)
      } else {
        whole += SymptomIndex.foreign
      }
    }
    let plain = line.lowercased()
    return rows.compactMap { row in
      let shared = row.terms.reduce(0) { $0 + weight($1) * (asked[$1] ?? 0) }
      let byWords = shared > 0 ? shared / (row.whole * whole).squareRoot() : 0
      let byLetters = plain.contains(row.plain) ? SymptomIndex.verbatim : 0
      // Rounded, because sums of the same terms may differ in their last bit.
      let likeness = (1000 * max(byWords, byLetters)).rounded() / 1000
      guard likeness >= SymptomIndex.least else { return nil }
      return Match(example: row.example, symptom: row.symptom, likeness: likeness)
    }
  }

  /// Rare terms tell more. A pair tells less than its words, which count by themselves too.
  private func weight(_ term: String) -> Double {
    let rarity = log(1 + Double(examples.count) / Double(frequency[term] ?? 1))
    return SymptomTerms.isPair(term) ? rarity / 2 : rarity
  }

  private func weight(_ terms: [String]) -> Double { terms.reduce(0) { $0 + weight($1) } }

  /// The rarest word of the symptoms that is one slip away.
  private func nearest(to word: String) -> String? {
    guard word.utf8.count > 3 else { return nil }
    let letters = Array(word.utf8)
    let near = frequency.keys.filter { SymptomIndex.isOneSlip(letters, Array($0.utf8)) }
    return near.min { (frequency[$0] ?? 0, $0) < (frequency[$1] ?? 0, $1) }
  }

  /// Whether one letter is missing, too many, another one, or has changed places with the next.
  private static func isOneSlip(_ first: [UInt8], _ second: [UInt8]) -> Bool {
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
