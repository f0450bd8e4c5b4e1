// What the parser says about words: clause words that begin a line (N114), statement words that
// are used as something else (N118), slips of the pen and habits of other languages.

enum ParserMessages {
  /// How a statement word is used, as a hint.
  static func usage(of word: String) -> String {
    switch word {
    case "import": return "`import \"file.ns\"`"
    case "case": return "`case \"title\" { … }`"
    case "variant": return "`variant \"title\" { … }`"
    case "param": return "`param name = 1`"
    case "sweep": return "`sweep name in 1..5`"
    case "policy", "kind", "preset": return "`\(word) name { … }`"
    case "on": return "`on server.tcp.drop(e) { … }`"
    case "once": return "`once when … { … }`"
    case "when": return "`when … { … }`"
    case "every": return "`every 1s { … }`"
    case "at": return "`at 5s { … }`"
    case "expect": return "`expect never …`"
    case "run": return "`run for 1s` or `run until …`"
    case "step": return "`step`, `step 5` or `step on …`"
    case "record", "plot", "report": return "`\(word) path, path`"
    case "capture": return "`capture server.eth0 \"file.pcapng\"`"
    case "print", "show", "why": return "`\(word) …`"
    case "fail": return "`fail \"reason\"`"
    default: return "`\(word)` stands alone"
    }
  }
}

extension Parser {
  // MARK: N114

  /// Whether the word at the cursor is a clause that was meant for the statement above.
  func isClauseAtLineStart(after previous: Statement?) -> Bool {
    if at(.forWord) { return next.kind == .quantity || next.kind == .int }
    let word = text(current)
    guard ContextualWords.clauses.contains(word), !ContextualWords.statements.contains(word)
    else { return false }
    switch next.kind {
    case .int, .real, .quantity, .string, .noneWord, .trueWord, .falseWord, .ifWord, .notWord:
      return true
    case .name: return takesClause(previous, word)
    default: return false
    }
  }

  func takesClause(_ statement: Statement?, _ word: String) -> Bool {
    switch statement?.form {
    case .expect: return ["within", "for", "after", "before", "as"].contains(word)
    case .record, .plot: return word == "every" || word == "as"
    case .report, .importFile: return word == "as"
    case .run: return word == "within" || word == "until"
    case .param: return word == "where"
    case .step: return word == "on"
    default: return false
    }
  }

  mutating func clauseAtLineStart(after previous: Statement?) -> SyntaxError {
    clauseBefore(currentSpan, word: text(current), after: previous)
  }

  mutating func clauseBefore(
    _ place: SourceSpan, word: String, after previous: Statement?
  ) -> SyntaxError {
    guard let previous, takesClause(previous, word) else {
      return error(
        "N114", "`\(word)` begins a line", at: place,
        help: "it belongs to a statement; end that line with `\(word)`")
    }
    let line = file.line(at: max(0, previous.span.end - 1))
    return error(
      "N114", "`\(word)` begins a line", at: place,
      help: "end line \(line) with `\(word)`, and go on here")
  }

  // MARK: N118 and slips

  /// A word and then something that cannot follow it: `run 3s`, `case a { }`, `sleep 5s`.
  mutating func misusedWord(_ word: Name, found: Token) -> SyntaxError {
    if ContextualWords.statements.contains(word.text) {
      return error(
        "N118", "`\(word.text)` begins a statement here", at: word.span,
        help: ParserMessages.usage(of: word.text))
    }
    if let habit = habitOfOthers(word) { return habit }
    let isCall = ["sleep", "compute", "wait", "draw", "len"].contains(word.text)
    if !isCall, let near = Spelling.nearest(to: word.text, among: ContextualWords.statements) {
      return error(
        "N109", "no statement begins with `\(word.text)`", at: word.span,
        help: "did you mean `\(near)`?")
    }
    return error(
      "N109", "`\(word.text)` is followed by a value", at: span(of: found),
      help: "a call has parentheses: `\(word.text)(\(text(found)))`")
  }

  /// Words that other languages begin such a statement with.
  private mutating func habitOfOthers(_ word: Name) -> SyntaxError? {
    switch word.text {
    case "elif", "elsif", "elseif":
      return error(
        "N109", "`\(word.text)` is two words here", at: word.span, help: "`} else if … {`")
    case "puts", "echo", "printf", "println", "say":
      return error("N109", "`\(word.text)` is `print` here", at: word.span, help: "`print …`")
    default: return nil
    }
  }

  /// `for (int i = 0; i < 10; i++) {`: all up to the block is passed over.
  mutating func loopOfC() -> SyntaxError {
    let open = currentSpan
    while !at(.openBrace) && !at(.newline) && !at(.endOfFile) { advance() }
    return error(
      "N109", "`for` walks through a list or a range", at: open, help: "`for i in 0..<10 { … }`")
  }

  /// Two names and something that no declaration has: `exepct never x`, `const n = 3`.
  mutating func notADeclaration(_ declaration: Declaration) -> SyntaxError {
    if at(.malformed) { return SyntaxError() }
    let word = declaration.kind[0]
    let name = declaration.name?.text ?? ""
    if ["func", "def", "function", "fun", "sub", "proc"].contains(word.text) {
      return error(
        "N109", "functions begin with `fn`", at: word.span, help: "`fn \(name)(…) { … }`")
    }
    if let habit = habitOfOthers(word) { return habit }
    if at(.assign) {
      return error(
        "N109", "a new name begins with `let` or `var`", at: word.span,
        help: "`let \(name) = …`, or `var` if it changes")
    }
    let words =
      ContextualWords.statements + ["let", "var", "fn", "if", "for", "while", "match", "return"]
    if let near = Spelling.nearest(to: word.text, among: words) {
      return error(
        "N109", "no statement begins with `\(word.text)`", at: word.span,
        help: "did you mean `\(near)`?")
    }
    if at(.newline) { return unexpected("a block is missing here") }
    if at(.dot) { return callWithoutParentheses(word, name) }
    return error(
      "N117", "`\(text(current))` does not belong to `\(word.text) \(name)`", at: currentSpan,
      help: "separate statements with `;` or a new line")
  }

  /// `holders fc.net.iob`: a word, a path, and nothing else.
  private mutating func callWithoutParentheses(_ word: Name, _ name: String) -> SyntaxError {
    let place = currentSpan
    var path = name
    while at(.dot) || at(.name) {
      path += text(current)
      advance()
    }
    return error(
      "N117", "`.` does not belong to `\(word.text) \(name)`", at: place,
      help: "a call has parentheses: `\(word.text)(\(path))`; at the prompt it prints itself")
  }
}
