// What stands below a path: parts, fields and measurements with their present values, events,
// methods.

import NetScript

extension CompletionNames {
  /// Where a path leads.
  enum Spot {
    case node(NodeID)
    /// A place that the schema knows and nobody has named yet: its children have no values here.
    case place(PlaceSchema)
    case module(Int)
  }

  func addMembers(_ place: TypingPlace, to list: inout CandidateCollector) {
    guard let spot = spot(of: place.path) else { return }
    let isOn = place.statement.last == "on"
    switch spot {
    case .module(let module):
      for export in session.exports(of: module) { add(export.name, export.meaning, to: &list) }
    case .place(let schema):
      for child in schema.children where !isOn || child.isEvent { add(child, nil, to: &list) }
    case .node(let id):
      addFields(of: id, isSetting: place.statement.isEmpty, isOn, to: &list)
      addPlaces(of: id, isOn, to: &list)
      addChildren(of: id, to: &list)
      if !isOn { addMethods(of: id, to: &list) }
    }
  }

  // MARK: Following a path

  func spot(of path: [TypingPlace.Step]) -> Spot? {
    guard let first = path.first else { return nil }
    if case .module(let module)? = names.meaning(of: first.name) {
      return path.count == 1 ? .module(module) : nil
    }
    var spot = child(first, of: Tree.root).map(Spot.node)
    for step in path.dropFirst() {
      switch spot {
      case .node(let id): spot = below(id, step)
      case .place(let schema):
        spot = schema.children.first { $0.word.rawValue == step.name }.map(Spot.place)
      case .module, nil: return nil
      }
    }
    return spot
  }

  private func child(_ step: TypingPlace.Step, of parent: NodeID) -> NodeID? {
    let children = bench.tree[parent].children
    guard let id = children.first(where: { bench.name(bench.tree[$0].name) == step.name }) else {
      return nil
    }
    guard let index = step.index else { return id }
    guard bench.tree[id].role == .family else { return nil }
    return bench.tree[id].children.first { bench.vm.quoted(bench.tree[$0].index) == index }
  }

  private func below(_ id: NodeID, _ step: TypingPlace.Step) -> Spot? {
    if let known = child(step, of: id), bench.tree[known].role != .forward {
      // `conn[2]`: what an index finds changes with each event.
      if case .place = bench.tree[known].role, step.index == nil { return .node(known) }
      return .node(known)
    }
    guard let word = Word(rawValue: step.name) else { return nil }
    switch bench.tree[id].role {
    case .builtin(.host):
      // What every host has, named for the first time by whoever types now.
      return step.index == nil && !isBare(id) ? bench.implicit(word, in: id).map(Spot.node) : nil
    case .builtin(let kind):
      return Schema.kind(kind)?.place(word).map { enter($0, of: id, step) }
    case .place(let own):
      return bench.placeSchema(of: id, own)?.child(word).map { enter($0, of: id, step) }
    default: return nil
    }
  }

  private func enter(_ place: PlaceSchema, of id: NodeID, _ step: TypingPlace.Step) -> Spot {
    if place.isIndexed || place.isEvent || step.index != nil { return .place(place) }
    return .node(bench.placeNode(place.word, of: id))
  }

  /// Without a stack.
  private func isBare(_ id: NodeID) -> Bool { bench.stacklessHost(of: id) != nil }

  func fields(of spot: Spot) -> FixedList<FieldSchema> {
    guard case .node(let id) = spot else { return [] }
    switch bench.tree[id].role {
    case .builtin(let kind): return Schema.kind(kind)?.fields ?? []
    case .place(let place):
      guard case .builtin(let kind) = bench.tree[bench.tree.owner(of: id)].role else { return [] }
      return Schema.kind(kind)?.place(place)?.fields ?? []
    default: return []
    }
  }

  // MARK: What is there

  private func addFields(
    of id: NodeID, isSetting: Bool, _ isOn: Bool, to list: inout CandidateCollector
  ) {
    if isOn { return }
    for field in fields(of: .node(id)) {
      // A class of buffers has the name of the field that gives its size.
      if case .builtin(let kind) = bench.tree[id].role,
        let place = Schema.kind(kind)?.place(field.word), !place.isLeaf
      {
        continue
      }
      let suffix = isSetting && (field.isLive || mayBuild) ? " = " : " "
      list.add(
        field.word.rawValue, suffix, note: text(bench.fieldValue(id, field)) ?? field.summary)
    }
    guard case .instance(let kind) = bench.tree[id].role else { return }
    for parameter in bench.program.kinds[kind].parameters {
      list.add(
        bench.name(parameter.name), isSetting ? " = " : " ",
        note: bench.ownField(id, parameter.name).flatMap(text) ?? "")
    }
    list.add("active", isSetting ? " = " : " ", note: "\(bench.isActive(id))")
  }

  private func addPlaces(of id: NodeID, _ isOn: Bool, to list: inout CandidateCollector) {
    var places: FixedList<PlaceSchema> = []
    switch bench.tree[id].role {
    case .builtin(let kind): places = Schema.kind(kind)?.places ?? []
    case .place(let word): places = bench.placeSchema(of: id, word)?.children ?? []
    case .event: if !isOn { places = PlaceSchema.event(.event).children }
    default: break
    }
    for place in places where !isOn || place.isEvent || !place.isLeaf {
      if place.isEvent {
        list.add(place.word.rawValue, isOn ? " " : ".", note: "an event: " + place.meaning)
      } else {
        add(place, id, to: &list)
      }
    }
  }

  private func add(_ place: PlaceSchema, _ id: NodeID?, to list: inout CandidateCollector) {
    let isLeaf = place.isLeaf && !place.isIndexed
    let suffix = place.isIndexed ? "[" : isLeaf ? " " : "."
    list.add(place.word.rawValue, suffix, note: value(place, of: id) ?? place.meaning)
  }

  private func value(_ place: PlaceSchema, of id: NodeID?) -> String? {
    guard let id, bench.isBuilt, place.isLeaf, !place.isIndexed else { return nil }
    return bench.measure(id, place.word).flatMap(text)
  }

  /// Parts, and what a block declares.
  private func addChildren(of id: NodeID, to list: inout CandidateCollector) {
    for child in bench.tree[id].children {
      switch bench.tree[child].role {
      case .builtin, .instance, .family: add(child, to: &list)
      case .root, .forward, .place, .event: break
      }
    }
    if bench.tree[id].role == .builtin(.host), !isBare(id) {
      for word in Schema.groups + Schema.engineTasks + [.network] {
        list.add(word.rawValue, ".", note: "a part of its stack")
      }
    }
    for member in bench.tree[id].members {
      let value = bench.vm.read(member.value)
      let isFunction = bench.vm.typeName(value) == "Fn"
      list.add(bench.name(member.name), isFunction ? "(" : " ", note: text(value) ?? "")
    }
  }

  private func addMethods(of id: NodeID, to list: inout CandidateCollector) {
    switch bench.tree[id].role {
    case .builtin(let kind):
      for method in Schema.kind(kind)?.methods ?? [] {
        list.add(method.rawValue, "(", note: "a method")
      }
    case .instance:
      list.add("start", "(", note: "a method")
      list.add("stop", "(", note: "a method")
    default: break
    }
  }

  /// A node by its name, with what it is.
  func add(_ id: NodeID, to list: inout CandidateCollector) {
    let name = bench.name(bench.tree[id].name)
    switch bench.tree[id].role {
    case .family: list.add(name, "[", note: "\(bench.tree[id].children.count) of them")
    case .builtin(let kind): list.add(name, ".", note: "a " + kind.rawValue)
    case .instance(let kind): list.add(name, ".", note: "a " + bench.program.kinds[kind].name)
    case .root, .forward, .place, .event: break
    }
  }

  /// A present value; nil when there is none. Lists and records are long: only what they are.
  private func text(_ value: Value) -> String? {
    if value.isNone { return nil }
    switch bench.vm.typeName(value) {
    case "List", "Map", "Record", "Fn", "Dist", "Cell": return bench.vm.typeName(value)
    default: break
    }
    let text = bench.vm.text(value)
    return text.utf8.count <= 40 ? text : String(text.prefix(39)) + "…"
  }
}
