// Declarations: `kind NAME[index] : preset { … }`, and what is bound directly in their blocks.
//
// A declaration met again amends. What is wrong with a field is found later, when all are there
// (FieldChecks.swift); what is wrong with the declaration itself ends the declaring at once.

import NetScript

extension Bench {
  public func declare(
    _ site: DeclarationSite, parent: Value, index: Value, preset: Value
  ) throws(RuntimeError) -> Value {
    guard phase < .run else {
      throw RuntimeError(
        "N304", "`\(site.kindText)` cannot be declared after the first `run`", at: site.span,
        help: "move it above the first `run`, or into a variant")
    }
    let parentID = parent.asNode.map(NodeID.init(rawValue:)) ?? Tree.root
    if let group = group(of: site, in: parentID) {
      openDeclarations.append(group)
      return group.value
    }
    let role = try role(of: site)
    try checkPlacement(role, in: parentID, site)
    let name = site.name ?? nameOfUnnamed(role)
    var id = child(name, of: parentID, mentionedAt: site.nameSpan)
    if site.isIndexed { id = try element(index, of: id, at: site.nameSpan, declaring: true) }
    try takeRole(role, of: id, site)
    openDeclarations.append(id)
    return id.value
  }

  public func endDeclaration(_ site: DeclarationSite, node: Value) throws(RuntimeError) {
    precondition(!openDeclarations.isEmpty, "a declaration ends that never began")
    openDeclarations.removeLast()
  }

  public func bind(
    _ node: Value, _ name: Symbol, _ value: Value, isMutable: Bool
  ) throws(RuntimeError) {
    guard let raw = node.asNode else {
      preconditionFailure("a member of something that is no node")
    }
    let id = NodeID(rawValue: raw)
    if tree[id].members.contains(where: { $0.name == name }) {
      throw RuntimeError(
        "N204", "`\(vm.symbols.name(name))` is there twice in `\(path(of: id))`",
        help: "an amendment may set fields again, not repeat `var`, `let` and `fn`")
    }
    let pin = Int32(vm.pin(value))
    tree[id].members.append(
      BoundMember(name: name, value: value, pin: pin, isMutable: isMutable))
  }

  /// `tx { … }` in an interface: fields that stand in a group of measurements.
  private func group(of site: DeclarationSite, in parent: NodeID) -> NodeID? {
    guard site.name == nil, case .builtin(let kind) = tree[parent].role,
      case .named(let symbol) = site.kind, let word = words.word(symbol),
      let place = Schema.kind(kind)?.place(word), !place.fields.isEmpty
    else { return nil }
    return placeNode(word, of: parent)
  }

  private func role(of site: DeclarationSite) throws(RuntimeError) -> NodeRole {
    switch site.kind {
    case .script(let kind): return .instance(kind)
    case .named(let symbol):
      if let word = words.word(symbol), Schema.kind(word) != nil {
        // A pool with a name is no part of the stack: a size class of its own.
        return .builtin(word == .pool && site.name != nil ? .bufferClass : word)
      }
      let known = Schema.kinds.map { $0.word.rawValue } + program.kinds.map { $0.name }
      let near = Spelling.nearest(to: site.kindText, among: known)
      throw RuntimeError(
        "N203", "there is no kind `\(site.kindText)`", at: site.kindSpan,
        help: near.map { "did you mean `\($0)`?" }
          ?? "there are: \(listed(known)); `kind \(site.kindText)(…) { … }` makes one")
    }
  }

  private func checkPlacement(
    _ role: NodeRole, in parent: NodeID, _ site: DeclarationSite
  ) throws(RuntimeError) {
    guard case .builtin(let word) = role, let schema = Schema.kind(word) else { return }
    if schema.isNamed != (site.name != nil) {
      throw RuntimeError(
        "N203",
        schema.isNamed ? "this `\(word.rawValue)` has no name" : "a `\(word.rawValue)` has no name",
        at: site.kindSpan,
        help: schema.isNamed ? "`\(word.rawValue) NAME { … }`" : "`\(word.rawValue) { … }`")
    }
    let isInHost: Bool
    if case .builtin(.host) = tree[parent].role { isInHost = true } else { isInHost = false }
    var isAllowed = isInHost && schema.parents.contains(.host)
    switch tree[parent].role {
    case .root, .instance: isAllowed = schema.parents.contains(.root)
    case .forward: isAllowed = true
    default: break
    }
    if word == .bufferClass && site.kindText == "class" {
      isAllowed = tree[parent].role == .builtin(.pool) || tree[parent].role == .forward
    }
    guard isAllowed else {
      if site.kindText == "class" { throw misplacedClass(site) }
      let places = schema.parents.contains(.host) ? "in a host" : "outside of hosts"
      throw RuntimeError(
        "N203", "a `\(word.rawValue)` stands \(places)", at: site.kindSpan,
        help: schema.parents.contains(.host) ? "`host NAME { \(word.rawValue) … }`" : nil)
    }
  }

  private func misplacedClass(_ site: DeclarationSite) -> RuntimeError {
    RuntimeError(
      "N203", "a `class` stands in a host's own `pool`", at: site.kindSpan,
      help: "`pool { class NAME { size = 2KiB; count = 8 } }`, or `pool NAME { count = 8 }`")
  }

  private func nameOfUnnamed(_ role: NodeRole) -> Symbol {
    switch role {
    case .builtin(let word): return words.symbol(word)
    case .instance(let kind): return vm.intern(program.kinds[kind].name)
    default: preconditionFailure("only kinds are declared")
    }
  }

  private func takeRole(
    _ role: NodeRole, of id: NodeID, _ site: DeclarationSite
  ) throws(RuntimeError) {
    switch tree[id].role {
    case .forward:
      tree[id].role = role
      tree[id].span = site.nameSpan
      declared.append(id)
    case role:
      guard site.isIndexed, activity != .variant, let first = tree[id].span else { return }
      throw RuntimeError(
        "N204", "`\(path(of: id))` is declared twice", at: site.nameSpan,
        origin: DiagnosticLabel(first, "the first"))
    default:
      throw RuntimeError(
        "N204", "`\(path(of: id))` is another kind already", at: site.nameSpan,
        origin: tree[id].span.map { DiagnosticLabel($0, "declared here") })
    }
  }

  // MARK: Finding and making children

  /// The child of this name; made as a mention when it is not there.
  func child(_ name: Symbol, of parent: NodeID, mentionedAt span: SourceSpan) -> NodeID {
    if let known = tree.child(name, of: parent) { return known }
    return tree.add(.forward, parent: parent, name: name, span: span)
  }

  /// An element of a family; made as a mention when it is not there.
  func element(
    _ index: Value, of family: NodeID, at span: SourceSpan, declaring: Bool
  ) throws(RuntimeError) -> NodeID {
    switch tree[family].role {
    case .family: break
    case .forward: tree[family].role = .family
    default:
      throw RuntimeError(
        "N204", "`\(path(of: family))` is one thing, and here it has an index", at: span,
        origin: tree[family].span.map { DiagnosticLabel($0, "declared here") })
    }
    guard index.asInt != nil || vm.string(index) != nil else {
      throw RuntimeError("N422", "an index is an Int or a String", at: span)
    }
    if let known = findElement(index, of: family) { return known }
    if !declaring && phase == .run {
      throw RuntimeError("N423", "there is no `\(path(of: family))[\(vm.text(index))]`", at: span)
    }
    if vm.string(index) != nil { _ = vm.pin(index) }
    let name = tree[family].name
    return tree.add(.forward, parent: family, name: name, index: index, span: span)
  }

  func findElement(_ index: Value, of family: NodeID) -> NodeID? {
    if let number = index.asInt {
      for id in tree[family].children where tree[id].index.asInt == number { return id }
      return nil
    }
    let text = vm.string(index)
    for id in tree[family].children where vm.string(tree[id].index) == text { return id }
    return nil
  }
}
