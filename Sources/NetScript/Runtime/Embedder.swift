// The language's outside: what a program that carries the VM must answer.
//
// A *node* is a place in the embedder's tree; the VM passes its number around and asks the
// embedder for everything else. All arguments lie in the fiber's registers: a method must copy
// what it keeps, and pin (`VM.pin`) what lives in the heap. Lists and maps it keeps are shared
// with the script by value: the VM copies before either side changes one.

/// What a call or a statement came to.
public enum Outcome {
  case value(Value)
  /// The fiber stops here; `VM.resume` continues it with the result.
  case suspend
  /// Of a method: it is this function of the script's, which is called in its place, with the same
  /// arguments and on the same fiber, so that it may wait where its caller may.
  case enter(Value)
}

/// How a path is changed.
public enum PathOperation: UInt8, Sendable {
  case set, add, subtract
}

/// The arguments of one call, in place. Valid during the call only.
public struct Arguments {
  let base: UnsafeMutablePointer<Value>
  /// Positional arguments come first in the window, named ones after them.
  public let positionalCount: Int
  let names: UnsafePointer<Symbol>?
  public let namedCount: Int
  /// Where the call stands.
  public let span: SourceSpan

  /// The positional argument, or `none` when fewer were given.
  @inline(__always)
  public subscript(index: Int) -> Value {
    precondition(index >= 0, "an argument before the first")
    return index < positionalCount ? base[index] : .none
  }

  public func name(_ index: Int) -> Symbol {
    precondition(index >= 0 && index < namedCount, "no such named argument")
    guard let names else { preconditionFailure("named arguments without names") }
    return names[index]
  }

  public func namedValue(_ index: Int) -> Value {
    precondition(index >= 0 && index < namedCount, "no such named argument")
    return base[positionalCount + index]
  }

  /// `timeout = 3s`: the value, or `nil` when it was not given.
  public func named(_ symbol: Symbol) -> Value? {
    for index in 0..<namedCount where name(index) == symbol { return namedValue(index) }
    return nil
  }
}

/// One method per way a script can touch its outside. Held without a count: it must outlive the VM.
public protocol Embedder: AnyObject {
  /// A free NAME that is neither a variable nor a function; the node may not be declared yet.
  func root(_ name: Symbol, at span: SourceSpan) throws(RuntimeError) -> Value

  func member(of node: Value, _ name: Symbol, at span: SourceSpan) throws(RuntimeError) -> Value
  /// A member that is found at once; nil: `member` looks further. Has a default that knows none.
  func knownMember(of node: Value, _ name: Symbol) -> Value?
  func setMember(
    of node: Value, _ name: Symbol, to value: Value, _ operation: PathOperation,
    at span: SourceSpan) throws(RuntimeError)
  func element(of node: Value, _ index: Value, at span: SourceSpan) throws(RuntimeError) -> Value
  /// For `n[k] += x`: nil where there is none yet, so that the first x makes it. Has a default.
  func elementToChange(
    of node: Value, _ index: Value, at span: SourceSpan
  ) throws(RuntimeError) -> Value?
  func setElement(
    of node: Value, _ index: Value, to value: Value, _ operation: PathOperation,
    at span: SourceSpan) throws(RuntimeError)
  /// `pc[*]`: a list.
  func selectAll(of node: Value, at span: SourceSpan) throws(RuntimeError) -> Value
  /// A method of a node: `s.write(300B)`.
  func call(_ node: Value, _ name: Symbol, _ arguments: Arguments) throws(RuntimeError) -> Outcome
  /// A method of a record that the embedder made: `f.with(win = 0B)`; nil when it has no such.
  func callRecord(
    _ record: Value, _ name: Symbol, _ arguments: Arguments
  ) throws(RuntimeError) -> Value?
  /// A global function of the vocabulary, by its place there.
  func callNative(_ native: Int, _ arguments: Arguments) throws(RuntimeError) -> Outcome

  /// `kind NAME[index] : preset`. The VM then runs the preset, the block, and `endDeclaration`.
  func declare(
    _ site: DeclarationSite, parent: Value, index: Value, preset: Value
  ) throws(RuntimeError) -> Value
  /// The block is over: an instance of a script's kind is built now.
  func endDeclaration(_ site: DeclarationSite, node: Value) throws(RuntimeError)
  /// A variable (a cell) or a function (a closure) that stands directly in a declaration's block.
  func bind(_ node: Value, _ name: Symbol, _ value: Value, isMutable: Bool) throws(RuntimeError)

  /// Every other statement that begins with a word: hook, expect, run, report …
  func perform(_ site: StatementSite, _ operands: Arguments) throws(RuntimeError) -> Outcome

  /// How a node reads in text.
  func describe(_ node: Value) -> String
  /// Why a node is none: it was mentioned, and nothing of that name is declared. Has a default.
  func undeclared(_ node: Value) -> RuntimeError?

  /// What mends an error that a call gave, where it is always the same. Has a default.
  func cure(of error: Symbol) -> String?

  /// The script has taken a slice of its steps, without an event of the embedder's: whoever bounds
  /// a run's time of the machine looks at the clock now. Has a default that goes on.
  func worked() throws(RuntimeError)

  /// A line that is watched (`VM.watchLines`) begins to run. Has a default.
  func passed(_ span: SourceSpan, _ locals: LocalValues)
}

extension Embedder {
  public func knownMember(of node: Value, _ name: Symbol) -> Value? { nil }

  public func elementToChange(
    of node: Value, _ index: Value, at span: SourceSpan
  ) throws(RuntimeError) -> Value? { try element(of: node, index, at: span) }

  public func undeclared(_ node: Value) -> RuntimeError? { nil }

  public func cure(of error: Symbol) -> String? { nil }

  public func worked() throws(RuntimeError) {}

  public func passed(_ span: SourceSpan, _ locals: LocalValues) {}

  public func callRecord(
    _ record: Value, _ name: Symbol, _ arguments: Arguments
  ) throws(RuntimeError) -> Value? { nil }
}
