// The dispatch loop: everything a running script does passes here.
//
// Two loops, one inside the other. The inner one does what needs nobody: its locals stay in machine
// registers, since nothing in it calls, allocates or fails. Whatever it cannot finish it leaves
// untouched to `slowly` (DispatchSlowly.swift), which has every instruction whole, and comes back
// for the next. The code was verified, so registers, constants and jump targets are not checked
// again.

extension VM {
  /// Runs until the fiber ends (true) or suspends (false).
  @inline(__always)
  func run(_ fiber: Fiber, _ embedder: any Embedder) throws(RuntimeError) -> Bool {
    if fiber.code == nil { fiber.code = UnsafePointer(functions[fiber.function].code) }
    do throws(RuntimeError) {
      while true {
        quickly(fiber)
        repeat {
          switch try ask(embedder, fiber) {
          case .waits: return false
          case .isDone: break
          case .isOther: if try slowly(fiber, embedder) { return fiber.state == .running }
          }
        } while !Opcode.isQuick(fiber.code.unsafelyUnwrapped.pointee)
      }
    } catch {
      stepsLeft = max(stepsLeft, 0)
      throw located(error, fiber)
    }
  }

  /// Runs from where the fiber stands up to an instruction that needs more than its registers.
  // One function far longer than 70 lines, on purpose: a jump table.
  // The dispatch loop: exempt from the length rule.
  private func quickly(_ fiber: Fiber) {
    let heap = self.heap
    let functions = self.functions
    let constants = self.constants
    let globals = self.globals
    let registers = fiber.registers
    let registerEnd = registers + fiber.registerCapacity
    let frames = fiber.frames
    let frameRoom = min(limits.frames, fiber.frameCapacity)
    var window = registers + fiber.base
    var function = fiber.function
    var closure = fiber.closure
    var depth = fiber.depth
    var pc = fiber.code.unsafelyUnwrapped
    var steps = state.pointee.steps.ofSlice
    loop: while true {
      let word = pc.pointee
      let target = window + Instruction.a(word)
      switch Instruction.opcode(word) {
      case .nop: break
      case .loadConstant: target.pointee = constants[Instruction.bx(word)]
      case .loadInt: target.pointee = .int(Int64(Instruction.signedBx(word)))
      case .loadNone: target.pointee = .none
      case .loadUnset: target.pointee = .unset
      case .move: target.pointee = window[Instruction.b(word)]
      case .share:
        let value = window[Instruction.b(word)]
        heap.share(value)
        target.pointee = value
      case .getGlobal:
        let value = globals[Instruction.bx(word)]
        if value.isUnset { break loop }
        target.pointee = value
      case .setGlobal: globals[Instruction.bx(word)] = target.pointee
      case .getUpvalue: target.pointee = heap.slots[closure].values[Instruction.b(word)]
      case .getUpvalueCell:
        let cell = heap.slots[closure].values[Instruction.b(word)]
        let value = heap.slots[cell.handle].payload
        if value.isUnset { break loop }
        target.pointee = value
      case .setUpvalueCell:
        let cell = heap.slots[closure].values[Instruction.b(word)]
        heap.slots[cell.handle].payload = target.pointee
      case .getCell:
        let value = heap.slots[window[Instruction.b(word)].handle].payload
        if value.isUnset { break loop }
        target.pointee = value
      case .setCell:
        heap.slots[target.pointee.handle].payload = window[Instruction.b(word)]
      case .add:
        let first = window[Instruction.b(word)]
        guard target.setSum(first, window[Instruction.c(word)]) else { break loop }
      case .addConstant:
        let first = window[Instruction.b(word)]
        guard target.setSum(first, constants[Int(pc[1])]) else { break loop }
        pc += 1
      case .addInt:
        let first = window[Instruction.b(word)]
        let step = Int64(Instruction.signedC(word))
        let (sum, overflow) = first.integer.addingReportingOverflow(step)
        if first.head != Head.int || overflow { break loop }
        target.pointee = .int(sum)
      case .multiplyInt:
        let first = window[Instruction.b(word)]
        let (product, overflow) = first.integer.multipliedReportingOverflow(
          by: Int64(Instruction.offset(pc[1])))
        if first.head != Head.int || overflow { break loop }
        target.pointee = .int(product)
        pc += 1
      case .moduloInt:
        // Below 2³² a division takes a third of the time.
        let first = window[Instruction.b(word)]
        if first.head != Head.int || first.bits >> 32 != 0 { break loop }
        target.pointee = .int(Int64(UInt32(truncatingIfNeeded: first.bits) % pc[1]))
        pc += 1
      case .subtract:
        let first = window[Instruction.b(word)]
        guard target.setDifference(first, window[Instruction.c(word)]) else { break loop }
      case .subtractConstant:
        let first = window[Instruction.b(word)]
        guard target.setDifference(first, constants[Int(pc[1])]) else { break loop }
        pc += 1
      case .multiply:
        let first = window[Instruction.b(word)]
        guard target.setProduct(first, window[Instruction.c(word)]) else { break loop }
      case .multiplyConstant:
        let first = window[Instruction.b(word)]
        guard target.setProduct(first, constants[Int(pc[1])]) else { break loop }
        pc += 1
      case .modulo:
        let first = window[Instruction.b(word)]
        guard target.setRemainder(first, window[Instruction.c(word)]) else { break loop }
      case .moduloConstant:
        let first = window[Instruction.b(word)]
        guard target.setRemainder(first, constants[Int(pc[1])]) else { break loop }
        pc += 1
      case .jump: pc += Instruction.signed24(word)
      case .loop:
        if steps < 0 || heap.needsCollection { break loop }
        steps += Instruction.signed24(word)
        pc += Instruction.signed24(word)
      case .jumpIfFalse:
        if target.pointee.head != Head.bool { break loop }
        if target.pointee.bits == 0 { pc += Instruction.signedBx(word) }
      case .jumpIfTrue:
        if target.pointee.head != Head.bool { break loop }
        if target.pointee.bits != 0 { pc += Instruction.signedBx(word) }
      case .jumpIfSet: if !target.pointee.isUnset { pc += Instruction.signedBx(word) }
      case .checkBool: if target.pointee.head != Head.bool { break loop }
      case .testLess:
        let second = window[Instruction.b(word)]
        guard second.comparesAsIs(with: target.pointee) else { break loop }
        let isLess = target.pointee.integer < second.integer
        pc += isLess != (Instruction.c(word) != 0) ? 1 + Instruction.offset(pc[1]) : 1
      case .testLessOrEqual:
        let second = window[Instruction.b(word)]
        guard second.comparesAsIs(with: target.pointee) else { break loop }
        let isLess = target.pointee.integer <= second.integer
        pc += isLess != (Instruction.c(word) != 0) ? 1 + Instruction.offset(pc[1]) : 1
      case .testEqual:
        let second = window[Instruction.b(word)]
        guard second.comparesAsIs(with: target.pointee) else { break loop }
        let isEqual = target.pointee.bits == second.bits
        pc += isEqual != (Instruction.c(word) != 0) ? 1 + Instruction.offset(pc[1]) : 1
      case .testLessInt:
        if target.pointee.head != Head.int { break loop }
        let isLess = target.pointee.integer < Int64(Instruction.offset(pc[1]))
        pc += isLess != (Instruction.c(word) != 0) ? 2 + Instruction.offset(pc[2]) : 2
      case .testLessOrEqualInt:
        if target.pointee.head != Head.int { break loop }
        let isLess = target.pointee.integer <= Int64(Instruction.offset(pc[1]))
        pc += isLess != (Instruction.c(word) != 0) ? 2 + Instruction.offset(pc[2]) : 2
      case .testEqualInt:
        if target.pointee.head != Head.int { break loop }
        let isEqual = target.pointee.integer == Int64(Instruction.offset(pc[1]))
        pc += isEqual != (Instruction.c(word) != 0) ? 2 + Instruction.offset(pc[2]) : 2
      case .forNext:
        if steps < 0 || heap.needsCollection { break loop }
        if target[0].head != 0 {
          // A walk over a container, with which its state begins; here only a list's elements.
          let isList = target[0].tagOctet == ValueTag.list.rawValue
          guard isList, target[3].head == 1 else { break loop }
          let index = target[1].integer
          if index < target[2].integer {
            let element = heap.slots[target[0].handle].values[Int(index)]
            heap.share(element)
            target[1].bits &+= 1
            target[4] = element
            pc += Instruction.signedBx(word)
            steps &+= Instruction.signedBx(word)
          }
          break
        }
        // A walk over Ints.
        let remaining = target[2].bits
        if remaining != 0 {
          let value = target[1].integer
          target[2].bits = remaining &- 1
          target[1].bits = UInt64(bitPattern: value &+ target[3].integer)
          if target[3].head == 1 {
            target[4] = .int(value)
          } else {
            target[4] = .int(Int64(bitPattern: target[0].bits))
            target[5] = .int(value)
            target[0].bits &+= 1
          }
          pc += Instruction.signedBx(word)
          steps &+= Instruction.signedBx(word)
        }
      case .index:
        let container = window[Instruction.b(word)]
        let key = window[Instruction.c(word)]
        guard container.tagOctet == ValueTag.list.rawValue && key.head == Head.int else {
          break loop
        }
        let slot = heap.slots + container.handle
        if UInt64(bitPattern: key.integer) >= UInt64(slot.pointee.count) { break loop }
        let element = slot.pointee.values[Int(key.integer)]
        heap.share(element)
        target.pointee = element
      case .setIndex:
        let key = window[Instruction.b(word)]
        guard target.pointee.tagOctet == ValueTag.list.rawValue && key.head == Head.int else {
          break loop
        }
        let slot = heap.slots + target.pointee.handle
        if slot.pointee.isShared
          || UInt64(bitPattern: key.integer) >= UInt64(slot.pointee.count)
        {
          break loop
        }
        slot.pointee.values[Int(key.integer)] = window[Instruction.c(word)]
      case .push:
        guard target.pointee.tagOctet == ValueTag.list.rawValue else { break loop }
        let slot = heap.slots + target.pointee.handle
        let count = slot.pointee.count
        if slot.pointee.isShared || count == slot.pointee.capacity { break loop }
        slot.pointee.values[count] = window[Instruction.b(word)]
        slot.pointee.payload.bits &+= 1
      case .callStatic:
        let entry = functions + Instruction.bx(word)
        let callee = target + 1
        if steps <= 0 || heap.needsCollection || depth >= frameRoom
          || callee + entry.pointee.registerCount > registerEnd
        {
          break loop
        }
        steps &-= 1
        frames[depth] = Frame(
          code: pc + 1, base: Int32(truncatingIfNeeded: window - registers),
          function: Int32(truncatingIfNeeded: function), closure: closure)
        depth &+= 1
        window = callee
        function = Instruction.bx(word)
        closure = 0
        pc = UnsafePointer(entry.pointee.code)
        continue loop
      case .call:
        guard target.pointee.tagOctet == ValueTag.closure.rawValue else { break loop }
        let handle = target.pointee.handle
        let number = Int(heap.slots[handle].extra)
        let entry = functions + number
        let callee = target + 1
        if steps <= 0 || heap.needsCollection || depth >= frameRoom
          || entry.pointee.parameterCount != Instruction.b(word)
          || callee + entry.pointee.registerCount > registerEnd
        {
          break loop
        }
        steps &-= 1
        frames[depth] = Frame(
          code: pc + 1, base: Int32(truncatingIfNeeded: window - registers),
          function: Int32(truncatingIfNeeded: function), closure: closure)
        depth &+= 1
        window = callee
        function = number
        closure = handle
        pc = UnsafePointer(entry.pointee.code)
        continue loop
      case .returnValue:
        if depth == 0 { break loop }
        window[-1] = target.pointee
        depth &-= 1
        let frame = frames + depth
        window = registers + Int(frame.pointee.base)
        function = Int(frame.pointee.function)
        closure = frame.pointee.closure
        pc = frame.pointee.code
        continue loop
      case .callLibrary:
        guard target.setQuickly(Instruction.b(word), Instruction.c(word)) else { break loop }
      case .loadConstantWide, .newCell, .closure, .divide, .divideConstant, .negate, .not, .equal,
        .notEqual, .less, .lessOrEqual, .isIn, .matches, .forPrepare, .newList, .appendAll, .newMap,
        .putAll, .newRange, .newHalfOpenRange, .rangeBy, .concat, .format, .indexInPlace, .unique,
        .member, .memberInPlace, .setMember, .setElement, .selectAll, .callNamed,
        .callNative, .method, .root, .declare, .endDeclare, .bind, .perform, .callPreset, .convert,
        .newPolicy, .newRecord, .line:
        break loop
      }
      pc += 1
    }
    state.pointee.steps.ofSlice = steps
    fiber.base = window - registers
    fiber.function = function
    fiber.closure = closure
    fiber.code = pc
    fiber.depth = depth
  }
}
