// The bench with somebody in front of it: what is typed happens at once, and can be taken back.
//
// A world is what its journal leads to, so going back is to stand where a shorter journal leads:
// the nearest moment that was kept, and from there the same deeds again, to the event. Nothing that
// looks is in the journal; what changes the world is.

import NetScript
import NetSim
import NetStack

/// What came of a line or a command.
public struct Reply {
  public enum Stop: Equatable, Sendable {
    case done
    /// A `pause`, or whoever watches: the world stands where it was halted.
    case halted
    /// The file's own statements are through.
    case ended
  }
  /// What was printed.
  public var lines: [String] = []
  /// The value of a line that is an expression.
  public var value: String?
  /// The value, if it is a time.
  var time: TimeSpan?
  public var diagnostics: [Diagnostic] = []
  public var fault: RuntimeError?
  public var stop = Stop.done
  /// A message of the bench's own.
  public var note: String?
  /// Where the diagnostics point to, if that is not the bench's own.
  public var files: SourceFiles?

  public init() {}

  static func refused(_ note: String) -> Reply {
    var reply = Reply()
    reply.note = note
    return reply
  }

  /// It changed nothing, because it was wrong.
  public var isMistake: Bool { !diagnostics.isEmpty || fault != nil }
}

public final class Workbench {
  /// These three change together, when structure does: Structure.swift.
  var bench: Bench
  var session: Session
  var recipe: Recipe
  var journal = Journal()
  /// What was done beyond this moment: `:goto` may go forwards again, until something else is done.
  var future: [Entry] = []
  var names: SessionNames
  var checkpoints = Checkpoints()
  private var entryCount = 0
  /// Lines that were typed, wrong ones among them.
  private var lineCount = 0
  /// What the file's own statements wait for.
  private var file = Parked()
  /// Moments by name, in the order in which they were named.
  var marks: [Mark] = []
  /// Where each command that moved the world began, for `:undo`.
  var past: [Standing] = []

  /// A journal, and what lies ahead of it.
  struct Standing {
    var journal: Journal
    var future: [Entry]
    /// The world in whose place another was built.
    var world: World?
  }

  /// The bench must have been prepared: it stands at time 0, before the file's first `run`.
  init(_ bench: Bench, _ session: Session, _ recipe: Recipe) {
    precondition(bench.phase == .run, "a bench that was not prepared")
    self.bench = bench
    self.session = session
    self.recipe = recipe
    names = session.names(ofCase: bench.plan.caseIndex)
    bench.isDriven = true
    keep(after: 0, inside: nil)
  }

  // MARK: Doors

  public var moment: Moment { bench.standing }
  public var digest: UInt64 { bench.context.digest.value }
  /// All files and lines so far, for the renderer.
  public var files: SourceFiles { session.files }
  /// Whether the file has statements left.
  public var canGoOn: Bool { bench.main != nil }

  /// A line of statements.
  public func type(_ text: String) -> Reply {
    lineCount += 1
    let mayBuild = mayBuild
    if mayBuild && Script.shape(of: text).declares { return build(text) }
    let reply = attempt(text)
    return mayBuild && reply.fault?.code == "N304" ? build(text) : reply
  }

  /// Of the line that was typed last, as diagnostics call it.
  var lineName: String { "line \(lineCount)" }

  func attempt(_ text: String) -> Reply {
    switch session.add(
      Array(text.utf8), named: lineName, after: names, to: bench.vm)
    {
    case .mistakes(let mistakes):
      var reply = Reply()
      reply.diagnostics = mistakes
      return reply
    case .line(let line):
      let mistakes = bench.mistakes(in: line.paths)
      guard mistakes.isEmpty else {
        var reply = Reply()
        reply.diagnostics = mistakes
        return reply
      }
      return perform(.line(text, line))
    }
  }

  /// The file's own statements, to the next `pause` or to their end.
  public func goOn() -> Reply {
    guard canGoOn else { return .refused("the file's statements are through") }
    return perform(.goOn)
  }

  // MARK: Deeds

  /// Does something for the first time.
  private func perform(_ deed: Entry.Deed) -> Reply {
    var entry = Entry(
      number: entryCount + 1, origin: entryCount + 1, deed: deed, start: moment, end: moment,
      names: names)
    let before = Standing(journal: journal, future: future)
    keep(after: journal.number, inside: nil)
    let isLook = bench.isLook(deed)
    let printed = bench.output.lines.count
    var reply = Reply()
    let end = start(deed) { carry(entry, until: Halt()) }
    entry.end = moment
    reply.lines = Array(bench.output.lines[min(printed, bench.output.lines.count)...])
    switch end {
    case .done(let value, let time): (reply.value, reply.time) = (value, time)
    case .halted:
      entry.isCut = true
      reply.stop = .halted
    case .fault(let error):
      entry.isCut = true
      reply.fault = error
    }
    finish(entry)
    if reply.fault != nil, entry.start == entry.end {
      // A wrong line changes nothing.
      stand(at: before.journal)
      return reply
    }
    if isLook && reply.fault == nil { return reply }
    entryCount += 1
    past.append(before)
    journal.entries.append(entry)
    future = []
    if reply.fault != nil { stand(at: journal) }
    if case .goOn = deed, !canGoOn, reply.stop == .done { reply.stop = .ended }
    return reply
  }

  private func start(_ deed: Entry.Deed, _ body: () -> DeedEnd) -> DeedEnd {
    guard case .line(_, let line) = deed else { return body() }
    do throws(RuntimeError) {
      file = try bench.begin(line)
    } catch {
      return .fault(error)
    }
    return body()
  }

  /// Goes on to the entry's end or to `halt`, and keeps moments on the way.
  private func carry(_ entry: Entry, until halt: Halt, again: Bool = false) -> DeedEnd {
    while true {
      let next = moment.event + Checkpoints.stride(before: halt.event, from: moment.event)
      var slice = halt
      slice.event = min(halt.event, next)
      bench.isHalted = false
      let end = bench.carry(until: slice)
      guard case .halted = end else { return end }
      // What was done once and went on goes on again, whatever pauses there are.
      if bench.isHalted && !again { return end }
      if !bench.isHalted && (moment.event >= halt.event || moment.event < next) { return end }
      if moment.event >= next { keep(after: journal.number, inside: entry.origin) }
    }
  }

  /// A line is over, or what is left of it is dropped; the file's statements wait again.
  private func finish(_ entry: Entry) {
    guard case .line(_, let line) = entry.deed else { return }
    bench.abandon()
    (bench.main, bench.runRequest) = (file.main, file.request)
    file = Parked()
    names = line.names
  }

  // MARK: Moments

  private func keep(after number: Int, inside: Int?) {
    checkpoints.add(
      Kept(
        after: number, inside: inside, moment: moment, checkpoint: bench.checkpoint(), file: file))
  }

  /// Makes the bench stand where a journal leads to; with `cut`, at that point of its last entry.
  func stand(at target: Journal, cut: Destination? = nil) {
    let (kept, complete) = checkpoints.nearest(to: target, before: cut)
    bench.restore(kept.checkpoint)
    file = kept.file
    journal.entries = Array(target.entries[..<complete])
    names = complete < target.entries.count ? target.entries[complete].names : names(after: journal)
    var isUnderWay = kept.inside != nil
    for (number, entry) in target.entries.enumerated().dropFirst(complete) {
      let cut = number == target.entries.count - 1 ? cut : nil
      repeatDeed(of: entry, cut: cut, isUnderWay: isUnderWay)
      isUnderWay = false
    }
  }

  private func repeatDeed(of entry: Entry, cut: Destination?, isUnderWay: Bool) {
    let halt = cut?.halt ?? (entry.isCut ? entry.end.halt : Halt())
    if isUnderWay {
      _ = carry(entry, until: halt, again: true)
    } else {
      _ = start(entry.deed) { carry(entry, until: halt, again: true) }
    }
    var entry = entry
    if cut != nil {
      entryCount += 1
      entry.number = entryCount
      entry.isCut = true
      entry.end = moment
    }
    precondition(moment == entry.end, "the same deeds have led elsewhere")
    finish(entry)
    journal.entries.append(entry)
  }

  private func names(after journal: Journal) -> SessionNames {
    guard let last = journal.entries.last else {
      return session.names(ofCase: bench.plan.caseIndex)
    }
    if case .line(_, let line) = last.deed { return line.names }
    return last.names
  }
}
