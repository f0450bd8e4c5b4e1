// What is known of a path before there is a world: the embedder's tables say of what dimension a
// measurement is, and the declarations of all files of which kind a name is.
//
// Only where a name has one meaning in the whole program, and is no variable here, is it followed;
// everything else is left to the run.

extension Checker {
  /// The type of `server.pool.clusters.free`, as far as it is known.
  func typeOfPath(_ expression: Expression) -> StaticType {
    switch member(expression) {
    case .measure(let dimension): return .measure(dimension)
    case .bool: return .bool
    case .measures, .group, nil: return .unknown
    }
  }

  /// What a path is at its end.
  private func member(_ expression: Expression) -> CheckerMember? {
    switch expression.form {
    case .parenthesised(let inner): return member(inner)
    case .name(let name): return root(name)
    case .index(let base, _):
      let list = member(base)
      guard case .measures(let dimension) = list else { return list }
      return .measure(dimension)
    case .member(let base, let name):
      guard case .group(let number) = member(base) else { return nil }
      let group = knownNames.groups[number]
      guard let member = group.members[name.text] else {
        return group.isOpen ? self.group(of: knownNames.innerKinds[name.text]) : nil
      }
      return member
    default: return nil
    }
  }

  private func root(_ name: String) -> CheckerMember? {
    guard let entry = lookup(name) else {
      return isDeclaredLater(name) ? nil : group(of: knownNames.rootKinds[name])
    }
    if case .declaration(let kind) = entry.meaning { return group(of: kind) }
    return nil
  }

  private func group(of kind: String?) -> CheckerMember? {
    kind.flatMap { knownNames.kindGroups[$0] }.map { .group($0) }
  }
}

/// Gathers what the statements of a program declare, wherever they stand.
struct DeclarationWalker {
  /// By name, of the world and of what stands in something; empty where one is of several kinds.
  private(set) var roots: [String: String] = [:]
  private(set) var inner: [String: String] = [:]
  private(set) var scriptKinds: [String: TemplateDeclaration] = [:]
  private(set) var repeatedKinds: Set<String> = []

  mutating func walk(_ statements: [Statement], isInside: Bool = false) {
    for statement in statements { walk(statement, isInside) }
  }

  private mutating func walk(_ statement: Statement, _ isInside: Bool) {
    switch statement.form {
    case .declaration(let declaration):
      note(declaration, isInside)
      walk(declaration.body ?? [], isInside: true)
    case .conditional(let conditional):
      for branch in conditional.branches { walk(branch.body, isInside: isInside) }
      walk(conditional.otherwise ?? [], isInside: isInside)
    case .forLoop(let loop): walk(loop.body, isInside: isInside)
    case .whileLoop(_, let body): walk(body, isInside: isInside)
    case .match(let match): for arm in match.arms { walk(arm.body, isInside: isInside) }
    case .function(let function):
      if case .block(let body) = function.shape.body { walk(body, isInside: isInside) }
    case .caseBlock(let form): walk(form.body)
    case .variant(let variant): walk(variant.body)
    case .hook(let hook): walk(hook.body, isInside: isInside)
    case .preset(let preset): walk(preset.body, isInside: true)
    case .kind(let kind):
      let name = kind.name.text
      if scriptKinds.updateValue(kind, forKey: name) != nil { repeatedKinds.insert(name) }
      walk(kind.body, isInside: true)
    default: break
    }
  }

  private mutating func note(_ declaration: Declaration, _ isInside: Bool) {
    guard let name = declaration.name?.text else { return }
    let kind = declaration.kind.count == 1 ? declaration.kind[0].text : ""
    if isInside {
      inner[name] = inner[name, default: kind] == kind ? kind : ""
    } else {
      roots[name] = roots[name, default: kind] == kind ? kind : ""
    }
  }
}

extension CheckerNames {
  /// Takes in what the files of a program declare: things by their names, and the kinds they make.
  mutating func learn(_ trees: [SyntaxTree]) {
    var walker = DeclarationWalker()
    for tree in trees { walker.walk(tree.statements) }
    rootKinds = walker.roots
    innerKinds = walker.inner
    for (name, kind) in walker.scriptKinds.sorted(by: { $0.key < $1.key }) {
      kindGroups[name] = nil
      if !walker.repeatedKinds.contains(name) { learn(kind) }
    }
  }

  /// The variables of a script's kind that begin as a quantity and are only added to.
  private mutating func learn(_ kind: TemplateDeclaration) {
    let replaced = NameWalker.facts(kind.body).replaced
    var group = CheckerGroup(isOpen: true)
    for statement in kind.body {
      guard case .binding(let binding) = statement.form, binding.isMutable,
        case .quantity(let literal) = binding.value.form, !replaced.contains(binding.name.text)
      else { continue }
      group.members[binding.name.text] = .measure(literal.dimension)
    }
    kindGroups[kind.name.text] = groups.count
    groups.append(group)
  }
}
