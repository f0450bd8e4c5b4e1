// What may stand where somebody is typing, and what it would be put in place of.

/// One thing that a word may become.
public struct Candidate: Equatable, Sendable {
  /// What stands in the place of the word then.
  public var text: String
  /// What follows it when there is no other candidate: a space, ` = `, `(`, `.`.
  public var suffix: String
  /// Its present value, or what it is; for a list.
  public var note: String

  public init(_ text: String, suffix: String = " ", note: String = "") {
    self.text = text
    self.suffix = suffix
    self.note = note
  }
}

/// All that a word may become.
public struct Completion: Equatable, Sendable {
  /// Where the word begins, in octets of the text.
  public var start: Int
  public var candidates: [Candidate]

  public init(start: Int = 0, _ candidates: [Candidate] = []) {
    self.start = start
    self.candidates = candidates
  }

  /// The same for whoever takes the word to begin elsewhere: what each puts in the place of the
  /// text from `place` on. A single one has its suffix, unless that stands there already
  /// or somebody asks what it is.
  public func replacements(from place: Int, in text: String, before rest: String) -> [String] {
    let octets = Array(text.utf8)
    let isSingle = candidates.count == 1
    return candidates.map { candidate in
      var new = candidate.text
      let isThere = rest.hasPrefix(candidate.suffix) || rest.hasPrefix("?")
      if isSingle, !isThere { new += candidate.suffix }
      if place > start { return String(decoding: new.utf8.dropFirst(place - start), as: UTF8.self) }
      return String(decoding: octets[place..<min(start, octets.count)], as: UTF8.self) + new
    }
  }
}
