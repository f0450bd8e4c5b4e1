// The dispatch loop: everything a running script does passes here.
//
// One function far longer than 70 lines, on purpose: a jump table over locals that stay in machine
// registers. Each case is short; what is not hot is in DispatchHelpers.swift. The code was
// verified, so registers, constants and jump targets are not checked again.

extension VM {
  /// Runs until the fiber ends (true) or suspends (false).
  func run(_ fiber: Fiber) throws(RuntimeError) -> Bool {
    let heap = self.heap
    let embedder = self.embedder
    let functions = self.functions
    let constants = self.constants
    let globals = self.globals
    let frameLimit = limits.frames
    var registers = fiber.registers
    var registerEnd = registers + fiber.registerCapacity
    var R = registers + fiber.base
    var function = fiber.function
    var closure = fiber.closure
    var depth = fiber.depth
    var pc = fiber.code ?? UnsafePointer(functions[function].code)
    var steps = stepsLeft
    do throws(RuntimeError) {
      while true {
        let word = pc.pointee
        pc += 1
        let a = Instruction.a(word)
        switch Instruction.opcode(word) {
        case .nop: break
        case .loadConstant: R[a] = constants[Instruction.bx(word)]
        case .loadConstantWide:
          R[a] = constants[Int(pc.pointee)]
          pc += 1
        case .loadInt: R[a] = .int(Int64(Instruction.signedBx(word)))
        case .loadNone: R[a] = .none
        case .loadUnset: R[a] = .unset
        case .move: R[a] = R[Instruction.b(word)]
        case .share:
          let value = R[Instruction.b(word)]
          heap.share(value)
          R[a] = value
        case .getGlobal:
          let value = globals[Instruction.bx(word)]
          if value.isUnset { throw unsetGlobal(Instruction.bx(word)) }
          R[a] = value
        case .setGlobal: globals[Instruction.bx(word)] = R[a]
        case .getUpvalue: R[a] = heap.slots[closure].values[Instruction.b(word)]
        case .getUpvalueCell:
          let value = heap.slots[heap.slots[closure].values[Instruction.b(word)].handle].payload
          if value.isUnset { throw unsetVariable() }
          R[a] = value
        case .setUpvalueCell:
          heap.slots[heap.slots[closure].values[Instruction.b(word)].handle].payload = R[a]
        case .newCell: R[a] = heap.makeCell(R[Instruction.b(word)])
        case .getCell:
          let value = heap.slots[R[Instruction.b(word)].handle].payload
          if value.isUnset { throw unsetVariable() }
          R[a] = value
        case .setCell: heap.slots[R[a].handle].payload = R[Instruction.b(word)]
        case .closure:
          R[a] = makeClosure(Instruction.bx(word), R, upvaluesOf: closure)

        case .add:
          let x = R[Instruction.b(word)]
          let y = R[Instruction.c(word)]
          if x.head == Head.int && y.head == Head.int {
            let (sum, overflow) = x.integer.addingReportingOverflow(y.integer)
            if overflow { throw integerOverflow(.add, x, y) }
            R[a] = .int(sum)
          } else if x.head == Head.real && y.head == Head.real {
            R[a] = try finite(x.double + y.double)
          } else {
            R[a] = try arithmetic(.add, x, y)
          }
        case .subtract:
          let x = R[Instruction.b(word)]
          let y = R[Instruction.c(word)]
          if x.head == Head.int && y.head == Head.int {
            let (difference, overflow) = x.integer.subtractingReportingOverflow(y.integer)
            if overflow { throw integerOverflow(.subtract, x, y) }
            R[a] = .int(difference)
          } else if x.head == Head.real && y.head == Head.real {
            R[a] = try finite(x.double - y.double)
          } else {
            R[a] = try arithmetic(.subtract, x, y)
          }
        case .multiply:
          let x = R[Instruction.b(word)]
          let y = R[Instruction.c(word)]
          if x.head == Head.int && y.head == Head.int {
            let (product, overflow) = x.integer.multipliedReportingOverflow(by: y.integer)
            if overflow { throw integerOverflow(.multiply, x, y) }
            R[a] = .int(product)
          } else if x.head == Head.real && y.head == Head.real {
            R[a] = try finite(x.double * y.double)
          } else if x.head == Head.int && y.head == Head.real {
            R[a] = try finite(Double(x.integer) * y.double)
          } else {
            R[a] = try arithmetic(.multiply, x, y)
          }
        case .divide:
          R[a] = try arithmetic(.divide, R[Instruction.b(word)], R[Instruction.c(word)])
        case .modulo:
          let x = R[Instruction.b(word)]
          let y = R[Instruction.c(word)]
          if x.head == Head.int && y.head == Head.int && x.integer >= 0 && y.integer > 0 {
            R[a] = .int(x.integer % y.integer)
          } else {
            R[a] = try arithmetic(.modulo, x, y)
          }
        case .addInt:
          let x = R[Instruction.b(word)]
          let step = Int64(Instruction.signedC(word))
          if x.head == Head.int {
            let (sum, overflow) = x.integer.addingReportingOverflow(step)
            if overflow { throw integerOverflow(.add, x, .int(step)) }
            R[a] = .int(sum)
          } else {
            R[a] =
              step < 0
              ? try arithmetic(.subtract, x, .int(-step)) : try arithmetic(.add, x, .int(step))
          }
        case .negate: R[a] = try negated(R[Instruction.b(word)])
        case .not: R[a] = .bool(!(try truth(R[Instruction.b(word)])))

        case .equal: R[a] = .bool(try isSame(R[Instruction.b(word)], R[Instruction.c(word)]))
        case .notEqual: R[a] = .bool(!(try isSame(R[Instruction.b(word)], R[Instruction.c(word)])))
        case .less:
          R[a] = .bool(try compare(R[Instruction.b(word)], R[Instruction.c(word)]) < 0)
        case .lessOrEqual:
          R[a] = .bool(try compare(R[Instruction.b(word)], R[Instruction.c(word)]) <= 0)
        case .isIn:
          R[a] = .bool(try isMember(R[Instruction.b(word)], of: R[Instruction.c(word)]))
        case .matches:
          R[a] = .bool(try matches(R[Instruction.b(word)], R[Instruction.c(word)]))

        case .jump: pc += Instruction.signed24(word)
        case .loop:
          let distance = Instruction.signed24(word)
          steps += distance
          if steps < 0 { throw stepsExhausted() }
          if heap.needsCollection {
            note(fiber, R, registers, function, closure, pc, depth)
            try collect()
          }
          pc += distance
        case .jumpIfFalse:
          let value = R[a]
          if value.head != Head.bool { throw noBool(value) }
          if value.bits == 0 { pc += Instruction.signedBx(word) }
        case .jumpIfTrue:
          let value = R[a]
          if value.head != Head.bool { throw noBool(value) }
          if value.bits != 0 { pc += Instruction.signedBx(word) }
        case .jumpIfSet: if !R[a].isUnset { pc += Instruction.signedBx(word) }
        case .checkBool: if R[a].head != Head.bool { throw noBool(R[a]) }
        case .testLess:
          let x = R[a]
          let y = R[Instruction.b(word)]
          let isLess =
            x.head == Head.int && y.head == Head.int
            ? x.integer < y.integer : try compare(x, y) < 0
          let offset = Int(Int32(bitPattern: pc.pointee))
          pc += 1
          if isLess != (Instruction.c(word) != 0) { pc += offset }
        case .testLessOrEqual:
          let x = R[a]
          let y = R[Instruction.b(word)]
          let isLess =
            x.head == Head.int && y.head == Head.int
            ? x.integer <= y.integer : try compare(x, y) <= 0
          let offset = Int(Int32(bitPattern: pc.pointee))
          pc += 1
          if isLess != (Instruction.c(word) != 0) { pc += offset }
        case .testEqual:
          let isEqual = try isSame(R[a], R[Instruction.b(word)])
          let offset = Int(Int32(bitPattern: pc.pointee))
          pc += 1
          if isEqual != (Instruction.c(word) != 0) { pc += offset }
        case .testLessInt:
          let x = R[a]
          let limit = Int64(Int8(truncatingIfNeeded: Instruction.b(word)))
          let isLess = x.head == Head.int ? x.integer < limit : try compare(x, .int(limit)) < 0
          let offset = Int(Int32(bitPattern: pc.pointee))
          pc += 1
          if isLess != (Instruction.c(word) != 0) { pc += offset }
        case .testEqualInt:
          let x = R[a]
          let wanted = Int64(Int8(truncatingIfNeeded: Instruction.b(word)))
          let isEqual = x.head == Head.int ? x.integer == wanted : try isSame(x, .int(wanted))
          let offset = Int(Int32(bitPattern: pc.pointee))
          pc += 1
          if isEqual != (Instruction.c(word) != 0) { pc += offset }

        case .forPrepare: try prepareLoop(R + a, names: Instruction.b(word), at: pc, function)
        case .forNext:
          let state = R + a
          if steps < 0 { throw stepsExhausted() }
          if heap.needsCollection {
            note(fiber, R, registers, function, closure, pc, depth)
            try collect()
          }
          if state[0].head == 0 {
            let remaining = state[2].bits
            if remaining != 0 {
              let value = state[1].integer
              state[2].bits = remaining &- 1
              state[1].bits = UInt64(bitPattern: value &+ state[3].integer)
              if state[3].head == 1 {
                state[4] = .int(value)
              } else {
                state[4] = .int(Int64(bitPattern: state[0].bits))
                state[5] = .int(value)
                state[0].bits &+= 1
              }
              pc += Instruction.signedBx(word)
              steps += Instruction.signedBx(word)
            }
          } else if nextElement(state) {
            pc += Instruction.signedBx(word)
            steps += Instruction.signedBx(word)
          }

        case .newList:
          let list = heap.makeValues(.list, count: Instruction.c(word))
          let values = heap.slots[list.handle].values
          for index in 0..<Instruction.c(word) { values[index] = R[Instruction.b(word) + index] }
          R[a] = list
        case .appendAll:
          for index in 0..<Instruction.c(word) {
            try heap.append(R[Instruction.b(word) + index], to: R[a])
          }
        case .newMap:
          let map = heap.makeMap()
          R[a] = map
          try putAll(map, R + Instruction.b(word), Instruction.c(word))
        case .putAll: try putAll(R[a], R + Instruction.b(word), Instruction.c(word))
        case .newRange, .newHalfOpenRange:
          R[a] = try range(
            R[Instruction.b(word)], R[Instruction.c(word)],
            isHalfOpen: Instruction.opcode(word) == .newHalfOpenRange)
        case .rangeBy: R[a] = try range(R[Instruction.b(word)], by: R[Instruction.c(word)])
        case .concat:
          R[a] = try concatenate(R + Instruction.b(word), Instruction.c(word))
        case .format:
          R[a] = try formatted(R[Instruction.b(word)], pc.pointee)
          pc += 1
        case .index:
          let container = R[Instruction.b(word)]
          let key = R[Instruction.c(word)]
          if container.tagOctet == ValueTag.list.rawValue && key.head == Head.int {
            let slot = heap.slots[container.handle]
            if UInt64(bitPattern: key.integer) >= UInt64(slot.count) {
              throw outOfRange(key.integer, slot.count)
            }
            let element = slot.values[Int(key.integer)]
            heap.share(element)
            R[a] = element
          } else {
            note(fiber, R, registers, function, closure, pc, depth)
            R[a] = try element(container, key, at: span(function, pc))
          }
        case .indexInPlace:
          let container = R[Instruction.b(word)]
          note(fiber, R, registers, function, closure, pc, depth)
          R[a] = try element(
            container, R[Instruction.c(word)], at: span(function, pc), shares: false)
        case .setIndex:
          let container = R[a]
          let key = R[Instruction.b(word)]
          let value = R[Instruction.c(word)]
          if container.tagOctet == ValueTag.list.rawValue && key.head == Head.int
            && !heap.slots[container.handle].isShared
            && UInt64(bitPattern: key.integer) < UInt64(heap.slots[container.handle].count)
          {
            heap.slots[container.handle].values[Int(key.integer)] = value
          } else {
            note(fiber, R, registers, function, closure, pc, depth)
            R[a] = try settingElement(container, key, value, at: span(function, pc))
          }
        case .unique: R[a] = try heap.unique(R[a])
        case .member, .memberInPlace:
          let object = R[Instruction.b(word)]
          let name = Symbol(rawValue: pc.pointee)
          pc += 1
          note(fiber, R, registers, function, closure, pc, depth)
          let value = try member(object, name, at: span(function, pc))
          if Instruction.opcode(word) == .member { heap.share(value) }
          R[a] = stamped(value, function, pc)
        case .setMember:
          let name = Symbol(rawValue: pc.pointee)
          pc += 1
          note(fiber, R, registers, function, closure, pc, depth)
          try setMember(
            R[a], name, R[Instruction.b(word)], operation: Instruction.c(word),
            at: span(function, pc))
        case .setElement:
          let operation = pc.pointee
          pc += 1
          note(fiber, R, registers, function, closure, pc, depth)
          try embedder.setElement(
            of: R[a], R[Instruction.b(word)], to: R[Instruction.c(word)],
            pathOperation(Int(operation)), at: span(function, pc))
        case .selectAll:
          note(fiber, R, registers, function, closure, pc, depth)
          R[a] = try selectAll(R[Instruction.b(word)], at: span(function, pc))

        case .callStatic:
          let callee = Instruction.bx(word)
          steps -= 1
          if steps < 0 { throw stepsExhausted() }
          if depth >= frameLimit { throw tooDeep() }
          if heap.needsCollection {
            note(fiber, R, registers, function, closure, pc, depth)
            try collect()
          }
          if depth == fiber.frameCapacity { fiber.growFrames() }
          fiber.frames[depth] = Frame(
            code: pc, base: Int32(truncatingIfNeeded: R - registers),
            function: Int32(truncatingIfNeeded: function), closure: closure)
          depth += 1
          R += a + 1
          let entry = functions + callee
          if R + entry.pointee.registerCount > registerEnd {
            let base = R - registers
            fiber.growRegisters(to: base + entry.pointee.registerCount)
            registers = fiber.registers
            registerEnd = registers + fiber.registerCapacity
            R = registers + base
          }
          function = callee
          closure = 0
          pc = UnsafePointer(entry.pointee.code)
        case .call, .callNamed:
          let callee = R[a]
          var count = Instruction.b(word)
          var shape = 0
          if Instruction.opcode(word) == .callNamed {
            shape = Int(pc.pointee)
            pc += 1
          }
          steps -= 1
          if steps < 0 { throw stepsExhausted() }
          if heap.needsCollection {
            note(fiber, R, registers, function, closure, pc, depth)
            try collect()
          }
          guard callee.tagOctet == ValueTag.closure.rawValue else {
            note(fiber, R, registers, function, closure, pc, depth)
            stepsLeft = steps
            let outcome = try callValue(R + a, count, shape, at: span(function, pc))
            steps = stepsLeft
            guard case .value(let value) = outcome else {
              try suspend(fiber, into: a)
              return false
            }
            R[a] = stamped(value, function, pc)
            break
          }
          if depth >= frameLimit { throw tooDeep() }
          if depth == fiber.frameCapacity { fiber.growFrames() }
          let target = Int(heap.slots[callee.handle].extra)
          let entry = functions + target
          if R + a + 1 + max(entry.pointee.registerCount, count) > registerEnd {
            let base = R - registers
            fiber.growRegisters(to: base + a + 1 + max(entry.pointee.registerCount, count))
            registers = fiber.registers
            registerEnd = registers + fiber.registerCapacity
            R = registers + base
          }
          if shape != 0 { count = try arrange(R + a + 1, count, shape, target) }
          if count != entry.pointee.parameterCount { try fill(R + a + 1, count, target) }
          fiber.frames[depth] = Frame(
            code: pc, base: Int32(truncatingIfNeeded: R - registers),
            function: Int32(truncatingIfNeeded: function), closure: closure)
          depth += 1
          R += a + 1
          function = target
          closure = callee.handle
          pc = UnsafePointer(entry.pointee.code)
        case .return_:
          let value = R[a]
          R[-1] = value
          if depth == 0 {
            fiber.result = value
            fiber.depth = 0
            stepsLeft = steps
            return true
          }
          depth -= 1
          let frame = fiber.frames[depth]
          R = registers + Int(frame.base)
          function = Int(frame.function)
          closure = frame.closure
          pc = frame.code
        case .callLibrary:
          note(fiber, R, registers, function, closure, pc, depth)
          stepsLeft = steps
          R[a] = try callLibrary(Instruction.b(word), R + a + 1, Instruction.c(word))
          steps = stepsLeft
        case .callNative:
          let target = Int(pc.pointee)
          pc += 1
          steps -= 1
          if steps < 0 { throw stepsExhausted() }
          note(fiber, R, registers, function, closure, pc, depth)
          stepsLeft = steps
          let outcome = try embedder.callNative(
            target & 0xFFFF,
            arguments(R + a + 1, Instruction.b(word), target >> 16, span(function, pc)))
          steps = stepsLeft
          guard case .value(let value) = outcome else {
            try suspend(fiber, into: a)
            return false
          }
          heap.share(value)
          R[a] = stamped(value, function, pc)
        case .method:
          let name = Symbol(rawValue: pc.pointee)
          let shape = Int(pc[1])
          pc += 2
          steps -= 1
          if steps < 0 { throw stepsExhausted() }
          note(fiber, R, registers, function, closure, pc, depth)
          stepsLeft = steps
          let outcome = try callMethod(
            R + a, Instruction.b(word), name, shape, at: span(function, pc))
          steps = stepsLeft
          guard case .value(let value) = outcome else {
            try suspend(fiber, into: a)
            return false
          }
          heap.share(value)
          R[a] = stamped(value, function, pc)
        case .push:
          let list = R[a]
          if list.tagOctet == ValueTag.list.rawValue {
            if heap.slots[list.handle].isShared { R[a] = try heap.copy(list) }
            try heap.append(R[Instruction.b(word)], to: R[a])
          } else {
            note(fiber, R, registers, function, closure, pc, depth)
            let outcome = try pushElsewhere(list, R + Instruction.b(word), span(function, pc))
            guard case .value = outcome else {
              try suspend(fiber, into: Instruction.b(word))
              return false
            }
          }
        case .root:
          let name = Symbol(rawValue: pc.pointee)
          pc += 1
          note(fiber, R, registers, function, closure, pc, depth)
          R[a] = stamped(try embedder.root(name, at: span(function, pc)), function, pc)
        case .declare:
          note(fiber, R, registers, function, closure, pc, depth)
          R[a] = try embedder.declare(
            program.declarations[Instruction.bx(word)], parent: R[a], index: R[a + 1],
            preset: R[a + 2])
        case .endDeclare:
          note(fiber, R, registers, function, closure, pc, depth)
          try embedder.endDeclaration(program.declarations[Instruction.bx(word)], node: R[a])
        case .bind:
          let name = Symbol(rawValue: pc.pointee)
          pc += 1
          note(fiber, R, registers, function, closure, pc, depth)
          try embedder.bind(
            R[a], name, R[Instruction.b(word)], isMutable: Instruction.c(word) != 0)
        case .perform:
          let site = Int(pc.pointee)
          pc += 1
          note(fiber, R, registers, function, closure, pc, depth)
          stepsLeft = steps
          let outcome = try embedder.perform(
            program.statements[site],
            arguments(R + a, Instruction.b(word), 0, span(function, pc)))
          steps = stepsLeft
          guard case .value(let value) = outcome else {
            try suspend(fiber, into: a)
            return false
          }
          R[a] = value
        case .callPreset:
          let preset = R[a]
          guard preset.tagOctet == ValueTag.closure.rawValue else { break }
          note(fiber, R, registers, function, closure, pc, depth)
          stepsLeft = steps
          R[a] = try callNested(preset, R + a + 1, 1)
          steps = stepsLeft
        case .convert:
          R[a] = try converted(R[Instruction.b(word)], pc.pointee)
          pc += 1
        case .newPolicy:
          R[a] = heap.makeValues(.policy, extra: UInt32(Instruction.bx(word)), count: 0)
        case .newRecord:
          R[a] = record(Int(pc.pointee), R + Instruction.b(word), Instruction.c(word))
          pc += 1
        }
      }
    } catch {
      stepsLeft = max(steps, 0)
      note(fiber, R, registers, function, closure, pc, depth)
      throw located(error, fiber)
    }
  }
}
