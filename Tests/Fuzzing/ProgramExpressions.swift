// Random expressions: every operand and operator, with the brackets that the grammar asks for.

extension ProgramGenerator {
  mutating func expressions() {
    operandOfWord()
    while chance(30) {
      word(",")
      expression()
    }
  }

  /// What a statement word needs on its line, and not with a dot in front.
  mutating func operandOfWord() {
    start = out.count
    expression(sameLine: true)
  }

  mutating func expression(sameLine: Bool = false) {
    depth += 1
    defer { depth -= 1 }
    if !sameLine { out.breakLineMaybe() }
    if isSpent { return operand() }
    switch choose(14) {
    case 0:
      word("if")
      expression()
      conditionalRest()
    case 1 where !out.isOneLine:
      word("fn")
      parameters()
      functionBody()
    default: infix(0)
    }
  }

  mutating func conditionalRest() {
    out.breakLineMaybe()
    word("then")
    expression()
    out.breakLineMaybe()
    word("else")
    expression()
  }

  private static let levels = [
    ["or"], ["and"], [], ["==", "!=", "<", "<=", ">", ">=", "in"], [], ["..", "..<", "by"],
    ["+", "-"], ["*", "/", "mod"],
  ]

  /// Operators from the weakest level on.
  mutating func infix(_ level: Int) {
    switch level {
    case Self.levels.count: return unary()
    case 2:
      if chance(6) {
        word("not")
        return infix(2)
      }
      return infix(3)
    case 4:
      infix(5)
      if chance(6) {
        word("->")
        out.put(
          out.random.pick(["ms", "KiB", "%", "KiB/s", "Mbps", "min", "b/h"]), stays: true)
      }
      return
    default: break
    }
    infix(level + 1)
    let mayRepeat = level != 3
    while !isSpent && chance(10) {
      word(out.random.pick(Self.levels[level]))
      out.breakLineMaybe()
      if level < 2 && chance(10) { return expression() }
      infix(level + 1)
      if !mayRepeat { return }
    }
  }

  mutating func unary() {
    if chance(6) {
      word("-")
      return unary()
    }
    operand()
    while !isSpent && chance(25) {
      switch choose(4) {
      case 0: index()
      case 1: call()
      case 2:
        out.put("[", stays: true)
        word("*")
        word("]")
      default: member()
      }
    }
  }

  mutating func operand() {
    switch isSpent ? choose(5) : choose(12) {
    case 0, 1: word(plainName())
    case 2: number()
    case 3 where out.count != start:
      word(".")
      word(memberName())
    case 4: word(out.random.pick(["true", "false", "none"]))
    case 5, 6:
      word("(")
      expression()
      word(")")
    case 7: list()
    case 8: map()
    case 9, 10: string()
    default: word(plainName())
    }
  }

  mutating func number() {
    let written = out.random.pick([
      "0", "64", "1_000", "0x1F", "1.5", "6.02e3", "1e-3", "5ms", "300B", "40/s", "3MB/s",
      "1.50KiB",
      "5%", "0b", "10Mbps", "16h",
    ])
    let isQuantity = written.last.map { !$0.isNumber } ?? false
    out.put(written, isQuantity: isQuantity)
  }

  mutating func list() {
    word("[")
    let count = out.random.below(4)
    for index in 0..<count {
      expression()
      if index < count - 1 || chance(15) { word(",") }
    }
    word("]")
  }

  mutating func map() {
    word("[")
    let count = out.random.below(3)
    if count == 0 { word(":") }
    for index in 0..<count {
      expression()
      word(":")
      expression()
      if index < count - 1 || chance(15) { word(",") }
    }
    word("]")
  }

  mutating func string() {
    switch choose(5) {
    case 0: out.put("r\"raw \\ {no} #\"")
    case 1 where !out.isOneLine: out.put(out.random.pick(Self.longStrings))
    case 2 where !out.isOneLine && !isSpent: interpolations()
    default: text(sameLine: true)
    }
  }

  private static let longStrings = [
    "\"\"\"one\"\"\"", "\"\"\"\n    two\n      lines\n    \"\"\"",
    "\"\"\"  \n\n a\n  \"b\" # {{\n\"\"\"", "\"\"\"x\r\n  {y}\t\"\"\"",
  ]

  mutating func interpolations() {
    out.openString()
    for _ in 0...out.random.below(3) {
      out.putRaw(out.random.pick(["", "now ", "{{ ", "# "]) + "{")
      expression()
      out.putRaw(out.random.pick(["", ":8", ":8.2"]) + "}")
    }
    out.closeString()
  }

  mutating func pathTail() {
    while chance(50) {
      if chance(60) { member() } else { index() }
    }
  }

  mutating func member() {
    word(".")
    word(memberName())
  }

  mutating func index() {
    out.put("[", stays: true)
    expression()
    word("]")
  }

  mutating func call() {
    out.put("(", stays: true)
    let count = out.random.below(3)
    for index in 0..<count {
      if chance(30) {
        name(plainName())
        word("=")
      }
      expression()
      if index < count - 1 || chance(15) { word(",") }
    }
    word(")")
  }
}
