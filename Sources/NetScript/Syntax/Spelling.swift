// Did you mean: the nearest known name, at most two edits away.
//
// Edits are insertion, deletion, replacement and the swap of two neighbours, the last because it
// is the commonest slip of a keyboard. Ties go to the earlier candidate, so hints are stable.

public enum Spelling {
  /// Further away is another word, not a slip.
  public static let farthest = 2

  /// The nearest candidate; short words must be nearer, or every `a` would suggest `b`.
  public static func nearest(to name: String, among candidates: [String]) -> String? {
    let wanted = Array(name.utf8)
    let lower = wanted.map(Ascii.lowercased)
    for candidate in candidates where candidate != name {
      if candidate.utf8.map(Ascii.lowercased) == lower { return candidate }
    }
    let limit = wanted.count <= 3 ? 1 : farthest
    var best: (name: String, distance: Int)?
    for candidate in candidates where !candidate.isEmpty && candidate != name {
      let distance = distance(wanted, Array(candidate.utf8), limit: limit)
      guard distance <= limit, distance < best?.distance ?? Int.max else { continue }
      // One letter in common is not a likeness.
      guard distance < wanted.count else { continue }
      best = (candidate, distance)
    }
    return best?.name
  }

  /// Edit distance of two names, or `limit + 1` as soon as it must be greater.
  static func distance(_ first: [UInt8], _ second: [UInt8], limit: Int) -> Int {
    guard abs(first.count - second.count) <= limit else { return limit + 1 }
    var beforeLast: [Int] = []
    var last = Array(0...second.count)
    for row in 0..<first.count {
      var current = [row + 1]
      for column in 0..<second.count {
        let same = first[row] == second[column]
        var cost = min(last[column + 1] + 1, current[column] + 1, last[column] + (same ? 0 : 1))
        if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
          cost = min(cost, beforeLast[column - 1] + 1)
        }
        current.append(cost)
      }
      if current.reduce(Int.max, min) > limit { return limit + 1 }
      beforeLast = last
      last = current
    }
    return last[second.count]
  }

  /// `65536` as `65,536`.
  public static func grouped(_ number: Int64) -> String {
    let digits = Array("\(number.magnitude)")
    var text = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }
}
