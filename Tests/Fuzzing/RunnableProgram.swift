// Random programs that mean something: names are declared before they are used, and types mostly
// fit. What a grammar alone makes is refused by the checker; these reach the machine.

struct RunnableProgram {
  private enum Sort: String, CaseIterable {
    case int, real, time, data, text, bool, list, map, range, distribution
  }

  private var random: CounterRandom
  private var lines: [String] = []
  private var indent = 0
  /// Variables in sight, by scope.
  private var scopes: [[(name: String, sort: Sort, isVar: Bool)]] = [[]]
  private var functions: [(name: String, sort: Sort, parameters: [Sort])] = []
  private var serial = 0

  static func program(seed: UInt64) -> String {
    var generator = RunnableProgram(random: CounterRandom(seed: seed))
    for _ in 0..<(2 + generator.random.below(10)) { generator.statement() }
    return generator.lines.joined(separator: "\n") + "\n"
  }

  private init(random: CounterRandom) { self.random = random }

  // MARK: Statements

  private mutating func put(_ line: String) {
    lines.append(String(repeating: "    ", count: indent) + line)
  }

  private mutating func fresh() -> String {
    serial += 1
    return "v\(serial)"
  }

  private mutating func block(_ head: String, _ body: (inout Self) -> Void) {
    put(head + " {")
    indent += 1
    scopes.append([])
    body(&self)
    scopes.removeLast()
    indent -= 1
    put("}")
  }

  private mutating func statements() {
    for _ in 0...random.below(3) { statement() }
  }

  private mutating func statement() {
    switch indent > 3 ? random.below(4) : random.below(12) {
    case 0, 1: declare()
    case 2: change()
    case 3: put("print \(any()), \"{\(value(.int)):8}\"")
    case 4: block("if \(value(.bool))") { $0.statements() }
    case 5:
      let name = fresh()
      block("for \(name) in \(value(random.pick([.range, .list, .map])))") {
        $0.scopes[$0.scopes.count - 1].append((name, .int, false))
        $0.statements()
        if $0.random.chance(20) { $0.put($0.random.pick(["break", "continue"])) }
      }
    case 6: loop()
    case 7: match()
    case 8, 9: function()
    case 10: put("sort(\(value(.list)), fn(x) => \(any()))")
    default: declare()
    }
  }

  private mutating func declare() {
    let sort = random.pick(Sort.allCases)
    let isVar = random.chance(60)
    let text = value(sort)
    let name = fresh()
    put("\(isVar ? "var" : "let") \(name) = \(text)")
    scopes[scopes.count - 1].append((name, sort, isVar))
  }

  private mutating func change() {
    let known = scopes.joined().filter(\.isVar)
    guard !known.isEmpty else { return declare() }
    let target = random.pick(known)
    switch target.sort {
    case .list where random.chance(70):
      put(
        random.chance(60)
          ? "\(target.name).push(\(any()))" : "\(target.name)[\(value(.int))] = \(any())")
    case .map where random.chance(80): put("\(target.name)[\(value(.text))] = \(any())")
    case .int, .real, .time, .data:
      put("\(target.name) \(random.pick(["=", "+=", "-="])) \(value(target.sort))")
    default: put("\(target.name) = \(value(target.sort))")
    }
  }

  private mutating func loop() {
    let name = fresh()
    put("var \(name) = 0")
    scopes[scopes.count - 1].append((name, .int, true))
    block("while \(name) < \(random.pick(["3", "40", "1000"]))") {
      $0.put("\(name) += 1")
      $0.statements()
    }
  }

  private mutating func match() {
    let sort = random.pick(Sort.allCases)
    block("match \(value(sort))") {
      for _ in 0...$0.random.below(3) {
        let pattern = $0.value($0.random.chance(20) ? .range : sort)
        $0.put("\(pattern) => print \($0.any())")
      }
      if $0.random.chance(60) { $0.put("_ => { print 1 }") }
    }
  }

  private mutating func function() {
    let name = fresh()
    let parameters = (0..<random.below(3)).map { _ in random.pick(Sort.allCases) }
    let result = random.pick(Sort.allCases)
    let names = parameters.map { _ in fresh() }
    var list: [String] = []
    for (index, name) in names.enumerated() {
      list.append(random.chance(20) ? "\(name) = \(value(parameters[index]))" : name)
    }
    if random.chance(10) { functions.append((name, result, parameters)) }
    block("fn \(name)(\(list.joined(separator: ", ")))") {
      for (name, sort) in zip(names, parameters) {
        $0.scopes[$0.scopes.count - 1].append((name, sort, false))
      }
      $0.statements()
      $0.put("return \($0.value(result))")
    }
    // Behind its end it is there for others; a few are there for themselves.
    if indent == 0 { functions.append((name, result, parameters)) }
  }

  // MARK: Expressions

  private mutating func any() -> String { value(random.pick(Sort.allCases)) }

  private var depth = 0

  private mutating func value(_ wanted: Sort) -> String {
    depth += 1
    defer { depth -= 1 }
    // Now and then something else: what the machine itself must refuse.
    let sort = random.chance(3) ? random.pick(Sort.allCases) : wanted
    let known = scopes.joined().filter { $0.sort == sort }
    if depth > 4 || random.chance(25) {
      return known.isEmpty ? literal(sort) : random.pick(known).name
    }
    let callable = functions.filter { $0.sort == sort }
    if random.chance(15), !callable.isEmpty {
      let function = random.pick(callable)
      return "\(function.name)(\(function.parameters.map { value($0) }.joined(separator: ", ")))"
    }
    if random.chance(8) { return "(if \(value(.bool)) then \(value(sort)) else \(value(sort)))" }
    return compound(sort)
  }

  /// A form with its places filled: `$int` is a value of that sort, `$any` of some sort, `$op` one
  /// of `+ - * mod`, `$cmp` a comparison.
  private mutating func compound(_ sort: Sort) -> String {
    let pieces = random.pick(Self.forms[sort] ?? ["none"]).split(
      separator: "$", omittingEmptySubsequences: false)
    var text = String(pieces[0])
    for piece in pieces.dropFirst() {
      let word = piece.prefix { $0.isLetter }
      switch word {
      case "any": text += any()
      case "op": text += random.pick(["+", "-", "*", "mod"])
      case "cmp": text += random.pick(["==", "!=", "<", "<=", ">", ">="])
      default: text += Sort(rawValue: String(word)).map { value($0) } ?? "none"
      }
      text += piece.dropFirst(word.count)
    }
    return text
  }

  private static let forms: [Sort: [String]] = [
    .int: [
      "($int $op $int)", "($int $op $int)", "len($list)", "int($real)", "(-$int)", "abs($int)",
      "min($int, $int)", "count($list)", "$text.len()", "($data / $data)", "sum($list)",
      "$text.find($text)", "count($list, fn(x) => $bool)",
    ],
    .real: [
      "($real $op $real)", "($real / $real)", "sqrt($real)", "ln($real)", "floor($real)",
      "round($real)", "ceil($real)", "($int / $int)", "mean($list)", "pct($list, 50%)",
    ],
    .time: [
      "($time + $time)", "($time - $time)", "($time mod $time)", "($time * $real)",
      "($int * $time)", "($time / $int)", "($data / 10Mbps)", "($time -> ms)",
      "max($time, $time)", "(1 / 50/s)", "abs($time)", "round($time)", "ceil($time)",
    ],
    .data: [
      "($data + $data)", "($data * $int)", "(10Mbps * $time)", "($data -> KiB)", "(50% * $data)",
      "($data mod $data)", "($data - $data)", "($data / $real)", "ceil($data)", "int($data)",
    ],
    .text: [
      "($text + $text)", "$text.upper()", "$text.lower()", "$text.slice($int)",
      "$text.pad($int)", "$text.trim()", "type($any)", "unit($time)", "$list.join(\", \")",
      "$text[$int]", "$text.slice($int, $int)",
    ],
    .bool: [
      "($int $cmp $int)", "($real $cmp $int)", "($time $cmp $time)", "($data $cmp $data)",
      "($text $cmp $text)", "($any == $any)", "($any != $any)", "(not $bool)", "($bool and $bool)",
      "($bool or $bool)", "($any in $list)", "($int in $range)", "($text in $map)",
      "($text in $text)", "any($list, fn(x) => $bool)", "all($list, fn(x) => $bool)",
      "failed($any)", "$text.starts($text)", "$map.has($text)", "$list.contains($any)",
    ],
    .list: [
      "[$any, $any]", "($list + $list)", "sort($list)", "sort($list, fn(x) => $int)",
      "map($list, fn(x) => $any)", "map($range, fn(x) => x)", "filter($list, fn(x) => x != $any)",
      "range($int)", "range($int, $int, $int)", "powers(2, 4, $int)", "$text.split()",
      "$text.split($text)", "$map.keys()", "$map.values()", "$list.reverse()",
      "$list.drop($int)", "$list.slice($int, $int)",
    ],
    .map: ["[$text: $any, $int: $any]", "[$time: $any]", "[$bool: $any, $data: $list]"],
    .range: [
      "($int..$int)", "($int..<$int)", "($time..$time by $time)", "($int..$int by $int)",
      "($data..<$data by $data)",
    ],
    .distribution: [
      "uniform($int, $int)", "uniform($time, $time)", "exponential($time)", "normal($data, $data)",
      "empirical($list)", "pareto($time, $real)", "const($any)",
    ],
  ]

  private mutating func literal(_ sort: Sort) -> String {
    random.pick(Self.literals[sort] ?? ["none"])
  }

  private static let literals: [Sort: [String]] = [
    .int: ["0", "1", "2", "7", "64", "-1", "4611686018427387904", "9223372036854775807"],
    .real: ["0.5", "1.5", "-2.25", "1e300", "1e-300", "0.0", "50%", "3.0"],
    .time: ["0s", "1ns", "5ms", "1.5s", "2h", "106000d", "-3us", "9223372036854775807ns"],
    .data: ["0B", "1b", "300B", "64KiB", "1GB", "1000000TB", "9223372036854775807b"],
    .text: [
      "\"\"", "\"a\"", "\"é-ü\"", "\"one, two\"", "\"{{ }}\"", "\"{1 + 1:8}|{1.5:-6.2}\"",
    ],
    .bool: ["true", "false"],
    .list: ["[]", "[1, 2, 3]", "[1s, 2ms]", "[\"a\", none]", "[[1], [.x]]"],
    .map: ["[:]", "[\"a\": 1, 2: \"b\"]", "[.key: [1: 2]]"],
    .range: ["1..3", "0..<5", "3..1", "1s..9s by 2s", "0..100 by 7"],
    .distribution: ["uniform(1, 6)", "const(1s)", "empirical([1, 2])"],
  ]
}
