// Checks the bytecode before it runs, so that the dispatch loop need not: registers, constants,
// globals, functions and jump targets all exist. What it finds is a mistake of the compiler, never
// of a script, so it stops the process.

enum Verifier {
  static func check(_ program: Program) {
    for function in program.functions { check(function, program) }
  }

  private static func check(_ function: FunctionCode, _ program: Program) {
    let code = function.code
    precondition(function.spans.count == code.count, "a word without a place")
    precondition(function.registerCount <= 256, "more registers than an operand can name")
    precondition(!code.isEmpty, "a function without code")
    var starts = [Bool](repeating: false, count: code.count + 1)
    var place = 0
    while place < code.count {
      starts[place] = true
      place += 1 + opcode(code[place]).extraWords
    }
    precondition(place == code.count, "the last instruction is cut off")
    place = 0
    var last = Opcode.nop
    while place < code.count {
      last = opcode(code[place])
      check(last, code, place, function, program, starts)
      place += 1 + last.extraWords
    }
    precondition(last == .returnValue || last == .jump || last == .loop, "code runs off its end")
  }

  private static func opcode(_ word: UInt32) -> Opcode {
    guard let opcode = Opcode(rawValue: UInt8(truncatingIfNeeded: word)) else {
      preconditionFailure("no such opcode")
    }
    return opcode
  }

  private static func check(
    _ opcode: Opcode, _ code: [UInt32], _ place: Int, _ function: FunctionCode,
    _ program: Program, _ starts: [Bool]
  ) {
    let word = code[place]
    let (a, b, c) = (Instruction.a(word), Instruction.b(word), Instruction.c(word))
    let wide = Instruction.bx(word)
    func register(_ number: Int) {
      precondition(number < function.registerCount, "a register beyond the function's own")
    }
    checkJump(opcode, code, place, starts)
    switch opcode {
    case .nop, .jump, .loop: break
    case .loadConstant:
      register(a)
      precondition(wide < program.constants.count, "no such constant")
    case .getGlobal, .setGlobal:
      register(a)
      precondition(wide < program.globalNames.count, "no such global")
    case .getUpvalue, .getUpvalueCell, .setUpvalueCell:
      register(a)
      precondition(b < function.captures.count, "no such capture")
    case .closure, .callStatic:
      register(a)
      precondition(wide < program.functions.count, "no such function")
      if opcode == .callStatic {
        precondition(program.functions[wide].captures.isEmpty, "a direct call needs its captures")
      }
      for case .register(let number) in program.functions[wide].captures
      where opcode == .closure { register(number) }
    case .jumpIfFalse, .jumpIfTrue, .jumpIfSet, .testLessInt, .testLessOrEqualInt, .testEqualInt:
      register(a)
    case .forNext: register(a + 4)
    case .testLess, .testLessOrEqual, .testEqual:
      register(a)
      register(b)
    case .newList, .appendAll, .concat, .newRecord:
      register(a)
      register(b + max(c - 1, 0))
    case .newMap, .putAll:
      register(a)
      register(b + max(c * 2 - 1, 0))
    case .call, .callNamed, .callNative, .method, .perform: register(a + b)
    case .callLibrary: register(a + c)
    case .declare:
      register(a + 2)
      precondition(wide < program.declarations.count, "no such declaration")
    case .callPreset: register(a + 1)
    case .forPrepare: register(a + 3 + b)
    case .newPolicy:
      register(a)
      precondition(wide < program.policies.count, "no such policy")
    case .endDeclare, .loadInt, .loadNone, .loadUnset, .checkBool, .unique, .returnValue, .root,
      .loadConstantWide:
      register(a)
    case .addInt, .addConstant, .subtractConstant, .multiplyConstant, .divideConstant,
      .moduloConstant, .multiplyInt, .moduloInt, .move, .share, .newCell, .getCell, .setCell,
      .negate, .not, .member, .memberInPlace, .setMember, .selectAll, .push, .convert, .format,
      .bind:
      register(a)
      register(b)
    default:
      register(a)
      register(b)
      register(c)
    }
    checkExtra(opcode, code, place, program)
  }

  private static func checkJump(
    _ opcode: Opcode, _ code: [UInt32], _ place: Int, _ starts: [Bool]
  ) {
    let target: Int
    switch opcode {
    case .jump, .loop: target = place + 1 + Instruction.signed24(code[place])
    case .jumpIfFalse, .jumpIfTrue, .jumpIfSet, .forNext:
      target = place + 1 + Instruction.signedBx(code[place])
    case .testLess, .testLessOrEqual, .testEqual:
      target = place + 2 + Int(Int32(bitPattern: code[place + 1]))
    case .testLessInt, .testLessOrEqualInt, .testEqualInt:
      target = place + 3 + Int(Int32(bitPattern: code[place + 2]))
    default: return
    }
    precondition(target >= 0 && target < code.count, "a jump out of the function")
    precondition(starts[target], "a jump into an instruction")
  }

  private static func checkExtra(
    _ opcode: Opcode, _ code: [UInt32], _ place: Int, _ program: Program
  ) {
    switch opcode {
    case .loadConstantWide, .addConstant, .subtractConstant, .multiplyConstant, .divideConstant,
      .moduloConstant:
      precondition(code[place + 1] < program.constants.count, "no such constant")
    case .moduloInt: precondition(code[place + 1] > 0, "a division by zero")
    case .perform:
      precondition(code[place + 1] < program.statements.count, "no such statement")
    case .callNamed:
      precondition(code[place + 1] < program.callShapes.count, "no such call shape")
    case .callNative:
      precondition(Int(code[place + 1] & 0xFFFF) < program.natives.count, "no such native")
      precondition(Int(code[place + 1] >> 16) < program.callShapes.count, "no such call shape")
    case .method:
      precondition(Int(code[place + 2]) < program.callShapes.count, "no such call shape")
    case .newRecord:
      precondition(code[place + 1] < program.recordShapes.count, "no such record shape")
    default: break
    }
  }
}
