// `show`: a node with its settings, what is measured there, what has happened, what it holds.
//
// The schema says what there is to show; only a pool, which people look at most, has a form of its
// own.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// A value as `show` tells it: lists of records as a table, nodes with all that is in them.
  func shown(_ value: Value) -> [String] {
    if let lines = viewLines(value) ?? tableLines(value) { return lines }
    if let list = vm.list(value), !list.isEmpty, list.allSatisfy({ $0.asNode != nil }) {
      return list.flatMap(shown)
    }
    guard let raw = value.asNode, NodeID(rawValue: raw).space == .tree else {
      return [vm.text(value)]
    }
    let id = NodeID(rawValue: raw)
    switch tree[id].role {
    case .builtin(.pool): return poolLines(host: tree[id].host) ?? [path(of: id)]
    case .family:
      return tree[id].children.filter { tree[$0].role != .forward }.flatMap { shown($0.value) }
    case .place(.conn) where isBuilt && tree[id].index.isNone:
      let live = connections(of: id).map { connectionNode(host: tree[id].host, pcb: $0) }
      guard live.isEmpty else { return live.flatMap { shown($0) } }
      return [path(of: id), "  none"]
    default: return nodeLines(id)
    }
  }

  private func nodeLines(_ id: NodeID) -> [String] {
    var sections = [Section(name: "", items: settings(of: id))]
    var places: FixedList<PlaceSchema> = []
    switch tree[id].role {
    case .builtin(let kind): places = Schema.kind(kind)?.places ?? []
    case .place(let word): places = placeSchema(of: id, word)?.children ?? []
    case .event:
      sections[0].items = [Word.count, .last].map { word -> ShownItem in
        (word.rawValue, measure(id, word))
      }
    default: break
    }
    if isBuilt { sections += measurements(places, of: id) }
    let held = tree[id].children.filter { isThing(tree[$0].role) }
    if !held.isEmpty {
      sections.append(
        Section(name: "holds", items: held.map { child -> ShownItem in (nameInOwner(child), nil) }))
    }
    return [path(of: id)] + Section.lines(sections.filter { !$0.items.isEmpty }, vm)
  }

  /// Fields, or what an instance's block may set, and the variables of the block.
  private func settings(of id: NodeID) -> [ShownItem] {
    var items: [ShownItem] = []
    switch tree[id].role {
    case .builtin(let kind):
      for field in Schema.kind(kind)?.fields ?? [] {
        items.append((field.word.rawValue, fieldValue(id, field)))
      }
    case .instance(let kind):
      for parameter in program.kinds[kind].parameters {
        items.append((name(parameter.name), ownField(id, parameter.name)))
      }
      items.append(("active", .bool(isActive(id))))
    default: break
    }
    for member in tree[id].members {
      let value = vm.read(member.value)
      if vm.typeName(value) != "Fn" { items.append((name(member.name), value)) }
    }
    return items.filter { !($0.value?.isNone ?? true) }
  }

  /// Single figures together, a section for each group, and the events that are counted.
  private func measurements(_ places: FixedList<PlaceSchema>, of id: NodeID) -> [Section] {
    var single = Section(name: "now")
    var groups: [Section] = []
    var events = Section(name: "events")
    for place in places {
      if place.isEvent {
        if let count = countedSoFar(place.word, of: id) {
          events.items.append((place.word.rawValue, .int(count)))
        }
      } else if place.word == .held {
        let items = Schema.heldWords.map { word -> ShownItem in (word.rawValue, held(id, word)) }
        groups.append(Section(name: "held", items: items.filter { $0.value?.asInt ?? 0 > 0 }))
      } else if place.isIndexed {
        continue
      } else if place.isLeaf {
        single.items.append((place.word.rawValue, measure(id, place.word)))
      } else {
        let group = placeNode(place.word, of: id)
        let items = place.children.map { child -> ShownItem in
          (child.word.rawValue, measure(group, child.word))
        }
        groups.append(Section(name: place.word.rawValue, items: items))
      }
    }
    single.items.removeAll { $0.value?.isNone ?? true }
    for index in groups.indices { groups[index].items.removeAll { $0.value?.isNone ?? true } }
    return [single] + groups + [events]
  }

  /// Only what a script mentions is counted; to begin now would show a count since now.
  private func countedSoFar(_ event: Word, of id: NodeID) -> Int64? {
    guard let node = tree.child(words.symbol(event), of: id),
      watch.eventCounters.contains(where: { $0.node == node })
    else { return nil }
    return eventCount(node)
  }

  private func isThing(_ role: NodeRole) -> Bool {
    switch role {
    case .builtin, .instance, .family: true
    case .root, .forward, .place, .event: false
    }
  }

  private func nameInOwner(_ id: NodeID) -> String {
    let name = self.name(tree[id].name)
    return tree[id].role == .family ? "\(name)[\(tree[id].children.count)]" : name
  }

  /// The two classes of a BSD pool, and where the clusters are.
  private func poolLines(host: Int32) -> [String]? {
    guard host >= 0, Int(host) < simulation.processors.count else { return nil }
    let stack = simulation.processors[Int(host)].stack
    guard stack >= 0 else { return nil }
    let state = simulation.hosts[Int(stack)].state
    func line(_ name: String, _ pool: Pool, _ held: PlaceCounts) -> String {
      var text = "  \(name) \(pool.total) total · \(pool.free) free · peak \(pool.peakUsed)"
      text += " · waiters \(pool.waiters) · waits \(pool.waits) · denied \(pool.denied)"
      var places = ""
      for place in Place.allCases where held[place] > 0 {
        places += (places.isEmpty ? "" : " · ") + "\(place.name) \(held[place])"
      }
      return places.isEmpty ? text : text + "\n           held by  \(places)"
    }
    let clusters = line("clusters", state.clusterPool, state.heldClusters)
    let mbufs = line("mbufs   ", state.mbufPool, state.heldMbufs)
    return (clusters + "\n" + mbufs).split(separator: "\n").map(String.init)
  }
}

/// A pair without a value is a name alone.
private typealias ShownItem = (name: String, value: Value?)

/// One or more lines of `name value` pairs behind a common name.
private struct Section {
  var name: String
  var items: [ShownItem] = []

  static func lines(_ sections: [Section], _ vm: VM) -> [String] {
    let width = sections.map { $0.name.utf8.count }.max() ?? 0
    var lines: [String] = []
    for section in sections {
      var line = "  " + section.name
      if width > 0 {
        line += String(repeating: " ", count: width - section.name.utf8.count + 2)
      }
      let indent = String(repeating: " ", count: line.utf8.count)
      var isFirst = true
      for item in section.items {
        let text = item.value.map { "\(item.name) \(vm.text($0))" } ?? item.name
        if isFirst {
          line += text
        } else if TextTable.columns(line) + TextTable.columns(text) + 3 <= TextTable.lineWidth {
          line += " · " + text
        } else {
          lines.append(line)
          line = indent + text
        }
        isFirst = false
      }
      lines.append(line)
    }
    return lines
  }
}
