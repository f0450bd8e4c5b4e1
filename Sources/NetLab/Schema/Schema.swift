// The schema of the bench as data: kinds, their fields, what stands in what, what can be measured.
//
// The grammar knows none of this. Checks, defaults, did-you-mean and the conversion of values into
// the engine's own units all read these tables (SchemaTables.swift).

import NetScript

/// What a field takes. Values of different dimensions may both be allowed.
enum Measure: Sendable {
  case bool
  case count
  /// Whole octets.
  case data
  case time
  case rate
  /// So many a second.
  case frequency
  /// A plain number or a ratio; kept in parts per thousand.
  case factor
  case node(FixedList<Word>)
  case symbol(FixedList<Word>)
  /// A list of such nodes.
  case nodes(FixedList<Word>)
  /// A list of these.
  case symbols(FixedList<Word>)
  /// A list of the author's own words.
  case anySymbols
  /// Lists of hosts: those of one list belong together.
  case groups
  /// A policy, or `.first_come`.
  case allocator
  /// What a fault point takes: a function of its record, or an answer.
  case fault
  /// The name of a file below the script's folder.
  case file
  /// Text: an address, `10.0.2.0/24`, `default`.
  case network
  /// `none`: it never happens.
  case never
  /// Any symbol: the author's own word.
  case anySymbol

  /// As a message says it: "is a time".
  var phrase: String {
    switch self {
    case .bool: "true or false"
    case .count: "a count"
    case .data: "an amount of data"
    case .time: "a time"
    case .rate: "a rate"
    case .frequency: "a frequency"
    case .factor: "a number"
    case .node(let kinds): "a " + kinds.map { $0.rawValue }.joined(separator: " or ")
    case .symbol(let words): words.map { "." + $0.rawValue }.joined(separator: " or ")
    case .nodes(let kinds):
      "a list of " + kinds.map { $0.rawValue + "s" }.joined(separator: " and ")
    case .anySymbols: "a list of symbols"
    case .symbols(let words):
      "a list of " + words.map { "." + $0.rawValue }.joined(separator: ", ")
    case .groups: "a list of lists of hosts"
    case .allocator: "a policy"
    case .fault: "a function, or its constant answer"
    case .file: "the name of a file"
    case .network: "an address or a network as text"
    case .never: "none"
    case .anySymbol: "a symbol"
    }
  }

  var dimension: Dimension? {
    switch self {
    case .count, .factor: Dimension.none
    case .data: .data
    case .time: .time
    case .rate: .rate
    case .frequency: .frequency
    default: nil
    }
  }

  /// A unit that a bare number probably meant.
  var usualUnit: String? {
    switch self {
    case .data: "B"
    case .time: "s"
    case .rate: "Mbps"
    case .frequency: "/s"
    default: nil
    }
  }
}

/// The value of a field that nobody set.
enum Standard: Sendable {
  /// Must be set: N207.
  case required
  /// Taken from around it, or from another rule that the meaning tells.
  case derived
  /// The same, where a few words say it.
  case rule(String)
  case bool(Bool)
  case count(Int64)
  case octets(Int64)
  case nanoseconds(Int64)
  case bitsPerSecond(Int64)
  case symbol(Word)
}

struct FieldSchema: Sendable {
  var word: Word
  var measures: FixedList<Measure>
  var standard: Standard
  /// May change after time 0.
  var isLive: Bool
  var meaning: String
  /// The same in BSD, where it is there.
  var origin = Original.none
  /// Of counts, octets, nanoseconds or permille.
  var range: ClosedRange<Int64> = 0...Int64.max

  init(
    _ word: Word, _ measures: Measure..., standard: Standard, live: Bool = false,
    range: ClosedRange<Int64> = 0...Int64.max, origin: Original = .none, _ meaning: String
  ) {
    self.word = word
    self.measures = FixedList(measures)
    self.standard = standard
    isLive = live
    self.range = range
    self.origin = origin
    self.meaning = meaning
  }
}

/// What a measurement is when it is read; any of them may be `none` while there is nothing to tell.
enum Reading: String, Sendable {
  case count, data, time, rate, share, symbol, node, text, record, list
}

/// A group of measurements, or one measurement, below a kind or another group.
struct PlaceSchema: Sendable {
  var word: Word
  /// Of a measurement; a group has none.
  var reading: Reading
  /// `conn[2]`, `held[.ring]`, `sock[137]`.
  var isIndexed = false
  var children: FixedList<PlaceSchema>
  /// What can be set in it: `eth0.tx.fault`, `pool.mbufs.allocator`.
  var fields: FixedList<FieldSchema>
  var meaning = ""
  /// Events are places too, with `.count` and `.last`.
  var isEvent = false

  init(
    _ word: Word, _ meaning: String = "", is reading: Reading = .count, indexed: Bool = false,
    fields: [FieldSchema] = [], _ children: [PlaceSchema] = []
  ) {
    self.word = word
    self.reading = reading
    self.meaning = meaning
    isIndexed = indexed
    self.fields = FixedList(fields)
    self.children = FixedList(children)
  }

  static func event(_ word: Word, _ meaning: String = "") -> PlaceSchema {
    let count = PlaceSchema(.count, "how many so far")
    let last = PlaceSchema(.last, "the last one's record", is: .record)
    var place = PlaceSchema(word, meaning, [count, last])
    place.isEvent = true
    return place
  }

  /// Something to read, not a group of such things or of fields.
  var isLeaf: Bool { children.isEmpty && fields.isEmpty }

  func child(_ word: Word) -> PlaceSchema? { children.first { $0.word == word } }
  func field(_ word: Word) -> FieldSchema? { fields.first(of: word) }
}

struct KindSchema: Sendable {
  var word: Word
  /// Kinds it may stand in; `.root` also means a case, a function and a script's kind.
  var parents: FixedList<Word>
  /// Must have a name; otherwise it must have none.
  var isNamed: Bool
  var fields: FixedList<FieldSchema>
  var places: FixedList<PlaceSchema>
  var methods: FixedList<Word>

  init(
    word: Word, parents: FixedList<Word>, isNamed: Bool, fields: [FieldSchema],
    places: [PlaceSchema], methods: FixedList<Word> = []
  ) {
    self.word = word
    self.parents = parents
    self.isNamed = isNamed
    self.fields = FixedList(fields)
    self.places = FixedList(places)
    self.methods = methods
  }

  func field(_ word: Word) -> FieldSchema? { fields.first(of: word) }
  func place(_ word: Word) -> PlaceSchema? { places.first { $0.word == word } }
}

extension FixedList<FieldSchema> {
  func first(of word: Word) -> FieldSchema? {
    for place in indices where self[place].word == word { return self[place] }
    return nil
  }
}

enum Schema {
  static let kinds: FixedList<KindSchema> = [
    lan, link, host, cpu, pool, furtherPool, nic, tcp, udp, sock, ip, arp, route, task, lock,
    queue, replay, drill,
  ]

  static func kind(_ word: Word) -> KindSchema? { place(of: word).map { kinds[$0] } }

  /// A field of a kind, without a copy of the kind.
  static func field(_ word: Word, of kind: Word) -> FieldSchema? {
    place(of: kind).flatMap { kinds[$0].fields.first(of: word) }
  }

  private static func place(of word: Word) -> Int? {
    for place in kinds.indices where kinds[place].word == word { return place }
    return nil
  }

  /// Unnamed groups that every host with a stack has without a declaration.
  static let groups: [Word] = [.cpu, .pool, .tcp, .udp, .sock, .ip, .arp]
  /// Tasks of the engine, there in every host with a stack.
  static let engineTasks: [Word] = [.rx, .tx, .ntwk]

  /// Fields and measurements that hold a symbol, by name.
  static var symbolMembers: Set<String> {
    var names = Set([Word.who, .reason, .state, .bufferClass, .proto].map { $0.rawValue })
    for kind in kinds {
      for field in kind.fields {
        switch field.measures[0] {
        case .symbol, .anySymbol: names.insert(field.word.rawValue)
        default: break
        }
      }
    }
    return names
  }

  /// What the names of these are in a host.
  static func roleInHost(_ word: Word) -> NodeRole? {
    if groups.contains(word) { return .builtin(word) }
    if engineTasks.contains(word) { return .builtin(.task) }
    return word == .network ? .builtin(.lock) : nil
  }

  /// Fields that stand in a group of measurements: `eth0.tx.fault`, `pool.mbufs.allocator`.
  static func placeField(_ kind: Word, _ place: Word, _ word: Word) -> FieldSchema? {
    Schema.kind(kind)?.place(place)?.field(word)
  }

  static let fault = FieldSchema(
    .fault, .fault, standard: .derived, live: true, "what becomes of what passes here")

  /// The schema of a place by the way to it.
  static func place(_ kind: Word, _ path: [Word]) -> PlaceSchema? {
    guard let first = path.first, var found = Schema.kind(kind)?.place(first) else { return nil }
    for word in path.dropFirst() {
      guard let next = found.child(word) else { return nil }
      found = next
    }
    return found
  }
}
