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

  /// What is wrong with the paths of a line, before anything of it happens.
  func mistakes(in paths: Range<Int>) -> [Diagnostic] {
    for index in paths { check(program.paths[index]) { report($0) } }
    defer { diagnostics = [] }
    return diagnostics
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
      if path.isEvent && number == path.steps.count - 1 {
        checkEvent(step, of: at, report)
        return
      }
      guard let name = step.name else {
        guard let element = anyElement(of: at) else { return }
        at = element
        continue
      }
      let isMethod = path.isCalled && number == path.steps.count - 1
      switch walk(at, name, isMethod: isMethod) {
      case .node(let next): at = next
      case .value:
        checkStack(name, of: at, at: step.span, report)
        return
      case .nothing:
        if let diagnostic = unknown(name, in: at, at: step.span).diagnostic { report(diagnostic) }
        return
      }
    }
  }

  private func checkEvent(
    _ step: PathSite.Step, of id: NodeID, _ report: (Diagnostic) -> Void
  ) {
    guard let name = step.name else { return }
    switch tree[id].role {
    case .builtin, .place: break
    default: return
    }
    let owner = eventScope(id)?.owner
    if let owner, let word = words.word(name), EventCatalogue.kinds(owner, word) != 0 { return }
    if let told = noEvent(vm.symbols.name(name), id, owner, at: step.span).diagnostic {
      report(told)
    }
  }

  /// A measurement of a stack in a host that has none.
  private func checkStack(
    _ name: Symbol, of id: NodeID, at span: SourceSpan, _ report: (Diagnostic) -> Void
  ) {
    guard let word = words.word(name), stacklessHost(of: id) != nil, ownField(id, name) == nil
    else {
      return
    }
    switch tree[id].role {
    case .place(let own):
      guard placeSchema(of: id, own)?.child(word)?.isIndexed == false else { return }
    case .builtin(let kind):
      guard Schema.kind(kind)?.place(word)?.isIndexed == false else { return }
    default: return
    }
    guard measure(id, word) == nil else { return }
    if let told = unknown(name, in: id, at: span).diagnostic { report(told) }
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
    guard let word = words.word(name) else {
      return ownField(id, name) != nil ? .value : .nothing
    }
    switch tree[id].role {
    case .builtin(let kind):
      guard let schema = Schema.kind(kind) else { return .nothing }
      if kind == .host, let made = implicit(word, in: id) { return .node(made) }
      if let place = schema.place(word) {
        if place.isLeaf && !place.isIndexed { return .value }
        let role: NodeRole = place.isEvent ? .event(word) : .place(word)
        return .node(tree.add(role, parent: id, name: name))
      }
      if schema.field(word) != nil || ownField(id, name) != nil { return .value }
      return isMethod && schema.methods.contains(word) ? .value : .nothing
    case .place(let own):
      if placeField(id, name) != nil { return .value }
      guard let place = placeSchema(of: id, own)?.child(word) else { return .nothing }
      if place.isLeaf { return .value }
      return .node(tree.add(.place(word), parent: id, name: name))
    case .event: return word == .count || word == .last ? .value : .nothing
    case .instance:
      let known: [Word] = [.starts, .active, .start, .stop]
      return known.contains(word) || ownField(id, name) != nil ? .value : .nothing
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
