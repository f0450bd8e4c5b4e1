// What of a console's line can be compared with another's.

/// The words of a line and the pairs of neighbours, without numbers, addresses and paths.
///
/// Words are in small letters and the singular. An identifier's parts are words, and so is the
/// whole. What an errno is called in words counts as its name.
struct SymptomTerms {
  /// Each once, in order.
  private(set) var all: [String] = []

  init(_ line: String) {
    var terms: Set<String> = []
    var sequence: [String] = []
    for piece in line.lowercased().split(whereSeparator: \.isWhitespace) where !Self.isPath(piece) {
      for name in piece.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }) {
        let parts = name.split(separator: "_")
        if parts.count > 1 { terms.insert(String(name)) }
        sequence += parts.compactMap(Self.word)
      }
    }
    sequence = Self.withNames(sequence)
    terms.formUnion(sequence.filter { !Self.isWeak($0) })
    for (first, second) in zip(sequence, sequence.dropFirst())
    where !Self.isWeak(first) || !Self.isWeak(second) {
      terms.insert("\(first) \(second)")
    }
    all = terms.sorted()
  }

  static func isPair(_ term: String) -> Bool { term.contains(" ") }

  /// `/var/log/messages`, `net/ip/net_pkt.c:120`; not `rx/tx`.
  private static func isPath(_ piece: Substring) -> Bool {
    let slashes = piece.count { $0 == "/" }
    return slashes > 1 || slashes == 1 && (piece.contains(".") || piece.contains("~"))
  }

  /// `eth0` is `eth`, `clusters` is `cluster`; nil for numbers, addresses and single letters.
  private static func word(_ part: Substring) -> String? {
    let isHexadecimal = part.count > 5 && part.allSatisfy(\.isHexDigit)
    if part.first?.isNumber == true || isHexadecimal && part.contains(where: \.isNumber) {
      return nil
    }
    var word = String(part)
    while word.last?.isNumber == true { word.removeLast() }
    if frequent.contains(word) { return word }
    if word.count > 3 && word.hasSuffix("s") && !word.hasSuffix("ss") { word.removeLast() }
    return word.count > 1 ? abbreviated[word] ?? word : nil
  }

  /// What several words say that one name says.
  private static func withNames(_ sequence: [String]) -> [String] {
    var text = " " + sequence.joined(separator: " ") + " "
    for (words, name) in names { text = text.replacing(" \(words) ", with: " \(name) ") }
    return text.split(separator: " ").map(String.init)
  }

  /// Words that tell something only beside another.
  private static func isWeak(_ word: String) -> Bool { word.count < 3 || frequent.contains(word) }

  private static let abbreviated = ["buf": "buffer", "mem": "memory", "pkt": "packet"]

  /// What strerror() and small systems' logs say, as `word` leaves it.
  private static let names = [
    ("no buffer space available", "enobuf"), ("cannot allocate memory", "enomem"),
    ("not enough space", "enomem"), ("no memory", "enomem"), ("err memory", "enomem"),
    ("connection timed out", "etimedout"), ("operation timed out", "etimedout"),
    ("connection refused", "econnrefused"), ("resource temporarily unavailable", "eagain"),
  ]

  /// Words of any sentence.
  private static let frequent: Set<String> = [
    "an", "and", "are", "as", "at", "be", "but", "by", "can", "for", "from", "has", "have", "in",
    "is", "it", "no", "not", "of", "on", "or", "so", "that", "the", "then", "there", "this", "to",
    "was", "while", "with", "you",
  ]
}
