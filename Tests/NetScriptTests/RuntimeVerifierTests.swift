// The verifier: what the compiler makes passes, what is out of range does not, wherever it stands.
// And the listing of `check --bytecode`.

import Testing

@testable import NetScript

struct RuntimeVerifierTests {
  private func compiled(_ text: String) throws -> Program {
    let result = Script.compile(text, loader: NoImports())
    return try #require(result.program, "\(result.diagnostics.map(\.title))")
  }

  /// The programs of Tests/Scripts: every part of the language.
  private func programs() throws -> [Program] {
    try ScriptFile.all.compactMap { script in
      Script.compile(try script.text, name: script.path, loader: NoImports()).program
    }
  }

  /// Every instruction of a program: its function, its place and its opcode.
  private func instructions(_ program: Program) -> [(function: Int, place: Int, opcode: Opcode)] {
    var found: [(function: Int, place: Int, opcode: Opcode)] = []
    for (function, code) in program.functions.enumerated() {
      var place = 0
      while place < code.code.count {
        let opcode = Instruction.opcode(code.code[place])
        found.append((function, place, opcode))
        place += 1 + opcode.extraWords
      }
    }
    return found
  }

  @Test("what the compiler makes passes")
  func passes() throws {
    let programs = try programs()
    #expect(programs.count > 20)
    for program in programs { #expect(Verifier.fault(in: program) == nil) }
  }

  @Test("a register, an index or a jump out of range is refused wherever it stands")
  func refused() throws {
    var seen: Set<UInt8> = []
    for program in try programs() {
      for (function, place, opcode) in instructions(program)
      where program.functions[function].registerCount < 255 {
        for (word, mask) in fields(opcode) {
          var broken = program
          broken.functions[function].code[place + word] |= mask
          // A field that is all ones already was in range for another reason.
          if broken.functions[function].code[place + word]
            == program.functions[function].code[place + word]
          {
            continue
          }
          seen.insert(opcode.rawValue)
          #expect(Verifier.fault(in: broken) != nil, "\(opcode) word \(word) mask \(mask)")
        }
      }
    }
    #expect(seen.count > 50, "\(seen.count) kinds of instructions")
  }

  /// Fields that name something, as the word's place in the instruction and the bits to set. All
  /// ones is more than there is of anything; numbers and flags are left out.
  private func fields(_ opcode: Opcode) -> [(word: Int, mask: UInt32)] {
    let (a, b, c): (UInt32, UInt32, UInt32) = (0xFF00, 0xFF_0000, 0xFF00_0000)
    // Of an index the highest bit may be a flag.
    let index: UInt32 = 0x7FFF_FFFF
    switch opcode {
    case .nop: return []
    // Forwards as far as 24 bits go.
    case .jump: return [(0, 0x7FFF_FF00)]
    case .loop, .jumpIfFalse, .jumpIfTrue, .jumpIfSet, .forNext:
      return opcode == .loop ? [] : [(0, a)]
    case .loadInt, .loadNone, .loadUnset, .checkBool, .unique, .returnValue, .callPreset:
      return [(0, a)]
    case .loadConstant, .getGlobal, .setGlobal, .closure, .callStatic, .declare, .endDeclare,
      .newPolicy:
      return [(0, a), (0, b | c)]
    case .loadConstantWide, .root: return [(0, a), (1, index)]
    case .addInt, .multiplyInt, .moduloInt, .format: return [(0, a), (0, b)]
    case .addConstant, .subtractConstant, .multiplyConstant, .divideConstant, .moduloConstant,
      .member, .memberInPlace, .bind, .callNamed, .convert:
      return [(0, a), (0, b), (1, index)]
    case .setMember: return [(0, a), (0, b), (0, c), (1, index)]
    case .method: return [(0, a), (0, b), (1, index), (2, index)]
    case .callNative, .perform, .newRecord: return [(0, a), (1, index)]
    case .testLess, .testLessOrEqual, .testEqual: return [(0, a), (0, b), (1, index)]
    case .testLessInt, .testLessOrEqualInt, .testEqualInt: return [(0, a), (2, index)]
    case .newList, .appendAll, .concat, .newMap, .putAll: return [(0, a)]
    case .callLibrary: return [(0, a), (0, b), (0, c)]
    case .call, .forPrepare: return [(0, a), (0, b)]
    case .move, .share, .newCell, .getCell, .setCell, .negate, .not, .selectAll, .push, .getUpvalue,
      .getUpvalueCell, .setUpvalueCell:
      return [(0, a), (0, b)]
    default: return [(0, a), (0, b), (0, c)]
    }
  }

  @Test("a word that is no opcode, an instruction cut off and code without an end are refused")
  func shapes() throws {
    for program in try programs() {
      var broken = program
      broken.functions[0].code[0] |= 0xFF
      #expect(Verifier.fault(in: broken) == "no such opcode")
      broken = program
      broken.functions[0].code.removeLast()
      #expect(Verifier.fault(in: broken) != nil)
      broken = program
      broken.functions[0].code = []
      broken.functions[0].spans = []
      #expect(Verifier.fault(in: broken) == "a function without code")
    }
  }

  @Test("with other constants and numbers a program runs to its end")
  func mutated() throws {
    var random = SplitMix(state: 1)
    var limits = Limits()
    limits.steps = 100_000
    var (passed, refused) = (0, 0)
    for program in try programs() {
      let all = instructions(program)
      for _ in 0..<200 {
        let (function, place, opcode) = all[Int(random.next() % UInt64(all.count))]
        guard let change = valueField(opcode) else { continue }
        var mutant = program
        let old = mutant.functions[function].code[place + change.word]
        let new = UInt32(truncatingIfNeeded: random.next()) % 64 << change.shift
        mutant.functions[function].code[place + change.word] = old & ~change.mask | new
        guard Verifier.fault(in: mutant) == nil else {
          refused += 1
          continue
        }
        passed += 1
        _ = Script.runPlain(mutant, limits: limits)
      }
    }
    #expect(passed > 50 && refused > 10, "\(passed) ran, \(refused) were refused")
  }

  /// A field whose every value in range is another plain value.
  private func valueField(_ opcode: Opcode) -> (word: Int, mask: UInt32, shift: UInt32)? {
    switch opcode {
    case .loadConstant: return (0, 0xFFFF_0000, 16)
    case .addInt: return (0, 0xFF00_0000, 24)
    case .addConstant, .subtractConstant, .multiplyConstant, .moduloConstant, .multiplyInt,
      .moduloInt:
      return (1, 0xFFFF_FFFF, 0)
    default: return nil
    }
  }

  // MARK: The listing

  @Test("opcodes are called in the listing as in their list")
  func names() {
    #expect(Opcode.names.count == Opcode.allCases.count)
    for opcode in Opcode.allCases { #expect(opcode.name == "\(opcode)") }
  }

  @Test("a listing has each function with its source lines, jumps, constants and names")
  func listing() throws {
    let program = try compiled(
      """
      let limit = 300B
      fn grow(x, times = 2) {
          if x > 10 { return "large" }
          return x * times + limit / 1B
      }
      for i in 1..3 { print grow(i), len([i]) }
      """)
    let lines = program.disassembly(of: program.root.file)
    func has(_ parts: String...) -> Bool {
      lines.contains { line in parts.allSatisfy { line.contains($0) } }
    }
    #expect(has("grow(x, times)  ") && has(" registers"))
    #expect(has("    3 | if x > 10 { return \"large\" }"))
    #expect(has("\"large\"") && has("→") && has("limit"))
    #expect(has("callStatic", "grow") && has("callLibrary", "len") && has("perform", "print"))
    #expect(has("forPrepare", "one name") && has("returnValue", "r"))
    #expect(lines.allSatisfy { !$0.hasSuffix(" ") })
  }

  @Test("a listing cuts long lines between characters, and names captures, units and functions")
  func longLines() throws {
    let program = try compiled(
      """
      fn outer(x) {
          var n = 0
          let inner = fn() { n += x; return fn() => n }
          let text = "\(String(repeating: "é", count: 60))"
          print x -> ms, len, inner, text, 1/min
      }
      outer(3s)
      """)
    let lines = program.disassembly(of: program.root.file)
    func has(_ parts: String...) -> Bool {
      lines.contains { line in parts.allSatisfy { line.contains($0) } }
    }
    #expect(has("captures r") && has("captures up"))
    #expect(has("convert", "ms") && has("a function") && has("1/60 of frequency"))
    #expect(has("    4 | let text = \"ééé", "é…") && !has("\u{FFFD}"))
  }

  @Test("the listing of a lab names its kinds, paths and statements")
  func lab() throws {
    let program = try compiled(
      """
      case "c" {
          host a { tick = 1ms }
          expect eventually a.tcp.drop.count == 3 within 1/min * 5min * 1s
          run for 1s
      }
      """)
    let text = program.disassembly(of: program.root.file).joined(separator: "\n")
    for part in ["host a", ".tcp", ".count", "expect", "run", "of time", "1/60 of frequency"] {
      #expect(text.contains(part), "\(part)\n\(text)")
    }
  }
}

/// Small and the same everywhere.
private struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}
