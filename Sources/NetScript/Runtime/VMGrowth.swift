// How a machine takes in what the lines of a session add.
//
// Its tables do not move, because the dispatch loop and fibers point into them: a machine for a
// session has room from the beginning.

/// Entries beyond those of the program a machine begins with.
public struct Growth: Sendable {
  var functions = 0
  var constants = 0
  var globals = 0
  var callShapes = 0

  public static let none = Growth()
  /// For some thousands of lines.
  public static let session = Growth(
    functions: 20_000, constants: 100_000, globals: 20_000, callShapes: 10_000)
}

/// How much of a program is in the tables.
struct Loaded {
  var functions = 0
  var constants = 0
  var globals = 0
  var callShapes = 0

  init() {}

  init(_ program: Program) {
    functions = program.functions.count
    constants = program.constants.count
    globals = program.globalNames.count
    callShapes = program.callShapes.count
  }
}

extension VM {
  /// What the machine has learnt to number by itself while it ran: the compiler goes on from there.
  func lend(to program: inout Program) {
    program.symbols = symbols
    program.recordShapes = state.pointee.shapes.map { $0.symbols }
  }

  /// Whether there is room for what a line has added.
  func hasRoom(for larger: Program) -> Bool {
    let growth = state.pointee.growth
    return larger.functions.count - program.functions.count <= growth.functions
      && larger.constants.count - program.constants.count <= growth.constants
      && larger.globalNames.count - program.globalNames.count <= growth.globals
      && larger.callShapes.count - program.callShapes.count <= growth.callShapes
  }

  /// Takes in a program that continues its own. No fiber runs.
  func extend(to larger: Program) {
    precondition(state.pointee.nesting == 0 && hasRoom(for: larger), "no room for this line")
    let before = Loaded(program)
    let after = Loaded(larger)
    state.pointee.growth.functions -= after.functions - before.functions
    state.pointee.growth.constants -= after.constants - before.constants
    state.pointee.growth.globals -= after.globals - before.globals
    state.pointee.growth.callShapes -= after.callShapes - before.callShapes
    state.pointee.shared = SharedProgram(larger)
    symbols = larger.symbols
    for shape in larger.recordShapes[state.pointee.shapes.count...] {
      state.pointee.shapes.append(ShapeEntry(shape))
    }
    load(from: before)
  }
}
