// Lines that somebody watches: where one begins, its first instruction is replaced by `.line`.
//
// Code that nobody watches is as it was, so watching costs nothing where there is nothing to see.
// The program keeps what was replaced; what a machine runs is its own copy.

extension VM {
  /// Lines of a file at which functions that something calls have code: not the statements of the
  /// file and of its cases. In order.
  public func linesOfBodies(in file: SourceFileID) -> [Int] {
    var lines: Set<Int> = []
    forEachLineOfBodies { _, _, span in
      if span.file == file { lines.insert(program.files[file].line(at: span.start)) }
    }
    return lines.sorted()
  }

  /// From now on the embedder hears of each of these lines that is run, and of no others.
  public func watchLines(_ isWatched: (SourceFileID, Int) -> Bool) {
    unwatchLines()
    forEachLineOfBodies { function, place, span in
      guard isWatched(span.file, program.files[span.file].line(at: span.start)) else { return }
      functions[function].code[place] = Instruction.make(.line)
      state.pointee.watchedLines.append(WatchedLine(function: function, place: place))
    }
  }

  public func unwatchLines() {
    for line in state.pointee.watchedLines {
      functions[line.function].code[line.place] = program.functions[line.function].code[line.place]
    }
    state.pointee.watchedLines.removeAll()
  }

  /// Each place in a body at which another line begins.
  private func forEachLineOfBodies(_ body: (_ function: Int, _ place: Int, SourceSpan) -> Void) {
    var flow: Set<Int> = []
    for module in program.modules {
      flow.insert(Int(module.main.rawValue))
      for one in module.cases { flow.insert(Int(one.body.rawValue)) }
    }
    for number in program.functions.indices where !flow.contains(number) {
      let function = program.functions[number]
      var last = -1
      var place = 0
      while place < function.code.count {
        let span = function.spans[place]
        let line = program.files[span.file].line(at: span.start)
        let opcode = Instruction.opcode(function.code[place])
        if !isBetweenLines(opcode, span, function) {
          if line != last { body(number, place, span) }
          last = line
        }
        place += 1 + opcode.extraWords
      }
    }
  }

  /// The turn of a loop, and the end of a function, which stands where that began.
  private func isBetweenLines(
    _ opcode: Opcode, _ span: SourceSpan, _ function: FunctionCode
  ) -> Bool {
    switch opcode {
    case .loop, .forNext, .jump: return true
    case .loadNone, .returnValue: return span == function.span
    default: return false
    }
  }

  /// A watched line begins where the fiber stands. Returns what its first instruction was.
  func passLine(_ fiber: Fiber) -> UInt32 {
    let place = fiber.code.unsafelyUnwrapped - UnsafePointer(functions[fiber.function].code)
    embedder.passed(
      functions[fiber.function].spans[place], LocalValues(vm: self, fiber: fiber, place: place))
    return program.functions[fiber.function].code[place]
  }

  /// One instruction that otherwise only the inner loop does. False: `slowly` has it.
  func stepQuickly(_ word: UInt32, _ fiber: Fiber) -> Bool {
    let window = fiber.registers + fiber.base
    let target = window + Instruction.a(word)
    var next = fiber.code.unsafelyUnwrapped + 1
    switch Instruction.opcode(word) {
    case .nop: break
    case .loadConstant: target.pointee = constants[Instruction.bx(word)]
    case .loadInt: target.pointee = .int(Int64(Instruction.signedBx(word)))
    case .loadNone: target.pointee = .none
    case .loadUnset: target.pointee = .unset
    case .move: target.pointee = window[Instruction.b(word)]
    case .share:
      heap.share(window[Instruction.b(word)])
      target.pointee = window[Instruction.b(word)]
    case .getGlobal:
      if globals[Instruction.bx(word)].isUnset { return false }
      target.pointee = globals[Instruction.bx(word)]
    case .setGlobal: globals[Instruction.bx(word)] = target.pointee
    case .getUpvalue:
      target.pointee = heap.slots[fiber.closure].values[Instruction.b(word)]
    case .getUpvalueCell:
      let cell = heap.slots[fiber.closure].values[Instruction.b(word)]
      if heap.slots[cell.handle].payload.isUnset { return false }
      target.pointee = heap.slots[cell.handle].payload
    case .getCell:
      let cell = window[Instruction.b(word)]
      if heap.slots[cell.handle].payload.isUnset { return false }
      target.pointee = heap.slots[cell.handle].payload
    case .setUpvalueCell:
      let cell = heap.slots[fiber.closure].values[Instruction.b(word)]
      heap.slots[cell.handle].payload = target.pointee
    case .setCell: heap.slots[target.pointee.handle].payload = window[Instruction.b(word)]
    case .jump: next += Instruction.signed24(word)
    case .jumpIfFalse, .jumpIfTrue:
      if target.pointee.head != Head.bool { return false }
      let jumps = (target.pointee.bits == 0) == (Instruction.opcode(word) == .jumpIfFalse)
      if jumps { next += Instruction.signedBx(word) }
    case .checkBool: if target.pointee.head != Head.bool { return false }
    case .jumpIfSet: if !target.pointee.isUnset { next += Instruction.signedBx(word) }
    case .returnValue where fiber.depth > 0:
      window[-1] = target.pointee
      fiber.depth -= 1
      let frame = fiber.frames[fiber.depth]
      (fiber.base, fiber.function) = (Int(frame.base), Int(frame.function))
      fiber.closure = frame.closure
      next = frame.code
    default: return false
    }
    fiber.code = next
    return true
  }
}

/// A place in a machine's code whose first word is replaced.
struct WatchedLine {
  var function: Int
  var place: Int
}

/// The variables that can be named where a line begins. Valid during the call only.
public struct LocalValues {
  fileprivate let vm: VM
  fileprivate let fiber: Fiber
  fileprivate let place: Int

  /// `n = 3`, the last declared first among those of one name; functions are left out.
  public var texts: [String] {
    var found: [(name: String, value: Value)] = []
    for local in vm.program.functions[fiber.function].locals
    where local.from <= place && place < local.end && local.isNamed {
      var value = fiber.registers[fiber.base + local.register]
      if local.isCell, value.tag == .cell { value = vm.heap.slots[value.handle].payload }
      found.removeAll { $0.name == local.name }
      if value.isUnset || value.tag == .closure { continue }
      found.append((local.name, value))
    }
    return found.map { "\($0.name) = \(vm.text($0.value))" }
  }
}

extension LocalVariable {
  /// What the compiler keeps for itself has no name that a script could say.
  fileprivate var isNamed: Bool {
    guard let first = name.utf8.first else { return false }
    return first == 95 || first >= 65 && first <= 90 || first >= 97 && first <= 122 || first >= 128
  }
}
