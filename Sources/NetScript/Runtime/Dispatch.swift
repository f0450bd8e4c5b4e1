// The dispatch loop: everything a running script does passes here.
//
// One function far longer than 70 lines, on purpose: a jump table over locals that stay in machine
// registers. Each case is short; what is not hot is in DispatchHelpers.swift. The code was
// verified, so registers, constants and jump targets are not checked again.

extension VM {
  /// Runs until the fiber ends (true) or suspends (false).
  // The dispatch loop: exempt from the length rule.
  func run(_ fiber: Fiber) throws(RuntimeError) -> Bool {
    let heap = self.heap
    let embedder = self.embedder
    let functions = self.functions
    let constants = self.constants
    let globals = self.globals
    let frameLimit = limits.frames
    var registers = fiber.registers
    var registerEnd = registers + fiber.registerCapacity
    var window = registers + fiber.base
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
        case .loadConstant: window[a] = constants[Instruction.bx(word)]
        case .loadConstantWide:
          window[a] = constants[Int(pc.pointee)]
          pc += 1
        case .loadInt: window[a] = .int(Int64(Instruction.signedBx(word)))
        case .loadNone: window[a] = .none
        case .loadUnset: window[a] = .unset
        case .move: window[a] = window[Instruction.b(word)]
        case .share:
          let value = window[Instruction.b(word)]
          heap.share(value)
          window[a] = value
        case .getGlobal:
          let value = globals[Instruction.bx(word)]
          if value.isUnset { throw unsetGlobal(Instruction.bx(word)) }
          window[a] = value
        case .setGlobal: globals[Instruction.bx(word)] = window[a]
        case .getUpvalue: window[a] = heap.slots[closure].values[Instruction.b(word)]
        case .getUpvalueCell:
          let value = heap.slots[heap.slots[closure].values[Instruction.b(word)].handle].payload
          if value.isUnset { throw unsetVariable() }
          window[a] = value
        case .setUpvalueCell:
          heap.slots[heap.slots[closure].values[Instruction.b(word)].handle].payload = window[a]
        case .newCell: window[a] = heap.makeCell(window[Instruction.b(word)])
        case .getCell:
          let value = heap.slots[window[Instruction.b(word)].handle].payload
          if value.isUnset { throw unsetVariable() }
          window[a] = value
        case .setCell: heap.slots[window[a].handle].payload = window[Instruction.b(word)]
        case .closure:
          window[a] = makeClosure(Instruction.bx(word), window, upvaluesOf: closure)
        case .add:
          let x = window[Instruction.b(word)]
          let y = window[Instruction.c(word)]
          if x.head == Head.int && y.head == Head.int {
            let (sum, overflow) = x.integer.addingReportingOverflow(y.integer)
            if overflow { throw integerOverflow(.add, x, y) }
            window[a] = .int(sum)
          } else if x.head == Head.real && y.head == Head.real {
            window[a] = try finite(x.double + y.double)
          } else {
            window[a] = try arithmetic(.add, x, y)
          }
        case .subtract:
          let x = window[Instruction.b(word)]
          let y = window[Instruction.c(word)]
          if x.head == Head.int && y.head == Head.int {
            let (difference, overflow) = x.integer.subtractingReportingOverflow(y.integer)
            if overflow { throw integerOverflow(.subtract, x, y) }
            window[a] = .int(difference)
          } else if x.head == Head.real && y.head == Head.real {
            window[a] = try finite(x.double - y.double)
          } else {
            window[a] = try arithmetic(.subtract, x, y)
          }
        case .multiply:
          let x = window[Instruction.b(word)]
          let y = window[Instruction.c(word)]
          if x.head == Head.int && y.head == Head.int {
            let (product, overflow) = x.integer.multipliedReportingOverflow(by: y.integer)
            if overflow { throw integerOverflow(.multiply, x, y) }
            window[a] = .int(product)
          } else if x.head == Head.real && y.head == Head.real {
            window[a] = try finite(x.double * y.double)
          } else if x.head == Head.int && y.head == Head.real {
            window[a] = try finite(Double(x.integer) * y.double)
          } else {
            window[a] = try arithmetic(.multiply, x, y)
          }
        case .divide:
          window[a] = try arithmetic(
            .divide, window[Instruction.b(word)], window[Instruction.c(word)])
        case .modulo:
          let x = window[Instruction.b(word)]
          let y = window[Instruction.c(word)]
          if x.head == Head.int && y.head == Head.int && x.integer >= 0 && y.integer > 0 {
            window[a] = .int(x.integer % y.integer)
          } else {
            window[a] = try arithmetic(.modulo, x, y)
          }
        case .addInt:
          let x = window[Instruction.b(word)]
          let step = Int64(Instruction.signedC(word))
          if x.head == Head.int {
            let (sum, overflow) = x.integer.addingReportingOverflow(step)
            if overflow { throw integerOverflow(.add, x, .int(step)) }
            window[a] = .int(sum)
          } else {
            window[a] =
              step < 0
              ? try arithmetic(.subtract, x, .int(-step)) : try arithmetic(.add, x, .int(step))
          }
        case .negate: window[a] = try negated(window[Instruction.b(word)])
        case .not: window[a] = .bool(!(try truth(window[Instruction.b(word)])))
        case .equal:
          window[a] = .bool(try isSame(window[Instruction.b(word)], window[Instruction.c(word)]))
        case .notEqual:
          window[a] = .bool(!(try isSame(window[Instruction.b(word)], window[Instruction.c(word)])))
        case .less:
          window[a] = .bool(
            try compare(window[Instruction.b(word)], window[Instruction.c(word)]) < 0)
        case .lessOrEqual:
          window[a] = .bool(
            try compare(window[Instruction.b(word)], window[Instruction.c(word)]) <= 0)
        case .isIn:
          window[a] = .bool(
            try isMember(window[Instruction.b(word)], of: window[Instruction.c(word)]))
        case .matches:
          window[a] = .bool(try matches(window[Instruction.b(word)], window[Instruction.c(word)]))
        case .jump: pc += Instruction.signed24(word)
        case .loop:
          let distance = Instruction.signed24(word)
          steps += distance
          if steps < 0 { throw stepsExhausted() }
          if heap.needsCollection {
            note(fiber, window, registers, function, closure, pc, depth)
            try collect()
          }
          pc += distance
        case .jumpIfFalse:
          let value = window[a]
          if value.head != Head.bool { throw noBool(value) }
          if value.bits == 0 { pc += Instruction.signedBx(word) }
        case .jumpIfTrue:
          let value = window[a]
          if value.head != Head.bool { throw noBool(value) }
          if value.bits != 0 { pc += Instruction.signedBx(word) }
        case .jumpIfSet: if !window[a].isUnset { pc += Instruction.signedBx(word) }
        case .checkBool: if window[a].head != Head.bool { throw noBool(window[a]) }
        case .testLess:
          let x = window[a]
          let y = window[Instruction.b(word)]
          let isLess =
            x.head == Head.int && y.head == Head.int
            ? x.integer < y.integer : try compare(x, y) < 0
          let offset = Int(Int32(bitPattern: pc.pointee))
          pc += 1
          if isLess != (Instruction.c(word) != 0) { pc += offset }
        case .testLessOrEqual:
          let x = window[a]
          let y = window[Instruction.b(word)]
          let isLess =
            x.head == Head.int && y.head == Head.int
            ? x.integer <= y.integer : try compare(x, y) <= 0
          let offset = Int(Int32(bitPattern: pc.pointee))
          pc += 1
          if isLess != (Instruction.c(word) != 0) { pc += offset }
        case .testEqual:
          let isEqual = try isSame(window[a], window[Instruction.b(word)])
          let offset = Int(Int32(bitPattern: pc.pointee))
          pc += 1
          if isEqual != (Instruction.c(word) != 0) { pc += offset }
        case .testLessInt:
          let x = window[a]
          let bound = Int64(Int8(truncatingIfNeeded: Instruction.b(word)))
          let isLess = x.head == Head.int ? x.integer < bound : try compare(x, .int(bound)) < 0
          let offset = Int(Int32(bitPattern: pc.pointee))
          pc += 1
          if isLess != (Instruction.c(word) != 0) { pc += offset }
        case .testEqualInt:
          let x = window[a]
          let wanted = Int64(Int8(truncatingIfNeeded: Instruction.b(word)))
          let isEqual = x.head == Head.int ? x.integer == wanted : try isSame(x, .int(wanted))
          let offset = Int(Int32(bitPattern: pc.pointee))
          pc += 1
          if isEqual != (Instruction.c(word) != 0) { pc += offset }
        case .forPrepare: try prepareLoop(window + a, names: Instruction.b(word), at: pc, function)
        case .forNext:
          let state = window + a
          if steps < 0 { throw stepsExhausted() }
          if heap.needsCollection {
            note(fiber, window, registers, function, closure, pc, depth)
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

        case .newList: window[a] = list(window + Instruction.b(word), Instruction.c(word))
        case .appendAll:
          try appendAll(window[a], window + Instruction.b(word), Instruction.c(word))
        case .newMap:
          window[a] = heap.makeMap()
          try putAll(window[a], window + Instruction.b(word), Instruction.c(word))
        case .putAll: try putAll(window[a], window + Instruction.b(word), Instruction.c(word))
        case .newRange, .newHalfOpenRange:
          window[a] = try range(
            window[Instruction.b(word)], window[Instruction.c(word)],
            isHalfOpen: Instruction.opcode(word) == .newHalfOpenRange)
        case .rangeBy:
          window[a] = try range(window[Instruction.b(word)], by: window[Instruction.c(word)])
        case .concat:
          window[a] = try concatenate(window + Instruction.b(word), Instruction.c(word))
        case .format:
          window[a] = try formatted(window[Instruction.b(word)], pc.pointee)
          pc += 1
        case .index:
          let container = window[Instruction.b(word)]
          let key = window[Instruction.c(word)]
          if container.tagOctet == ValueTag.list.rawValue && key.head == Head.int {
            let slot = heap.slots[container.handle]
            if UInt64(bitPattern: key.integer) >= UInt64(slot.count) {
              throw outOfRange(key.integer, slot.count)
            }
            let element = slot.values[Int(key.integer)]
            heap.share(element)
            window[a] = element
          } else {
            note(fiber, window, registers, function, closure, pc, depth)
            window[a] = try element(container, key, at: span(function, pc))
          }
        case .indexInPlace:
          let container = window[Instruction.b(word)]
          note(fiber, window, registers, function, closure, pc, depth)
          window[a] = try element(
            container, window[Instruction.c(word)], at: span(function, pc), shares: false)
        case .setIndex:
          let container = window[a]
          let key = window[Instruction.b(word)]
          let value = window[Instruction.c(word)]
          if container.tagOctet == ValueTag.list.rawValue && key.head == Head.int
            && !heap.slots[container.handle].isShared
            && UInt64(bitPattern: key.integer) < UInt64(heap.slots[container.handle].count)
          {
            heap.slots[container.handle].values[Int(key.integer)] = value
          } else {
            note(fiber, window, registers, function, closure, pc, depth)
            window[a] = try settingElement(container, key, value, at: span(function, pc))
          }
        case .unique: window[a] = try heap.unique(window[a])
        case .member, .memberInPlace:
          let object = window[Instruction.b(word)]
          let name = Symbol(rawValue: pc.pointee)
          pc += 1
          note(fiber, window, registers, function, closure, pc, depth)
          let value = try member(object, name, embedder, at: span(function, pc))
          if Instruction.opcode(word) == .member { heap.share(value) }
          window[a] = stamped(value, function, pc)
        case .setMember:
          let name = Symbol(rawValue: pc.pointee)
          pc += 1
          note(fiber, window, registers, function, closure, pc, depth)
          try setMember(
            window[a], name, window[Instruction.b(word)], operation: Instruction.c(word),
            at: span(function, pc))
        case .setElement:
          pc += 1
          note(fiber, window, registers, function, closure, pc, depth)
          try setElement(
            window[a], window[Instruction.b(word)], window[Instruction.c(word)],
            operation: Int(pc[-1]), at: span(function, pc))
        case .selectAll:
          note(fiber, window, registers, function, closure, pc, depth)
          window[a] = try selectAll(window[Instruction.b(word)], at: span(function, pc))
        case .callStatic:
          let callee = Instruction.bx(word)
          steps -= 1
          if steps < 0 { throw stepsExhausted() }
          if depth >= frameLimit { throw tooDeep() }
          if heap.needsCollection {
            note(fiber, window, registers, function, closure, pc, depth)
            try collect()
          }
          if depth == fiber.frameCapacity { fiber.growFrames() }
          fiber.frames[depth] = Frame(
            code: pc, base: Int32(truncatingIfNeeded: window - registers),
            function: Int32(truncatingIfNeeded: function), closure: closure)
          depth += 1
          window += a + 1
          let entry = functions + callee
          if window + entry.pointee.registerCount > registerEnd {
            let base = window - registers
            fiber.growRegisters(to: base + entry.pointee.registerCount)
            registers = fiber.registers
            registerEnd = registers + fiber.registerCapacity
            window = registers + base
          }
          function = callee
          closure = 0
          pc = UnsafePointer(entry.pointee.code)
        case .method:
          let name = Symbol(rawValue: pc.pointee)
          pc += 2
          steps -= 1
          if steps < 0 { throw stepsExhausted() }
          note(fiber, window, registers, function, closure, pc, depth)
          stepsLeft = steps
          let outcome = try callMethod(
            window + a, Instruction.b(word), name, Int(pc[-1]), embedder, at: span(function, pc))
          steps = stepsLeft
          if case .value(let value) = outcome {
            heap.share(value)
            window[a] = stamped(value, function, pc)
            continue
          }
          guard case .enter(let method) = outcome else { return try suspend(fiber, into: a) }
          window[a] = method
          fallthrough
        case .call, .callNamed:
          let callee = window[a]
          var count = Instruction.b(word)
          var shape = 0
          if Instruction.opcode(word) != .call {
            // Of a method the word has been read.
            if Instruction.opcode(word) == .callNamed { pc += 1 }
            shape = Int(pc[-1])
          }
          steps -= 1
          if steps < 0 { throw stepsExhausted() }
          if heap.needsCollection {
            note(fiber, window, registers, function, closure, pc, depth)
            try collect()
          }
          guard callee.tagOctet == ValueTag.closure.rawValue else {
            note(fiber, window, registers, function, closure, pc, depth)
            stepsLeft = steps
            let outcome = try callValue(window + a, count, shape, at: span(function, pc))
            steps = stepsLeft
            guard case .value(let value) = outcome else { return try suspend(fiber, into: a) }
            window[a] = stamped(value, function, pc)
            break
          }
          if depth >= frameLimit { throw tooDeep() }
          if depth == fiber.frameCapacity { fiber.growFrames() }
          let target = Int(heap.slots[callee.handle].extra)
          let entry = functions + target
          if window + a + 1 + max(entry.pointee.registerCount, count) > registerEnd {
            let base = window - registers
            fiber.growRegisters(to: base + a + 1 + max(entry.pointee.registerCount, count))
            registers = fiber.registers
            registerEnd = registers + fiber.registerCapacity
            window = registers + base
          }
          if shape != 0 { count = try arrange(window + a + 1, count, shape, target) }
          if count != entry.pointee.parameterCount { try fill(window + a + 1, count, target) }
          fiber.frames[depth] = Frame(
            code: pc, base: Int32(truncatingIfNeeded: window - registers),
            function: Int32(truncatingIfNeeded: function), closure: closure)
          depth += 1
          window += a + 1
          function = target
          closure = callee.handle
          pc = UnsafePointer(entry.pointee.code)
        case .returnValue:
          let value = window[a]
          window[-1] = value
          if depth == 0 {
            fiber.result = value
            fiber.depth = 0
            stepsLeft = steps
            return true
          }
          depth -= 1
          let frame = fiber.frames[depth]
          window = registers + Int(frame.base)
          function = Int(frame.function)
          closure = frame.closure
          pc = frame.code
        case .callLibrary:
          note(fiber, window, registers, function, closure, pc, depth)
          stepsLeft = steps
          window[a] = try callLibrary(Instruction.b(word), window + a + 1, Instruction.c(word))
          steps = stepsLeft
        case .callNative:
          let target = Int(pc.pointee)
          pc += 1
          steps -= 1
          if steps < 0 { throw stepsExhausted() }
          note(fiber, window, registers, function, closure, pc, depth)
          stepsLeft = steps
          let outcome = try embedder.callNative(
            target & 0xFFFF,
            arguments(window + a + 1, Instruction.b(word), target >> 16, span(function, pc)))
          steps = stepsLeft
          guard case .value(let value) = outcome else { return try suspend(fiber, into: a) }
          heap.share(value)
          window[a] = stamped(value, function, pc)
        case .push:
          let list = window[a]
          if list.tagOctet == ValueTag.list.rawValue {
            if heap.slots[list.handle].isShared { window[a] = try heap.copy(list) }
            try heap.append(window[Instruction.b(word)], to: window[a])
          } else {
            note(fiber, window, registers, function, closure, pc, depth)
            let outcome = try pushElsewhere(list, window + Instruction.b(word), span(function, pc))
            guard case .value = outcome else {
              return try suspend(fiber, into: Instruction.b(word))
            }
          }
        case .root:
          let name = Symbol(rawValue: pc.pointee)
          pc += 1
          note(fiber, window, registers, function, closure, pc, depth)
          window[a] = stamped(try embedder.root(name, at: span(function, pc)), function, pc)
        case .declare:
          note(fiber, window, registers, function, closure, pc, depth)
          window[a] = try declare(Instruction.bx(word), window + a)
        case .endDeclare:
          note(fiber, window, registers, function, closure, pc, depth)
          try embedder.endDeclaration(program.declarations[Instruction.bx(word)], node: window[a])
        case .bind:
          let name = Symbol(rawValue: pc.pointee)
          pc += 1
          note(fiber, window, registers, function, closure, pc, depth)
          try embedder.bind(
            window[a], name, window[Instruction.b(word)], isMutable: Instruction.c(word) != 0)
        case .perform:
          let site = Int(pc.pointee)
          pc += 1
          note(fiber, window, registers, function, closure, pc, depth)
          stepsLeft = steps
          let outcome = try embedder.perform(
            program.statements[site],
            arguments(window + a, Instruction.b(word), 0, span(function, pc)))
          steps = stepsLeft
          guard case .value(let value) = outcome else { return try suspend(fiber, into: a) }
          window[a] = value
        case .callPreset:
          let preset = window[a]
          guard preset.tagOctet == ValueTag.closure.rawValue else { break }
          note(fiber, window, registers, function, closure, pc, depth)
          stepsLeft = steps
          window[a] = try callNested(preset, window + a + 1, 1)
          steps = stepsLeft
        case .convert:
          window[a] = try converted(window[Instruction.b(word)], pc.pointee)
          pc += 1
        case .newPolicy:
          window[a] = heap.makeValues(.policy, extra: UInt32(Instruction.bx(word)), count: 0)
        case .newRecord:
          window[a] = record(Int(pc.pointee), window + Instruction.b(word), Instruction.c(word))
          pc += 1
        }
      }
    } catch {
      stepsLeft = max(steps, 0)
      note(fiber, window, registers, function, closure, pc, depth)
      throw located(error, fiber)
    }
  }
}
