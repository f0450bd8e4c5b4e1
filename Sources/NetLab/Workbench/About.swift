// `NAME?`: what a name of the world stands for, what it is now, and who said so.

import NetScript

extension Workbench {
  /// Names that stand at the top of the world: hosts, lans, traffic.
  public var roots: [String] {
    bench.tree[Tree.root].children.filter { bench.tree[$0].role != .forward }
      .map { bench.name(bench.tree[$0].name) }
  }

  /// What there is to know of a path or a name, in lines; nil when there is nothing of that name.
  public func about(_ text: String) -> [String]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { String($0) }
    guard let last = parts.last, !last.isEmpty else { return nil }
    if parts.count == 1 {
      if let id = node(text) { return aboutNode(id, text) }
      return aboutVariable(text) ?? KindPages.all().first { $0.name == text }?.lines
    }
    let ownerPath = parts.dropLast().joined(separator: ".")
    guard let owner = node(ownerPath), let value = value(of: text) else {
      return node(text).map { aboutNode($0, text) }
    }
    let head = "\(text)  \(value)"
    guard let word = Word(rawValue: last) else {
      return node(text).map { aboutNode($0, text) } ?? [head] + origin(of: last, in: owner)
    }
    switch bench.tree[owner].role {
    case .builtin(let kind):
      if let field = Schema.field(word, of: kind) {
        return [head] + about(field) + origin(of: last, in: owner)
      }
      if let place = Schema.kind(kind)?.place(word) { return about(place, text, head) }
    case .place(let own):
      if let place = bench.placeSchema(of: owner, own)?.child(word) {
        return about(place, text, head)
      }
      if let at = fieldOwner(owner), let field = Schema.placeField(at, own, word) {
        return [head] + about(field) + origin(of: last, in: owner)
      }
    default: break
    }
    if let id = node(text) { return aboutNode(id, text) }
    return [head] + origin(of: last, in: owner)
  }

  private func fieldOwner(_ place: NodeID) -> Word? {
    if case .builtin(let kind) = bench.tree[bench.tree.owner(of: place)].role { return kind }
    return nil
  }

  /// Type, default, range, when it may change; then what it means.
  private func about(_ field: FieldSchema) -> [String] {
    var facts = [field.typeText]
    if !field.defaultText.isEmpty { facts.append("default " + field.defaultText) }
    if !field.rangeText.isEmpty { facts.append(field.rangeText) }
    facts.append(field.isLive ? "live: may change at any time" : "structural: fixed after time 0")
    let name = field.origin.isThere ? " (\(field.origin.text))" : ""
    return Self.indented(facts.joined(separator: " · ")) + Self.indented(field.meaning + name)
  }

  private func about(_ place: PlaceSchema, _ path: String, _ head: String) -> [String] {
    if place.isEvent {
      let count = value(of: path + ".count") ?? "0"
      let last = value(of: path + ".last").map { ", last at \($0)" } ?? ""
      return [
        "\(path)  an event: \(count) so far\(last)", "  " + place.meaning,
        "  `on \(path)(e) { … }`, `step 5 on \(path)`",
      ]
    }
    if place.isLeaf {
      return [head, "  \(place.reading.rawValue), measured"] + Self.indented(place.meaning)
    }
    let names = place.children.map { $0.word.rawValue } + place.fields.map { $0.word.rawValue }
    return [path] + Self.indented("holds " + names.joined(separator: " "))
  }

  private static func indented(_ text: String) -> [String] {
    TextTable.wrapped(text, columns: TextTable.lineWidth - 2).map { "  " + $0 }
  }

  /// Who set a field, and where.
  private func origin(of name: String, in id: NodeID) -> [String] {
    let symbol = bench.vm.intern(name)
    guard let field = bench.tree[id].fields.first(where: { $0.name == symbol }) else {
      return ["  nobody set it"]
    }
    if field.layer == .commandLine { return ["  set with --set"] }
    if field.layer == .standard { return ["  set by the kind's default"] }
    return ["  set at " + place(field.span)]
  }

  private func place(_ span: SourceSpan) -> String {
    let file = files[span.file]
    return "\(file.name):\(file.line(at: span.start))"
  }

  private func aboutNode(_ id: NodeID, _ path: String) -> [String] {
    let node = bench.tree[id]
    var kind: String
    switch node.role {
    case .builtin(let word): kind = word.rawValue
    case .instance(let number): kind = bench.program.kinds[number].name
    case .family: return [path + "  a family: `\(path)[1]`, `\(path)[*]`"]
    default: kind = "a group"
    }
    var lines = [path + "  " + kind]
    if let span = node.span { lines[0] += ", declared at " + place(span) }
    for field in node.fields where field.layer != .standard {
      lines.append("  \(bench.name(field.name)) = \(bench.vm.text(field.value))")
    }
    var names: [String] = []
    for name in bench.namesIn(id) + node.children.map({ bench.name(bench.tree[$0].name) })
    where !names.contains(name) { names.append(name) }
    lines += Self.indented("has " + names.joined(separator: " "))
    if KindPages.all().contains(where: { $0.name == kind }) {
      lines.append("  :help \(kind) is the page of its kind")
    }
    return lines
  }

  private func aboutVariable(_ name: String) -> [String]? {
    guard names.all.contains(name), let value = value(of: name) else { return nil }
    return ["\(name)  \(value)", "  a name of this session or of its script"]
  }

  /// Of a path, as an expression prints it.
  private func value(of path: String) -> String? {
    let reply = type(path)
    return reply.isMistake ? nil : reply.value
  }

  private func node(_ path: String) -> NodeID? {
    var at: Value? = nil
    for part in path.split(separator: ".") {
      let pieces = part.split(whereSeparator: { $0 == "[" || $0 == "]" })
      guard let name = pieces.first else { return nil }
      do throws(RuntimeError) {
        let symbol = bench.vm.intern(String(name))
        if let here = at {
          at = try bench.member(of: here, symbol, at: bench.program.root.span)
        } else {
          at = bench.tree.child(symbol, of: Tree.root)?.value
        }
        for index in pieces.dropFirst() {
          guard let here = at, let number = Int64(index) else { return nil }
          at = try bench.element(of: here, .int(number), at: bench.program.root.span)
        }
      } catch { return nil }
      guard at?.asNode != nil else { return nil }
    }
    guard let raw = at?.asNode else { return nil }
    let id = NodeID(rawValue: raw)
    return id.space == .tree ? id : nil
  }
}
