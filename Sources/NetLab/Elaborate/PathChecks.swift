// Paths in closures: checked before time 0, so that a misspelt name costs no simulated hours.
//
// Only statements that were performed are checked: a file may hold functions for other worlds.
// A step behind a value (a variable, a function's result) is not followed; the VM finds those.

import NetScript

extension Bench {
  func checkPaths() {
    for site in performedSites {
      for index in site.paths { check(program.paths[index]) { report($0) } }
    }
    performedSites = []
    // Statements behind the first `run` have not been performed yet. What they name is mentioned
    // all the same, so that a count of events asked for at the end has counted from time 0.
    for path in program.paths { check(path) { _ in } }
  }

  private func check(_ path: PathSite, _ report: (Diagnostic) -> Void) {
    guard let root = tree.child(path.root, of: Tree.root), tree[root].role != .forward else {
      switch words.word(path.root) {
      case .now, .seed, .caseName: return
      default:
        report(undeclared(path.root, at: path.rootSpan))
        return
      }
    }
    var at = root
    for (number, step) in path.steps.enumerated() {
      guard let name = step.name else {
        guard let element = anyElement(of: at) else { return }
        at = element
        continue
      }
      let isMethod = path.isCalled && number == path.steps.count - 1
      switch walk(at, name, isMethod: isMethod) {
      case .node(let next): at = next
      case .value: return
      case .nothing:
        if let diagnostic = unknown(name, in: at, at: step.span).diagnostic { report(diagnostic) }
        return
      }
    }
  }

  private func report(_ diagnostic: Diagnostic) {
    if diagnostics.contains(where: { $0.primary.span == diagnostic.primary.span }) { return }
    diagnostics.append(diagnostic)
  }

  private enum Walked {
    case node(NodeID)
    case value
    case nothing
  }

  private func walk(_ id: NodeID, _ name: Symbol, isMethod: Bool) -> Walked {
    if let child = tree.child(name, of: id), tree[child].role != .forward { return .node(child) }
    if tree[id].members.contains(where: { $0.name == name }) { return .value }
    if ownField(id, name) != nil { return .value }
    guard let word = words.word(name) else { return .nothing }
    switch tree[id].role {
    case .builtin(let kind):
      guard let schema = Schema.kind(kind) else { return .nothing }
      if kind == .host, let made = implicit(word, in: id) { return .node(made) }
      if let place = schema.place(word) {
        if place.children.isEmpty && !place.isIndexed { return .value }
        let role: NodeRole = place.isEvent ? .event(word) : .place(word)
        return .node(tree.add(role, parent: id, name: name))
      }
      if schema.field(word) != nil { return .value }
      return isMethod && schema.methods.contains(word) ? .value : .nothing
    case .place(let own):
      guard let place = placeSchema(of: id, own)?.child(word) else { return .nothing }
      if place.children.isEmpty { return .value }
      return .node(tree.add(.place(word), parent: id, name: name))
    case .event: return word == .count || word == .last ? .value : .nothing
    case .instance:
      let known: [Word] = [.starts, .active, .start, .stop]
      return known.contains(word) ? .value : .nothing
    case .root, .forward, .family: return .value
    }
  }

  /// Any element stands for all: they are of one kind.
  private func anyElement(of id: NodeID) -> NodeID? {
    switch tree[id].role {
    case .family: return tree[id].children.first
    case .place(.conn), .place(.sock), .place(.cluster):
      // The list and its elements answer alike.
      return tree[id].index.isNone ? id : nil
    default: return nil
    }
  }
}
