// What may stand where somebody is typing a statement: the world's own names with their present
// values, the language's words, and what a field takes.
//
// Looking is all that happens here: nothing is declared, and no value is changed.

import NetScript

extension Workbench {
  /// - Parameter text: the statements up to the cursor; those of a block that is begun too.
  public func completion(of text: String) -> Completion {
    guard let place = TypingPlace(text) else { return Completion(start: text.utf8.count) }
    var list = CandidateCollector(prefix: place.word)
    let names = CompletionNames(self)
    switch place.form {
    case .unit: names.addUnits(place, to: &list)
    case .symbol: names.addSymbols(place, to: &list)
    case .name where place.path.isEmpty: names.addWords(place, to: &list)
    case .name: names.addMembers(place, to: &list)
    }
    return Completion(start: place.start, list.sorted)
  }

  /// Kinds of events, as `on` names them, with what they are.
  public var eventCandidates: [Candidate] {
    Schema.kinds.flatMap { kind in
      KindPages.events(kind).map {
        Candidate(kind.word.rawValue + "." + $0.event, note: $0.meaning)
      }
    }
  }
}

/// Candidates with one beginning, each once.
struct CandidateCollector {
  let prefix: String
  private var found: [Candidate] = []
  private var seen: Set<String> = []

  init(prefix: String) { self.prefix = prefix }

  /// The note is composed only when the name fits.
  mutating func add(_ name: String, _ suffix: String = " ", note: @autoclosure () -> String = "") {
    guard name.hasPrefix(prefix), seen.insert(name).inserted else { return }
    found.append(Candidate(name, suffix: suffix, note: note()))
  }

  var sorted: [Candidate] { found.sorted { $0.text < $1.text } }
}

/// The names of one moment of a workbench.
struct CompletionNames {
  let bench: Bench
  let session: Session
  let names: SessionNames
  /// Structure may still change.
  let mayBuild: Bool

  init(_ workbench: Workbench) {
    bench = workbench.bench
    session = workbench.session
    names = workbench.names
    mayBuild = workbench.mayBuild
  }

  // MARK: Units and symbols

  /// Of the dimension that is wanted, where that is known.
  func addUnits(_ place: TypingPlace, to list: inout CandidateCollector) {
    let wanted = measures(place)?.compactMap { $0.dimension }
    let isTime = place.statement.last.map(Self.timeWords.contains) ?? false
    for unit in UnitTable.units where !unit.text.isEmpty {
      if isTime && unit.dimension != .time { continue }
      if let wanted, !wanted.isEmpty, !wanted.contains(unit.dimension) { continue }
      list.add(unit.text, note: unit.dimension == .none ? "of a hundred" : unit.dimension.name)
    }
  }

  private static let timeWords: Set<String> = [
    "for", "within", "after", "before", "every", "at", "sleep",
  ]

  func addSymbols(_ place: TypingPlace, to list: inout CandidateCollector) {
    if place.statement.last == "[", place.statement.dropLast().last == Word.held.rawValue {
      for word in Schema.heldWords { list.add(word.rawValue, "]") }
      return
    }
    for measure in measures(place) ?? [] {
      switch measure {
      case .symbol(let words), .symbols(let words):
        for word in words { list.add(word.rawValue) }
      case .allocator: list.add("first_come", note: "the stock policy")
      default: break
      }
    }
  }

  /// What the field takes whose value is being written: `server.eth0.refill = `, or `refill = `
  /// in its block.
  func measures(_ place: TypingPlace) -> FixedList<Measure>? { field(place)?.measures }

  private func field(_ place: TypingPlace) -> FieldSchema? {
    guard let last = place.statement.last, ["=", "==", "!="].contains(last) else { return nil }
    var tokens = Array(place.statement.dropLast())
    guard let name = tokens.popLast(), let word = Word(rawValue: name) else { return nil }
    if tokens.last != "." {
      guard let block = place.blocks.last, let kind = block.first else { return nil }
      return Word(rawValue: kind).flatMap(Schema.kind)?.field(word)
    }
    guard let spot = spot(of: Self.steps(tokens)) else { return nil }
    return fields(of: spot).first { $0.word == word }
  }

  /// The path at the end of tokens, each followed by a dot.
  private static func steps(_ tokens: [String]) -> [TypingPlace.Step] {
    var steps: [TypingPlace.Step] = []
    var rest = tokens
    while rest.last == "." {
      rest.removeLast()
      var index: String?
      if rest.last == "]", let open = rest.lastIndex(of: "[") {
        index = rest[(open + 1)..<(rest.count - 1)].joined()
        rest.removeSubrange(open...)
      }
      guard let name = rest.popLast() else { break }
      steps.insert(TypingPlace.Step(name: name, index: index), at: 0)
    }
    return steps
  }

  // MARK: Words without a path before them

  func addWords(_ place: TypingPlace, to list: inout CandidateCollector) {
    if addValues(place, to: &list) { return }
    let last = place.statement.last
    if place.statement == ["policy"] { return addPolicies(to: &list) }
    if last == ":" || last == "preset" { return addPresets(to: &list) }
    if let last, let words = Self.following[last] {
      for word in words { list.add(word) }
      if last != "expect" { return }
    }
    if Self.names(place.statement, "on") {
      addEventPaths(to: &list)
      if place.statement.first == "on" || place.statement.contains("on") { return }
    }
    if place.beginsStatement {
      addStatements(place, to: &list)
    } else {
      addOperands(to: &list)
    }
    addNames(place, to: &list)
  }

  private static let following: [String: [String]] = [
    "run": ["for", "until"], "expect": ContextualWords.modals, "once": ["when", "on"],
  ]

  /// The last word of a statement, or the one before a number of events.
  private static func names(_ statement: [String], _ word: String) -> Bool {
    statement.last == word && !statement.contains("=")
  }

  /// What a field takes, where there is little to choose from.
  private func addValues(_ place: TypingPlace, to list: inout CandidateCollector) -> Bool {
    guard let measures = measures(place) else { return false }
    for measure in measures {
      switch measure {
      case .bool:
        list.add("true")
        list.add("false")
      case .allocator: addPolicies(to: &list)
      case .node(let kinds): addNodes(of: kinds, to: &list)
      case .symbol, .symbols: break
      default: return false
      }
    }
    return true
  }

  private func addStatements(_ place: TypingPlace, to list: inout CandidateCollector) {
    let block = place.blocks.last?.first ?? ""
    if let kind = Word(rawValue: block).flatMap(Schema.kind) {
      for field in kind.fields {
        list.add(field.word.rawValue, " = ", note: field.summary)
      }
      for inner in Schema.kinds where inner.parents.contains(kind.word) {
        list.add(Self.spelling(inner), inner.isNamed ? " " : " { ", note: "a part of it")
      }
      if kind.word != .host && kind.word != .task { return }
    }
    if let kind = bench.program.kinds.last(where: { $0.name == block }) {
      for parameter in kind.parameters { list.add(bench.name(parameter.name), " = ") }
      list.add("active", " = ")
      return
    }
    for word in ContextualWords.statements { list.add(word, word == "pause" ? "" : " ") }
    for word in ["let", "var", "fn", "if", "for", "while", "match"] { list.add(word) }
    if !place.blocks.isEmpty { list.add("return") }
    for kind in Schema.kinds where kind.parents.contains(.root) {
      list.add(Self.spelling(kind), note: "a kind")
    }
    for kind in bench.program.kinds.map({ $0.name }) + names.kinds {
      list.add(kind, note: "a kind")
    }
  }

  /// A pool with a name is a kind of its own in the schema only.
  private static func spelling(_ kind: KindSchema) -> String {
    (kind.word == .bufferClass ? Word.pool : kind.word).rawValue
  }

  private func addOperands(to list: inout CandidateCollector) {
    for word in ["true", "false", "none", "not"] { list.add(word, word == "not" ? " " : "") }
    for native in NativeFunction.allCases { list.add(native.name, "(", note: "a function") }
    for name in Script.libraryFunctions { list.add(name, "(", note: "a function") }
    for root in [Word.now, .seed, .caseName] { list.add(root.rawValue, "") }
  }

  /// Of the session and of the world. What stands at its top can be named everywhere.
  private func addNames(_ place: TypingPlace, to list: inout CandidateCollector) {
    for name in names.all {
      guard let meaning = names.meaning(of: name), meaning != .thing else { continue }
      add(name, meaning, to: &list, begins: place.beginsStatement)
    }
    for id in bench.tree[Tree.root].children {
      add(id, to: &list)
    }
  }

  func add(
    _ name: String, _ meaning: SessionNames.Meaning, to list: inout CandidateCollector,
    begins: Bool = false
  ) {
    switch meaning {
    case .variable(let isMutable):
      list.add(name, begins && isMutable ? " = " : " ", note: "a variable")
    case .function: list.add(name, "(", note: "a function")
    case .policy: list.add(name, note: "a policy")
    case .kind: list.add(name, note: "a kind")
    case .module: list.add(name, ".", note: "a file")
    case .thing: list.add(name, ".")
    }
  }

  // MARK: What a statement names

  private func addPolicies(to list: inout CandidateCollector) {
    addAll(to: &list) { $0 == .policy }
  }

  /// After `host a : `: functions of the file, and of files that are imported.
  private func addPresets(to list: inout CandidateCollector) {
    addAll(to: &list) { $0 == .function }
  }

  private func addAll(
    to list: inout CandidateCollector, where isWanted: (SessionNames.Meaning) -> Bool
  ) {
    for name in names.all {
      guard let meaning = names.meaning(of: name) else { continue }
      if isWanted(meaning) { list.add(name) }
      guard case .module(let module) = meaning else { continue }
      for export in session.exports(of: module) where isWanted(export.meaning) {
        list.add(name + "." + export.name)
      }
    }
  }

  private func addNodes(of kinds: FixedList<Word>, to list: inout CandidateCollector) {
    for id in bench.tree[Tree.root].children {
      if case .builtin(let kind) = bench.tree[id].role, kinds.contains(kind) { add(id, to: &list) }
    }
  }

  /// `server.pool.wait` and its like, while they are few enough to choose from; else the roots.
  private func addEventPaths(to list: inout CandidateCollector) {
    let roots = bench.tree[Tree.root].children
    var paths: [(path: String, meaning: String)] = []
    for id in roots {
      collectEvents(id, bench.path(of: id), &paths)
      if paths.count > Self.manyEvents { break }
    }
    if paths.count > Self.manyEvents {
      for id in roots { add(id, to: &list) }
    } else {
      for one in paths { list.add(one.path, note: one.meaning) }
    }
  }

  private static let manyEvents = 100

  private func collectEvents(
    _ id: NodeID, _ path: String, _ paths: inout [(path: String, meaning: String)]
  ) {
    guard case .builtin(let word) = bench.tree[id].role, let kind = Schema.kind(word) else {
      return
    }
    for place in kind.places where place.isEvent {
      paths.append((path: path + "." + place.word.rawValue, meaning: place.meaning))
    }
    if word == .host {
      for group in Schema.groups {
        for place in Schema.kind(group)?.places ?? [] where place.isEvent {
          paths.append(
            (path: "\(path).\(group.rawValue).\(place.word.rawValue)", meaning: place.meaning))
        }
      }
    }
    for child in bench.tree[id].children {
      guard case .builtin(let inner) = bench.tree[child].role, !Schema.groups.contains(inner)
      else { continue }
      collectEvents(child, bench.path(of: child), &paths)
    }
  }
}

extension FieldSchema {
  /// Its type, its unit with it, and what it is when nobody sets it.
  var summary: String {
    let standard = defaultText
    return standard.isEmpty ? typeText : typeText + ", " + standard
  }
}
