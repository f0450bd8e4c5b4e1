// The declared surface of the VM, before its bodies.

public final class Fiber {}

public final class VM {
  public let program: Program
  public var symbols: SymbolTable
  /// Steps that the script's own flow may still take.
  public var stepsLeft = 0

  public init(_ program: Program, embedder: any Embedder, limits: Limits = Limits()) {
    self.program = program
    symbols = program.symbols
  }

  // MARK: Running

  /// Gives the module's params their values (unless `setGlobal` did) and runs its statements.
  public func runModule(_ index: Int) throws(RuntimeError) { preconditionFailure("not yet") }
  public func closure(of function: FunctionID) -> Value { preconditionFailure("not yet") }
  /// Runs a function to its end at once; a call that would suspend is N404. `budget` steps of its own.
  public func call(_ callee: Value, budget: Int) throws(RuntimeError) -> Value {
    preconditionFailure("not yet")
  }
  public func call(_ callee: Value, _ first: Value, budget: Int) throws(RuntimeError) -> Value {
    preconditionFailure("not yet")
  }
  public func call(
    _ callee: Value, _ first: Value, _ second: Value, budget: Int
  ) throws(RuntimeError) -> Value { preconditionFailure("not yet") }
  /// With as many arguments as a hook has bindings.
  public func call(
    _ callee: Value, arguments: [Value], budget: Int
  ) throws(RuntimeError) -> Value { preconditionFailure("not yet") }
  /// A fiber that has not begun; `resume` starts it (the value is then ignored).
  public func spawn(_ closure: Value, arguments: [Value] = []) throws(RuntimeError) -> Fiber {
    preconditionFailure("not yet")
  }
  public func resume(_ fiber: Fiber, with value: Value = .none) -> Progress {
    preconditionFailure("not yet")
  }
  /// Drops a suspended fiber where it stands.
  public func drop(_ fiber: Fiber) { preconditionFailure("not yet") }

  // MARK: Variables and policies

  public func global(_ id: GlobalID) -> Value { preconditionFailure("not yet") }
  /// Overrides a param, or sets a variable.
  public func setGlobal(_ id: GlobalID, _ value: Value) { preconditionFailure("not yet") }
  /// The value in a cell that `bind` was given.
  public func read(_ cell: Value) -> Value { preconditionFailure("not yet") }
  public func write(_ cell: Value, _ value: Value) { preconditionFailure("not yet") }
  /// An instance of a policy value: fresh variables, handlers and fields.
  public func instantiate(_ policy: Value) throws(RuntimeError) -> Value {
    preconditionFailure("not yet")
  }
  /// The place in `Program.policies` of a policy value.
  public func policyTemplate(_ policy: Value) -> Int? { preconditionFailure("not yet") }
  /// A handler or a field of an instance, or `nil`. Records answer too.
  public func field(_ instance: Value, _ name: Symbol) -> Value? { preconditionFailure("not yet") }
  /// How many positional arguments a function takes at least and at most.
  public func arity(_ function: Value) -> ClosedRange<Int>? { preconditionFailure("not yet") }

  // MARK: Values of the heap

  /// Keeps a value (and what it reaches) alive until it is unpinned.
  public func pin(_ value: Value) -> Int { preconditionFailure("not yet") }
  public func unpin(_ pin: Int) { preconditionFailure("not yet") }
  public func pinned(_ pin: Int) -> Value { preconditionFailure("not yet") }
  public func makeString(_ text: String) -> Value { preconditionFailure("not yet") }
  public func string(_ value: Value) -> String? { preconditionFailure("not yet") }
  public func makeList(_ elements: [Value]) -> Value { preconditionFailure("not yet") }
  public func makeMap(_ entries: [(Value, Value)]) -> Value { preconditionFailure("not yet") }
  public func list(_ value: Value) -> [Value]? { preconditionFailure("not yet") }
  public func listCount(_ value: Value) -> Int? { preconditionFailure("not yet") }
  public func listElement(_ value: Value, _ index: Int) -> Value { preconditionFailure("not yet") }
  public func map(_ value: Value) -> [(key: Value, value: Value)]? {
    preconditionFailure("not yet")
  }
  /// The elements of an Int range or a list, as a sweep needs them.
  public func elements(_ value: Value) -> [Value]? { preconditionFailure("not yet") }
  /// Registers the fields of a record; equal lists give equal shapes.
  public func shape(_ fields: [Symbol]) -> Int { preconditionFailure("not yet") }
  public func makeRecord(_ shape: Int, _ values: [Value]) -> Value {
    preconditionFailure("not yet")
  }
  /// A record whose fields `fill` writes in place: no array is made.
  public func makeRecord(
    _ shape: Int, fill: (UnsafeMutableBufferPointer<Value>) -> Void
  ) -> Value { preconditionFailure("not yet") }

  // MARK: Numbers, equality and text

  /// Base units (ns, bit, bit/s …) of a quantity of that dimension, rounded half to even.
  public func baseUnits(_ value: Value, _ dimension: Dimension) -> Int64? {
    preconditionFailure("not yet")
  }
  public func equal(_ first: Value, _ second: Value) -> Bool { preconditionFailure("not yet") }
  /// -1, 0, 1; N212 or N422 when they cannot be ordered.
  public func compare(_ first: Value, _ second: Value) throws(RuntimeError) -> Int {
    preconditionFailure("not yet")
  }
  public func arithmetic(
    _ operation: ArithmeticOperation, _ first: Value, _ second: Value
  ) throws(RuntimeError) -> Value { preconditionFailure("not yet") }
  /// As `print` shows it.
  public func text(_ value: Value) -> String { preconditionFailure("not yet") }
  /// `Time`, `Int`, `List` …: what `type(x)` says.
  public func typeName(_ value: Value) -> String { preconditionFailure("not yet") }
  /// One value of a distribution, or the value itself; `random` gives 64 random bits a call.
  public func sample(
    _ value: Value, _ random: () -> UInt64
  ) throws(RuntimeError) -> Value { preconditionFailure("not yet") }
}
