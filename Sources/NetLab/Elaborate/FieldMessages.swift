// What is said of a field that was given the wrong thing, with the edit that was probably meant.

import NetScript

extension Bench {
  /// N210.
  func wrongMeasure(_ field: FieldValue, _ schema: FieldSchema, in id: NodeID) -> Diagnostic {
    let value = field.value
    let text = vm.text(value)
    var wanted = ""
    for measure in schema.measures {
      wanted += wanted.isEmpty ? measure.phrase : " or " + measure.phrase
    }
    var shown = "it is \(text)"
    if value.asInt != nil {
      shown = "\(text) is a bare number"
    } else if let string = vm.string(value) {
      shown = "\"\(string)\" is a text"
    } else if let dimension = value.dimension {
      shown = dimension.phrase.map { "\(text) is \($0)" } ?? "it is \(text)"
    }
    return Diagnostic(
      code: "N210", title: "`\(schema.word.rawValue)` is \(wanted), but \(shown)",
      at: valueSpan(field), help: edit(value, schema) ?? sibling(value, schema, in: id))
  }

  /// The value as it could have been meant.
  private func edit(_ value: Value, _ schema: FieldSchema) -> String? {
    for measure in schema.measures {
      switch measure {
      case .bool:
        if let count = value.asInt { return count == 0 ? "`false`" : "`true`" }
        if let string = vm.string(value), let word = Bench.truth(string) { return "`\(word)`" }
      case .symbol(let words):
        let text = vm.string(value) ?? value.asSymbol.map { name($0) } ?? ""
        if let word = like(text, words) { return "`.\(word)`" }
      case .allocator:
        if let text = vm.string(value) ?? value.asSymbol.map({ name($0) }) {
          return policyNamed(text)
        }
      case .node: if let text = vm.string(value), isRoot(text) { return "`\(text)`" }
      case .rate, .time, .data: if let help = quantity(value, measure, schema) { return help }
      default: break
      }
    }
    return nil
  }

  private func like(_ text: String, _ words: FixedList<Word>) -> String? {
    if words.contains(where: { $0.rawValue == text }) { return text }
    return Spelling.nearest(to: text, among: words.map { $0.rawValue })
  }

  private static func truth(_ text: String) -> String? {
    switch text {
    case "true", "yes", "on": "true"
    case "false", "no", "off": "false"
    default: nil
    }
  }

  private func isRoot(_ text: String) -> Bool {
    tree[Tree.root].children.contains { tree[$0].role != .forward && name(tree[$0].name) == text }
  }

  private func policyNamed(_ text: String) -> String {
    let imported = program.reachableNames.imported
    if let known = imported.first(where: { $0.name == text }) {
      return "`\(known.alias).\(text)`"
    }
    return "a policy goes by its name: `import \"std/policies\"`, then `policies.receiver_first`"
  }

  /// A unit that is missing, or too many.
  private func quantity(
    _ value: Value, _ measure: Measure, _ schema: FieldSchema
  ) -> String? {
    let text = vm.text(value)
    if let count = value.asInt, let unit = measure.usualUnit {
      guard schema.isTicks else { return "`\(text)\(unit)`" }
      let (ticks, overflow) = count.multipliedReportingOverflow(by: 2)
      let origin = ". (BSD's source counts it in half seconds: there it would read \(ticks).)"
      return "`\(text)\(unit)`" + (overflow ? "" : origin)
    }
    guard let base = value.asBaseUnits else { return nil }
    switch (measure, value.dimension) {
    case (.rate, Dimension.data):
      return "`\(text)/s`, which is `\(vm.text(.rate(bitsPerSecond: base)))`"
    case (.time, Dimension.frequency) where base > 0:
      return "`\(vm.text(.time(nanoseconds: 1_000_000_000 / base)))` lie between two at \(text)"
    default: return nil
    }
  }

  /// Another field of the kind that such a value could be for.
  private func sibling(_ value: Value, _ schema: FieldSchema, in id: NodeID) -> String? {
    guard let dimension = value.dimension, dimension != Dimension.none,
      case .builtin(let kind) = tree[id].role, let fields = Schema.kind(kind)?.fields
    else { return nil }
    let others = fields.filter { other in
      other.word != schema.word && other.measures.contains { $0.dimension == dimension }
    }
    guard let other = others.first, others.count <= 3 else { return nil }
    let names = others.map { "`\($0.word.rawValue)`" }.joined(separator: " or ")
    let phrase = other.measures.first { $0.dimension == dimension }?.phrase ?? ""
    return "\(names) is \(phrase)"
  }

  func wrongDimension(_ field: FieldValue, wanted: Dimension) -> Diagnostic {
    let text = vm.text(field.value)
    let isBare = field.value.asInt != nil
    let usual: [Dimension: String] = [.time: "s", .data: "B", .rate: "Mbps", .frequency: "/s"]
    let found = isBare ? "a bare number" : field.value.dimension?.phrase
    return Diagnostic(
      code: "N210",
      title: "`\(name(field.name))` is \(wanted.phrase ?? wanted.name), but "
        + (found.map { "\(text) is \($0)" } ?? "it is \(text)"),
      at: valueSpan(field), help: isBare ? usual[wanted].map { "`\(text)\($0)`" } : nil)
  }

  // MARK: Names

  /// N201 of a field, and the name that was meant: one that such a value fits, if there is one.
  func unknownField(
    _ field: FieldValue, in id: NodeID
  ) -> (mistake: Diagnostic?, meant: String?) {
    let text = name(field.name)
    let whole = "\(path(of: id)).\(text)"
    if isPart(field.name, of: id) {
      let mistake = Diagnostic(
        code: "N201", title: "`\(whole)` is no field: it has fields of its own",
        at: nameSpan(field), help: "`\(whole).FIELD = …`, or a block: `\(text) { … }`")
      return (mistake, nil)
    }
    if isMeasurement(field.name, of: id) {
      let mistake = Diagnostic(
        code: "N201", title: "`\(whole)` is measured, and cannot be set", at: nameSpan(field))
      return (mistake, nil)
    }
    var near = Spelling.nearest(to: text, among: namesIn(id))
    if case .builtin(let kind) = tree[id].role, let fields = Schema.kind(kind)?.fields {
      let fitting = fields.filter { $0.measures.contains { fits(field.value, $0) } }
      near = Spelling.nearest(to: text, among: fitting.map { $0.word.rawValue }) ?? near
    }
    var mistake = unknown(field.name, in: id, at: nameSpan(field)).diagnostic
    if let near { mistake?.help = suggestion(near, in: id) }
    return (mistake, near)
  }

  private func isPart(_ symbol: Symbol, of id: NodeID) -> Bool {
    if let child = tree.child(symbol, of: id) {
      switch tree[child].role {
      case .builtin, .instance: return true
      default: break
      }
    }
    guard tree[id].role == .builtin(.host), let word = words.word(symbol) else { return false }
    return Schema.roleInHost(word) != nil
  }

  private func isMeasurement(_ symbol: Symbol, of id: NodeID) -> Bool {
    guard let word = words.word(symbol) else { return false }
    switch tree[id].role {
    case .builtin(let kind): return Schema.kind(kind)?.place(word) != nil
    case .place(let own): return placeSchema(of: id, own)?.child(word) != nil
    default: return false
    }
  }

  // MARK: Values that are no declared thing

  /// The outermost name of a value that names what nothing has declared.
  func mention(_ value: Value) -> NodeID? {
    guard let raw = value.asNode, NodeID(rawValue: raw).space == .tree else { return nil }
    var id = NodeID(rawValue: raw)
    guard tree[id].role == .forward else { return nil }
    while tree.owner(of: id) != Tree.root, tree[tree.owner(of: id)].role == .forward {
      id = tree.owner(of: id)
    }
    return id
  }

  /// N202 with the edit that the field suggests; once, however many fields have the value.
  func undeclaredValue(_ id: NodeID, _ schema: FieldSchema) -> Diagnostic? {
    guard !told.contains(id), let span = tree[id].span, tree.owner(of: id) == Tree.root,
      tree[id].index.isNone
    else { return nil }
    told.append(id)
    var mistake = undeclared(tree[id].name, at: span)
    let text = name(tree[id].name)
    for measure in schema.measures {
      if case .symbol(let words) = measure, let word = like(text, words) {
        mistake.help = "`.\(word)`"
      } else if case .bool = measure, let word = Bench.truth(text) {
        mistake.help = "`\(word)`"
      }
    }
    return mistake
  }

  private func kindOf(_ value: Value) -> String? {
    guard let raw = value.asNode, NodeID(rawValue: raw).space == .tree else { return nil }
    switch tree[NodeID(rawValue: raw)].role {
    case .builtin(let kind): return kind.rawValue
    case .instance(let number): return program.kinds[number].name
    default: return nil
    }
  }

  /// N210: an instance was given what is no host, and something in it needs one.
  func reportNoHost(_ value: Value, around id: NodeID) {
    var giver: (instance: NodeID, field: FieldValue)?
    var at = tree.owner(of: id)
    while at != .none {
      let given = tree[at].fields.first { $0.value.asNode == value.asNode && $0.layer != .standard }
      if let given { giver = (at, given) }
      at = tree.owner(of: at)
    }
    guard let giver, value.asNode != nil else { return }
    let mistake = Diagnostic(
      code: "N210",
      title: "`\(name(giver.field.name))` is a host, but `\(vm.text(value))` is "
        + (kindOf(value).map { "a \($0)" } ?? "none"),
      at: valueSpan(giver.field))
    if diagnostics.contains(where: { $0.primary.span == mistake.primary.span }) { return }
    report(mistake, of: giver.field)
  }
}

extension FieldSchema {
  /// Kept in slow ticks of 500 ms by the engine.
  var isTicks: Bool {
    switch word {
    case .keepidle, .keepintvl, .rtoMin: return true
    default: return false
    }
  }
}

extension Dimension {
  /// As a message says it: "is a time"; nil for one that has no name.
  var phrase: String? {
    switch self {
    case .data: "data"
    case .none: "a ratio"
    case .time, .rate, .frequency: "a \(name)"
    default: nil
    }
  }
}
