// Expressions: into a register, or as a jump.
//
// A name read into a place that lasts (a variable, an element, an argument) is *shared*: lists and
// maps then know that two places name them. Evaluation is left to right throughout.

extension Compiler {
  /// The register that holds the value: a variable's own, or a new temporary.
  func operand(_ expression: Expression, inChain: Bool = false) -> Int {
    switch expression.form {
    case .parenthesised(let inner): return operand(inner)
    case .name(let name):
      if let entry = f.resolve(name), case .register(let register) = entry.binding {
        return register
      }
    default: break
    }
    let target = f.allocate()
    compile(expression, into: target, shares: false, inChain: inChain)
    return target
  }

  func compile(
    _ expression: Expression, into target: Int, shares: Bool = true, inChain: Bool = false
  ) {
    let top = f.nextRegister
    let span = expression.span
    defer {
      if let seen = f.seen, seen.span == span {
        f.emit(.setGlobal, target, wide: seen.global, at: span)
      }
      f.release(to: top)
    }
    switch expression.form {
    case .missing, .none: f.emit(.loadNone, target, at: span)
    case .int(let number): load(.int(number), into: target, at: span)
    case .real(let number): load(.real(number), into: target, at: span)
    case .quantity(let literal): loadConstant(constant(literal, at: span), into: target, at: span)
    case .bool(let value): load(.bool(value), into: target, at: span)
    case .symbol(let name): load(.symbol(symbol(name)), into: target, at: span)
    case .string(let literal): compile(literal, into: target, at: span)
    case .name(let name):
      compileName(name, into: target, shares: shares, inChain: inChain, at: span)
    case .parenthesised(let inner): compile(inner, into: target, shares: shares)
    case .prefix(let prefix, let inner): compile(prefix, inner, into: target, at: span)
    case .infix(let infix, operatorSpan: _, let left, let right):
      compile(infix, left, right, into: target, at: span)
    case .member, .index, .selectAll:
      compilePath(expression, into: target, inChain: inChain)
    case .call(let callee, let arguments):
      compileCall(callee, arguments, into: target, inChain: inChain, at: span)
    case .convert(let inner, let unit, unitSpan: _):
      f.emit(.convert, target, operand(inner), at: span)
      f.emit(UInt32(unit.unit) | UInt32(unit.per) << 8, span)
    case .list(let elements): compileList(elements, into: target, at: span)
    case .map(let entries): compileMap(entries, into: target, at: span)
    case .conditional(let condition, then: let first, otherwise: let second):
      let toSecond = branch(condition, ifTrue: false)
      compile(first, into: target, shares: shares)
      let toEnd = f.emitJump(.jump, at: span)
      f.patch(toSecond)
      compile(second, into: target, shares: shares)
      f.patch([toEnd])
    case .function(let shape):
      let number = reserveFunction("fn", shape.span)
      functionValue(shape, number: number)
      f.emit(.closure, target, wide: number, at: span)
    }
  }

  /// Times and data are counted in whole base units: what is finer is rounded to them, half to
  /// even. Rates and frequencies are not: `1/min` is a sixtieth of the base unit.
  private func constant(_ literal: QuantityLiteral, at span: SourceSpan) -> Int {
    let scale = literal.unit.scale
    var exact = Exact(Int128(scale.numerator), Int128(scale.denominator))
      .flatMap { $0.multiplied(by: Exact(literal.significand)) }
    if literal.unit.unit == 0 && literal.unit.per == 0 { exact = Exact(literal.significand) }
    exact = abs(literal.exponent) <= 36 ? exact?.scaled(byPowerOfTen: literal.exponent) : nil
    guard let exact, let count = exact.rounded else {
      report("N105", "`\(text(span))` is beyond 64 bits of its base unit", at: span)
      return constant(.none)
    }
    if exact.whole == nil && literal.dimension.time < 0 { return constant(exact, literal) }
    return constant(.quantity(count, literal.dimension, unit: literal.unit))
  }

  // MARK: Names

  private func compileName(
    _ name: String, into target: Int, shares: Bool, inChain: Bool, at span: SourceSpan
  ) {
    guard let entry = lookUp(name, at: span) else {
      if let function = LibraryFunction.named(name) {
        load(Value(.native, handle: Int(function.rawValue)), into: target, at: span)
      } else if let native = natives[name] {
        load(Value(.native, handle: VM.firstNative + native), into: target, at: span)
      } else {
        emitRoot(name, into: target, inChain: inChain, at: span)
      }
      return
    }
    read(entry, name, into: target, shares: shares, inChain: inChain, at: span)
  }

  func read(
    _ entry: BoundName, _ name: String, into target: Int, shares: Bool, inChain: Bool = false,
    at span: SourceSpan
  ) {
    switch entry.binding {
    case .register(let register):
      f.emit(shares ? .share : .move, target, register, at: span)
      return
    case .cell(let register): f.emit(.getCell, target, register, at: span)
    case .upvalue(let index): f.emit(.getUpvalue, target, index, at: span)
    case .upvalueCell(let index): f.emit(.getUpvalueCell, target, index, at: span)
    case .global(let index): f.emit(.getGlobal, target, wide: index, at: span)
    case .function(let number):
      f.emit(.closure, target, wide: number, at: span)
      return
    case .policy(let number):
      f.emit(.newPolicy, target, wide: number, at: span)
      return
    case .module:
      report(
        "N219", "`\(name)` is an imported file, not a value", at: span,
        help: "name what you want of it: `\(name).…`")
      return
    case .member(of: let hidden):
      noteStructuralUse(entry, name, at: span)
      readHidden(hidden, into: target, at: span)
      f.emit(.member, target, target, at: span)
      f.emit(symbol(name).rawValue, span)
      return
    case .root:
      emitRoot(name, into: target, inChain: inChain, at: span)
      return
    }
    if shares { f.emit(.share, target, target, at: span) }
  }

  /// Lexically, then in the modules that are in scope everywhere.
  func lookUp(_ name: String, at span: SourceSpan) -> BoundName? {
    if let entry = f.resolve(name) { return entry }
    for module in preludes.reversed() {
      if let entry = exports[module].names[name] { return entry }
    }
    return nil
  }

  func readHidden(_ name: String, into target: Int, at span: SourceSpan) {
    guard let entry = f.resolve(name) else {
      f.emit(.loadNone, target, at: span)
      return
    }
    read(entry, name, into: target, shares: false, at: span)
  }

  func emitRoot(_ name: String, into target: Int, inChain: Bool, at span: SourceSpan) {
    if !inChain { notePath(PathSite(root: symbol(name), rootSpan: span)) }
    f.emit(.root, target, at: span)
    f.emit(symbol(name).rawValue, span)
  }

  func notePath(_ site: PathSite) {
    var site = site
    site.function = FunctionID(rawValue: UInt32(max(f.number, 0)))
    program.paths.append(site)
  }

  /// A kind's parameter read while the instance is built is fixed from then on.
  private func noteStructuralUse(_ entry: BoundName, _ name: String, at span: SourceSpan) {
    guard entry.isKindParameter, let kind = f.kindNumber else { return }
    let symbol = symbol(name)
    for index in program.kinds[kind].parameters.indices
    where program.kinds[kind].parameters[index].name == symbol {
      if program.kinds[kind].parameters[index].structuralUse == nil {
        program.kinds[kind].parameters[index].structuralUse = span
      }
    }
  }

  // MARK: Strings, lists, maps

  private func compile(_ literal: StringLiteral, into target: Int, at span: SourceSpan) {
    if let plain = literal.plainText {
      loadConstant(constant(plain), into: target, at: span)
      return
    }
    let first = f.nextRegister
    for segment in literal.segments {
      let register = f.allocate()
      switch segment {
      case .text(let text): loadConstant(constant(text), into: register, at: span)
      case .interpolation(let value, width: let width, digits: let digits):
        compile(value, into: register, shares: false)
        guard width != nil || digits != nil else { break }
        f.emit(.format, register, register, at: value.span)
        let digitWord = UInt32(min(digits ?? 0xFFFF, 0xFFFF))
        f.emit(UInt32(min(width ?? 0, 10_000)) | digitWord << 16, value.span)
      }
    }
    f.emit(.concat, target, first, f.nextRegister - first, at: span)
  }

  /// Elements are evaluated in rows of 32, so that a long list needs few registers.
  private func compileList(_ elements: [Expression], into target: Int, at span: SourceSpan) {
    let row = 32
    let list = elements.count <= row || f.isTemporary(target) ? target : f.allocate()
    var place = 0
    repeat {
      let first = f.nextRegister
      let end = min(place + row, elements.count)
      for index in place..<end { compile(elements[index], into: f.allocate()) }
      f.emit(place == 0 ? .newList : .appendAll, list, first, end - place, at: span)
      f.release(to: first)
      place = end
    } while place < elements.count
    if list != target { f.emit(.move, target, list, at: span) }
  }

  private func compileMap(_ entries: [MapEntry], into target: Int, at span: SourceSpan) {
    let row = 16
    let map = entries.count <= row || f.isTemporary(target) ? target : f.allocate()
    var place = 0
    repeat {
      let first = f.nextRegister
      let end = min(place + row, entries.count)
      for index in place..<end {
        compile(entries[index].key, into: f.allocate())
        compile(entries[index].value, into: f.allocate())
      }
      f.emit(place == 0 ? .newMap : .putAll, map, first, end - place, at: span)
      f.release(to: first)
      place = end
    } while place < entries.count
    if map != target { f.emit(.move, target, map, at: span) }
  }

  // MARK: Operators

  private func compile(
    _ prefix: PrefixOperator, _ inner: Expression, into target: Int, at span: SourceSpan
  ) {
    if prefix == .negate, case .int(let number) = inner.form, number != Int64.min {
      load(.int(-number), into: target, at: span)
      return
    }
    f.emit(prefix == .negate ? .negate : .not, target, operand(inner), at: span)
  }

  private func compile(
    _ infix: InfixOperator, _ left: Expression, _ right: Expression, into target: Int,
    at span: SourceSpan
  ) {
    switch infix {
    case .and, .or:
      let register = f.isTemporary(target) ? target : f.allocate()
      compile(left, into: register, shares: false)
      let skip = f.emitJump(infix == .and ? .jumpIfFalse : .jumpIfTrue, register, at: left.span)
      compile(right, into: register, shares: false)
      f.emit(.checkBool, register, at: right.span)
      f.patch([skip])
      if register != target { f.emit(.move, target, register, at: span) }
    case .add:
      compileArithmetic(.add, .addConstant, operand(left), right, into: target, at: span)
    case .subtract:
      compileArithmetic(.subtract, .subtractConstant, operand(left), right, into: target, at: span)
    case .multiply:
      compileArithmetic(.multiply, .multiplyConstant, operand(left), right, into: target, at: span)
    case .divide:
      compileArithmetic(.divide, .divideConstant, operand(left), right, into: target, at: span)
    case .modulo:
      compileArithmetic(.modulo, .moduloConstant, operand(left), right, into: target, at: span)
    case .equal: compileBinary(.equal, left, right, into: target, at: span)
    case .notEqual: compileBinary(.notEqual, left, right, into: target, at: span)
    case .less: compileBinary(.less, left, right, into: target, at: span)
    case .lessOrEqual: compileBinary(.lessOrEqual, left, right, into: target, at: span)
    case .greater: compileBinary(.less, left, right, into: target, swaps: true, at: span)
    case .greaterOrEqual:
      compileBinary(.lessOrEqual, left, right, into: target, swaps: true, at: span)
    case .isIn: compileBinary(.isIn, left, right, into: target, at: span)
    case .range: compileBinary(.newRange, left, right, into: target, at: span)
    case .halfOpenRange: compileBinary(.newHalfOpenRange, left, right, into: target, at: span)
    case .by: compileBinary(.rangeBy, left, right, into: target, at: span)
    }
  }

  /// With a number or a quantity on its right an operator takes it from the constants.
  func compileArithmetic(
    _ plain: Opcode, _ withConstant: Opcode, _ left: Int, _ right: Expression, into target: Int,
    at span: SourceSpan
  ) {
    let number: Int
    switch right.form {
    case .int(let count) where plain == .add && count >= 0 && count < 128:
      f.emit(.addInt, target, left, Int(count), at: span)
      return
    case .int(let count) where plain == .subtract && count >= 0 && count < 128:
      f.emit(.addInt, target, left, -Int(count), at: span)
      return
    case .int(let count):
      let isShort = Int32(exactly: count) != nil && (plain == .multiply || count > 0)
      if isShort, plain == .multiply || plain == .modulo {
        f.emit(plain == .multiply ? .multiplyInt : .moduloInt, target, left, at: span)
        f.emit(UInt32(truncatingIfNeeded: count), span)
        return
      }
      number = constant(.int(count))
    case .real(let real): number = constant(.real(real))
    case .quantity(let literal): number = constant(literal, at: right.span)
    default:
      f.emit(plain, target, left, operand(right), at: span)
      return
    }
    f.emit(withConstant, target, left, at: span)
    f.emit(UInt32(number), span)
  }

  private func compileBinary(
    _ opcode: Opcode, _ left: Expression, _ right: Expression, into target: Int,
    swaps: Bool = false, at span: SourceSpan
  ) {
    let first = operand(left)
    let second = operand(right)
    f.emit(opcode, target, swaps ? second : first, swaps ? first : second, at: span)
  }

  // MARK: Conditions

  /// Jumps when the condition has that value, else falls through. Returns the places to patch.
  func branch(_ condition: Expression, ifTrue: Bool) -> [Int] {
    let top = f.nextRegister
    defer { f.release(to: top) }
    switch condition.form {
    case .parenthesised(let inner): return branch(inner, ifTrue: ifTrue)
    case .prefix(.not, let inner): return branch(inner, ifTrue: !ifTrue)
    case .infix(.and, operatorSpan: _, let left, let right):
      return both(left, right, ifTrue: ifTrue, decides: false)
    case .infix(.or, operatorSpan: _, let left, let right):
      return both(left, right, ifTrue: ifTrue, decides: true)
    case .infix(let infix, operatorSpan: _, let left, let right):
      if let place = test(infix, left, right, ifTrue: ifTrue, at: condition.span) {
        return [place]
      }
    default: break
    }
    let register = operand(condition)
    return [f.emitJump(ifTrue ? .jumpIfTrue : .jumpIfFalse, register, at: condition.span)]
  }

  /// `and` is decided by a false side, `or` by a true one.
  private func both(
    _ left: Expression, _ right: Expression, ifTrue: Bool, decides: Bool
  ) -> [Int] {
    if ifTrue == decides {
      return branch(left, ifTrue: ifTrue) + branch(right, ifTrue: ifTrue)
    }
    let out = branch(left, ifTrue: decides)
    let places = branch(right, ifTrue: ifTrue)
    f.patch(out)
    return places
  }

  /// A comparison and a jump in one. The test jumps when its outcome is not what it expects.
  private func test(
    _ infix: InfixOperator, _ left: Expression, _ right: Expression, ifTrue: Bool,
    at span: SourceSpan
  ) -> Int? {
    if case .int(let wide) = right.form, let number = Int32(exactly: wide),
      let (opcode, isNegated) = numberTest(infix)
    {
      return f.emitTest(
        opcode, operand(left), number: number, expects: isNegated == ifTrue, at: span)
    }
    let opcode: Opcode
    var swaps = false
    var isNegated = false
    switch infix {
    case .less: opcode = .testLess
    case .greater: (opcode, swaps) = (.testLess, true)
    case .lessOrEqual: opcode = .testLessOrEqual
    case .greaterOrEqual: (opcode, swaps) = (.testLessOrEqual, true)
    case .equal: opcode = .testEqual
    case .notEqual: (opcode, isNegated) = (.testEqual, true)
    default: return nil
    }
    let first = operand(left)
    let second = operand(right)
    return f.emitTest(
      opcode, swaps ? second : first, swaps ? first : second, expects: isNegated == ifTrue,
      at: span)
  }

  /// The test of a comparison with a number, and whether its outcome is the opposite.
  private func numberTest(_ infix: InfixOperator) -> (Opcode, isNegated: Bool)? {
    switch infix {
    case .less: (.testLessInt, false)
    case .greaterOrEqual: (.testLessInt, true)
    case .lessOrEqual: (.testLessOrEqualInt, false)
    case .greater: (.testLessOrEqualInt, true)
    case .equal: (.testEqualInt, false)
    case .notEqual: (.testEqualInt, true)
    default: nil
    }
  }
}
