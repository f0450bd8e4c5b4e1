// Runs a script that has no world: an embedder that knows `print` and the functions it is given.
//
// For scripts without a case, for tests, and for programs whose scripts need functions but no
// tree of things: examples/embedding.

/// A global function that a program gives its scripts.
public struct Native {
  public let name: String
  /// How many arguments it takes.
  public let arity: ClosedRange<Int>
  let body: (VM, Arguments) throws(RuntimeError) -> Value

  public init(
    _ name: String, _ arity: ClosedRange<Int>,
    body: @escaping (VM, Arguments) throws(RuntimeError) -> Value
  ) {
    self.name = name
    self.arity = arity
    self.body = body
  }
}

extension Vocabulary {
  public init(_ natives: [Native]) {
    self.init(natives: natives.map { $0.name })
    for native in natives {
      names.functions[native.name] = CheckerNames.Arity(
        native.arity.lowerBound, native.arity.upperBound)
    }
  }
}

public final class PlainEmbedder: Embedder {
  /// Lines printed so far, when no `sink` takes them.
  public private(set) var lines: [String] = []
  private let natives: [Native]
  private let sink: ((String) -> Void)?
  /// For the names in messages; set once the VM exists.
  public unowned(unsafe) var vm: VM?

  /// - Parameter natives: those of the vocabulary that the program was compiled with, in order.
  public init(natives: [Native] = [], sink: ((String) -> Void)? = nil) {
    self.natives = natives
    self.sink = sink
  }

  private func noWorld(_ span: SourceSpan, _ what: String) -> RuntimeError {
    RuntimeError(
      FaultCode.noSuchMember, what, at: span, help: "a plain script has no bench around it")
  }

  private func name(_ symbol: Symbol) -> String {
    vm.map { $0.symbols.name(symbol) } ?? "?"
  }

  public func root(_ name: Symbol, at span: SourceSpan) throws(RuntimeError) -> Value {
    throw noWorld(span, "nothing is named `\(self.name(name))`")
  }

  public func member(
    of node: Value, _ name: Symbol, at span: SourceSpan
  ) throws(RuntimeError) -> Value { throw noWorld(span, "there is no `\(self.name(name))`") }

  public func setMember(
    of node: Value, _ name: Symbol, to value: Value, _ operation: PathOperation,
    at span: SourceSpan
  ) throws(RuntimeError) { throw noWorld(span, "there is no `\(self.name(name))`") }

  public func element(
    of node: Value, _ index: Value, at span: SourceSpan
  ) throws(RuntimeError) -> Value { throw noWorld(span, "there is no such element") }

  public func setElement(
    of node: Value, _ index: Value, to value: Value, _ operation: PathOperation,
    at span: SourceSpan
  ) throws(RuntimeError) { throw noWorld(span, "there is no such element") }

  public func selectAll(of node: Value, at span: SourceSpan) throws(RuntimeError) -> Value {
    throw noWorld(span, "there is nothing to select")
  }

  public func call(
    _ node: Value, _ name: Symbol, _ arguments: Arguments
  ) throws(RuntimeError) -> Outcome {
    throw noWorld(arguments.span, "there is no `\(self.name(name))`")
  }

  public func callNative(_ native: Int, _ arguments: Arguments) throws(RuntimeError) -> Outcome {
    guard native < natives.count, let vm else {
      throw noWorld(arguments.span, "this function needs a bench")
    }
    return .value(try natives[native].body(vm, arguments))
  }

  public func declare(
    _ site: DeclarationSite, parent: Value, index: Value, preset: Value
  ) throws(RuntimeError) -> Value {
    throw noWorld(site.span, "`\(site.kindText)` needs a bench")
  }

  public func endDeclaration(_ site: DeclarationSite, node: Value) throws(RuntimeError) {}

  public func bind(
    _ node: Value, _ name: Symbol, _ value: Value, isMutable: Bool
  ) throws(RuntimeError) {}

  public func perform(
    _ site: StatementSite, _ operands: Arguments
  ) throws(RuntimeError) -> Outcome {
    let text = vm.map { $0.text(operands[0]) } ?? ""
    switch site.kind {
    case .print, .show:
      if let sink { sink(text) } else { lines.append(text) }
      return .value(.none)
    case .fail: throw RuntimeError(FaultCode.failed, text, at: site.span)
    default: throw noWorld(site.span, "this statement needs a bench")
    }
  }

  public func describe(_ node: Value) -> String { "node" }
}

/// What a plain script came to.
public struct PlainResult {
  public var lines: [String]
  public var error: RuntimeError?
}

extension Script {
  /// Runs a program without a world to its end.
  public static func runPlain(
    _ program: Program, natives: [Native] = [], limits: Limits = Limits(),
    sink: ((String) -> Void)? = nil
  ) -> PlainResult {
    let embedder = PlainEmbedder(natives: natives, sink: sink)
    let vm = VM(program, embedder: embedder, limits: limits)
    embedder.vm = vm
    do throws(RuntimeError) {
      for index in program.modules.indices { try vm.runModule(index) }
    } catch {
      return PlainResult(lines: embedder.lines, error: error)
    }
    return PlainResult(lines: embedder.lines, error: nil)
  }
}
