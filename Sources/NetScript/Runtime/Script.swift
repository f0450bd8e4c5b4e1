// The front door: source text in, a verified program or diagnostics out.

/// Finds the text of an import. Class-bound, so that a loader may read files, strings or both.
/// A plan carries it along, to whatever thread runs it.
public protocol Loader: AnyObject, Sendable {
  /// `path` as written after `import`, `importer` as the loader named it itself.
  func load(_ path: String, from importer: String) -> LoadedSource
}

public enum LoadedSource: Sendable {
  /// `name` identifies the file: two imports with the same name share one module.
  case found(name: String, octets: [UInt8])
  /// Why not, and what to do about it.
  case missing(title: String, help: String?)
}

/// What the embedder adds to the language's own names.
public struct Vocabulary: Sendable {
  /// Global functions in the order of `Embedder.callNative`'s numbers.
  public var natives: [String]
  /// Modules that are in scope everywhere, without an import: `std/apps`.
  public var prelude: [String]
  /// Of the natives, those whose first argument is a place to be looked at again and again: it goes
  /// in as a function, and `Program.samples` lists the calls.
  public var samplers: [String]
  /// By kind, the names that are bound in a declaration's block although nothing declares them.
  public var implied: [String: [String]]
  /// Names that the embedder looks up: every program numbers them alike, see `SymbolTable`.
  public var symbols: [String]
  /// What the checker is told: arities of natives, the embedder's kinds, dimensions of globals.
  public var names: CheckerNames

  public init(
    natives: [String] = [], samplers: [String] = [], prelude: [String] = [],
    implied: [String: [String]] = [:], symbols: [String] = [],
    names: CheckerNames = CheckerNames()
  ) {
    self.natives = natives
    self.samplers = samplers
    self.implied = implied
    self.prelude = prelude
    self.symbols = symbols
    self.names = names
  }

  /// With the library's functions, and the natives whose arity was not given.
  var checkerNames: CheckerNames {
    var result = names
    for function in LibraryFunction.allCases {
      let arity = function.arity
      result.functions[function.name] = CheckerNames.Arity(
        arity.lowerBound, arity.upperBound == LibraryFunction.unbounded ? nil : arity.upperBound)
    }
    for native in natives where result.functions[native] == nil {
      result.functions[native] = CheckerNames.Arity(0, nil)
    }
    result.hasAllFunctions = true
    return result
  }
}

public struct CompilationResult: Sendable {
  /// `nil` when there is a diagnostic.
  public var program: Program?
  public var diagnostics: [Diagnostic]
  /// What is no mistake but looks like one, in the root file.
  public var warnings: [Diagnostic] = []
  /// All files that were read, for the renderer.
  public var files: SourceFiles
}

public enum Script {
  /// Compiles a file and everything it imports.
  ///
  /// - Parameters:
  ///   - name: of the root file, as the loader will see it as an importer.
  ///   - additions: statements that stand in front of the root file's first `run`, in each case.
  public static func compile(
    name: String, octets: [UInt8], additions: [Addition] = [], loader: any Loader,
    vocabulary: Vocabulary = Vocabulary()
  ) -> CompilationResult {
    let linker = Linker(loader: loader)
    linker.addRoot(name: name, octets: octets, additions: additions, vocabulary.prelude)
    return compile(linker, vocabulary, isSession: false).result
  }

  /// What the linker has read; also the compiler, for whoever goes on with it.
  static func compile(
    _ linker: Linker, _ vocabulary: Vocabulary, isSession: Bool
  ) -> (result: CompilationResult, compiler: Compiler) {
    let compiler = Compiler(files: linker.files, vocabulary: vocabulary, isSession: isSession)
    var result = CompilationResult(
      program: nil, diagnostics: linker.diagnostics, files: linker.files)
    guard result.diagnostics.isEmpty else { return (result, compiler) }
    let checked = linker.check(vocabulary.checkerNames)
    result.diagnostics = checked.errors
    guard result.diagnostics.isEmpty else { return (result, compiler) }
    for module in linker.modules { compiler.compile(module) }
    result.diagnostics = compiler.diagnostics
    guard result.diagnostics.isEmpty else { return (result, compiler) }
    Verifier.check(compiler.program)
    result.program = compiler.program
    result.warnings = checked.warnings
    return (result, compiler)
  }

  /// The functions of the language itself, which need no import.
  public static var libraryFunctions: [String] {
    LibraryFunction.allCases.filter { $0 != .annotated }.map { $0.name }
  }

  /// Whether more lines are needed: a brace or a long text is open, an operand is missing.
  public static func isUnfinished(_ text: String) -> Bool {
    Parser.parse(SourceFile(id: SourceFileID(rawValue: 0), name: "", text: text)).isUnfinished
  }

  public static func compile(
    _ text: String, name: String = "script.ns", loader: any Loader,
    vocabulary: Vocabulary = Vocabulary()
  ) -> CompilationResult {
    compile(name: name, octets: Array(text.utf8), loader: loader, vocabulary: vocabulary)
  }
}

/// A loader for scripts that stand alone.
public final class NoImports: Loader {
  public init() {}

  public func load(_ path: String, from importer: String) -> LoadedSource {
    .missing(title: "nothing can be imported here", help: nil)
  }
}

extension Compiler {
  func compile(_ module: Linker.Module) {
    importedModules = module.imports
    compileModule(module.tree, path: module.name, isRoot: module.isRoot)
    if module.isPrelude { preludes.append(exports.count - 1) }
  }
}

/// Reads the files of a program in the order in which they must run: imports first.
final class Linker {
  struct Module {
    var name: String
    var tree: SyntaxTree
    var imports: [SourceSpan: Int] = [:]
    var isRoot = false
    var isPrelude = false
  }

  let loader: any Loader
  var files = SourceFiles()
  var modules: [Module] = []
  var diagnostics: [Diagnostic] = []
  private var places: [String: Int] = [:]
  private var openFiles: [String] = []

  init(loader: any Loader) {
    self.loader = loader
  }

  private func addPrelude(_ path: String) {
    guard case .found(let name, let octets) = loader.load(path, from: "") else {
      preconditionFailure("a prelude that its loader does not know: \(path)")
    }
    if let place = places[name] {
      modules[place].isPrelude = true
    } else if let place = add(name: name, octets: octets) {
      modules[place].isPrelude = true
    }
  }

  func addRoot(name: String, octets: [UInt8], additions: [Addition], _ preludes: [String]) {
    for path in preludes { addPrelude(path) }
    var statements: [Statement] = []
    var uses: [SourceSpan: Int] = [:]
    for addition in additions {
      let file = files.add(name: addition.name, text: addition.text)
      let parsed = Parser.parse(files[file])
      diagnostics += parsed.diagnostics
      statements += parsed.tree.statements
      addImports(of: parsed.tree, importer: name, to: &uses)
    }
    guard let place = add(name: name, octets: octets) else { return }
    modules[place].isRoot = true
    for statement in statements {
      if let module = uses[statement.span] { modules[place].imports[statement.span] = module }
    }
    modules[place].tree.insertBeforeRuns(statements)
  }

  /// What the checker says of every file. It knows the kinds and functions of preludes by name.
  func check(_ names: CheckerNames) -> (errors: [Diagnostic], warnings: [Diagnostic]) {
    let names = preludeNames(names)
    var (errors, warnings): ([Diagnostic], [Diagnostic]) = ([], [])
    for module in modules {
      for diagnostic in Checker.check(module.tree, of: files, knownNames: names).diagnostics {
        // A warning is for whoever writes the file, not for those who import it.
        if diagnostic.severity == .error {
          errors.append(diagnostic)
        } else if module.isRoot {
          warnings.append(diagnostic)
        }
      }
    }
    return (errors, warnings)
  }

  /// The kinds and functions that preludes add.
  func preludeNames(_ names: CheckerNames) -> CheckerNames {
    var names = names
    for module in modules where module.isPrelude {
      for statement in module.tree.statements {
        if case .kind(let kind) = statement.form, !names.kinds.isEmpty {
          names.kinds.append(kind.name.text)
        }
        if case .function(let function) = statement.form {
          names.preludeFunctions.insert(function.name.text)
        }
      }
    }
    names.learn(modules.map { $0.tree })
    return names
  }

  private func add(name: String, octets: [UInt8]) -> Int? {
    let file = files.add(name: name, octets: octets)
    let parsed = Parser.parse(files[file])
    diagnostics += parsed.diagnostics
    openFiles.append(name)
    defer { openFiles.removeLast() }
    var module = Module(name: name, tree: parsed.tree)
    module.imports = imports(of: parsed.tree, importer: name)
    modules.append(module)
    places[name] = modules.count - 1
    return modules.count - 1
  }

  /// Modules that a line imported which turned out to be wrong.
  func forget(from count: Int) {
    modules.removeSubrange(count...)
    places = places.filter { $0.value < count }
    diagnostics = []
  }

  /// Reads what a tree imports; the place of each in `modules`, by its statement.
  func imports(of tree: SyntaxTree, importer: String) -> [SourceSpan: Int] {
    var imports: [SourceSpan: Int] = [:]
    addImports(of: tree, importer: importer, to: &imports)
    return imports
  }

  private func addImports(
    of tree: SyntaxTree, importer: String, to imports: inout [SourceSpan: Int]
  ) {
    for statement in tree.statements {
      guard case .importFile(let form) = statement.form else { continue }
      imports[statement.span] = addImport(form, importer: importer)
    }
  }

  private func addImport(_ form: ImportStatement, importer: String) -> Int? {
    switch loader.load(form.path.text, from: importer) {
    case .missing(let title, let help):
      diagnostics.append(
        Diagnostic(code: "N217", title: title, at: form.path.span, help: help))
      return nil
    case .found(let name, let octets):
      if let place = places[name] { return place }
      guard !openFiles.contains(name) else {
        diagnostics.append(
          Diagnostic(
            code: "N218", title: "this import comes back to `\(name)`", at: form.path.span,
            why: (openFiles + [name]).joined(separator: " → ")))
        return nil
      }
      return add(name: name, octets: octets)
    }
  }
}
