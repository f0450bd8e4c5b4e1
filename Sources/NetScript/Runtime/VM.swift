// The virtual machine: one run of one program. Its verbs are what the embedder calls.
//
// Not thread-safe and not re-entrant from other threads; the embedder may call back into it from
// any of its own methods (a nested call runs on a fiber of its own). Values that the embedder keeps
// beyond one of its methods must be pinned if they live in the heap.

/// What a run may use up. Reaching one is a `RuntimeError` with `isLimit`.
public struct Limits: Sendable {
  /// Interpreted steps of the script's own flow: a call is one, a turn of a loop is as many as the
  /// loop has instructions.
  public var steps = 1_000_000_000
  /// Frames of one fiber: deep enough for a tree walk, shallow enough to name a lost recursion.
  public var frames = 200
  /// Octets of strings, lists, maps and closures in use.
  public var heapOctets = 64 << 20
  /// Calls from the library or the embedder into the script inside one another: each takes native
  /// stack.
  public var nesting = 32

  public init() {}
}

/// What a fiber came to.
public enum Progress {
  case done(Value)
  case suspended
  case failed(RuntimeError)
}

/// A function as the dispatch loop sees it.
struct CodeEntry {
  var code: UnsafeMutablePointer<UInt32>
  var spans: UnsafeMutablePointer<SourceSpan>
  var wordCount: Int
  var registerCount: Int
  var parameterCount: Int
  var requiredCount: Int

  /// With a copy of the code: breakpoints write into it. Field by field: all runs have the function
  /// in common, and a copy of it would take a count for each of its parts.
  init(_ function: UnsafePointer<FunctionCode>) {
    wordCount = function.pointee.code.count
    code = .allocate(capacity: max(wordCount, 1))
    code.initialize(from: function.pointee.code, count: wordCount)
    spans = .allocate(capacity: max(wordCount, 1))
    spans.initialize(from: function.pointee.spans, count: wordCount)
    registerCount = function.pointee.registerCount
    parameterCount = function.pointee.parameters.count
    requiredCount = function.pointee.requiredCount
  }
}

/// What calls change. As stored properties of the VM, each access would ask for exclusivity at run
/// time: an eighth of a run that asks many short questions.
struct VMState {
  var steps: Steps
  /// Fields of each record shape; their memory is the VM's.
  var shapes: [ShapeEntry]
  /// Fibers that were spawned and are not through.
  var fibers: [Fiber] = []
  /// One for each depth of nested calls so far: the first `nesting` are in use.
  var nestedFibers: [Fiber] = []
  var nesting = 0
  /// What lines may still add.
  var growth: Growth
  var shared: SharedProgram
  /// Held without a count: it must outlive the VM.
  unowned(unsafe) var embedder: (any Embedder)?
  var watchedLines: [WatchedLine] = []
}

struct ShapeEntry {
  var names: UnsafeMutablePointer<Symbol>
  var count: Int

  init(_ symbols: [Symbol]) {
    names = .allocate(capacity: max(symbols.count, 1))
    count = symbols.count
    for (place, symbol) in symbols.enumerated() {
      names.advanced(by: place).initialize(to: symbol)
    }
  }

  var symbols: [Symbol] { Array(UnsafeBufferPointer(start: names, count: count)) }
}

public final class VM {
  public internal(set) var symbols: SymbolTable
  public let limits: Limits
  let heap: Heap
  let functions: UnsafeMutablePointer<CodeEntry>
  let constants: UnsafeMutablePointer<Value>
  let globals: UnsafeMutablePointer<Value>
  let callShapes: UnsafeMutablePointer<ShapeEntry>
  /// A closure for each function that captures nothing, made when first asked for.
  var staticClosures: [Value]
  let state: UnsafeMutablePointer<VMState>

  /// - Parameter growth: room for what lines of a session will add; untouched, it costs nothing.
  public convenience init(
    _ program: Program, embedder: any Embedder, limits: Limits = Limits(),
    growth: Growth = Growth.none
  ) {
    self.init(SharedProgram(program), limits: limits, growth: growth)
    serve(embedder)
  }

  /// A machine of an embedder that has still to be made: `serve` follows.
  public init(_ shared: SharedProgram, limits: Limits, growth: Growth) {
    let program = shared.address  // Of a copy each table would be counted.
    self.limits = limits
    symbols = program.pointee.symbols
    heap = Heap(limit: limits.heapOctets)
    functions = .allocate(capacity: program.pointee.functions.count + growth.functions)
    constants = .allocate(capacity: program.pointee.constants.count + growth.constants)
    globals = .allocate(capacity: program.pointee.globalNames.count + growth.globals)
    callShapes = .allocate(capacity: program.pointee.callShapes.count + growth.callShapes)
    staticClosures = []
    state = .allocate(capacity: 1)
    state.initialize(
      to: VMState(
        steps: Steps(limits.steps), shapes: program.pointee.recordShapes.map { ShapeEntry($0) },
        growth: growth, shared: shared, embedder: nil))
    load(from: Loaded())
  }

  /// Whom it asks for everything that is not its own.
  public func serve(_ embedder: any Embedder) { state.pointee.embedder = embedder }

  @inline(__always)
  var embedder: any Embedder {
    guard let embedder = state.pointee.embedder else {
      preconditionFailure("a machine that serves nobody")
    }
    return embedder
  }

  public var program: Program { unsafeAddress { state.pointee.shared.address } }

  deinit {
    for index in 0..<program.functions.count {
      functions[index].code.deallocate()
      functions[index].spans.deallocate()
    }
    for index in 0..<program.callShapes.count { callShapes[index].names.deallocate() }
    functions.deallocate()
    constants.deallocate()
    globals.deallocate()
    callShapes.deallocate()
    for shape in state.pointee.shapes { shape.names.deallocate() }
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// Copies what is new in the program into the tables.
  func load(from loaded: Loaded) {
    loadFunctions(from: loaded.functions)
    for index in loaded.callShapes..<program.callShapes.count {
      callShapes.advanced(by: index).initialize(to: ShapeEntry(program.callShapes[index].names))
    }
    loadConstants(from: loaded.constants)
    for index in loaded.globals..<program.globalNames.count {
      globals.advanced(by: index).initialize(to: .unset)
    }
    while staticClosures.count < program.functions.count { staticClosures.append(.unset) }
  }

  private func loadFunctions(from first: Int) {
    program.functions.withUnsafeBufferPointer { shared in
      guard let start = shared.baseAddress else { return }
      for index in first..<shared.count {
        functions.advanced(by: index).initialize(to: CodeEntry(start + index))
      }
    }
  }

  /// Texts become heap strings that are never collected.
  func loadConstants(from first: Int) {
    for index in first..<program.constants.count {
      switch program.constants[index] {
      case .value(let value): constants.advanced(by: index).initialize(to: value)
      case .text(let octets):
        let string = (try? heap.makeString(octets)) ?? .none
        if string.isHeap { heap.slots[string.handle].mark = Heap.permanentMark }
        constants.advanced(by: index).initialize(to: string)
      case .exact(let exact, let head):
        let boxed = heap.box(exact, head: head)
        heap.slots[boxed.handle].mark = Heap.permanentMark
        constants.advanced(by: index).initialize(to: boxed)
      }
    }
  }

  public func closure(of function: FunctionID) -> Value {
    let index = Int(function.rawValue)
    precondition(index < program.functions.count, "no such function")
    precondition(program.functions[index].captures.isEmpty, "this function needs its surroundings")
    if staticClosures[index].isUnset {
      let closure = heap.makeValues(.closure, extra: UInt32(index), count: 0)
      heap.slots[closure.handle].mark = Heap.permanentMark
      staticClosures[index] = closure
    }
    return staticClosures[index]
  }

  // MARK: Safe points

  /// Frees what nothing reaches. All fibers must have noted where they stand.
  func collect() throws(RuntimeError) {
    markRoots()
    heap.finishCollection()
    state.pointee.steps.weigh(Steps.ofCall + heap.octetsInUse >> 8)
    if heap.octetsInUse > heap.limit { throw Heap.limitError(heap.limit) }
  }

  /// Marks what globals and fibers hold.
  func markRoots() {
    for index in program.globalNames.indices { heap.mark(globals[index]) }
    for fiber in state.pointee.fibers { mark(fiber) }
    for depth in 0..<state.pointee.nesting { mark(state.pointee.nestedFibers[depth]) }
  }

  private func mark(_ fiber: Fiber) {
    let live = fiber.base + functions[fiber.function].registerCount
    for index in 0..<min(live, fiber.registerCapacity) { heap.mark(fiber.registers[index]) }
    heap.mark(handle: fiber.closure)
    for index in 0..<fiber.depth { heap.mark(handle: fiber.frames[index].closure) }
    heap.mark(fiber.result)
  }
}
