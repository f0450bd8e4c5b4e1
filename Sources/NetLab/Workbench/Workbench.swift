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
  /// The value, as a line would say it; nil for what cannot be written.
  var literal: String?
  /// The value, if it is a time.
  var time: TimeSpan?
  /// The value, if it is a list of records.
  public var table: TextTable?
  public var diagnostics: [Diagnostic] = []
  public var fault: RuntimeError?
  public var stop = Stop.done
  /// Why it was not done, in the bench's own words.
  public var note: String?
  /// Where the diagnostics point to, if that is not the bench's own.
  public var files: SourceFiles?

  /// It led to where the world stands now: whoever does the same gets there.
  public var counts = false
  /// Where Ctrl-C held it.
  public var heldAt: Hold?

  /// What a breakpoint that was met has to be done, line by line.
  public var commands: [String] = []

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
  /// Everything that was ever done.
  var history = History()
  /// Every future, and which of them is entered.
  var desk = Desk(branches: [Branch(name: mainName)])
  var names: SessionNames
  var checkpoints = Checkpoints()
  private var waiting = Waiting()
  /// Who looks on while things are done again.
  private var watcher: Watcher?
  /// Ctrl-C came while things were done again.
  private var isInterrupted = false
  /// Moments by name, in the order in which they were named.
  var marks: [Mark] = []
  /// How things stood before each command that moved the world, for `:undo`.
  var past: [Before] = []
  /// What the file waits for at time 0.
  var firstStop: LineStop?
  /// Lines that were typed, wrong ones among them.
  private var lineCount = 0
  /// The last `:last`, and where it led.
  var lastSearch: LastSearch?
  /// Where Ctrl-C once held what is done next: it goes no further this time either.
  public var nextHold: Hold?
  /// Values of earlier lines.
  public internal(set) var results = LineResults()
  /// By file, what `:load` took from it.
  var loads: [LoadedFile] = []
  /// The file that is being loaded.
  var fileName: String?

  /// The bench must have been prepared: it stands at time 0, before the file's first `run`.
  init(_ bench: Bench, _ session: Session, _ recipe: Recipe) {
    precondition(bench.phase == .run, "a bench that was not prepared")
    self.bench = bench
    self.session = session
    self.recipe = recipe
    names = session.names(ofCase: bench.plan.caseIndex)
    bench.lookout.fileExpectations = bench.watch.expectations.count
    bench.isDriven = true
    bench.arm()
    takeCharge()
    firstStop = bench.stop(of: bench.parked)
    keepHere()
  }

  /// The bench asks this one how it came to where it stands.
  func takeCharge() {
    bench.origin = { [unowned(unsafe) self] in Origin(self.recipe, self.journal.entries) }
  }

  // MARK: Doors

  /// Of the script that was opened.
  public var name: String { recipe.name }
  public var moment: Moment { bench.standing }
  public var digest: UInt64 { bench.context.digest.value }
  /// All files and lines so far, for the renderer.
  public var files: SourceFiles { session.files }
  /// Whether a line or the file has statements left.
  public var canGoOn: Bool { waiting.rest != nil || bench.main != nil }
  /// What leads to where one stands.
  var journal: Journal { history.journal(to: desk.here.at) }

  /// A line of statements.
  public func type(_ text: String) -> Reply {
    lineCount += 1
    let mayBuild = mayBuild
    if mayBuild && Script.shape(of: text).declares { return build(text) }
    let reply = attempt(text)
    return mayBuild && reply.fault?.code == "N304" ? build(text) : reply
  }

  /// Of the line that was typed last, as diagnostics call it.
  var lineName: String { fileName ?? "line \(lineCount)" }

  func attempt(_ text: String) -> Reply {
    switch compile(text) {
    case .mistakes(let mistakes):
      var reply = Reply()
      reply.diagnostics = mistakes
      return reply
    case .line(let line): return perform(.line(text, line))
    }
  }

  func compile(_ text: String) -> LineResult {
    let result = session.add(Array(text.utf8), named: lineName, after: names, to: bench.vm)
    guard case .line(let line) = result else { return result }
    let mistakes = bench.mistakes(in: line.paths)
    return mistakes.isEmpty ? result : .mistakes(mistakes)
  }

  /// What is left of a line that was halted on its way; else the file's own statements, to the
  /// next `pause` or to their end.
  public func goOn() -> Reply {
    if let rest = waiting.rest { return perform(.rest(rest.text, rest.line)) }
    guard canGoOn else { return .refused("the file's statements are through") }
    return perform(.goOn)
  }

  // MARK: Deeds

  /// How a deed is done.
  private enum Pace {
    case first
    case again
    /// Whoever presses Ctrl-C waits.
    case firmlyAgain
  }

  /// Does something for the first time.
  func perform(_ deed: Entry.Deed) -> Reply {
    if bench.isHeld { return .heldBack }
    var entry = Entry(
      number: history.next, parent: desk.here.at, origin: history.next, deed: deed, start: moment,
      end: moment, names: names)
    keepHere()
    let isLook = bench.isLook(deed)
    bench.lookout.unheard = []
    bench.lookout.hits = []
    if case .goOn = deed { bench.lookout.isOfFile = true } else { bench.lookout.isOfFile = false }
    if case .rest(let text, _) = deed {
      bench.lookout.tell("goes on with the rest of `\(text.firstLine)`", .stop)
    }
    resumeLivePlot()
    var reply = Reply()
    let hold = nextHold
    nextHold = nil
    let end = start(deed) { carry(entry, until: hold?.halt ?? Halt(), .first) }
    bench.lookout.breakpoints.removeAll { $0.isOver }
    if case .fault(let error) = end, error.isInterruption { return leave(entry, error) }
    entry.end = moment
    if !isLook { tellStanding(deed, since: entry.start.now) }
    reply.lines = bench.lookout.takeUnheard()
    if entry.end.now > entry.start.now { reply.lines += bench.lastPicture(in: entry.origin) }
    reply.commands = bench.lookout.hits.flatMap { $0.commands }
    switch end {
    case .done(let value):
      (reply.value, reply.literal) = (value?.text, value?.literal)
      (reply.time, reply.table) = (value?.time, value?.table)
    case .halted:
      (entry.isCut, entry.turns) = (true, bench.turns)
      reply.stop = .halted
      if bench.isHeld {
        endEveries()
        reply.heldAt = Hold(entry)
      }
    case .fault(let error):
      (entry.isCut, entry.isFaulty) = (true, true)
      reply.fault = error
    }
    finish(&entry)
    if reply.fault != nil, entry.start == entry.end {
      // A wrong line changes nothing.
      stand(firmlyAt: desk)
      return reply
    }
    if isLook && reply.fault == nil { return reply }
    reply.counts = true
    remember()
    history.add(entry)
    desk.here.at = entry.number
    desk.here.tip = entry.number
    if reply.fault != nil { stand(firmlyAt: desk) } else { prepareWayBack() }
    if case .goOn = deed, !canGoOn, reply.stop == .done { reply.stop = .ended }
    return reply
  }

  private func start(_ deed: Entry.Deed, _ body: () -> DeedEnd) -> DeedEnd {
    bench.turns = 0
    switch deed {
    case .goOn: break
    case .line(_, let line):
      do throws(RuntimeError) {
        waiting.file = try bench.begin(line)
      } catch {
        return .fault(error)
      }
    case .rest:
      guard let rest = waiting.rest else { preconditionFailure("nothing is left of a line") }
      waiting = Waiting(file: bench.parked)
      bench.take(rest.parked)
    }
    return body()
  }

  /// Goes on to the entry's end or to `halt`, and keeps moments on the way.
  private func carry(_ entry: Entry, until halt: Halt, _ pace: Pace) -> DeedEnd {
    watcher?.look?(moment, .line(entry))
    var next = moment.event + Checkpoints.stride(before: halt.event, from: moment.event)
    while true {
      var slice = halt
      slice.event = min(halt.event, next)
      if watcher?.look != nil { slice.event = min(slice.event, moment.event + 1) }
      let turn = pace == .first ? bench.lookout.nextTurn : .never
      slice.instant = min(halt.instant, turn)
      bench.isHalted = false
      let end = bench.carry(until: slice)
      watcher?.look?(moment, .event)
      let isTurn = moment.now == turn && !moment.isMidInstant
      if isTurn {
        bench.tellEveries()
        bench.sampleLive(in: entry.origin)
      }
      if pace == .first { bench.showLive() }
      guard case .halted = end, !bench.isBeforeScript else { return end }
      // What was done once and went on goes on again, whatever pauses there are.
      if bench.isHalted && pace == .first { return end }
      if pace == .again && bench.isHeld {
        isInterrupted = true
        return end
      }
      if !bench.isHalted && !isTurn
        && (moment.event >= halt.event || moment.event < slice.event)
      {
        return end
      }
      if moment.event < next { continue }
      if pace == .first { bench.tellWedged() }
      // What somebody looks at may have left something behind.
      if watcher == nil { keep(after: desk.here.at, inside: entry.origin) }
      next = moment.event + Checkpoints.stride(before: halt.event, from: moment.event)
    }
  }

  /// A line is over, or what is left of it waits; so do the file's statements.
  func finish(_ entry: inout Entry) {
    defer {
      entry.file = bench.stop(of: bench.parked)
      entry.rest = waiting.rest.flatMap { bench.stop(of: $0.parked) }
    }
    let (text, line): (String, SessionLine)
    switch entry.deed {
    case .goOn: return
    case .line(let typed, let compiled):
      (text, line) = (typed, compiled)
      names = line.names
    case .rest(let typed, let compiled): (text, line) = (typed, compiled)
    }
    // Another `run` takes the place of what waits; who only steps in between leaves it there.
    if let rest = waiting.rest, Script.shape(of: text).runs {
      bench.drop(rest.parked)
      waiting.rest = nil
    }
    if waiting.rest == nil, entry.isCut, !entry.isFaulty, bench.main != nil {
      waiting.rest = Rest(text: text, line: line, parked: bench.parked)
    } else {
      bench.abandon()
    }
    bench.take(waiting.file)
    waiting.file = Parked()
  }

  /// How things stand when a deed is over.
  private func tellStanding(_ deed: Entry.Deed, since start: Instant) {
    if deed.text.hasPrefix("run "), moment.now > start {
      bench.tellStanding(from: bench.lookout.fileExpectations, since: start)
    }
    bench.tellWedged()
  }

  // MARK: Moments

  private func keep(after number: Int, inside: Int?) {
    if checkpoints.has(after: number, inside, moment) { return }
    checkpoints.add(
      Kept(
        after: number, inside: inside, moment: moment, checkpoint: bench.checkpoint(),
        waiting: waiting))
  }

  /// Whoever leaves from here comes back at once.
  func keepHere() { keep(after: desk.here.at, inside: nil) }

  /// A long run leaves no moment near its end, and who has just come is likely to step back. The
  /// last stretch is gone once more, on which moments are kept ever more densely.
  private func prepareWayBack() {
    let near = checkpoints.last(before: moment.event)
    guard moment.event - near > Checkpoints.stepReach else { return }
    let here = desk
    keepHere()
    stand(at: way(to: .event(moment.event - 1), along: knownEntries), isFirm: true)
    desk = here
    stand(firmlyAt: here)
  }

  /// Stands where somebody left off. False when Ctrl-C came first: the world is on its way.
  @discardableResult
  func stand(at desk: Desk) -> Bool {
    stand(at: Way(journal: history.journal(to: desk.here.at)))
  }

  /// The same, and Ctrl-C does not matter.
  func stand(firmlyAt desk: Desk) {
    let way = Way(journal: history.journal(to: desk.here.at))
    stand(at: way, isFirm: true)
  }

  /// Stands where a journal leads to; with a cut, at that point of its last entry.
  ///
  /// - Parameter kept: from which moment on everything is done again; nil for the nearest.
  @discardableResult
  func stand(
    at way: Way, from given: (kept: Kept, complete: Int)? = nil, isFirm: Bool = false,
    _ watcher: Watcher? = nil
  ) -> Bool {
    if !isFirm && bench.isHeld { return false }
    let (kept, complete) = given ?? checkpoints.nearest(to: way.journal, before: way.cut)
    (bench.lookout.isQuiet, bench.lookout.isFirm) = (true, isFirm)
    defer {
      (bench.lookout.isQuiet, bench.lookout.isFirm) = (false, false)
      bench.arm()
      bench.renewEveries()
    }
    let target = way.journal.entries
    bench.restore(kept.checkpoint)
    waiting = kept.waiting
    desk.here.at = complete > 0 ? target[complete - 1].number : 0
    names = complete < target.count ? target[complete].names : names(after: target.last)
    self.watcher = watcher
    defer { self.watcher = nil }
    watcher?.start(at: moment)
    var isUnderWay = kept.inside != nil
    for (place, entry) in target.enumerated().dropFirst(complete) {
      let isCut = place == target.count - 1 && way.cut != nil
      let pace = isFirm ? Pace.firmlyAgain : .again
      guard repeatDeed(of: entry, isCut ? way : nil, isUnderWay: isUnderWay, pace) else {
        return false
      }
      isUnderWay = false
    }
    return true
  }

  private func repeatDeed(
    of entry: Entry, _ way: Way?, isUnderWay: Bool, _ pace: Pace
  ) -> Bool {
    var halt = way?.cut?.halt ?? entry.halt
    if let way { halt.turns = way.turns }
    isInterrupted = false
    let end: DeedEnd
    if isUnderWay {
      end = carry(entry, until: halt, pace)
    } else {
      end = start(entry.deed) { carry(entry, until: halt, pace) }
    }
    if case .fault(let error) = end, error.isInterruption { return false }
    if isInterrupted { return false }
    var entry = entry
    if way != nil {
      entry.parent = desk.here.at
      entry.number = history.next
      (entry.isCut, entry.isFaulty) = (true, false)
      (entry.end, entry.turns) = (moment, bench.turns)
    }
    precondition(moment == entry.end, "the same deeds have led elsewhere")
    finish(&entry)
    if way != nil { history.add(entry) }
    desk.here.at = entry.number
    return true
  }

  private func names(after entry: Entry?) -> SessionNames {
    guard let entry else { return session.names(ofCase: bench.plan.caseIndex) }
    if case .line(_, let line) = entry.deed { return line.names }
    return entry.names
  }
}
