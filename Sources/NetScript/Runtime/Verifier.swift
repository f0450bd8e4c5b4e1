// Checks the bytecode before it runs, so that the dispatch loop need not: registers, constants,
// globals, functions, symbols, sites and jump targets all exist, and what is called gets as many
// arguments as it takes. What it finds is a mistake of the compiler, never of a script, so it stops
// the process.
//
// What a register holds at a place it does not follow: that a cell is one, and that a walk was
// prepared, is the compiler's word.

enum Verifier {
  /// What is wrong, in words for whoever writes the compiler.
  struct Fault: Error {
    let text: String
  }

  /// - Parameter first: those before it are verified already.
  static func check(_ program: Program, from first: Int = 0) {
    if let fault = fault(in: program, from: first) { preconditionFailure(fault) }
  }

  static func fault(in program: Program, from first: Int = 0) -> String? {
    do throws(Fault) {
      for function in program.functions[first...] { try check(function, program) }
    } catch {
      return error.text
    }
    return nil
  }

  private static func need(_ holds: Bool, _ text: String) throws(Fault) {
    if !holds { throw Fault(text: text) }
  }

  private static func check(_ function: FunctionCode, _ program: Program) throws(Fault) {
    let code = function.code
    try need(function.spans.count == code.count, "a word without a place")
    try need(function.registerCount <= 256, "more registers than an operand can name")
    try need(!code.isEmpty, "a function without code")
    var starts = [Bool](repeating: false, count: code.count + 1)
    var place = 0
    while place < code.count {
      starts[place] = true
      place += 1 + (try opcode(code[place])).extraWords
    }
    try need(place == code.count, "the last instruction is cut off")
    place = 0
    var last = Opcode.nop
    while place < code.count {
      last = try opcode(code[place])
      try check(last, code, place, function, program, starts)
      place += 1 + last.extraWords
    }
    try need(last == .returnValue || last == .jump || last == .loop, "code runs off its end")
  }

  private static func opcode(_ word: UInt32) throws(Fault) -> Opcode {
    guard let opcode = Opcode(rawValue: UInt8(truncatingIfNeeded: word)) else {
      throw Fault(text: "no such opcode")
    }
    return opcode
  }

  private static func check(
    _ opcode: Opcode, _ code: [UInt32], _ place: Int, _ function: FunctionCode,
    _ program: Program, _ starts: [Bool]
  ) throws(Fault) {
    let word = code[place]
    let (a, b, c) = (Instruction.a(word), Instruction.b(word), Instruction.c(word))
    let wide = Instruction.bx(word)
    func register(_ number: Int) throws(Fault) {
      try need(number < function.registerCount, "a register beyond the function's own")
    }
    try checkJump(opcode, code, place, starts)
    switch opcode {
    case .nop, .jump, .loop: break
    case .loadConstant:
      try register(a)
      try need(wide < program.constants.count, "no such constant")
    case .getGlobal, .setGlobal:
      try register(a)
      try need(wide < program.globalNames.count, "no such global")
    case .getUpvalue, .getUpvalueCell, .setUpvalueCell:
      try register(a)
      try need(b < function.captures.count, "no such capture")
    case .closure, .callStatic:
      try register(a)
      try need(wide < program.functions.count, "no such function")
      if opcode == .callStatic {
        try need(program.functions[wide].captures.isEmpty, "a direct call needs its captures")
      }
      for case .register(let number) in program.functions[wide].captures
      where opcode == .closure { try register(number) }
    case .jumpIfFalse, .jumpIfTrue, .jumpIfSet, .testLessInt, .testLessOrEqualInt, .testEqualInt:
      try register(a)
    case .forNext: try register(a + 4)
    case .testLess, .testLessOrEqual, .testEqual:
      try register(a)
      try register(b)
    case .newList, .appendAll, .concat, .newRecord:
      try register(a)
      try register(b + max(c - 1, 0))
    case .newMap, .putAll:
      try register(a)
      try register(b + max(c * 2 - 1, 0))
    case .call, .callNamed, .callNative, .method, .perform: try register(a + b)
    case .callLibrary: try register(a + c)
    case .declare:
      try register(a + 2)
      try need(wide < program.declarations.count, "no such declaration")
    case .callPreset: try register(a + 1)
    case .forPrepare: try register(a + 3 + b)
    case .newPolicy:
      try register(a)
      try need(wide < program.policies.count, "no such policy")
    case .endDeclare, .loadInt, .loadNone, .loadUnset, .checkBool, .unique, .returnValue, .root,
      .loadConstantWide:
      try register(a)
    case .addInt, .addConstant, .subtractConstant, .multiplyConstant, .divideConstant,
      .moduloConstant, .multiplyInt, .moduloInt, .move, .share, .newCell, .getCell, .setCell,
      .negate, .not, .member, .memberInPlace, .setMember, .push, .convert, .format,
      .bind:
      try register(a)
      try register(b)
    case .selectAll: try register(max(a, b, c - 1))
    default:
      try register(a)
      try register(b)
      try register(c)
    }
    try checkExtra(opcode, code, place, program)
  }

  private static func checkJump(
    _ opcode: Opcode, _ code: [UInt32], _ place: Int, _ starts: [Bool]
  ) throws(Fault) {
    guard let target = opcode.jumpTarget(in: code, at: place) else { return }
    try need(target >= 0 && target < code.count, "a jump out of the function")
    try need(starts[target], "a jump into an instruction")
  }

  /// What stands behind the first word, and operands that are no registers.
  private static func checkExtra(
    _ opcode: Opcode, _ code: [UInt32], _ place: Int, _ program: Program
  ) throws(Fault) {
    let word = code[place]
    let (b, c) = (Instruction.b(word), Instruction.c(word))
    let extra = opcode.extraWords > 0 ? code[place + 1] : 0
    func symbol() throws(Fault) {
      try need(Symbol(rawValue: extra).index < program.symbols.count, "no such symbol")
    }
    func shape(_ number: Int, of given: Int) throws(Fault) {
      try need(number < program.callShapes.count, "no such call shape")
      try need(program.callShapes[number].names.count <= given, "more names than arguments")
    }
    switch opcode {
    case .loadConstantWide, .addConstant, .subtractConstant, .multiplyConstant, .divideConstant,
      .moduloConstant:
      try need(extra < program.constants.count, "no such constant")
    case .moduloInt: try need(extra > 0, "a division by zero")
    case .callStatic:
      let callee = program.functions[Instruction.bx(word)]
      try need(
        Instruction.a(word) + callee.parameters.count < 256, "arguments beyond the registers")
    case .callLibrary: try need(LibraryFunction(rawValue: UInt8(b)) != nil, "no such function")
    case .forPrepare: try need(b == 1 || b == 2, "a loop has one name or two")
    case .member, .memberInPlace, .root, .bind: try symbol()
    case .setMember:
      try symbol()
      try need(PathOperation(rawValue: UInt8(c)) != nil, "no such way to set")
    case .setElement:
      try need(extra < 3, "no such way to set")
    case .convert:
      try need(Int(extra & 0xFF) < UnitTable.units.count, "no such unit")
      try need(Int(extra >> 8 & 0xFF) < UnitTable.units.count, "no such unit of time")
    case .perform: try need(extra < program.statements.count, "no such statement")
    case .declare, .endDeclare:
      try need(Instruction.bx(word) < program.declarations.count, "no such declaration")
    case .callNamed: try shape(Int(extra), of: b)
    case .callNative:
      try need(Int(extra & 0xFFFF) < program.natives.count, "no such native")
      try shape(Int(extra >> 16), of: b)
    case .method:
      try symbol()
      try shape(Int(code[place + 2]), of: b)
    case .newRecord:
      try need(extra < program.recordShapes.count, "no such record shape")
      try need(program.recordShapes[Int(extra)].count == c, "a record of another shape")
    default: break
    }
  }
}
