// From syntax tree to bytecode: one pass per function, no intermediate form.
//
// The compiler knows names, not the world: what is no variable, function or module becomes a call
// of the embedder. Mistakes it finds are collected as diagnostics; code is emitted all the same and
// thrown away at the end.

final class Compiler {
  var program: Program
  var diagnostics: [Diagnostic] = []
  /// The function being compiled.
  var f: FunctionBuilder
  var natives: [String: Int] = [:]
  /// Natives whose first argument goes in as a function: `Vocabulary.samplers`.
  let samplers: Set<String>
  /// Children that declarations of a kind have without being told: `Vocabulary.implied`.
  let implied: [String: [String]]
  /// What each module exports, once it is compiled.
  var exports: [BlockScope] = []
  /// Modules in scope everywhere.
  var preludes: [Int] = []
  /// Finds the module of an import statement.
  var importedModules: [SourceSpan: Int] = [:]
  var isRootModule = true
  /// Lines will follow that use the root file's variables: none of them is kept in a register.
  let isSession: Bool
  /// What the root file and each of its cases declare, once they are compiled.
  var fileScope = BlockScope(kind: .topLevel)
  var caseScopes: [BlockScope] = []
  /// Parameters of functions that are called directly.
  var parameterLists: [Int: [Parameter]] = [:]
  private var constantNumbers: [ConstantKey: Int] = [:]
  private var hiddenCount = 0

  fileprivate struct ConstantKey: Hashable {
    var head: UInt64
    var bits: UInt64
    var text: [UInt8]?
    var exact: Exact? = nil
  }

  init(files: SourceFiles, vocabulary: Vocabulary, isSession: Bool = false) {
    self.isSession = isSession
    program = Program(files: files, symbols: SymbolTable(vocabulary.symbols))
    program.natives = vocabulary.natives
    samplers = Set(vocabulary.samplers)
    implied = vocabulary.implied
    // Shape 0 means "no named arguments".
    program.callShapes.append(CallShape(names: []))
    for (index, name) in vocabulary.natives.enumerated() { natives[name] = index }
    let nowhere = SourceSpan(file: SourceFileID(rawValue: 0), start: 0, end: 0)
    f = FunctionBuilder(-1, name: "", span: nowhere, parent: nil, facts: NameFacts())
  }

  // MARK: Lines of a session

  /// All that a line may add to, so that a wrong one adds nothing.
  struct Mark {
    fileprivate var program: Program
    fileprivate var constantNumbers: [ConstantKey: Int]
    fileprivate var exports: [BlockScope]
    fileprivate var parameterLists: [Int: [Parameter]]
  }

  var mark: Mark {
    Mark(
      program: program, constantNumbers: constantNumbers, exports: exports,
      parameterLists: parameterLists)
  }

  func goBack(to mark: Mark) {
    let files = program.files
    program = mark.program
    program.files = files
    constantNumbers = mark.constantNumbers
    exports = mark.exports
    parameterLists = mark.parameterLists
    diagnostics = []
  }

  // MARK: Diagnostics and small things

  func report(_ code: String, _ title: String, at span: SourceSpan, help: String? = nil) {
    diagnostics.append(Diagnostic(code: code, title: title, at: span, help: help))
  }

  func symbol(_ name: String) -> Symbol { program.symbols.intern(name) }
  func symbol(_ name: Name) -> Symbol { program.symbols.intern(name.text) }

  func text(_ span: SourceSpan) -> String { program.files[span.file].text(span) }

  func hiddenName() -> String {
    hiddenCount += 1
    return "#\(hiddenCount)"
  }

  func constant(_ value: Value) -> Int {
    constant(.value(value), ConstantKey(head: value.head, bits: value.bits, text: nil))
  }

  func constant(_ text: String) -> Int {
    let octets = Array(text.utf8)
    return constant(.text(octets), ConstantKey(head: 0, bits: 0, text: octets))
  }

  func constant(_ exact: Exact, _ literal: QuantityLiteral) -> Int {
    let head = Head.quantity(
      literal.dimension, unit: literal.unit, isConverted: false, isBoxed: true)
    return constant(
      .exact(exact, head: head), ConstantKey(head: head, bits: 0, text: nil, exact: exact))
  }

  private func constant(_ constant: Constant, _ key: ConstantKey) -> Int {
    if let known = constantNumbers[key] { return known }
    program.constants.append(constant)
    constantNumbers[key] = program.constants.count - 1
    return program.constants.count - 1
  }

  func load(_ value: Value, into target: Int, at span: SourceSpan) {
    if value.isNone {
      f.emit(.loadNone, target, at: span)
    } else if let number = value.asInt, number >= -32_768, number < 32_768 {
      f.emit(.loadInt, target, wide: Int(number), at: span)
    } else {
      loadConstant(constant(value), into: target, at: span)
    }
  }

  func loadConstant(_ number: Int, into target: Int, at span: SourceSpan) {
    if number < 65_536 {
      f.emit(.loadConstant, target, wide: number, at: span)
    } else {
      f.emit(.loadConstantWide, target, at: span)
      f.emit(UInt32(number), span)
    }
  }

  func newGlobal(_ name: String) -> Int {
    program.globalNames.append(name)
    if program.globalNames.count > 65_535 { f.isTooLarge = true }
    return program.globalNames.count - 1
  }

  // MARK: Functions

  /// Reserves a number, so that functions may call one another before they are compiled.
  func reserveFunction(_ name: String, _ span: SourceSpan) -> Int {
    program.functions.append(FunctionCode(name: name, span: span))
    if program.functions.count > 65_535 { f.isTooLarge = true }
    return program.functions.count - 1
  }

  /// Compiles a function inside the current one. `body` emits its code, the result included.
  @discardableResult
  func compileFunction(
    _ number: Int, parameters: [Name], facts: NameFacts, span: SourceSpan,
    defaults: [Parameter] = [], _ body: () -> Void
  ) -> FunctionCode {
    let inner = FunctionBuilder(
      number, name: program.functions[number].name, span: span, parent: f, facts: facts)
    let outer = f
    f = inner
    inner.pushScope()
    _ = inner.allocate(parameters.count)
    inner.keepAll()
    inner.code.parameters = parameters.map { symbol($0) }
    inner.code.requiredCount = defaults.firstIndex { $0.defaultValue != nil } ?? parameters.count
    for (index, parameter) in defaults.enumerated() {
      guard let value = parameter.defaultValue else { continue }
      let skip = f.emitJump(.jumpIfSet, index, at: value.span)
      compile(value, into: index)
      f.patch([skip])
    }
    for (index, parameter) in defaults.enumerated() {
      require(parameter.annotation, of: "`\(parameter.name.text)`", in: index)
    }
    for (index, name) in parameters.enumerated() { declareParameter(name, index) }
    body()
    inner.popScope()
    f = outer
    return finish(inner)
  }

  /// A parameter: in its register, or in a cell if a closure must see it change.
  func declareParameter(_ name: Name, _ register: Int) {
    let needsCell = f.facts.nested.contains(name.text) && f.facts.assigned.contains(name.text)
    if needsCell { f.emit(.newCell, register, register, at: name.span) }
    f.declare(
      name.text,
      BoundName(binding: needsCell ? .cell(register) : .register(register), isMutable: true))
  }

  func factsOf(_ body: [Statement]) -> NameFacts { NameWalker.facts(body, samplers: samplers) }
  func factsOf(_ value: Expression) -> NameFacts { NameWalker.facts(value, samplers: samplers) }

  @discardableResult
  func finish(_ builder: FunctionBuilder) -> FunctionCode {
    if builder.isTooLarge {
      report(
        "N240", "this function is too large", at: builder.code.span,
        help: "split it: a function has at most \(FunctionBuilder.registerLimit) variables")
    }
    program.functions[builder.number] = builder.code
    return builder.code
  }

  /// A function without parameters that yields an expression; for predicates, paths and defaults.
  func expressionFunction(
    _ name: String, _ expression: Expression, parameters: [Name] = [],
    seen: (span: SourceSpan, global: Int)? = nil
  ) -> Int {
    let number = reserveFunction(name, expression.span)
    compileFunction(
      number, parameters: parameters, facts: factsOf(expression), span: expression.span
    ) {
      f.seen = seen
      returnValue(of: expression)
    }
    return number
  }

  func blockFunction(
    _ name: String, _ body: [Statement], parameters: [Name] = [], span: SourceSpan
  ) -> Int {
    let number = reserveFunction(name, span)
    compileFunction(
      number, parameters: parameters, facts: factsOf(body), span: span
    ) {
      compileBlock(body)
      returnNone(at: span)
    }
    return number
  }

  func returnValue(of expression: Expression) {
    let register = operand(expression)
    if let result = f.result { require(result.type, of: result.what, in: register) }
    f.emit(.returnValue, register, at: expression.span)
  }

  func returnNone(at span: SourceSpan) {
    let register = f.allocate()
    f.emit(.loadNone, register, at: span)
    f.emit(.returnValue, register, at: span)
    f.release(to: register)
  }

  func functionValue(_ shape: FunctionShape, number: Int) {
    let facts: NameFacts
    switch shape.body {
    case .expression(let value): facts = factsOf(value)
    case .block(let statements): facts = factsOf(statements)
    }
    compileFunction(
      number, parameters: shape.parameters.map { $0.name }, facts: facts, span: shape.span,
      defaults: shape.parameters
    ) {
      f.result = shape.result.map { ("what `\(f.code.name)` returns", $0) }
      switch shape.body {
      case .expression(let value): returnValue(of: value)
      case .block(let statements):
        compileBlock(statements)
        returnNone(at: shape.span)
      }
    }
  }

  /// A function that must not depend on the variables of a function around it.
  func requireNoCaptures(_ number: Int, _ what: String, at span: SourceSpan) {
    guard !program.functions[number].captures.isEmpty else { return }
    report(
      "N241", "this \(what) uses variables of the function around it", at: span,
      help: "pass them as parameters, or move the \(what) to the top of the file")
  }
}
