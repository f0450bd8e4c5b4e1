// Random programs over the whole grammar, as deep and as long as they come: every statement, every
// clause, every operand. They parse; whether they mean anything is not asked.

import NetScript

public struct ProgramGenerator {
  var out: ProgramText
  /// Statements and operands that may still be begun.
  var budget: Int
  var depth = 0
  /// Where a statement word needs an operand that begins with something else than a dot.
  var start = -1

  public static func program(seed: UInt64) -> String {
    var generator = ProgramGenerator(seed: seed)
    generator.out.pad()
    generator.statements(1 + generator.out.random.below(8))
    return generator.out.finish()
  }

  private init(seed: UInt64) {
    out = ProgramText(seed: seed)
    budget = out.random.pick([10, 30, 80, 200])
  }

  // MARK: Choices

  mutating func chance(_ percent: Int) -> Bool { out.random.chance(percent) }

  /// One of several ways, and none of them deep when the budget is spent.
  mutating func choose(_ count: Int) -> Int {
    budget -= 1
    return out.random.below(count)
  }

  var isSpent: Bool { budget <= 0 || depth > 12 }

  mutating func plainName() -> String {
    out.random.pick([
      "a", "b", "server", "client", "x_1", "r", "s", "ms", "total", "_", "_x", "Ab", "conn", "h",
    ])
  }

  /// Where no statement begins, a word of the grammar is a name as well.
  mutating func anyName() -> String {
    chance(15)
      ? out.random.pick(ContextualWords.statements + ContextualWords.clauses) : plainName()
  }

  mutating func memberName() -> String {
    chance(10) ? out.random.pick(["in", "for", "not", "none", "if", "match"]) : anyName()
  }

  mutating func word(_ word: String) { out.put(word) }

  mutating func name(_ name: String) {
    out.breakLineMaybe()
    out.put(name)
  }

  // MARK: Statements

  mutating func statements(_ count: Int) {
    for index in 0..<count {
      if index > 0 { out.separate() }
      statement()
    }
    if count > 0 { out.pad() }
  }

  mutating func block() {
    depth += 1
    defer { depth -= 1 }
    out.put("{")
    out.pad()
    statements(isSpent ? out.random.below(2) : out.random.below(4))
    out.put("}")
  }

  mutating func statement() {
    if isSpent {
      word(plainName())
      if chance(50) { call() }
      return
    }
    switch choose(5) {
    case 0: languageStatement()
    case 1: structureStatement()
    case 2: benchStatement()
    default: wordStatement()
    }
  }

  mutating func languageStatement() {
    switch choose(9) {
    case 0, 1:
      word(chance(50) ? "let" : "var")
      name(anyName())
      annotation()
      word("=")
      expression()
    case 2:
      word("fn")
      name(anyName())
      parameters()
      if chance(40) {
        word("->")
        name(out.random.pick(TypeNames.all))
      }
      functionBody()
    case 3: ifStatement()
    case 4:
      word("for")
      name(anyName())
      if chance(30) {
        word(",")
        name(anyName())
      }
      word("in")
      expression()
      block()
    case 5:
      word("while")
      expression()
      block()
    case 6: match()
    case 7:
      word("return")
      if chance(70) { expression(sameLine: true) }
    default: word(out.random.pick(["break", "continue"]))
    }
  }

  mutating func ifStatement() {
    word("if")
    expression()
    block()
    while chance(30) {
      word("else")
      word("if")
      expression()
      if chance(10) { return conditionalRest() }
      block()
    }
    if chance(40) {
      word("else")
      block()
    }
  }

  mutating func match() {
    word("match")
    expression()
    out.put("{")
    out.pad()
    for index in 0..<out.random.below(4) {
      if index > 0 { out.separate() }
      expression(sameLine: true)
      while chance(20) {
        word(",")
        expression()
      }
      word("=>")
      if chance(40) { block() } else { statement() }
      out.pad()
    }
    out.put("}")
  }

  mutating func structureStatement() {
    switch choose(7) {
    case 0:
      word("import")
      text(sameLine: true)
      if chance(50) {
        word("as")
        name(anyName())
      }
    case 1:
      word("case")
      text(sameLine: true)
      block()
    case 2:
      word("variant")
      text(sameLine: true)
      if chance(40) {
        word(":")
        text()
        while chance(30) {
          word(",")
          text()
        }
      }
      block()
    case 3:
      word("param")
      word(anyName())
      annotation()
      word("=")
      expression()
      clause("where", 30)
    case 4:
      word("sweep")
      word(anyName())
      word("in")
      expression()
      while chance(25) {
        word(",")
        name(anyName())
        word("in")
        expression()
      }
    case 5:
      word(out.random.pick(["policy", "kind"]))
      word(plainName())
      if chance(60) { parameters() }
      block()
    default:
      word("preset")
      word(anyName())
      if chance(40) {
        word(":")
        expression()
      }
      block()
    }
  }

  mutating func benchStatement() {
    switch choose(9) {
    case 0, 1: hook()
    case 2, 3: expect()
    case 4:
      word("run")
      if chance(50) {
        word("for")
        expression()
      } else {
        word("until")
        expression()
        clause("within", 40)
      }
    case 5: step()
    case 6:
      word(out.random.pick(["record", "plot"]))
      expressions()
      clause("every", 40)
      label()
    case 7: output()
    default: word(out.random.pick(["pause", "stop", "print", "step"]))
    }
  }

  mutating func hook() {
    let isOnce = chance(30)
    if isOnce { word("once") }
    let moment = out.random.pick(["on", "when", "every", "at"])
    word(moment)
    if moment == "on" {
      event(sameLine: true)
    } else if isOnce {
      expression()
    } else {
      operandOfWord()
    }
    clause("if", 20)
    block()
  }

  mutating func expect() {
    word("expect")
    switch choose(3) {
    case 0: operandOfWord()
    case 1:
      word("whenever")
      expression()
      out.breakLineMaybe()
      word("then")
      expression()
    default:
      word(out.random.pick(["always", "never", "eventually", "finally"]))
      expression()
    }
    while chance(25) {
      word(out.random.pick(["within", "for", "after", "before"]))
      expression()
    }
    label()
  }

  mutating func step() {
    word("step")
    if chance(50) { operandOfWord() }
    if chance(50) {
      word("on")
      event(sameLine: false)
    }
  }

  mutating func output() {
    switch choose(3) {
    case 0:
      word("report")
      expressions()
      label()
    case 1:
      word("capture")
      operandOfWord()
      if chance(50) { text(sameLine: true) }
    default:
      let statement = out.random.pick(["print", "show", "why", "fail"])
      word(statement)
      if statement == "print" && chance(50) { expressions() } else { operandOfWord() }
    }
  }

  mutating func wordStatement() {
    switch choose(6) {
    case 0, 1: declaration()
    case 2, 3:
      word(plainName())
      pathTail()
      word(out.random.pick(["=", "+=", "-="]))
      expression()
    case 4:
      word(plainName())
      while chance(40) { member() }
      call()
    default:
      expression(sameLine: true)
    }
  }

  mutating func declaration() {
    word(plainName())
    while chance(20) { member() }
    guard chance(80) else { return block() }
    word(plainName())
    if chance(20) { index() }
    if chance(30) {
      word(":")
      expression()
    }
    if chance(80) { block() }
  }

  // MARK: Parts of statements

  mutating func clause(_ clause: String, _ percent: Int) {
    if chance(percent) {
      word(clause)
      expression()
    }
  }

  mutating func label() {
    if chance(30) {
      word("as")
      text()
    }
  }

  /// A string without interpolations.
  mutating func text(sameLine: Bool = false) {
    let pieces = ["a label", "", "{{braces}}", "it's", "é \\n \\\" \\\\", "# no comment; "]
    if !sameLine { out.breakLineMaybe() }
    out.put("\"" + out.random.pick(pieces) + "\"")
  }

  mutating func annotation() {
    if chance(25) {
      word(":")
      name(out.random.pick(TypeNames.all))
    }
  }

  mutating func parameters() {
    out.put("(")
    let count = out.random.below(4)
    for index in 0..<count {
      name(anyName())
      annotation()
      if chance(40) {
        word("=")
        expression()
      }
      if index < count - 1 || chance(15) { word(",") }
    }
    out.put(")")
  }

  mutating func functionBody() {
    if chance(50) {
      block()
    } else {
      word("=>")
      expression()
    }
  }

  mutating func event(sameLine: Bool) {
    if sameLine { word(plainName()) } else { name(plainName()) }
    while chance(50) {
      switch choose(4) {
      case 0:
        word(".")
        word("*")
      case 1:
        out.put("[", stays: true)
        word("*")
        word("]")
      case 2: index()
      default: member()
      }
    }
    if chance(40) {
      out.put("(", stays: true)
      let count = out.random.below(3)
      for index in 0..<count {
        name(plainName())
        if index < count - 1 || chance(15) { word(",") }
      }
      word(")")
    }
  }
}
