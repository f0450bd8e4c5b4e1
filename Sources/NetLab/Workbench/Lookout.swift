// Who looks at a run from in front of the bench: steps that are told, traces, breakpoints.
//
// None of it is part of the world. It stands outside of checkpoints and of the journal, draws
// nothing, takes no number and changes no digest; after each restore it is set up anew. With
// nothing to look at, the run loop does not know of it.

import NetScript
import NetSim
import NetStack

final class Lookout {
  /// Events at the end of a `step` that are told one by one.
  static let mostTold: Int64 = 10

  var audience: (any Audience)?
  /// What was told and nobody has heard, because there is no audience.
  var unheard: [Told] = []
  /// What was done once is done again: nobody wants to hear of it.
  var isQuiet = false
  /// And whoever presses Ctrl-C waits.
  var isFirm = false
  /// Each event is told: somebody steps.
  var isStepping = false
  /// While things are done again: lines of what happened behind an event go to a list, for who
  /// asks what has just happened.
  var recall: (pick: Pick, from: Int64)?
  var recalled: [EventLine] = []

  var breakpoints: [Breakpoint] = []
  var breakpointCount = 0
  var traces: [Trace] = []
  var everies: [Every] = []
  var live: LivePlot?
  /// The file's own statements go on.
  var isOfFile = false
  /// Expectations of the file: the others were typed.
  var fileExpectations = 0
  /// Hosts that have been named as wedged.
  var wedged: [NodeID] = []
  /// Lines of bodies that were run since somebody last looked.
  var passed: [PassedLine] = []
  /// Somebody steps from line to line; of one task, or of all bodies.
  var lineStep: LineStep?
  /// Breakpoints that have stopped the run.
  var hits: [Hit] = []

  /// The event at work, and the frames that it has put on wires.
  @exclusivity(unchecked) var event: Event?
  var frames = ObservedFrames()
  /// The task that the last record of it names.
  @exclusivity(unchecked) var lastTask: Int32?
  /// The task that took or gave a buffer last: who merely has the CPU has changed nothing.
  @exclusivity(unchecked) var lastTaker: Int32?
  /// So many lines have been told of it.
  @exclusivity(unchecked) var linesOfEvent = 0
  /// The line that was told last, and those like it since then.
  private var lastLine: EventLine?
  private var alike: [EventLine] = []

  func tell(_ text: String, _ tone: Told.Tone) {
    tellAlike()
    hear(Told(text: text, tone: tone))
  }

  /// While somebody steps, lines that only count on are told by their first and last: a ring that
  /// is filled would be a screen of them.
  func tell(_ line: EventLine) {
    linesOfEvent += 1
    if recall != nil { return recalled.append(line) }
    if isStepping, line.isLike(lastLine) { return alike.append(line) }
    tell(line.text, line.tone)
    lastLine = line
  }

  /// The lines that were held back, or how many of them there were and the last.
  func tellAlike() {
    let lines = alike
    (alike, lastLine) = ([], nil)
    if lines.count > 3 {
      hear(EventLine(at: "", word: "…", who: "\(lines.count - 1) more", what: "").told)
    }
    for line in lines.suffix(lines.count > 3 ? 1 : 3) { hear(line.told) }
  }

  private func hear(_ told: Told) {
    if isQuiet { return }
    if let audience { audience.hear(told) } else { unheard.append(told) }
  }

  func takeUnheard() -> [String] {
    defer { unheard = [] }
    return unheard.map { $0.text }
  }
}

/// Records that somebody wants to see, and when.
struct Pick {
  /// As it was typed; empty stands for everything.
  var text: String
  var filters: [EventFilter]
  var condition: Question?

  /// Everything.
  var isAll: Bool { filters.isEmpty }
  var kinds: UInt64 { isAll ? .max : filters.reduce(0) { $0 | $1.kinds } }

  func covers(_ record: TraceRecord) -> Bool {
    isAll || filters.contains { $0.matches(record) }
  }
}

struct Trace {
  var pick: Pick
}

/// An expression that somebody in front of the bench asks; compiled once, so that it needs nothing
/// of the world's heap.
struct Question {
  var text: String
  var main: FunctionID
}

extension Bench {
  /// Whether each event is looked at. Set up by `arm`.
  var isAttended: Bool {
    unsafeAddress { UnsafePointer(state.isAttended) }
    unsafeMutableAddress { state.isAttended }
  }

  /// Asks the engine for what the lookout wants to see, and for no more.
  func arm() {
    guard watch.hasBegun else { return }
    refreshInterest()
    let eyes = lookoutKinds
    isAttended =
      lookout.isQuiet
      ? lookout.recall?.pick.isAll == true
      : lookout.isStepping || lookout.lineStep != nil
        || lookout.breakpoints.contains { $0.looksAtEachEvent }
    watchLines()
    let frameKinds = EventCatalogue.bit(.linkFrame) | EventCatalogue.bit(.linkLost)
    var links: UInt64 = eyes & frameKinds != 0 ? .max : 0
    for capture in output.captures where capture.isOpen { links |= Context.bit(capture.link) }
    context.observedLinks = links
  }

  /// The kinds of record that the lookout wants.
  var lookoutKinds: UInt64 {
    if lookout.isQuiet { return lookout.recall?.pick.kinds ?? 0 }
    if lookout.isStepping { return .max }
    var kinds: UInt64 = isDriven ? watch.countdown?.kinds ?? 0 : 0
    for trace in lookout.traces { kinds |= trace.pick.kinds }
    for point in lookout.breakpoints where point.isEnabled {
      switch point.place {
      case .event(let pick): kinds |= pick.kinds
      case .change: kinds = .max
      case .condition, .line: break
      }
    }
    return kinds
  }

  /// Goes on to the next event, and keeps in mind which it was.
  func attendedStep(until limit: Instant) -> StepOutcome {
    lookout.linesOfEvent = 0
    (lookout.lastTask, lookout.lastTaker) = (nil, nil)
    return simulation.step(until: limit, &context, telling: &lookout.event)
  }

  // MARK: Looking

  /// What one step of the engine has recorded.
  func attend(_ range: Range<Int>) throws(RuntimeError) {
    if lookout.isQuiet { return recall(range) }
    var left = watch.countdown?.left ?? 0
    for place in range {
      let record = context.records[place]
      noteTask(of: record)
      var isTold = lookout.isStepping
      if left > 0, watch.countdown?.filters.contains(where: { $0.matches(record) }) == true {
        left -= 1
        isTold = true
      }
      if !isTold { isTold = isTraced(record) }
      let frame = record.kind == .linkFrame ? takeFrame(record) : nil
      if isTold { tell(record, frame) }
      for index in lookout.breakpoints.indices { try meet(record, frame, at: index) }
    }
  }

  private func recall(_ range: Range<Int>) {
    guard let (pick, from) = lookout.recall, simulation.events > from else { return }
    for place in range where pick.covers(context.records[place]) {
      let record = context.records[place]
      tell(record, record.kind == .linkFrame ? takeFrame(record) : nil)
    }
  }

  /// Who is at work, as far as records name a task.
  private func noteTask(of record: TraceRecord) {
    if record.kind.isOfTask {
      lookout.lastTask = record.object
    } else if record.kind.isOfPool {
      lookout.lastTaker = PoolEvent(record).task
    }
  }

  private func tell(_ record: TraceRecord, _ frame: [UInt8]?) {
    guard let frame else { return lookout.tell(line(of: record)) }
    frame.withUnsafeBytes { lookout.tell(line(of: record, frame: $0)) }
  }

  private func isTraced(_ record: TraceRecord) -> Bool {
    for trace in lookout.traces where trace.pick.covers(record) {
      guard let condition = trace.pick.condition else { return true }
      if holds(condition, eventValue(record)) { return true }
    }
    return false
  }

  /// The octets of the frame that a record is about: they come in the same order.
  private func takeFrame(_ record: TraceRecord) -> [UInt8]? {
    octets(of: record, in: context.frames) ?? octets(of: record, in: lookout.frames)
  }

  private func octets(of record: TraceRecord, in frames: ObservedFrames) -> [UInt8]? {
    let one = frames.frames.first {
      $0.link == record.object && $0.at == record.at && !$0.isIncoming
        && $0.octets.count == Int(record.a & 0xFFFF_FFFF) && $0.port == Int32(record.a >> 32)
    }
    return one.map { Array(frames.octets[$0.octets]) }
  }

  /// An event is over, and whoever had to see it has: conditions are asked.
  func attendEvent() throws(RuntimeError) {
    let isWanted = lookout.recall.map { simulation.events > $0.from } ?? lookout.isStepping
    if isWanted, lookout.linesOfEvent == 0, let event = lookout.event {
      lookout.tell(line(of: event, at: simulation.now))
    }
    if lookout.isQuiet { return }
    try attendChanges()
  }

  /// A program has run: what it has changed is its doing.
  func attendProgram(_ task: Int32) throws(RuntimeError) {
    if lookout.isQuiet { return }
    (lookout.lastTask, lookout.lastTaker) = (task, nil)
    try attendChanges()
  }

  /// The kernel's own tasks have run behind the last event of an instant.
  func attendTasks() throws(RuntimeError) {
    if lookout.isQuiet { return }
    try attendChanges()
  }

  /// Hooks and expectations have looked.
  func attendLook() throws(RuntimeError) {
    if lookout.isQuiet { return }
    (lookout.event, lookout.lastTask, lookout.lastTaker) = (nil, nil, nil)
    try attendChanges()
  }

  /// Conditions and values that breakpoints are about may be others now.
  func attendChanges() throws(RuntimeError) {
    if !lookout.passed.isEmpty { try attendLines() }
    for index in lookout.breakpoints.indices { try meetEvent(at: index) }
  }

  /// What conditions and values are before time goes on: what somebody types is no change.
  func noteStandings() {
    for index in lookout.breakpoints.indices where lookout.breakpoints[index].looksAtEachEvent {
      let point = lookout.breakpoints[index]
      switch point.place {
      case .condition:
        lookout.breakpoints[index].held = point.condition.map { holds($0, .none) }
      case .change(let question):
        lookout.breakpoints[index].seen = (try? answer(question)).map { vm.text($0) }
      case .event, .line: break
      }
    }
  }

  // MARK: Asking

  /// What an expression of the prompt comes to now. Nothing of the world is changed.
  func answer(_ question: Question, _ event: Value = .none) throws(RuntimeError) -> Value {
    try asPredicate { () throws(RuntimeError) in
      try vm.call(vm.closure(of: question.main), event, budget: plan.limits.hookSteps)
    }
  }

  /// Of a trace: what cannot be asked does not hold.
  private func holds(_ question: Question, _ event: Value) -> Bool {
    (try? answer(question, event))?.asBool ?? false
  }
}
