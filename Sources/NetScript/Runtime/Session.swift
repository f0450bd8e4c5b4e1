// A program that grows line by line: what is typed at a prompt, in front of a machine that runs.
//
// Each line is compiled as a function of its own, behind the functions of the lines before it. The
// names are a value: whoever goes back in time goes back to the names of that moment, while code
// once compiled stays where it is.

/// What the names mean that a line may use.
public struct SessionNames: Sendable {
  var scope = BlockScope(kind: .topLevel)

  /// All of them, in alphabetical order.
  public var all: [String] { scope.names.map { $0.key }.sorted() }

  /// What a name stands for, as far as the text decides it.
  public enum Meaning: Equatable, Sendable {
    case variable(isMutable: Bool)
    case function
    case policy
    case kind
    /// A file, by its place in `Program.modules`.
    case module(Int)
    /// Something of the world.
    case thing
  }

  /// Nil when the line does not know the name.
  public func meaning(of name: String) -> Meaning? {
    guard let entry = scope.names[name] else { return scope.kinds[name] == nil ? nil : .kind }
    return entry.meaning
  }

  /// Kinds of the file and of earlier lines, in alphabetical order.
  public var kinds: [String] { scope.kinds.map { $0.key }.sorted() }

  func adding(_ inner: BlockScope) -> SessionNames {
    var sum = self
    for (name, entry) in inner.names { sum.scope.names[name] = entry }
    for (name, kind) in inner.kinds { sum.scope.kinds[name] = kind }
    return sum
  }
}

extension BoundName {
  var meaning: SessionNames.Meaning {
    switch binding {
    case .function: return .function
    case .policy: return .policy
    case .module(let place): return .module(place)
    case .root, .member: return .thing
    case .register, .cell, .upvalue, .upvalueCell, .global:
      return .variable(isMutable: isMutable)
    }
  }
}

/// A line as the machine takes it.
public struct SessionLine: Sendable {
  /// As diagnostics call it: `line 3`.
  public var name: String
  /// Spawned as a fiber: `run` suspends it. Yields the value of the last statement, if that is an
  /// expression.
  public var main: FunctionID
  /// What it imports for the first time, in order: to be run before it.
  public var modules: Range<Int>
  /// Its paths, as places in `Program.paths`.
  public var paths: Range<Int>
  public var names: SessionNames
  /// It gives something a name: later lines depend on it.
  public var addsNames: Bool
}

/// What came of a line's text.
public enum LineResult {
  case line(SessionLine)
  case mistakes([Diagnostic])
}

public final class Session {
  private let linker: Linker
  private let compiler: Compiler
  private let vocabulary: Vocabulary

  /// Compiles a file that lines will follow. `session` is nil when there is a diagnostic.
  public static func begin(
    name: String, octets: [UInt8], additions: [Addition] = [], loader: any Loader,
    vocabulary: Vocabulary = Vocabulary()
  ) -> (result: CompilationResult, session: Session?) {
    let linker = Linker(loader: loader)
    linker.addRoot(name: name, octets: octets, additions: additions, vocabulary.prelude)
    let (result, compiler) = Script.compile(linker, vocabulary, isSession: true)
    guard result.program != nil else { return (result, nil) }
    return (result, Session(linker, compiler, vocabulary))
  }

  private init(_ linker: Linker, _ compiler: Compiler, _ vocabulary: Vocabulary) {
    self.linker = linker
    self.compiler = compiler
    self.vocabulary = vocabulary
  }

  /// All files and lines so far, for the renderer.
  public var files: SourceFiles { linker.files }

  /// What a file exports, in alphabetical order, and what each name stands for.
  public func exports(of module: Int) -> [(name: String, meaning: SessionNames.Meaning)] {
    guard compiler.exports.indices.contains(module) else { return [] }
    let scope = compiler.exports[module]
    let kinds = scope.kinds.map { $0.key }.filter { scope.names[$0] == nil }.sorted()
    return scope.names.map { (name: $0.key, meaning: $0.value.meaning) }
      .sorted { $0.name < $1.name } + kinds.map { (name: $0, meaning: .kind) }
  }

  /// What the file and one of its cases declare; of a plain script, the file alone.
  public func names(ofCase index: Int?) -> SessionNames {
    let file = SessionNames().adding(compiler.fileScope)
    guard let index else { return file }
    return file.adding(compiler.caseScopes[index])
  }

  /// Compiles a line behind everything else and hands it to the machine. A wrong line leaves both
  /// as they were.
  ///
  /// - Parameters:
  ///   - name: as diagnostics will call it.
  ///   - names: those of the moment at which it will run.
  public func add(
    _ octets: [UInt8], named name: String = "line", after names: SessionNames, to vm: VM
  ) -> LineResult { add(octets, name, nil, names, to: vm) }

  /// Compiles an expression as a function of one value: what somebody in front of the machine asks
  /// again and again. It leaves no names behind.
  public func add(
    question octets: [UInt8], named name: String, of parameter: String,
    after names: SessionNames, to vm: VM
  ) -> LineResult { add(octets, name, parameter, names, to: vm) }

  private func add(
    _ octets: [UInt8], _ name: String, _ parameter: String?, _ names: SessionNames, to vm: VM
  ) -> LineResult {
    let file = linker.files.add(name: name, octets: octets)
    let parsed = Parser.parse(linker.files[file])
    guard parsed.diagnostics.isEmpty else { return .mistakes(parsed.diagnostics) }
    if parameter != nil, !parsed.tree.isExpression {
      return .mistakes([
        Diagnostic(
          code: "N108", title: "a condition is one expression", at: parsed.tree.span,
          help: "`server.pool.clusters.free < 8`")
      ])
    }
    let moduleCount = linker.modules.count
    let mark = compiler.mark
    vm.lend(to: &compiler.program)
    let result = compile(parsed.tree, name, names, of: parameter, for: vm)
    if case .line = result {
      vm.extend(to: compiler.program)
    } else {
      linker.forget(from: moduleCount)
      compiler.goBack(to: mark)
    }
    return result
  }

  private func compile(
    _ tree: SyntaxTree, _ name: String, _ names: SessionNames, of parameter: String?, for vm: VM
  ) -> LineResult {
    let firstModule = linker.modules.count
    let imports = linker.imports(of: tree, importer: compiler.program.root.path)
    if !linker.diagnostics.isEmpty { return .mistakes(linker.diagnostics) }
    let mistakes = check(tree, names, parameter, linker.modules[firstModule...])
    if !mistakes.isEmpty { return .mistakes(mistakes) }
    compiler.program.files = linker.files
    let firstFunction = compiler.program.functions.count
    let firstTemplate = compiler.program.modules.count
    for module in linker.modules[firstModule...] { compiler.compile(module) }
    compiler.importedModules = imports
    let firstPath = compiler.program.paths.count
    let (number, scope) = compiler.compileLine(tree, path: name, names, of: parameter)
    guard compiler.diagnostics.isEmpty else { return .mistakes(compiler.diagnostics) }
    guard vm.hasRoom(for: compiler.program) else {
      return .mistakes([
        Diagnostic(
          code: "N240", title: "this session has no room for another line", at: tree.span,
          help: "save it, and begin a new one")
      ])
    }
    Verifier.check(compiler.program, from: firstFunction)
    return .line(
      SessionLine(
        name: name, main: FunctionID(rawValue: UInt32(number)),
        modules: firstTemplate..<compiler.program.modules.count,
        paths: firstPath..<compiler.program.paths.count, names: names.adding(scope),
        addsNames: parameter == nil && !(scope.names.isEmpty && scope.kinds.isEmpty)))
  }

  private func check(
    _ tree: SyntaxTree, _ names: SessionNames, _ parameter: String?,
    _ modules: ArraySlice<Linker.Module>
  ) -> [Diagnostic] {
    var known = linker.preludeNames(vocabulary.checkerNames)
    func errors(_ tree: SyntaxTree) -> [Diagnostic] {
      Checker.check(tree, of: linker.files, knownNames: known).diagnostics
        .filter { $0.severity == .error }
    }
    var mistakes: [Diagnostic] = []
    for module in modules { mistakes += errors(module.tree) }
    for name in names.all {
      let entry = names.scope.names[name]
      if case .root = entry?.binding { continue }
      known.sessionNames[name] = entry?.isMutable ?? false
    }
    if let parameter { known.sessionNames[parameter] = false }
    if !known.kinds.isEmpty { known.kinds += names.scope.kinds.map { $0.key }.sorted() }
    mistakes += errors(tree)
    for statement in tree.statements where mistakes.isEmpty {
      guard let word = statement.fileWord else { continue }
      mistakes.append(
        Diagnostic(
          code: "N308", title: "`\(word)` must stand in a file: here is one run only",
          at: statement.span, help: "write it into a file, and start from that"))
    }
    return mistakes
  }
}

extension Statement {
  /// The word of a statement that plans runs: there is one run only at the prompt.
  fileprivate var fileWord: String? {
    switch form {
    case .caseBlock: return "case"
    case .variant: return "variant"
    case .sweep: return "sweep"
    case .param: return "param"
    default: return nil
    }
  }
}

extension SyntaxTree {
  fileprivate var isExpression: Bool {
    guard statements.count == 1, case .expression = statements[0].form else { return false }
    return true
  }
}

extension Compiler {
  /// A line's function. Names of the lines before stand around it, so its own may hide them.
  func compileLine(
    _ tree: SyntaxTree, path: String, _ names: SessionNames, of parameter: String? = nil
  ) -> (number: Int, scope: BlockScope) {
    isRootModule = true
    let number = reserveFunction(path, tree.span)
    let builder = FunctionBuilder(
      number, name: path, span: tree.span, parent: nil, facts: NameWalker.facts(tree.statements))
    f = builder
    builder.pushScope(.topLevel)
    builder.scopes[0].names = names.scope.names
    builder.scopes[0].kinds = names.scope.kinds
    builder.pushScope(.topLevel)
    if let parameter {
      let register = builder.allocate()
      builder.keepAll()
      builder.code.parameters = [program.symbols.intern(parameter)]
      builder.code.requiredCount = 1
      builder.declare(parameter, BoundName(binding: .register(register)))
    }
    _ = declareImports(tree)
    compileTopLevel(tree)
    let scope = builder.scopes[1]
    finish(builder)
    return (number, scope)
  }
}
