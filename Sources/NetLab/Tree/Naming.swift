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
      if let place = placeSchema(of: id, word) { names += place.children.map { $0.word.rawValue } }
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
    let near = Spelling.nearest(to: text, among: namesIn(id))
    return RuntimeError(
      "N201", "no `\(text)` in `\(path(of: id))`", at: span,
      help: near.map { suggestion($0, in: id) } ?? "there are: " + listed(namesIn(id)))
  }

  /// "did you mean `keepidle` (time before the first probe, now 2h)?"
  func suggestion(_ near: String, in id: NodeID) -> String {
    guard case .builtin(let kind) = tree[id].role, let word = Word(rawValue: near),
      let field = Schema.kind(kind)?.field(word)
    else { return "did you mean `\(near)`?" }
    let now = vm.text(fieldValue(id, field))
    return "did you mean `\(near)` (\(field.meaning), now \(now))?"
  }

  func listed(_ names: [String]) -> String {
    var text = ""
    for name in names.prefix(12) { text += text.isEmpty ? "`\(name)`" : ", `\(name)`" }
    if names.count > 12 { text += " …" }
    return text.isEmpty ? "nothing" : text
  }

  /// N202, with what there is.
  func undeclared(_ name: Symbol, at span: SourceSpan) -> Diagnostic {
    let text = self.name(name)
    var roots: [NodeID] = []
    for id in tree[Tree.root].children where tree[id].role != .forward { roots.append(id) }
    let near = Spelling.nearest(to: text, among: roots.map { self.name(tree[$0].name) })
    var all = ""
    for root in roots.prefix(8) {
      let place = tree[root].span.map { " (\(all.isEmpty ? "line " : "")\(line(of: $0)))" } ?? ""
      all += (all.isEmpty ? "" : ", ") + "`\(path(of: root))`" + place
    }
    if roots.isEmpty { all = "nothing" } else if roots.count > 8 { all += " …" }
    return Diagnostic(
      code: "N202", title: "nothing named `\(text)` in this world", at: span,
      help: near.map { "did you mean `\($0)`? Declared here: \(all)" } ?? "declared here: \(all)")
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
