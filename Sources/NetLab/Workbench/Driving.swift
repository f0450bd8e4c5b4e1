// The bench's side: a line's fiber takes the place of the file's for as long as the line lasts.

import NetScript
import NetSim
import NetStack

/// A fiber of the file or of a line, and what it waits for.
struct Parked {
  var main: Fiber?
  var request: RunRequest?
  var countdown: Countdown?
}

/// What is left of a line that was halted on its way.
struct Rest {
  var text: String
  var line: SessionLine
  var parked: Parked
}

/// Who waits until somebody lets it go on.
struct Waiting {
  /// The file's own statements, while a line is under way.
  var file = Parked()
  var rest: Rest?
}

/// Looks on while deeds are done again: where that begins, and behind each event.
final class Watcher {
  /// nil: it only wants to be there from the beginning.
  let look: ((Moment, Look) -> Void)?
  private let begin: () -> Void

  enum Look {
    case first
    /// A line has begun: what stands before its `run` is done.
    case line(Entry)
    /// Time has passed.
    case event
  }

  init(begin: @escaping () -> Void = {}, look: ((Moment, Look) -> Void)? = nil) {
    self.begin = begin
    self.look = look
  }

  func start(at moment: Moment) {
    begin()
    look?(moment, .first)
  }
}

/// What became of a deed.
enum DeedEnd {
  /// With what it came to, if it is an expression.
  case done(LineValue?)
  case halted
  case fault(RuntimeError)
}

extension Bench {
  var standing: Moment {
    Moment(event: simulation.events, now: simulation.now, isMidInstant: isMidInstant)
  }

  /// What is under way, and what it waits for.
  var parked: Parked { Parked(main: main, request: runRequest, countdown: watch.countdown) }

  /// Begins a line in front of whatever the file waits for.
  func begin(_ line: SessionLine) throws(RuntimeError) -> Parked {
    let parked = parked
    take(Parked())
    do throws(RuntimeError) {
      for index in line.modules { try vm.runModule(index) }
      main = try vm.spawn(vm.closure(of: line.main))
      try resumeMain()
    } catch {
      take(parked)
      throw error
    }
    return parked
  }

  /// These statements are what goes on next.
  func take(_ parked: Parked) {
    (main, runRequest, watch.countdown) = (parked.main, parked.request, parked.countdown)
    arm()
  }

  /// Where statements stand; nil when they are through.
  func stop(of parked: Parked) -> LineStop? {
    guard let main = parked.main, let request = parked.request else { return nil }
    let wait: LineStop.Wait
    switch request {
    case .until(let instant): wait = .until(instant)
    case .predicate(_, let latest): wait = .predicate(latest: latest)
    case .events(let last): wait = .events(last)
    case .records: wait = .records
    }
    return LineStop(places: vm.places(of: main), wait: wait)
  }

  /// Whoever watches the run wants it held.
  var isHeld: Bool {
    watch.monitor?.pulse(now: simulation.now, events: simulation.events) == .hold
  }

  /// Goes on with what is under way, up to its end or to `halt`.
  func carry(until halt: Halt) -> DeedEnd {
    carryOn(until: halt)
    if case .fault(let error, _)? = ending {
      ending = nil
      return .fault(error)
    }
    let isOver = runRequest == nil && main == nil || ending != nil
    ending = nil
    return isOver ? takeValue() : .halted
  }

  /// Drops what a line has not done yet.
  func abandon() {
    if let main { vm.drop(main) }
    if let runRequest { conclude(runRequest) }
    main = nil
  }

  /// Drops what waits.
  func drop(_ waiting: Parked) {
    let now = parked
    take(waiting)
    abandon()
    take(now)
  }

  /// What the last line came to: once.
  private func takeValue() -> DeedEnd {
    defer { mainValue = .none }
    if mainValue.isNone { return .done(nil) }
    var value = LineValue(text: vm.text(mainValue), literal: literal(mainValue))
    if mainValue.dimension == .time, let time = mainValue.asBaseUnits {
      value.time = TimeSpan(nanoseconds: time)
    }
    value.table = recordRows(mainValue).map { TextTable(columns: $0.columns, rows: $0.rows) }
    return .done(value)
  }
}

/// What a line that is an expression came to.
struct LineValue {
  var text: String
  /// As a line would say it; nil for what cannot be written.
  var literal: String?
  /// If it is one.
  var time: TimeSpan?
  /// Of a list of records.
  var table: TextTable?
}
