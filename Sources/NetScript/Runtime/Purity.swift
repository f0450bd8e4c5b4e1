// What a function's code can do to values from outside, found by reading its bytecode once.
//
// Both answers err on the safe side: `true` means "it may".

extension VM {
  /// Whether calling the function may read a variable that changes: then its result stands only
  /// until script code runs again. What it asks of the embedder the embedder knows itself.
  public func mayReadVariables(_ function: Value) -> Bool {
    guard function.tag == .closure else { return true }
    return mayReadVariables(Int(heap.slots[function.handle].extra))
  }

  private func mayReadVariables(_ function: Int) -> Bool {
    var found = false
    forEachInstruction(of: function) { word in
      switch Instruction.opcode(word) {
      case .getGlobal, .getUpvalueCell, .call, .callNamed, .callStatic, .callPreset, .closure,
        .method, .newPolicy:
        found = true
      default: break
      }
    }
    return found
  }

  /// Whether a handler may keep its only argument beyond the call: store it, hand it on, return it.
  /// If not, the caller may use the same record again.
  public func mayKeepArgument(_ function: Value) -> Bool {
    guard function.tag == .closure else { return true }
    let target = Int(heap.slots[function.handle].extra)
    var keeps = program.functions[target].parameters.count > 1
    forEachInstruction(of: target) { word in
      switch Instruction.opcode(word) {
      // Reading a field names the argument, and only that.
      case .member: keeps = keeps || Instruction.a(word) == 0
      case .closure:
        for case .register(0) in program.functions[Instruction.bx(word)].captures { keeps = true }
      // A is no register there.
      case .nop, .jump, .loop: break
      case .root, .loadNone, .loadUnset, .loadConstant, .loadConstantWide,
        .loadInt, .getGlobal, .getUpvalue, .getUpvalueCell, .jumpIfFalse, .jumpIfTrue, .jumpIfSet,
        .checkBool, .returnValue, .setUpvalueCell, .setGlobal, .testLessInt, .testLessOrEqualInt,
        .testEqualInt:
        keeps = keeps || Instruction.a(word) == 0
      case .addInt:
        keeps = keeps || Instruction.a(word) == 0 || Instruction.b(word) == 0
      default:
        let names = [Instruction.a(word), Instruction.b(word), Instruction.c(word)]
        keeps = keeps || namesRegister(0, Instruction.opcode(word), names)
      }
    }
    return keeps
  }

  /// Whether an operand of a three-register instruction is the register. Two-register ones leave C
  /// zero, which is no name there.
  private func namesRegister(_ register: Int, _ opcode: Opcode, _ operands: [Int]) -> Bool {
    switch opcode {
    case .add, .subtract, .multiply, .divide, .modulo, .equal, .notEqual, .less, .lessOrEqual,
      .isIn, .matches, .newRange, .newHalfOpenRange, .rangeBy, .index, .indexInPlace, .setIndex:
      return operands.contains(register)
    default: return operands[0] == register || operands[1] == register
    }
  }

  private func forEachInstruction(of function: Int, _ body: (UInt32) -> Void) {
    let code = program.functions[function].code
    var place = 0
    while place < code.count {
      body(code[place])
      place += 1 + Instruction.opcode(code[place]).extraWords
    }
  }

  /// Writes a record's fields again, in place. Only for a record that nobody else has kept.
  public func rewrite(
    _ record: Value, fill: (UnsafeMutableBufferPointer<Value>) -> Void
  ) {
    precondition(record.tag == .record, "only a record is written again")
    fill(heap.elements(record))
  }
}

extension VM {
  /// The variables that a closure shares with its makers; to save and restore them.
  public func capturedCells(_ closure: Value) -> [Value] {
    guard closure.tag == .closure else { return [] }
    let slot = heap.slots[closure.handle]
    var cells: [Value] = []
    for index in 0..<slot.count where slot.values[index].tag == .cell {
      cells.append(slot.values[index])
    }
    return cells
  }
}

extension VM {
  /// What a closure has taken along, as text: two with the same are about the same.
  public func capturedText(_ closure: Value) -> String {
    guard closure.tag == .closure else { return "" }
    let slot = heap.slots[closure.handle]
    var found = ""
    for index in 0..<slot.count { found += text(read(slot.values[index])) + "\n" }
    return found
  }

  /// Times that stand in a function's code, in nanoseconds: where a question about the clock may
  /// change its answer.
  public func timeConstants(of closure: Value) -> [Int64] {
    guard closure.tag == .closure else { return [] }
    var found: [Int64] = []
    let code = program.functions[Int(heap.slots[closure.handle].extra)].code
    var place = 0
    while place < code.count {
      let opcode = Instruction.opcode(code[place])
      var constant = -1
      if opcode == .loadConstant { constant = Instruction.bx(code[place]) }
      if opcode == .loadConstantWide { constant = Int(code[place + 1]) }
      if constant >= 0, constants[constant].dimension == .time,
        let time = constants[constant].asBaseUnits
      {
        found.append(time)
      }
      place += 1 + opcode.extraWords
    }
    return found
  }
}

extension Program {
  /// Whether a function, or one that it reaches, may change a variable or the world.
  ///
  /// - Parameters:
  ///   - harmless: functions of the vocabulary that only look.
  ///   - changes: whether a statement does.
  public func mayChange(
    _ entry: FunctionID, natives harmless: Set<Int>, _ changes: (StatementSite) -> Bool
  ) -> Bool {
    reaches(from: [entry]) { opcode, operand in
      switch opcode {
      case .perform: return changes(statements[Int(operand)])
      case .callNative: return !harmless.contains(Int(operand & 0xFFFF))
      case .setGlobal, .setUpvalueCell, .setCell, .setIndex, .push, .call, .callNamed, .method,
        .setMember, .setElement, .declare, .endDeclare, .bind, .callPreset, .newPolicy:
        return true
      default: return false
      }
    }
  }

  /// The functions of the vocabulary that code names which is reached from these functions, by
  /// their numbers.
  public func natives(from entries: [FunctionID]) -> Set<Int> {
    var found: Set<Int> = []
    // As a value it may go anywhere.
    for case .value(let value) in constants
    where value.tag == .native && value.handle >= VM.firstNative {
      found.insert(value.handle - VM.firstNative)
    }
    _ = reaches(from: entries) { opcode, operand in
      if opcode == .callNative { found.insert(Int(operand & 0xFFFF)) }
      return false
    }
    return found
  }

  /// Whether one of the instructions that may come to run is such. It is asked with the word behind
  /// the first, if there is one.
  private func reaches(
    from entries: [FunctionID], _ isSuch: (Opcode, _ operand: UInt32) -> Bool
  ) -> Bool {
    var isKnown = [Bool](repeating: false, count: functions.count)
    var open = entries.map { Int($0.rawValue) }
    while let function = open.popLast() {
      if isKnown[function] { continue }
      isKnown[function] = true
      let code = functions[function].code
      var place = 0
      while place < code.count {
        let opcode = Instruction.opcode(code[place])
        if opcode == .closure || opcode == .callStatic {
          open.append(Instruction.bx(code[place]))
        }
        if isSuch(opcode, opcode.extraWords > 0 ? code[place + 1] : 0) { return true }
        place += 1 + opcode.extraWords
      }
    }
    return false
  }
}
