// What is checked before anything is built: names, fields, dimensions, ranges, reach.

import NetScript

extension Bench {
  func checkTree() {
    for number in 1..<max(tree.count, 1) {
      let id = NodeID(.tree, number)
      switch tree[id].role {
      case .forward: break
      case .builtin(let kind): checkBuiltin(id, kind)
      case .place(let word): checkPlaceFields(id, word)
      case .instance(let kind): checkReach(id, program.kinds[kind])
      case .root, .family, .event: break
      }
    }
    // Last: a field that was given such a name knows better what was meant.
    for number in 1..<max(tree.count, 1) { checkMention(NodeID(.tree, number)) }
  }

  /// Nothing took this name. Only the first step of a wrong path is told.
  private func checkMention(_ id: NodeID) {
    guard tree[id].role == .forward, !told.contains(id) else { return }
    let owner = tree.owner(of: id)
    guard owner == Tree.root || tree[owner].role != .forward, let span = tree[id].span,
      !told.contains(owner)
    else { return }
    if !tree[id].index.isNone {
      diagnostics.append(
        Diagnostic(code: "N202", title: "`\(path(of: id))` is not declared", at: span))
      return
    }
    if owner == Tree.root {
      diagnostics.append(undeclared(tree[id].name, at: span))
    } else if let diagnostic = unknown(tree[id].name, in: owner, at: span).diagnostic {
      diagnostics.append(diagnostic)
    }
  }

  private func checkBuiltin(_ id: NodeID, _ kind: Word) {
    guard let schema = Schema.kind(kind) else { return }
    // What misspelt fields were meant to be: these are not missing as well.
    var meant: [String] = []
    for field in tree[id].fields {
      guard let word = words.word(field.name), let known = schema.field(word) else {
        let (mistake, near) = unknownField(field, in: id)
        report(mistake, of: field)
        if let near { meant.append(near) }
        continue
      }
      check(field, known, in: id)
    }
    for field in schema.fields {
      if case .required = field.standard, ownField(id, words.symbol(field.word)) == nil,
        !meant.contains(field.word.rawValue)
      {
        reportUnset(field.word, of: id)
      }
    }
    if kind == .task { checkTask(id) }
    if kind == .nic {
      checkNic(id)
      checkSources(id)
      checkMTU(id)
    }
    if kind == .replay {
      checkNic(id)
      checkReplay(id)
    }
    if kind == .drill {
      checkNic(id)
      checkDrill(id)
    }
    if kind == .sock { checkSendFrom(id) }
    if kind == .cpu { checkCosts(id) }
    if kind == .bufferClass { checkServes(id) }
    if kind == .host { checkOwnNames(id) }
    if kind == .route { checkRoute(id) }
    if kind == .lock || kind == .queue || kind == .bufferClass { checkHost(of: id, kind) }
  }

  func reportUnset(_ word: Word, of id: NodeID) {
    guard let span = tree[id].span else { return }
    diagnostics.append(
      Diagnostic(
        code: "N207", title: "`\(word.rawValue)` of `\(path(of: id))` is not set", at: span,
        help: "`\(word.rawValue) = …` in its block"))
  }

  private func checkPlaceFields(_ id: NodeID, _ word: Word) {
    for field in tree[id].fields {
      if let known = placeField(id, field.name) {
        check(field, known, in: id)
      } else {
        report(unknownField(field, in: id).mistake, of: field)
      }
    }
  }

  /// The schema of a field that stands in a place.
  func placeField(_ id: NodeID, _ name: Symbol) -> FieldSchema? {
    guard case .place(let place) = tree[id].role, let word = words.word(name),
      case .builtin(let kind) = tree[tree[id].parent].role
    else { return nil }
    return Schema.placeField(kind, place, word)
  }

  private func checkTask(_ id: NodeID) {
    let hasMain = tree[id].members.contains { words.word($0.name) == .main }
    let word = words.word(tree[id].name)
    let isEngine = word.map { Schema.engineTasks.contains($0) } ?? false
    if !hasMain && !isEngine, let span = tree[id].span {
      diagnostics.append(
        Diagnostic(
          code: "N206", title: "task `\(path(of: id))` has no `main`", at: span,
          help: "`fn main() { … }`; the engine's own tasks are `rx`, `tx` and `ntwk`"))
    }
    if hasMain { checkHost(of: id, .task) }
  }

  /// What belongs to a host must be in one, or name it.
  private func checkHost(of id: NodeID, _ kind: Word) {
    guard nodeField(id, .host, [.host]) == nil, let span = tree[id].span else { return }
    if let taken = ownField(id, words.symbol(.host)) ?? inherited(words.symbol(.host), [], from: id)
    {
      // Its own field is checked as all fields are; what an instance was given, here.
      if mention(taken) == nil { reportNoHost(taken, around: id) }
      return
    }
    diagnostics.append(
      Diagnostic(
        code: "N207", title: "\(kind.rawValue) `\(path(of: id))` stands in no host", at: span,
        help: "`host = …` in its block"))
  }

  private func checkNic(_ id: NodeID) {
    if nodeField(id, .lan, [.lan, .link]) == nil,
      !tree[id].fields.contains(where: { words.word($0.name) == .lan })
    {
      reportUnset(.lan, of: id)
    }
  }

  /// Its interfaces in the order of declaration, those of a family (`nic eth[1]`) among them.
  func interfaces(of host: NodeID) -> [NodeID] {
    var found: [NodeID] = []
    for child in tree[host].children {
      if tree[child].role == .builtin(.nic) { found.append(child) }
      if tree[child].role != .family { continue }
      found += tree[child].children.filter { tree[$0].role == .builtin(.nic) }
    }
    return found
  }

  /// The media a host is plugged into.
  func links(of host: NodeID) -> [NodeID] {
    var found: [NodeID] = []
    for child in interfaces(of: host) {
      if let link = nodeField(child, .lan, [.lan, .link]) { found.append(link) }
    }
    return found
  }

  // MARK: One field

  func check(_ field: FieldValue, _ schema: FieldSchema, in id: NodeID) {
    report(mistake(field, schema, in: id), of: field)
  }

  /// What is wrong with a value for a field, or nil.
  func mistake(_ field: FieldValue, _ schema: FieldSchema, in id: NodeID) -> Diagnostic? {
    if let id = mention(field.value) { return undeclaredValue(id, schema) }
    var isRight = false
    for measure in schema.measures where fits(field.value, measure) { isRight = true }
    guard isRight else { return wrongMeasure(field, schema, in: id) }
    if let unit = unitSize(schema, in: id), field.value.dimension == .data,
      let bits = field.value.asBaseUnits, bits % (unit * 8) != 0
    {
      return notWhole(field, schema, bits: bits, unit: unit)
    }
    guard let number = number(field.value, schema, unit: unitSize(schema, in: id)) else {
      return nil
    }
    if schema.range.contains(number) { return nil }
    return Diagnostic(
      code: "N222",
      title: "`\(schema.word.rawValue)` cannot be \(vm.text(field.value))", at: valueSpan(field),
      label: schema.meaning, help: rangeText(schema))
  }

  /// "from 1 to 4096", "from 1ms on".
  private func rangeText(_ schema: FieldSchema) -> String {
    let low = "from " + schema.bounded.text(schema.range.lowerBound)
    let high = schema.range.upperBound
    return high == Int64.max ? low + " on" : low + " to " + schema.bounded.text(high)
  }

  func fits(_ value: Value, _ measure: Measure) -> Bool {
    switch measure {
    case .bool: return value.asBool != nil
    case .count: return value.asInt != nil
    case .data: return value.dimension == .data && (value.asBaseUnits ?? 1) % 8 == 0
    case .time: return value.dimension == .time && value.asBaseUnits != nil
    case .rate: return value.dimension == .rate && value.asBaseUnits != nil
    case .frequency: return value.dimension == .frequency && value.asBaseUnits != nil
    case .factor:
      return value.asInt != nil || value.asReal != nil || value.dimension == Dimension.none
    case .node(let kinds):
      guard let raw = value.asNode, NodeID(rawValue: raw).space == .tree,
        case .builtin(let kind) = tree[NodeID(rawValue: raw)].role
      else { return false }
      return kinds.contains(kind)
    case .symbol(let allowed):
      guard let symbol = value.asSymbol, let word = words.word(symbol) else { return false }
      return allowed.contains(word)
    case .allocator:
      return value.tag == .policy || value.isNone || value.asSymbol.map { name($0) } == "first_come"
    case .fault:
      return value.isNone || value.tag == .closure || value.asSymbol != nil
        || value.dimension == .time || vm.list(value) != nil
        || vm.contents(value, ofShape: shapes.frame) != nil
    case .file: return vm.string(value) != nil
    case .network: return vm.string(value).flatMap(Network.init) != nil
    case .never: return value.isNone
    case .anySymbol: return value.asSymbol != nil
    case .anySymbols:
      guard let list = vm.list(value), !list.isEmpty else { return false }
      return list.allSatisfy { $0.asSymbol != nil }
    case .symbols(let allowed):
      guard let list = vm.list(value) else { return false }
      return list.allSatisfy { fits($0, .symbol(allowed)) }
    case .nodes(let kinds):
      return vm.list(value)?.allSatisfy { fits($0, .node(kinds)) } ?? false
    case .groups:
      guard let groups = vm.list(value) else { return value.isNone }
      return groups.allSatisfy { group in
        vm.list(group)?.allSatisfy { fits($0, .node([.host])) } ?? false
      }
    }
  }

  /// Octets of one buffer, for the fields that count buffers or memory.
  func unitSize(_ schema: FieldSchema, in id: NodeID) -> Int64? {
    guard tree[id].role == .builtin(.pool) else { return nil }
    switch schema.word {
    case .mbufs: return 128
    case .clusters: return 2048
    default: return nil
    }
  }

  /// The value in the schema's own unit: count, octets, nanoseconds, bits a second, permille.
  func number(_ value: Value, _ schema: FieldSchema, unit: Int64? = nil) -> Int64? {
    if case .factor = schema.measures[0] {
      if let whole = value.asInt {
        let (permille, overflow) = whole.multipliedReportingOverflow(by: 1000)
        return overflow ? (whole < 0 ? Int64.min : Int64.max) : permille
      }
      if let real = value.asReal {
        return real.isFinite && abs(real) < 1e12 ? Int64((real * 1000).rounded()) : -1
      }
      return value.asBaseUnits.map { $0 / 1_000_000 }
    }
    if let count = value.asInt { return count }
    guard let base = value.asBaseUnits else { return nil }
    if value.dimension == .data { return base / 8 / (unit ?? 1) }
    return base
  }

  private func notWhole(
    _ field: FieldValue, _ schema: FieldSchema, bits: Int64, unit: Int64
  ) -> Diagnostic {
    let octets = bits / 8
    let below = octets / unit
    let size = unit == 2048 ? "2KiB" : "128B"
    // Rounded, but never to the next whole one.
    let hundredths = min((octets % unit * 100 + unit / 2) / unit, 99)
    let share = "\(below).\(hundredths < 10 ? "0" : "")\(hundredths)"
    func memory(_ count: Int64) -> String {
      count * unit % 1024 == 0 ? "\(count * unit / 1024)KiB" : "\(count * unit)B"
    }
    return Diagnostic(
      code: "N221",
      title: "\(vm.text(field.value)) is not a whole number of \(size) "
        + "\(schema.word.rawValue) (\(share))",
      at: valueSpan(field),
      help: "`\(schema.word.rawValue) = \(below)`, or `\(memory(below))` (\(below)), "
        + "`\(memory(below + 1))` (\(below + 1))")
  }
}
