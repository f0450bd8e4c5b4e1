// Phase 2: variants, `--set`, the bodies of script kinds; then every check, then the simulation.
//
// All mistakes are collected. Nothing is built while there is one.

import NetScript

extension Bench {
  func elaborate() {
    guard diagnostics.isEmpty else { return }
    phase = .elaborate
    do throws(RuntimeError) {
      try applyVariants()
      try applySettings()
      try buildInstances()
      try observeVariant()
      activity = .script
      adoptMentions()
      checkTree()
      checkSettings()
      guard diagnostics.isEmpty else { return sortDiagnostics() }
      try build()
      checkPaths()
      guard diagnostics.isEmpty else { return sortDiagnostics() }
      warnings = poolWarnings()
      phase = .run
      try beginWatching()
    } catch {
      end(with: error)
    }
  }

  /// Bases left to right, then the variant itself.
  private func applyVariants() throws(RuntimeError) {
    activity = .variant
    for variant in plan.variantChain {
      _ = try vm.call(vm.closure(of: variant.setup), budget: vm.stepsLeft)
    }
  }

  /// Hooks and expectations are the variant's own: bases keep theirs.
  private func observeVariant() throws(RuntimeError) {
    guard let variant = plan.variant else { return }
    activity = .variant
    _ = try vm.call(vm.closure(of: variant.observers), budget: vm.stepsLeft)
  }

  /// `--set server.tcp.keepidle=30s`: a path, after everything the script says.
  private func applySettings() throws(RuntimeError) {
    for setting in plan.settings where isPath(setting.name) {
      let names = setting.name.split(separator: ".", omittingEmptySubsequences: false)
      guard names.count > 1, !names.contains("") else {
        throw RuntimeError(
          "N202", "`--set \(setting.name)`: this is no path",
          at: caseSpan, help: "`--set server.tcp.keepidle=30s`")
      }
      var parts = names.map { vm.intern(String($0)) }
      let field = parts.removeLast()
      var id = Tree.root
      for part in parts {
        if case .builtin(.host) = tree[id].role, let word = words.word(part),
          let made = implicit(word, in: id)
        {
          id = made
        } else if let next = tree.child(part, of: id) {
          id = next
        } else {
          throw RuntimeError(
            "N202", "`--set \(setting.name)`: nothing named `\(name(part))` there",
            at: caseSpan)
        }
      }
      let value = try value(of: setting)
      store(
        FieldValue(name: field, value: value, layer: .commandLine, span: program.root.span), in: id)
    }
  }

  private func isPath(_ name: String) -> Bool {
    guard let dot = name.firstIndex(of: ".") else { return false }
    let first = name[..<dot]
    return !program.root.imports.contains { $0.alias == first }
  }

  /// A `--set` that names nothing would pass unseen.
  private func checkSettings() {
    var known = (program.root.params + plan.caseParams).map { $0.name }
    for use in program.root.imports {
      known += program.modules[use.module].params.map { use.alias + "." + $0.name }
    }
    for setting in plan.settings where !isPath(setting.name) && !known.contains(setting.name) {
      let near = Spelling.nearest(to: setting.name, among: known)
      diagnostics.append(
        Diagnostic(
          code: "N202", title: "`--set \(setting.name)`: there is no such param",
          at: caseSpan,
          help: near.map { "did you mean `\($0)`?" } ?? "there are: " + listed(known)))
    }
  }

  func sortDiagnostics() {
    diagnostics.sort { first, second in
      let (a, b) = (first.primary.span, second.primary.span)
      return a.file == b.file ? a.start < b.start : a.file.rawValue < b.file.rawValue
    }
  }

  // MARK: Instances of script kinds

  private static let instanceLimit = 100_000

  /// Runs each kind's block once, in order of declaration; what it declares comes after it.
  private func buildInstances() throws(RuntimeError) {
    activity = .kind
    var next = 0
    while next < declared.count {
      let id = declared[next]
      next += 1
      guard case .instance(let kind) = tree[id].role else { continue }
      guard declared.count < Bench.instanceLimit else {
        throw RuntimeError(
          "N219", "kind `\(program.kinds[kind].name)` makes things without end", at: tree[id].span)
      }
      guard try giveParameters(id, program.kinds[kind]) else { continue }
      _ = try vm.call(
        vm.closure(of: program.kinds[kind].body), id.value, budget: vm.stepsLeft)
    }
    activity = .script
  }

  /// Every parameter gets a value. False when the instance cannot be built.
  private func giveParameters(
    _ id: NodeID, _ template: KindTemplate
  ) throws(RuntimeError) -> Bool {
    let before = diagnostics.count
    let meant = checkInstanceNames(id, template)
    for parameter in template.parameters {
      var standard: Value? = nil
      if let function = parameter.defaultValue {
        standard = try vm.call(vm.closure(of: function), budget: plan.limits.hookSteps)
      }
      if let given = tree[id].fields.first(where: { $0.name == parameter.name }) {
        check(given, of: parameter, standard: standard, in: id)
        continue
      }
      let span = tree[id].span ?? template.span
      let isNode = parameter.annotation == "Node"
      let taken =
        isNode || standard == nil ? inheritedParameter(parameter.name, from: id) : nil
      guard let value = taken ?? standard else {
        if meant.contains(name(parameter.name)) { continue }
        diagnostics.append(
          Diagnostic(
            code: "N207", title: "`\(name(parameter.name))` of `\(path(of: id))` is not set",
            at: span, secondary: [DiagnosticLabel(parameter.span, "it has no default")],
            help: "`\(name(parameter.name)) = …` in its block"))
        continue
      }
      store(FieldValue(name: parameter.name, value: value, layer: .standard, span: span), in: id)
    }
    guard diagnostics.count > before else { return true }
    // What it would have declared is not missing as well.
    told.append(id)
    return false
  }

  private func inheritedParameter(_ symbol: Symbol, from id: NodeID) -> Value? {
    guard let word = words.word(symbol), Schema.kind(word) != nil else {
      return inherited(symbol, [], from: id)
    }
    return inherited(symbol, [word], from: id)
  }

  /// - Returns: what misspelt fields were meant to be.
  private func checkInstanceNames(_ id: NodeID, _ template: KindTemplate) -> [String] {
    let own = template.parameters.map { $0.name }
    var meant: [String] = []
    for field in tree[id].fields where !own.contains(field.name) {
      if let word = words.word(field.name),
        let known = Schema.instanceFields.first(where: { $0.word == word })
      {
        check(field, known, in: id)
        continue
      }
      let near = Spelling.nearest(
        to: name(field.name), among: own.map { name($0) } + ["starts", "active"])
      if let near { meant.append(near) }
      report(
        Diagnostic(
          code: "N201", title: "no `\(name(field.name))` in kind `\(template.name)`",
          at: nameSpan(field),
          help: near.map { "did you mean `\($0)`?" } ?? "there are: " + listed(own.map { name($0) })
        ), of: field)
    }
    return meant
  }

  /// The type of a parameter is its annotation's, or that of its default.
  private func check(
    _ field: FieldValue, of parameter: ParameterTemplate, standard: Value?, in id: NodeID
  ) {
    if mention(field.value) != nil { return }
    var wanted = standard?.dimension
    if let annotation = parameter.annotation {
      guard !isAnswer(field.value), !vm.admits(annotation, field.value) else { return }
      guard let dimension = VM.dimension(of: annotation) else {
        return report(wrongType(field, annotation), of: field)
      }
      wanted = dimension
    }
    guard let wanted, wanted != .none else { return }
    let isNumber = field.value.asInt != nil || field.value.dimension != nil
    guard isNumber, field.value.dimension != wanted else { return }
    report(wrongDimension(field, wanted: wanted), of: field)
  }

  private func wrongType(_ field: FieldValue, _ annotation: String) -> Diagnostic {
    let found = "\(vm.text(field.value)) is \(VM.withArticle(vm.typeName(field.value)))"
    return Diagnostic(
      code: "N210",
      title: "`\(name(field.name))` is \(VM.withArticle(annotation)), but \(found)",
      at: valueSpan(field))
  }

  /// Where a number is asked for, the author's own word (`.never`) or a distribution may say more.
  private func isAnswer(_ value: Value) -> Bool {
    ["Symbol", "Dist"].contains(vm.typeName(value))
  }

  // MARK: Mentions

  /// Mentions of what the schema gives every host, or of measurements, are no mistakes.
  private func adoptMentions() {
    for number in 0..<tree.count {
      let id = NodeID(.tree, number)
      guard tree[id].role == .forward, let word = words.word(tree[id].name) else { continue }
      guard case .builtin(let kind) = tree[tree[id].parent].role else { continue }
      if kind == .host, Schema.groups.contains(word) {
        tree[id].role = .builtin(word)
      } else if kind == .host, Schema.engineTasks.contains(word) {
        tree[id].role = .builtin(.task)
      } else if kind == .host, word == .network {
        tree[id].role = .builtin(.lock)
      } else if let place = Schema.kind(kind)?.place(word) {
        tree[id].role = place.isEvent ? .event(word) : .place(word)
      }
    }
  }
}
