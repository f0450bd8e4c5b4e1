// How nodes read: `server.eth0`, `peer[3]`, `ftp.writer[1]`.

import NetScript

extension Bench {
  public func describe(_ node: Value) -> String {
    guard let raw = node.asNode else { return "?" }
    return path(of: NodeID(rawValue: raw))
  }

  /// The path from the tree's top.
  func path(of id: NodeID) -> String {
    if id == .none { return "" }
    switch id.space {
    case .socket: return socketText(id)
    case .buffer: return bufferText(id)
    case .collector: return describeCollector(id)
    case .tree: break
    }
    var parts: [String] = []
    var at = id
    while at != .none, at != Tree.root {
      let node = tree[at]
      var part = vm.symbols.name(node.name)
      if !node.index.isNone { part += "[\(vm.text(position(of: at) ?? node.index))]" }
      parts.append(part)
      at = tree.owner(of: at)
    }
    var text = ""
    for part in parts.reversed() { text += text.isEmpty ? part : "." + part }
    return text
  }

  /// A connection that an event named is known by its serial number; while it lives it reads as
  /// `conn[i]` finds it.
  private func position(of id: NodeID) -> Value? {
    guard isBuilt, tree[id].role == .place(.conn), tree[id].object >= 0, let pcb = pcb(of: id)
    else { return nil }
    return connections(of: id).firstIndex(of: pcb).map { .int($0) }
  }

  func name(_ symbol: Symbol) -> String { vm.symbols.name(symbol) }

  /// What may stand after `id.`, for suggestions; the most likely first.
  func namesIn(_ id: NodeID) -> [String] {
    let node = tree[id]
    var names: [String] = []
    switch node.role {
    case .builtin(let word):
      if let schema = Schema.kind(word) {
        names += schema.fields.map { $0.word.rawValue } + schema.places.map { $0.word.rawValue }
        names += schema.methods.map { $0.rawValue }
      }
      if word == .host {
        names += (Schema.groups + Schema.engineTasks + [.network]).map { $0.rawValue }
      }
    case .instance(let kind):
      names += program.kinds[kind].parameters.map { name($0.name) }
      names += ["starts", "active", "start", "stop"]
    case .place(let word):
      if let place = placeSchema(of: id, word) {
        names += place.fields.map { $0.word.rawValue } + place.children.map { $0.word.rawValue }
      }
    case .event: names += ["count", "last"]
    case .root, .forward, .family: break
    }
    names += node.members.map { name($0.name) }
    for child in node.children where tree[child].role != .forward {
      names.append(name(tree[child].name))
    }
    return names
  }

  /// N201, with the nearest name.
  func unknown(_ name: Symbol, in id: NodeID, at span: SourceSpan) -> RuntimeError {
    let text = self.name(name)
    let names = namesIn(id)
    if names.contains(text), let host = stacklessHost(of: id) {
      return RuntimeError(
        "N201", "`\(path(of: id)).\(text)` belongs to a stack, and `\(path(of: host))` has none",
        at: span, help: "a host has one unless its block says `stack = .none`")
    }
    let near = Spelling.nearest(to: text, among: names)
    return RuntimeError(
      "N201", "no `\(text)` in `\(path(of: id))`", at: span,
      help: nephews(of: id) { $0 == text } ?? near.map { suggestion($0, in: id) }
        ?? cousin(text, of: id) ?? nephews(of: id) { text.utf8.count > 1 && $0.hasPrefix(text) }
        ?? "there are: " + listed(names))
  }

  /// The host around a node, if it was declared with `stack = .none`.
  func stacklessHost(of id: NodeID) -> NodeID? {
    var at = id
    while at != .none {
      if tree[at].role == .builtin(.host) { return word(at, .stack) == .nothing ? at : nil }
      at = tree.owner(of: at)
    }
    return nil
  }

  /// `pool.cluster.free`: the wrong step may be the one before, a right name of something else.
  private func cousin(_ text: String, of id: NodeID) -> String? {
    let parent = tree.owner(of: id)
    guard let word = Word(rawValue: text), parent != .none,
      case .builtin(let kind) = tree[parent].role, let schema = Schema.kind(kind)
    else { return nil }
    let others = schema.places.filter { $0.child(word) != nil }.map { $0.word.rawValue }
    let near = Spelling.nearest(to: name(tree[id].name), among: others)
    return near.map { "did you mean `\(path(of: parent)).\($0).\(text)`?" }
  }

  /// `pool.fr`: what is meant may be one step further down, as in `pool.clusters.free`.
  private func nephews(of id: NodeID, _ isMeant: (String) -> Bool) -> String? {
    let groups: FixedList<PlaceSchema>
    switch tree[id].role {
    case .builtin(let kind): groups = Schema.kind(kind)?.places ?? []
    case .place(let word): groups = placeSchema(of: id, word)?.children ?? []
    default: groups = []
    }
    var found: [String] = []
    for group in groups where !group.isEvent {
      let index = group.isIndexed ? "[0]" : ""
      for child in group.children where isMeant(child.word.rawValue) {
        found.append("`\(group.word.rawValue)\(index).\(child.word.rawValue)`")
      }
    }
    guard let first = found.first else { return nil }
    return "did you mean \(found.dropFirst().prefix(2).reduce(first) { $0 + " or " + $1 })?"
  }

  /// "did you mean `keepidle` (time before the first probe, now 2h)?"
  func suggestion(_ near: String, in id: NodeID) -> String {
    guard case .builtin(let kind) = tree[id].role, let word = Word(rawValue: near),
      let field = Schema.field(word, of: kind)
    else { return "did you mean `\(near)`?" }
    let now = vm.text(fieldValue(id, field))
    return "did you mean `\(near)` (\(field.meaning), now \(now))?"
  }

  func listed(_ names: [String]) -> String {
    var text = ""
    var once: [String] = []
    for name in names where !once.contains(name) { once.append(name) }
    for name in once.prefix(12) { text += text.isEmpty ? "`\(name)`" : ", `\(name)`" }
    if once.count > 12 { text += " …" }
    return text.isEmpty ? "nothing" : text
  }

  /// Used as if it were declared: what arithmetic and members say instead of "a Node".
  public func undeclared(_ node: Value) -> RuntimeError? {
    guard let raw = node.asNode, NodeID(rawValue: raw).space == .tree else { return nil }
    let id = NodeID(rawValue: raw)
    guard tree[id].role == .forward, let span = tree[id].span else { return nil }
    guard tree.owner(of: id) == Tree.root else {
      return unknown(tree[id].name, in: tree.owner(of: id), at: span)
    }
    let fault = undeclared(tree[id].name, at: span)
    return RuntimeError(fault.code, fault.title, at: span, help: fault.help)
  }

  /// N202, with what there is.
  func undeclared(_ name: Symbol, at span: SourceSpan) -> Diagnostic {
    let text = self.name(name)
    var roots: [NodeID] = []
    for id in tree[Tree.root].children where tree[id].role != .forward { roots.append(id) }
    let near = nameLike(text, roots)
    var all = ""
    for root in roots.prefix(8) {
      let place = tree[root].span.map { " (\(all.isEmpty ? "line " : "")\(line(of: $0)))" } ?? ""
      all += (all.isEmpty ? "" : ", ") + "`\(path(of: root))`" + place
    }
    if roots.count > 8 { all += " …" }
    let hint = near.map { "did you mean `\($0)`?" }
    // A script without a world has nothing to list.
    let list = roots.isEmpty ? nil : (hint == nil ? "declared" : " Declared") + " here: \(all)"
    let help = (hint ?? "") + (list ?? "")
    return Diagnostic(
      code: "N202", title: "nothing named `\(text)` in this world", at: span,
      help: help.isEmpty ? nil : help)
  }

  /// What is declared, then what the file names itself, then what its imports have.
  private func nameLike(_ text: String, _ roots: [NodeID]) -> String? {
    let (own, imported) = program.reachableNames
    if let same = imported.first(where: { $0.name == text }) { return "\(same.alias).\(text)" }
    let near = Spelling.nearest(to: text, among: roots.map { name(tree[$0].name) } + own)
    if near != nil { return near }
    let other = Spelling.nearest(to: text, among: imported.map { $0.name })
    return imported.first { $0.name == other }.map { "\($0.alias).\($0.name)" }
  }

  /// The schema of a place: found by the way up to its kind.
  func placeSchema(of id: NodeID, _ word: Word) -> PlaceSchema? {
    var way = [word]
    var at = tree.owner(of: id)
    while at != .none {
      switch tree[at].role {
      case .place(let next): way.insert(next, at: 0)
      case .builtin(let kind): return Schema.place(kind, way)
      default: return nil
      }
      at = tree.owner(of: at)
    }
    return nil
  }
}
