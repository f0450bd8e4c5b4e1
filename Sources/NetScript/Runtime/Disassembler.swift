// Bytecode as text: each function with its instructions, and the lines of source they came from.
//
//     double(x)  3 registers
//       1 | fn double(x) { return x * 2 }
//          0  multiplyInt      r1 r0  2
//          2  returnValue      r1
//
// Registers are `r0` …, the parameters first; a jump shows where it goes.

extension Program {
  /// The functions of one file, in the order in which the compiler made them.
  public func disassembly(of file: SourceFileID) -> [String] {
    var lines: [String] = []
    for function in functions where function.span.file == file && !function.code.isEmpty {
      if !lines.isEmpty { lines.append("") }
      lines += disassembly(of: function)
    }
    return lines
  }

  private func disassembly(of function: FunctionCode) -> [String] {
    let names = function.parameters.map { symbols.name($0) }.joined(separator: ", ")
    var head = "\(function.name)(\(names))  \(function.registerCount) registers"
    if !function.captures.isEmpty { head += "  captures \(text(function.captures))" }
    var lines = [head]
    var shown = -1
    var place = 0
    while place < function.code.count {
      let opcode = Instruction.opcode(function.code[place])
      let span = function.spans[place]
      let line = files[span.file].line(at: span.start)
      if line != shown {
        lines.append(Program.padded("\(line)", 5) + " | " + source(span.file, line))
        shown = line
      }
      let name = opcode.name
      let gap = String(repeating: " ", count: max(1, 20 - name.utf8.count))
      let text = Program.padded("\(place)", 8) + "  " + name + gap
      lines.append(trimmed(text + operands(opcode, function.code, place)))
      place += 1 + opcode.extraWords
    }
    return lines
  }

  private func text(_ captures: [Capture]) -> String {
    captures.map { capture in
      switch capture {
      case .register(let number): return "r\(number)"
      case .upvalue(let number): return "up\(number)"
      }
    }.joined(separator: " ")
  }

  /// A source line without its indentation, cut where it is very long.
  private func source(_ file: SourceFileID, _ line: Int) -> String {
    var range = files[file].lineRange(line)
    while let first = range.first, files[file].octets[first] <= Ascii.space {
      range = range.lowerBound + 1..<range.upperBound
    }
    guard range.count > 80 else { return files[file].text(range) }
    var end = range.lowerBound + 80
    while end < range.upperBound, files[file].octets[end] & 0xC0 == 0x80 { end += 1 }
    return files[file].text(range.lowerBound..<end) + "…"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.utf8.count)) + text
  }

  private func trimmed(_ text: String) -> String {
    var text = text
    while text.utf8.last == Ascii.space { text.removeLast() }
    return text
  }

  // MARK: Operands

  private func operands(_ opcode: Opcode, _ code: [UInt32], _ place: Int) -> String {
    let word = code[place]
    let (a, b, c) = (Instruction.a(word), Instruction.b(word), Instruction.c(word))
    let wide = Instruction.bx(word)
    let extra = opcode.extraWords > 0 ? code[place + 1] : 0
    if let target = opcode.jumpTarget(in: code, at: place) {
      return jump(opcode, word, extra, to: target)
    }
    switch opcode {
    case .nop: return ""
    case .loadConstant: return "r\(a)  \(text(ofConstant: wide))"
    case .loadConstantWide: return "r\(a)  \(text(ofConstant: Int(extra)))"
    case .loadInt: return "r\(a)  \(Instruction.signedBx(word))"
    case .getGlobal, .setGlobal: return "r\(a)  \(globalNames[wide])"
    case .getUpvalue, .getUpvalueCell, .setUpvalueCell: return "r\(a) up\(b)"
    case .addConstant, .subtractConstant, .multiplyConstant, .divideConstant, .moduloConstant:
      return "r\(a) r\(b)  \(text(ofConstant: Int(extra)))"
    case .addInt: return "r\(a) r\(b)  \(Instruction.signedC(word))"
    case .multiplyInt, .moduloInt: return "r\(a) r\(b)  \(Instruction.offset(extra))"
    case .closure, .callStatic: return "r\(a)  \(functions[wide].name)"
    case .newList, .concat: return "r\(a) \(window(b, c))"
    case .newMap: return "r\(a) \(window(b, c * 2))"
    case .member, .memberInPlace: return "r\(a) r\(b)  .\(symbol(extra))"
    case .setMember: return "r\(a)  .\(symbol(extra))  r\(b)"
    case .root: return "r\(a)  \(symbol(extra))"
    case .bind: return "r\(a)  \(symbol(extra))  r\(b)"
    case .call, .callNamed: return "r\(a) \(window(a + 1, b))"
    case .callLibrary:
      let name = LibraryFunction(rawValue: UInt8(b))?.name ?? "?"
      return "r\(a) \(window(a + 1, c))  \(name)"
    case .callNative: return "r\(a) \(window(a + 1, b))  \(natives[Int(extra & 0xFFFF)])"
    case .method: return "r\(a) \(window(a + 1, b))  .\(symbol(extra))"
    case .declare, .endDeclare: return "r\(a)  \(title(of: declarations[wide]))"
    case .perform: return "\(window(a, b))  \(title(of: statements[Int(extra)]))"
    case .convert:
      let unit = UnitExpression(unit: UInt8(extra & 0xFF), per: UInt8(extra >> 8 & 0xFF))
      return "r\(a) r\(b)  \(unit.text)"
    case .newPolicy: return "r\(a)  \(policies[wide].name)"
    default: return plain(opcode, a, b, c)
    }
  }

  private func plain(_ opcode: Opcode, _ a: Int, _ b: Int, _ c: Int) -> String {
    switch opcode {
    case .loadNone, .loadUnset, .checkBool, .unique, .returnValue, .callPreset: return "r\(a)"
    case .move, .share, .getCell, .setCell, .newCell, .negate, .not, .push, .format:
      return "r\(a) r\(b)"
    case .selectAll: return c == 0 ? "r\(a) r\(b)" : "r\(a) r\(b) r\(c - 1)"
    case .forPrepare: return "r\(a)  \(b == 1 ? "one name" : "two names")"
    default: return "r\(a) r\(b) r\(c)"
    }
  }

  private func jump(
    _ opcode: Opcode, _ word: UInt32, _ extra: UInt32, to target: Int
  ) -> String {
    let (a, b) = (Instruction.a(word), Instruction.b(word))
    let condition = Instruction.c(word) != 0 ? "unless" : "if"
    switch opcode {
    case .jump, .loop: return "→ \(target)"
    case .jumpIfFalse, .jumpIfTrue, .jumpIfSet, .forNext: return "r\(a)  → \(target)"
    case .testLess, .testLessOrEqual, .testEqual: return "r\(a) r\(b)  \(condition) → \(target)"
    default: return "r\(a)  \(Instruction.offset(extra))  \(condition) → \(target)"
    }
  }

  /// `r4…r6`, or `-` for nothing.
  private func window(_ first: Int, _ count: Int) -> String {
    count == 0 ? "-" : count == 1 ? "r\(first)" : "r\(first)…r\(first + count - 1)"
  }

  private func symbol(_ raw: UInt32) -> String { symbols.name(Symbol(rawValue: raw)) }

  private func title(of declaration: DeclarationSite) -> String {
    declaration.kindText + (declaration.name.map { " " + symbols.name($0) } ?? "")
  }

  private func title(of statement: StatementSite) -> String {
    let text = files[statement.span.file].text(statement.span)
    return String(text.prefix { $0 != " " && $0 != "\n" && $0 != "(" })
  }

  private func text(ofConstant number: Int) -> String {
    switch constants[number] {
    case .text(let octets):
      let text = String(decoding: octets.prefix(40), as: UTF8.self)
      let plain = text.unicodeScalars.map { $0.value < 32 ? "·" : String($0) }.joined()
      return "\"\(plain)\(octets.count > 40 ? "…" : "")\""
    case .exact(let exact, let head):
      return "\(exact.numerator)/\(exact.denominator) of \(Head.dimension(head).name)"
    case .value(let value):
      if let number = value.asInt { return "\(number)" }
      if let real = value.asReal { return "\(real)" }
      if let truth = value.asBool { return "\(truth)" }
      if let name = value.asSymbol { return "." + symbols.name(name) }
      if let count = value.asBaseUnits, let dimension = value.dimension {
        return "\(count) of \(dimension.name)"
      }
      return value.isNone ? "none" : "a function"
    }
  }
}

extension Opcode {
  /// Where the instruction at a place jumps to, if it is one that jumps.
  func jumpTarget(in code: [UInt32], at place: Int) -> Int? {
    switch self {
    case .jump, .loop: return place + 1 + Instruction.signed24(code[place])
    case .jumpIfFalse, .jumpIfTrue, .jumpIfSet, .forNext:
      return place + 1 + Instruction.signedBx(code[place])
    case .testLess, .testLessOrEqual, .testEqual:
      return place + 2 + Instruction.offset(code[place + 1])
    case .testLessInt, .testLessOrEqualInt, .testEqualInt:
      return place + 3 + Instruction.offset(code[place + 2])
    default: return nil
    }
  }
}

extension Opcode {
  /// As the list of Bytecode.swift writes it; a test holds the two together.
  var name: String { Opcode.names[Int(rawValue)].description }

  static let names: [StaticString] = [
    "nop", "loadConstant", "loadInt", "loadNone", "loadUnset", "move", "share", "getGlobal",
    "setGlobal", "getUpvalue", "getUpvalueCell", "setUpvalueCell", "getCell", "setCell", "add",
    "subtract", "multiply", "modulo", "addConstant", "subtractConstant", "multiplyConstant",
    "moduloConstant", "addInt", "multiplyInt", "moduloInt", "jump", "loop", "jumpIfFalse",
    "jumpIfTrue", "jumpIfSet", "checkBool", "testLess", "testLessOrEqual", "testEqual",
    "testLessInt", "testLessOrEqualInt", "testEqualInt", "forNext", "index", "setIndex", "push",
    "returnValue", "callStatic", "call", "callLibrary", "loadConstantWide", "newCell", "closure",
    "divide", "divideConstant", "negate", "not", "equal", "notEqual", "less", "lessOrEqual", "isIn",
    "matches", "forPrepare", "newList", "appendAll", "newMap", "putAll", "newRange",
    "newHalfOpenRange", "rangeBy", "concat", "format", "indexInPlace", "unique", "member",
    "memberInPlace", "setMember", "setElement", "selectAll", "callNamed", "callNative",
    "method", "root", "declare", "endDeclare", "bind", "perform", "callPreset", "convert",
    "newPolicy", "newRecord", "line",
  ]
}
