// What was done, as statements of the script that is written: lines as they were typed, and `run`s
// as far as they went.

import NetScript
import NetSim
import NetStack

/// The statements of the file, or of a line, that wait in one of their `run`s.
struct SavedStatements {
  var file: SourceFile
  var body: [Statement]
  /// Of a line, as it was typed.
  var line: String?

  init(file: SourceFile, body: [Statement]) {
    self.file = file
    self.body = body
  }

  init(line text: String) {
    file = SourceFile(id: SourceFileID(rawValue: 0), name: "", text: text)
    body = Parser.parse(file).tree.statements
    line = text
  }

  var name: String { line.map { "`\($0.firstLine)`" } ?? "`:continue`" }

  /// Which of them waits; behind the last when they are through.
  func place(of stop: LineStop?) throws(Unwritable) -> Int {
    guard let stop else { return body.count }
    if stop.places.count == 1, let place = stop.places.first,
      line != nil || place.file == file.id,
      let index = body.firstIndex(where: {
        $0.span.start <= place.start && place.end <= $0.span.end
      }), body[index].isStop
    {
      return index
    }
    guard line == nil else {
      throw Unwritable(
        "\(name) waits inside a loop, a branch or a function, where nothing can be put in between: "
          + "`:continue` lets it come to its end, `:undo` takes it back")
    }
    let line = stop.places.last.flatMap {
      $0.file == file.id ? " (line \(file.line(at: $0.start)))" : nil
    }
    throw Unwritable(
      "the file waits inside a loop, a branch or a function\(line ?? ""), where nothing can be "
        + "put in between: write that `run` straight into the case")
  }

  /// Whether no time passes in those before this one.
  func isFirstRun(_ place: Int) -> Bool {
    guard let first = body.first, place < body.count else { return false }
    let text = file.text(first.span.start..<body[place].span.start)
    return Script.shape(of: text).firstRun == nil
  }
}

extension SavedText {
  mutating func add(
    _ journal: Journal, from first: LineStop?, _ own: SavedStatements
  ) throws(Unwritable) {
    var (stop, rest): (LineStop?, LineStop?) = (first, nil)
    var isCutThere = false
    for (place, entry) in journal.entries.enumerated() {
      if entry.isFaulty {
        throw Unwritable(
          "`\(entry.deed.text)` ended in a fault, and a script would end there: `:undo` it, or "
            + "go back before it")
      }
      switch entry.deed {
      case .line(let text, _) where !entry.isCut: add(text)
      case .line(let text, _):
        try goOn(SavedStatements(line: text), from: nil, to: entry.rest, entry)
      case .rest(let text, _):
        try goOn(
          SavedStatements(line: text), from: rest, to: entry.isCut ? entry.rest : nil, entry,
          wasCut: true)
      case .goOn:
        guard let from = stop else { throw Unwritable("the file's statements were through") }
        try goOn(own, from: from, to: entry.file, entry, wasCut: isCutThere)
        isCutThere = entry.isCut
      }
      if entry.file != nil || place == journal.entries.count - 1 { stop = entry.file }
      if case .goOn = entry.deed { stop = entry.file }
      rest = entry.rest
    }
  }

  /// A line as it was typed; what belongs to a file goes to its top.
  mutating func add(_ text: String) {
    let line = SavedStatements(line: text)
    if line.body.contains(where: { $0.belongsToFile }) {
      for statement in line.body { add(statement, of: line) }
    } else if !line.body.isEmpty {
      for statement in line.body { count(statement) }
      lines.append(Self.trimmed(text))
    }
  }

  private mutating func add(_ statement: Statement, of source: SavedStatements) {
    count(statement)
    let text = source.file.text(statement.span)
    guard statement.belongsToFile else { return lines.append(text) }
    noteFiles(statement)
    if !top.contains(text) { top.append(text) }
  }

  mutating func noteFiles(_ statement: Statement) {
    guard case .importFile(let form) = statement.form else { return }
    if !form.path.text.hasPrefix("std/") { needsFolder = true }
  }

  private mutating func count(_ statement: Statement) {
    switch statement.form {
    case .assignment: changes += 1
    case .expect: expectations += 1
    case .run, .step: runs += 1
    default: break
    }
  }

  // MARK: Time that passed

  /// Statements from where they waited, or from the first, to where they wait now.
  private mutating func goOn(
    _ source: SavedStatements, from: LineStop?, to: LineStop?, _ entry: Entry,
    wasCut: Bool = false
  ) throws(Unwritable) {
    let body = source.body
    let start = from == nil ? -1 : try source.place(of: from)
    let end = try source.place(of: to)
    let isHalted = entry.isCut && end < body.count && !body[end].isPause
    if isHalted && end == start { return pass(from: entry.start, to: entry.end) }
    if start >= 0, let from { try finish(body[start], of: source, from, entry.start, wasCut) }
    for statement in body[(start + 1)..<max(end, start + 1)] where !statement.isPause {
      if source.line == nil && statement.standsAnywhere { continue }
      add(statement, of: source)
    }
    guard isHalted else { return }
    if start < 0 && source.isFirstRun(end) { return pass(from: entry.start, to: entry.end) }
    guard !entry.end.isMidInstant else {
      throw Unwritable(
        "\(source.name) was left in the middle of an instant, at event "
          + "\(Spelling.grouped(entry.end.event)): go to a time, as `:goto "
          + "\(entry.end.now.nanoseconds)ns`")
    }
    runs += 1
    lines.append("run until now >= \(entry.end.now.nanoseconds)ns")
  }

  /// The time between two moments of one `run`: so many events, or so much time.
  private mutating func pass(from start: Moment, to end: Moment) {
    let events = end.event - start.event
    runs += 1
    if !end.isMidInstant {
      lines.append("run for \((end.now - start.now).nanoseconds)ns")
    } else if events > 0 {
      lines.append("step \(events)")
    }
  }

  /// What is left of a `run`.
  private mutating func finish(
    _ statement: Statement, of source: SavedStatements, _ stop: LineStop, _ now: Moment,
    _ wasCut: Bool
  ) throws(Unwritable) {
    switch (stop.wait, statement.form) {
    case (.until(let instant), _):
      runs += 1
      lines.append("run for \(max((instant - now.now).nanoseconds, 0))ns")
    case (.predicate(let latest), .run(.until(let condition, _))):
      runs += 1
      let within =
        latest == .never ? "" : " within \(max((latest - now.now).nanoseconds, 0))ns"
      lines.append("run until \(source.file.text(condition.span))" + within)
    case (.events(let last), .step):
      runs += 1
      if last > now.event { lines.append("step \(last - now.event)") }
    case (.records, _):
      if wasCut {
        throw Unwritable(
          "`\(source.file.text(statement.span))` was left in its middle: `:undo` that, or let "
            + "it come to its end at once")
      }
      runs += 1
      lines.append(source.file.text(statement.span))
    case (.events, _), (.predicate, _): break
    }
  }
}

extension Statement {
  /// A statement at which a case waits.
  fileprivate var isStop: Bool {
    switch form {
    case .run, .step: return true
    default: return isPause
    }
  }

  fileprivate var isPause: Bool {
    if case .pause = form { return true }
    return false
  }

  /// May stand in a file only.
  fileprivate var belongsToFile: Bool {
    switch form {
    case .importFile, .kind, .policy, .preset: return true
    default: return false
    }
  }
}

extension String {
  var firstLine: Substring { split(separator: "\n").first ?? "" }
}
