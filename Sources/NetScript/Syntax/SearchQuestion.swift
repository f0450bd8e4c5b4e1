// A question that is asked of many runs: `min server.pool.clusters such that never wedged(server)
// over seed in 1..100`. It is typed on a command line and stands in no script.

/// Which value is looked for, of what, and what it has to bring about.
public struct SearchQuestion: Sendable {
  public enum Goal: Sendable { case least, greatest }

  /// All of it, as typed.
  public var text: String
  public var goal: Goal
  /// A param, or a place of the lab: as written.
  public var place: Name
  /// `in 33..400`: the ends, each as written.
  public var range: (lower: String, upper: String)?
  /// `by 10ms`.
  public var step: String?
  /// What `expect` would take, each as written; none when the case's own expectations are meant.
  public var properties: [String]
  public var seeds: ClosedRange<UInt64>?

  /// Nil when there is a diagnostic.
  public static func parse(
    _ file: SourceFile
  ) -> (question: SearchQuestion?, diagnostics: [Diagnostic]) {
    Parser.parseQuestion(file)
  }
}

extension Parser {
  static let questionForm =
    "`min|max PATH [in A..B] [by STEP] [such that PROPERTY [and PROPERTY]] [over seed in A..B]`"

  mutating func parseQuestion() throws(SyntaxError) -> SearchQuestion {
    isQuestion = true
    let isLeast = atWord("min")
    guard isLeast || atWord("max") else {
      throw unexpected("a question begins with `min` or `max`", help: Parser.questionForm)
    }
    advance()
    var question = SearchQuestion(
      text: file.text(0..<file.octets.count), goal: isLeast ? .least : .greatest,
      place: try parsePlace(), properties: [])
    if eat(.inWord) { (question.range, question.step) = try parseEnds() }
    if eat(.byWord) { question.step = try parseText() }
    if eatWord("such") {
      guard eatWord("that") else {
        throw unexpected("`that` is missing behind `such`", help: Parser.questionForm)
      }
      repeat {
        let start = current.start
        _ = try parseExpect()
        question.properties.append(text(from: start))
      } while eat(.andWord)
    }
    if eatWord("over") { question.seeds = try parseSeeds() }
    guard at(.endOfFile) else {
      throw unexpected("the question should end here", help: Parser.questionForm)
    }
    return question
  }

  /// `… and never stalled(server)`: here another property begins.
  var beginsProperty: Bool {
    guard isQuestion, at(.andWord), next.kind == .name else { return false }
    let following = stream.tokens[min(stream.index + 2, stream.tokens.count - 1)]
    return ContextualWords.modals.contains(text(next)) && following.kind.startsOperand
  }

  private mutating func parsePlace() throws(SyntaxError) -> Name {
    let start = current.start
    _ = try parseName(after: "min")
    while eat(.dot) { _ = try parseMemberName() }
    return Name(text(from: start), span(from: start))
  }

  private func text(from start: Int) -> String {
    let place = span(from: start)
    return file.text(place.start..<place.end)
  }

  private mutating func parseText() throws(SyntaxError) -> String {
    let start = current.start
    _ = try parseExpression()
    return text(from: start)
  }

  /// `33..400`, `200B..600B by 8B`.
  private mutating func parseEnds() throws(SyntaxError) -> (
    range: (lower: String, upper: String), step: String?
  ) {
    var values = try parseExpression()
    var step: String?
    if case .infix(.by, operatorSpan: _, let range, let stride) = values.form {
      step = file.text(stride.span.start..<stride.span.end)
      values = range
    }
    guard case .infix(.range, operatorSpan: _, let lower, let upper) = values.form else {
      throw error("N109", "a range is looked through", at: values.span, help: "`in 32..400`")
    }
    let ends = [lower.span, upper.span].map { file.text($0.start..<$0.end) }
    return ((ends[0], ends[1]), step)
  }

  private mutating func parseSeeds() throws(SyntaxError) -> ClosedRange<UInt64> {
    guard eatWord("seed"), eat(.inWord) else {
      throw unexpected("a question goes over seeds", help: "`over seed in 1..100`")
    }
    let values = try parseExpression()
    switch values.form {
    case .int(let seed) where seed >= 0: return UInt64(seed)...UInt64(seed)
    case .infix(.range, operatorSpan: _, let lower, let upper):
      guard case .int(let first) = lower.form, case .int(let last) = upper.form, first >= 0,
        first <= last
      else { break }
      return UInt64(first)...UInt64(last)
    default: break
    }
    throw error("N109", "seeds are counts from 0", at: values.span, help: "`over seed in 1..100`")
  }
}
