// The scripts of examples/, as the program carries them, and what their opening comments say.
//
// The index lies in the scripts. A comment's first paragraph is the title; `Case 5: …` has the
// number in the list of public failures, and the sources; `Says: "…", "…".` quotes what somebody
// sees to whom it happens; `Look: …` tells what to do at the prompt.

/// One script of the library; `Example.all` comes from scripts/embed-library.
struct Example: Sendable {
  /// Folder and file: `knots/queue_owns_all`.
  var path: String
  var text: String

  var family: String { String(path.prefix { $0 != "/" }) }
  /// What `netsh examples copy` calls it; no two share one.
  var name: String { String(path.dropFirst(family.count + 1)) }
  var file: String { name + ".ns" }

  /// The opening comment, each paragraph in one line.
  var paragraphs: [String] {
    var found: [String] = []
    var isOpen = false
    var rest = text[...]
    while rest.hasPrefix("##") {
      let line = rest.prefix { $0 != "\n" }
      rest = rest[line.endIndex...].dropFirst()
      let words = line.dropFirst(2).drop { $0 == " " }
      if isOpen && !words.isEmpty {
        found[found.count - 1] += " " + words
      } else if !words.isEmpty {
        found.append(String(words))
      }
      isOpen = !words.isEmpty
    }
    return found
  }

  /// One sentence.
  var title: String { paragraphs.first ?? name }

  /// Its number in the list of public failures.
  var number: Int? {
    guard let source = paragraphs.first(where: { $0.hasPrefix("Case ") }) else { return nil }
    return Int(source.dropFirst(5).prefix { $0 != ":" })
  }

  /// The lines that people paste.
  var symptoms: [String] {
    guard let says = paragraph("Says") else { return [] }
    let pieces = says.split(separator: "\"", omittingEmptySubsequences: false)
    return pieces.indices.filter { $0 % 2 == 1 && !pieces[$0].isEmpty }.map { String(pieces[$0]) }
  }

  /// What follows `Says:`, `Look:`.
  func paragraph(_ word: String) -> String? {
    let found = paragraphs.first { $0.hasPrefix(word + ":") }
    return found.map { String($0.dropFirst(word.count + 1).drop { $0 == " " }) }
  }

  /// The scripts of its folder that it imports, and those that they import.
  var imported: [Example] {
    var found: [Example] = []
    var open = [self]
    while let next = open.popLast() {
      for line in next.text.split(separator: "\n") where line.hasPrefix("import \"") {
        let file = line.dropFirst(8).prefix { $0 != "\"" }
        guard let example = Example.all.first(where: { "\($0.path).ns" == "\(family)/\(file)" })
        else { continue }
        if example.path == path || found.contains(where: { $0.path == example.path }) { continue }
        found.append(example)
        open.append(example)
      }
    }
    return found
  }

  /// The families in their order, and what the scripts of each have in common.
  static let families: [(name: String, meaning: String)] = [
    ("torre-2004", "the report this project grew from, and its two fixes"),
    ("knots", "who would give a buffer back waits for one himself"),
    ("exhaustion", "one holder has the pool, and everybody suffers"),
    ("drivers", "a ring or a DMA engine that nobody starts again"),
    ("queues", "queues without a bound, and bounds that misfire"),
    ("timers", "state that is kept because no timer runs"),
    ("leaks", "an error path that forgets a buffer"),
    ("shape", "not the number of buffers, but their size, or the time they cost"),
  ]

  /// Those of a family stand together, in the order of their numbers; then by name.
  static let inOrder: [Example] = all.map { example in
    let family = families.firstIndex { $0.name == example.family }
    let key = (family ?? families.count, example.number ?? Int.max, example.path)
    return (key: key, example: example)
  }.sorted { $0.key < $1.key }.map(\.example)

  /// By name, by folder and name, or by the case's number: then there may be several.
  static func named(_ word: String) -> [Example] {
    if let number = Int(word) { return inOrder.filter { $0.number == number } }
    let wanted = word.hasSuffix(".ns") ? String(word.dropLast(3)) : word
    return all.filter { $0.name == wanted || $0.path == wanted }
  }
}
