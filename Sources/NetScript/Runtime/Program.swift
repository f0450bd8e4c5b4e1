// A compiled program: what the embedder reads before anything runs.
//
// All of it is plain data and may be shared between threads; each run makes its own VM from it.
// Functions are named by number; a *template* gathers what the compiler found in one place, so
// that the embedder can drive the phases (declare, elaborate, run) itself.

/// A function of the program; `VM.closure(of:)` makes it callable.
public struct FunctionID: Hashable, Sendable {
  public let rawValue: UInt32
}

/// A variable that lives as long as the VM: top level of a file or of a case.
public struct GlobalID: Hashable, Sendable {
  public let rawValue: UInt32
}

public struct Program: Sendable {
  public var files: SourceFiles
  public var symbols: SymbolTable
  /// In order of execution: imports before importers, the root file last.
  public var modules: [ModuleTemplate] = []
  /// Place of the root file in `modules`: the last one, until lines of a session import more.
  @usableFromInline var rootPlace = 0
  public var kinds: [KindTemplate] = []
  public var policies: [PolicyTemplate] = []
  public var statements: [StatementSite] = []
  public var declarations: [DeclarationSite] = []
  public var paths: [PathSite] = []
  public internal(set) var functions: [FunctionCode] = []
  /// The vocabulary's global functions, for their names.
  var natives: [String] = []
  /// Calls of `Vocabulary.samplers`, in the order of their numbers.
  public internal(set) var samples: [SampleSite] = []
  var constants: [Constant] = []
  var globalNames: [String] = []
  var callShapes: [CallShape] = []
  /// Field names of the records that the program makes itself: instances of policies.
  var recordShapes: [[Symbol]] = []

  /// Names of the root file, and names with which it reaches into what it imports.
  public var reachableNames: (own: [String], imported: [(alias: String, name: String)]) {
    var own = root.exports
    var imported: [(alias: String, name: String)] = []
    for use in root.imports {
      own.append(use.alias)
      imported += modules[use.module].exports.map { (alias: use.alias, name: $0) }
    }
    return (own, imported)
  }

  @inlinable public var root: ModuleTemplate { modules[rootPlace] }
}

/// A program behind one reference. Who copies a program counts each of its tables, and of what all
/// cores share each count costs a message between them.
public final class SharedProgram: Sendable {
  /// For who reads a field of it: of what a property yields, another module makes a copy first.
  public nonisolated(unsafe) let address: UnsafePointer<Program>

  public init(_ program: Program) {
    let memory = UnsafeMutablePointer<Program>.allocate(capacity: 1)
    memory.initialize(to: program)
    address = UnsafePointer(memory)
  }

  deinit {
    let memory = UnsafeMutablePointer(mutating: address)
    memory.deinitialize(count: 1)
    memory.deallocate()
  }

  public var program: Program { unsafeAddress { address } }
}

/// One file.
public struct ModuleTemplate: Sendable {
  public var file: SourceFileID
  /// As the loader named it: `std/presets`, `baseline.ns`.
  public var path: String
  public var imports: [ImportTemplate] = []
  /// The statements of the file, without cases, params, sweeps and variants.
  public var main: FunctionID
  public var params: [ParamTemplate] = []
  public var sweeps: [SweepTemplate] = []
  public var variants: [VariantTemplate] = []
  public var cases: [CaseTemplate] = []
  /// What an importer may name, in alphabetical order.
  public var exports: [String] = []
  public var isRoot: Bool
  public var span: SourceSpan
}

public struct ImportTemplate: Sendable {
  public var alias: String
  /// Place in `Program.modules`.
  public var module: Int
  public var span: SourceSpan
}

public struct CaseTemplate: Sendable {
  public var title: String
  public var documentation: String?
  public var span: SourceSpan
  /// Spawned as a fiber: `run` suspends it.
  public var body: FunctionID
  public var params: [ParamTemplate] = []
  public var sweeps: [SweepTemplate] = []
  public var variants: [VariantTemplate] = []
}

public struct ParamTemplate: Sendable {
  public var name: String
  public var annotation: String?
  public var documentation: String?
  public var span: SourceSpan
  /// Holds the value: `VM.setGlobal`.
  public var global: GlobalID
  /// Without parameters.
  public var defaultValue: FunctionID
  /// Without parameters; reads the value from its global.
  public var condition: FunctionID?
  public var conditionText: String?
}

/// One `sweep`: its axes move in lockstep.
public struct SweepTemplate: Sendable {
  public struct Axis: Sendable {
    public var name: String
    /// `nil` for `seed` and for a name that is no param in sight.
    public var global: GlobalID?
    public var values: FunctionID
    public var span: SourceSpan
  }
  public var axes: [Axis]
  public var span: SourceSpan
}

public struct VariantTemplate: Sendable {
  /// `NAME = e` directly in the variant: evaluated before anything is declared.
  public struct Override: Sendable {
    public var name: String
    public var global: GlobalID
    public var value: FunctionID
    public var operation: PathOperation
    public var span: SourceSpan
  }
  public var title: String
  public var bases: [String]
  public var documentation: String?
  public var span: SourceSpan
  public var overrides: [Override]
  public var sweeps: [SweepTemplate] = []
  /// What a derived variant takes over: assignments and declarations, and the variables they need.
  public var setup: FunctionID
  /// The hooks and expectations, which it does not.
  public var observers: FunctionID
}

/// A parameter of a kind, a policy or a function.
public struct ParameterTemplate: Sendable {
  public var name: Symbol
  public var annotation: String?
  /// Without parameters of its own: it sees no siblings. `nil`: must be given.
  public var defaultValue: FunctionID?
  /// Mentioned outside of functions and hooks, so it is fixed at time 0; a place to quote.
  public var structuralUse: SourceSpan?
  public var span: SourceSpan
}

public struct KindTemplate: Sendable {
  public var name: String
  public var documentation: String?
  public var span: SourceSpan
  /// Place in `Program.modules` of the file it stands in.
  public var module: Int
  public var parameters: [ParameterTemplate]
  /// One parameter: the instance. Declares the children and binds variables and functions.
  public var body: FunctionID
}

public struct PolicyTemplate: Sendable {
  public var name: String
  public var documentation: String?
  public var span: SourceSpan
  public var parameters: [ParameterTemplate]
  /// Takes the parameters; runs the block once and yields the instance's fields, see
  /// `VM.instantiate`.
  public var body: FunctionID
  /// Handler names in order: `request`, `grant` …
  public var handlers: [Symbol]
  /// Names assigned directly in the block, in order: `consult`.
  public var fields: [Symbol]
}

/// Which kind a declaration names.
public enum KindReference: Hashable, Sendable {
  /// A kind of the embedder's, or one declared at the prompt: found by its name.
  case named(Symbol)
  /// Place in `Program.kinds`.
  case script(Int)
}

/// One `kind NAME[index] : preset { … }` in the source.
public struct DeclarationSite: Sendable {
  public var kind: KindReference
  public var kindText: String
  /// `nil`: the unnamed child of its kind.
  public var name: Symbol?
  public var isIndexed: Bool
  public var hasBlock: Bool
  public var documentation: String?
  public var span: SourceSpan
  public var nameSpan: SourceSpan

  /// The word, or the words, that it begins with.
  public var kindSpan: SourceSpan { span.prefix(kindText.utf8.count) }
}

/// What a statement site is; operands in the order given, absent ones are `none`.
public enum StatementKind: Sendable {
  /// `bindings` name the handler's parameters. Operands: index values of the pattern in order,
  /// condition or `none`, body. Condition and body take the bindings.
  case hookOn(pattern: [PatternStep], bindings: [Symbol])
  /// Operands: predicate, condition or `none`, body; all functions without parameters.
  case hookWhen
  /// Operands: interval, condition, body.
  case hookEvery
  /// Operands: instant, condition, body.
  case hookAt
  /// Operands: property, `then` or `none` (both functions without parameters), within, for, after,
  /// before.
  case expectNow, expectAlways, expectNever, expectEventually, expectFinally, expectWhenever
  /// Operands: duration.
  case runFor
  /// Operands: predicate, limit or `none`.
  case runUntil
  /// Operands: count or `none`, then the index values of the pattern.
  case step(pattern: [PatternStep])
  /// Operands: interval or `none`, then one function for each path.
  case record, plot
  /// Operands: one value for each column.
  case report
  /// Operands: path.
  case capture
  /// Operands: the formatted text, then the values.
  case print
  /// Operands: the value.
  case show, why
  case pause, stop
  /// Operands: the message.
  case fail
}

public enum PatternStep: Hashable, Sendable {
  case root(Symbol)
  /// A root that is a name of the block it stands in; its node is the first index operand.
  case lexicalRoot(Symbol)
  case member(Symbol)
  case anyMember
  /// Its value is the next index operand.
  case index
  case anyIndex
}

public struct StatementSite: Sendable {
  public var kind: StatementKind
  public var isOnce = false
  public var label: String?
  public var span: SourceSpan
  /// Without the label of an expectation.
  public var claimSpan: SourceSpan
  /// The operands as written: columns of a report, the property of an expectation.
  public var texts: [String] = []
  public var textSpans: [SourceSpan] = []
  /// Paths that the operands read: places in `Program.paths`.
  public var paths: Range<Int> = 0..<0
  /// Keeps what an expectation compares, each time it is asked.
  public var seen: GlobalID?

  init(
    kind: StatementKind, isOnce: Bool = false, label: String? = nil, span: SourceSpan,
    claimSpan: SourceSpan? = nil
  ) {
    self.kind = kind
    self.isOnce = isOnce
    self.label = label
    self.span = span
    self.claimSpan = claimSpan ?? span
  }
}

/// A member chain that begins at a free NAME; checked against the tree at the end of elaboration.
public struct PathSite: Sendable {
  public struct Step: Sendable {
    public var name: Symbol?
    public var span: SourceSpan
  }
  public var root: Symbol
  public var rootSpan: SourceSpan
  /// A step without a name is an index or a selection.
  public var steps: [Step]
  /// It ends in a call: the last step is a method.
  public var isCalled: Bool
  /// An event pattern: the last step names an event.
  public var isEvent = false
  public var function: FunctionID

  init(root: Symbol, rootSpan: SourceSpan, steps: [Step] = [], isCalled: Bool = false) {
    self.root = root
    self.rootSpan = rootSpan
    self.steps = steps
    self.isCalled = isCalled
    function = FunctionID(rawValue: 0)
  }
}
