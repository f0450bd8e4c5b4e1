// Values in place of names: constants and params, functions that are called once, presets that one
// thing starts from.

extension ModuleText {
  var inlinings: [TextEdit] {
    blocks.flatMap { $0 }.compactMap { statement -> TextEdit? in
      switch statement.form {
      case .param(let param): return inlining(param.name, param.value, of: statement)
      case .binding(let binding) where !binding.isMutable:
        return inlining(binding.name, binding.value, of: statement)
      case .function(let function): return inlining(function, of: statement)
      case .preset(let preset): return inlining(preset, of: statement)
      default: return nil
      }
    }
  }

  /// A literal everywhere, anything else where it is used once.
  private func inlining(
    _ name: Name, _ value: Expression, of statement: Statement
  ) -> TextEdit? {
    let places = statements.uses(of: name.text)
    guard value.isLiteral || places.count == 1 else { return nil }
    var edit = TextEdit(removing: [statement])
    for use in places where !statement.span.range.overlaps(use.range) {
      edit.replace(use, with: value.operandText(in: self))
    }
    return edit
  }

  // MARK: Functions

  /// The body in place of the only call.
  private func inlining(
    _ function: FunctionDeclaration, of statement: Statement
  ) -> TextEdit? {
    let places = statements.uses(of: function.name.text)
    guard places.count == 1, !statement.span.range.overlaps(places[0].range) else { return nil }
    var edit = TextEdit(removing: [statement])
    switch function.shape.body {
    case .block(let body):
      guard !body.returnsEarly, let call = callStatement(of: places[0]),
        case .expression(let value) = call.form
      else { return nil }
      guard let text = bodyText(function.shape, body, called: value) else { return nil }
      edit.replace(call.span, with: text)
    case .expression(let value):
      guard let call = call(of: places[0]), let given = arguments(of: call, for: function.shape)
      else { return nil }
      var inner = TextEdit()
      substitute(given, in: [Statement(.expression(value), value.span)], &inner)
      let text = String(decoding: inner.applied(to: file, in: value.span.range), as: UTF8.self)
      edit.replace(call.span, with: value.isOperand ? text : "(\(text))")
    }
    return edit
  }

  private func bodyText(
    _ shape: FunctionShape, _ body: [Statement], called call: Expression
  ) -> String? {
    guard let given = arguments(of: call, for: shape) else { return nil }
    guard let range = body.range else { return "" }
    var inner = TextEdit()
    substitute(given, in: body, &inner)
    return String(decoding: inner.applied(to: file, in: range), as: UTF8.self)
  }

  private func substitute(
    _ values: [(name: String, text: String)], in body: [Statement], _ edit: inout TextEdit
  ) {
    for (name, text) in values {
      for use in body.uses(of: name) { edit.replace(use, with: text) }
    }
  }

  /// What a call gives each parameter; nil when it gives one nothing.
  private func arguments(
    of call: Expression, for shape: FunctionShape
  ) -> [(name: String, text: String)]? {
    guard case .call(_, let arguments) = call.form else { return nil }
    var values: [(name: String, text: String)] = []
    for (place, parameter) in shape.parameters.enumerated() {
      let named = arguments.first { $0.name?.text == parameter.name.text }
      let isPlaced = place < arguments.count && arguments[place].name == nil
      let placed = isPlaced ? arguments[place] : nil
      guard let value = named?.value ?? placed?.value ?? parameter.defaultValue else { return nil }
      values.append((parameter.name.text, value.operandText(in: self)))
    }
    return values
  }

  private func callStatement(of callee: SourceSpan) -> Statement? {
    statements.all.first { statement in
      guard case .expression(let value) = statement.form, case .call(let name, _) = value.form
      else { return false }
      return name.span == callee
    }
  }

  private func call(of callee: SourceSpan) -> Expression? {
    for statement in statements.all {
      for value in statement.values.flatMap({ $0.all }) {
        if case .call(let name, _) = value.form, name.span == callee { return value }
      }
    }
    return nil
  }

  // MARK: Presets

  /// Its body at the beginning of the only thing that starts from it.
  private func inlining(_ preset: PresetDeclaration, of statement: Statement) -> TextEdit? {
    let places = statements.uses(of: preset.name.text)
    guard places.count == 1 else { return nil }
    for user in statements.all {
      guard case .declaration(let declaration) = user.form, let base = declaration.preset,
        base.span == places[0]
      else { continue }
      var edit = TextEdit(removing: [statement])
      if let further = preset.base {
        edit.replace(base.span, with: text(further.span))
      } else {
        edit.remove((declaration.headEnd ?? base.span.start)..<base.span.end)
      }
      let body = preset.body.range.map { file.text($0) + "\n" } ?? ""
      if let first = declaration.body?.first {
        edit.insert(body, at: first.span.start)
      } else if declaration.body == nil {
        edit.insert(" {\n\(body)}", at: user.span.end)
      } else {
        return nil
      }
      return edit
    }
    return nil
  }
}

extension Declaration {
  /// Where its name and index end.
  var headEnd: Int? {
    guard let name else { return nil }
    // Behind an index stands its bracket.
    return index.map { $0.span.end + 1 } ?? name.span.end
  }
}

extension [Statement] {
  /// Whether a body may leave off before its end.
  fileprivate var returnsEarly: Bool {
    contains { statement in
      if case .returnValue = statement.form { return true }
      if case .function = statement.form { return false }
      if case .declaration = statement.form { return false }
      return statement.blocks.contains { $0.returnsEarly }
    }
  }
}

extension Expression {
  var isLiteral: Bool {
    switch form {
    case .int, .real, .quantity, .bool, .none, .symbol: return true
    case .string(let literal): return literal.plainText != nil
    case .prefix(_, let inner): return inner.isLiteral
    case .list(let elements): return elements.allSatisfy { $0.isLiteral }
    default: return false
    }
  }

  /// May stand beside any operator.
  var isOperand: Bool {
    switch form {
    case .infix, .prefix, .convert, .conditional, .function: return false
    default: return true
    }
  }

  func operandText(in module: ModuleText) -> String {
    let text = module.text(span)
    return isOperand ? text : "(\(text))"
  }
}
