// The register bytecode: 32-bit words. The first word of an instruction is
//
//     op 8 | A 8 | B 8 | C 8      or      op 8 | A 8 | Bx 16      or      op 8 | s24
//
// and some carry one or two words more. R[x] is a register of the current function; a jump counts
// from the word after the instruction's last. Compiler, verifier and dispatch loop share this file.

enum Opcode: UInt8, CaseIterable {
  // What the inner loop of the dispatcher knows, at least in part: `callLibrary` is the last.
  case nop
  case loadConstant  // A Bx      R[A] = constant
  case loadInt  // A Bx      R[A] = signed Bx
  case loadNone  // A
  case loadUnset  // A
  case move  // A B
  case share  // A B       a move that says: a second place names this now
  case getGlobal, setGlobal  // A Bx
  case getUpvalue, getUpvalueCell, setUpvalueCell  // A B
  case getCell, setCell  // A B       set: the cell in R[A] takes R[B]
  case add, subtract, multiply, modulo  // A B C
  case addConstant, subtractConstant, multiplyConstant, moduloConstant  // A B, word: constant
  case addInt  // A B C     C signed
  case multiplyInt, moduloInt  // A B, word: a number, of a modulo above 0
  case jump, loop  // s24       `loop` goes backwards and counts steps
  case jumpIfFalse, jumpIfTrue, jumpIfSet  // A Bx      signed
  case checkBool  // A
  case testLess, testLessOrEqual, testEqual  // A B C, word: jump if (A op B) != C
  case testLessInt, testLessOrEqualInt, testEqualInt  // A . C, word: a number, word: the jump
  case forNext  // A Bx      signed; state R[A...A+3], variables from R[A+4]
  case index, setIndex  // A B C
  case push  // A B       R[A] list variable takes R[B]; other receivers: a method call
  case returnValue  // A
  case callStatic  // A Bx      arguments already in their places
  case call  // A B       R[A] = R[A](R[A+1 ... A+B])
  case callLibrary  // A B C     R[A] = library B (R[A+1 ... A+C])
  // What it leaves to `slowly`.
  case loadConstantWide  // A, word
  case newCell  // A B
  case closure  // A Bx
  case divide  // A B C
  case divideConstant  // A B, word: constant
  case negate, not  // A B
  case equal, notEqual, less, lessOrEqual, isIn, matches  // A B C
  case forPrepare  // A B       R[A] = iterated value; B: names (1 or 2)
  case newList, appendAll, newMap, putAll  // A B C     from R[B], C values or pairs
  case newRange, newHalfOpenRange, rangeBy  // A B C
  case concat  // A B C     the texts of R[B ..< B+C]
  case format  // A B, word: width, digits
  case indexInPlace  // A B C
  case unique  // A
  case member, memberInPlace  // A B, word: symbol
  case setMember  // A B C, word: symbol; C is a PathOperation
  case setElement  // A B C, word: PathOperation
  case selectAll  // A B C     C: 0, or one more than the register of what to take of each
  case callNamed  // A B, word: shape
  case callNative  // A B, word: native | shape << 16
  case method  // A B, word: symbol, word: shape
  case root  // A, word: symbol
  case declare, endDeclare  // A Bx
  case bind  // A B C, word: symbol; C: mutable
  case perform  // A B, word: site
  case callPreset  // A         R[A](R[A+1]) if it is a function
  case convert  // A B, word: unit | per << 8
  case newPolicy  // A Bx
  case newRecord  // A B C, word: record shape of the program
  case line  // a watched line begins: only in what a machine runs, see LineWatch.swift

  /// The inner loop of the dispatcher knows it; of the library only what is asked all the time.
  @inline(__always)
  static func isQuick(_ word: UInt32) -> Bool {
    let opcode = Instruction.opcode(word)
    if opcode.rawValue < Opcode.callLibrary.rawValue { return true }
    return opcode == .callLibrary && LibraryFunction.isQuick(Instruction.b(word))
  }

  /// Words after the first.
  var extraWords: Int {
    switch self {
    case .loadConstantWide, .testLess, .testLessOrEqual, .testEqual, .addConstant,
      .subtractConstant, .multiplyConstant, .divideConstant, .moduloConstant, .multiplyInt,
      .moduloInt, .format, .member, .memberInPlace, .setMember, .setElement, .callNamed,
      .callNative, .root,
      .bind, .perform, .convert, .newRecord:
      return 1
    case .method, .testLessInt, .testLessOrEqualInt, .testEqualInt: return 2
    default: return 0
    }
  }
}

enum Instruction {
  @inline(__always) static func opcode(_ word: UInt32) -> Opcode {
    // The verifier has refused every word that is no opcode.
    unsafeBitCast(UInt8(truncatingIfNeeded: word), to: Opcode.self)
  }
  @inline(__always) static func a(_ word: UInt32) -> Int { Int(word >> 8 & 0xFF) }
  @inline(__always) static func b(_ word: UInt32) -> Int { Int(word >> 16 & 0xFF) }
  @inline(__always) static func c(_ word: UInt32) -> Int { Int(word >> 24) }
  @inline(__always) static func bx(_ word: UInt32) -> Int { Int(word >> 16) }
  @inline(__always) static func signedBx(_ word: UInt32) -> Int {
    Int(Int32(bitPattern: word) >> 16)
  }
  @inline(__always) static func signedC(_ word: UInt32) -> Int {
    Int(Int32(bitPattern: word) >> 24)
  }
  /// A signed word: a jump, a number.
  @inline(__always) static func offset(_ word: UInt32) -> Int { Int(Int32(bitPattern: word)) }
  @inline(__always) static func signed24(_ word: UInt32) -> Int {
    Int(Int32(bitPattern: word) >> 8)
  }

  static func make(_ opcode: Opcode, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0) -> UInt32 {
    precondition(a >= 0 && a < 256 && b >= -128 && b < 256, "an operand beyond 8 bits")
    precondition(c >= -128 && c < 256, "an operand beyond 8 bits")
    return UInt32(opcode.rawValue) | UInt32(a) << 8 | UInt32(b & 0xFF) << 16
      | UInt32(c & 0xFF) << 24
  }

  static func make(_ opcode: Opcode, _ a: Int, wide: Int) -> UInt32 {
    precondition(a >= 0 && a < 256 && wide >= -32_768 && wide < 65_536, "beyond 16 bits")
    return UInt32(opcode.rawValue) | UInt32(a) << 8 | UInt32(wide & 0xFFFF) << 16
  }

  static func make(_ opcode: Opcode, offset: Int) -> UInt32 {
    precondition(abs(offset) < 1 << 23, "a jump beyond 24 bits")
    return UInt32(opcode.rawValue) | UInt32(truncatingIfNeeded: offset << 8)
  }
}

/// What a closure copies when it is made: a register of its maker, or one of the maker's own.
enum Capture: Hashable, Sendable {
  case register(Int)
  case upvalue(Int)
}

enum Constant: Sendable {
  case value(Value)
  case text([UInt8])
  /// A quantity that is no whole number of base units: `1/min`.
  case exact(Exact, head: UInt64)
}

/// One function as the compiler left it.
public struct FunctionCode: Sendable {
  public internal(set) var name: String
  /// The whole function, for traces.
  public internal(set) var span: SourceSpan
  var code: [UInt32] = []
  /// One for each word of `code`.
  var spans: [SourceSpan] = []
  var parameters: [Symbol] = []
  /// Parameters before the first with a default.
  var requiredCount = 0
  var registerCount = 1
  var captures: [Capture] = []
  /// Its variables by name, in the order in which they are declared.
  var locals: [LocalVariable] = []

  init(name: String, span: SourceSpan) {
    self.name = name
    self.span = span
  }
}

/// A variable, and the part of the code in which its name means it.
struct LocalVariable: Sendable {
  var name: String
  var register: Int
  var isCell: Bool
  var from: Int
  var end = Int.max
}

/// The names of a call's named arguments, in the order in which they stand.
struct CallShape: Hashable, Sendable {
  var names: [Symbol]
}
