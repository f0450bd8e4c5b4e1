// `netsh` and `netsh -i FILE`: lines are read, and happen at the bench.
//
// A pipe gets no prompt and ends at its first mistake.

import Foundation
import NetLab
import NetScript
import NetStack

final class Prompt {
  private(set) var bench: Workbench
  /// Asks a run to hold, when Ctrl-C was pressed.
  let monitor: any RunMonitor
  let terminal: Terminal
  let options: PromptOptions
  let reader: any LineReader
  let history: History
  /// Somebody types; otherwise lines come from a file or a pipe.
  var isTyped: Bool { reader.isTyped }
  /// What an empty line does again.
  private var lastStep: String?
  /// `:quit` was said.
  var isOver = false
  var settings = Settings()
  /// Who sets what is set now.
  var origin = Setting.Origin.session
  var output = PromptOutput.terminal
  /// Who guides through the seed, if somebody asked for it.
  var tutor: Tutor?
  /// The last diagnostic, for `:error`.
  var lastError: String?
  /// The object of the line under way, with `--json`.
  var record: PromptRecord?
  /// What the line under way has printed, until it is shown.
  var page: Page?
  /// Where `netsh` was started: names of scripts mean files from there.
  let startFolder = FileManager.default.currentDirectoryPath
  /// What is done, for a session that dies.
  var log: SessionLog?
  /// What another session has done is done again: nobody wants to hear of it.
  var isReplaying = false
  /// What is drawn while time passes, and how far it is when nothing is.
  var picture = LivePicture()
  var progress: ProgressLine
  /// Where the line under way began.
  private(set) var lineMoment: Moment

  init(
    _ bench: Workbench, _ terminal: Terminal, _ options: PromptOptions, _ reader: any LineReader,
    _ history: History, _ monitor: any RunMonitor
  ) {
    self.bench = bench
    lineMoment = bench.moment
    progress = ProgressLine(terminal: terminal)
    self.monitor = monitor
    self.terminal = terminal
    self.options = options
    self.reader = reader
    self.history = history
  }

  /// Until `:quit`, the end of the input, or the first mistake of a pipe.
  ///
  /// - Parameter deeds: of another session, to be done again before.
  func run(after deeds: [SessionLog.Deed] = []) -> ExitStatus {
    Interruption.watch(ends: !isTyped)
    // A program that reads no more, a file that may not grow: told where it is written.
    if isTyped { for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) } }
    var status = ExitStatus.passed
    bench.audience = self
    defer { bench.audience = nil }
    if isTyped { performRC() }
    replay(deeds)
    defer {
      output.close()
      log?.remove()
    }
    var wasGivenUp = false
    while !isOver {
      switch reader.readEntry(promptText, isUnfinished: Self.isUnfinished) {
      case .end:
        if isTyped { terminal.write("\n", to: .output) }
        return status
      case .givenUp: wasGivenUp = true
      case .text(let text):
        // Who gives something up with two empty lines means nothing by the second.
        if wasGivenUp, text.allSatisfy(\.isWhitespace) { continue }
        wasGivenUp = false
        if isTyped { remember(text) }
        if !execute(text), !isTyped {
          status = .scriptError
          if !options.keepGoing { return status }
        }
      }
    }
    return status
  }

  private static func isUnfinished(_ text: String) -> Bool {
    !text.hasPrefix(":") && Script.isUnfinished(text)
  }

  func remember(_ text: String) {
    if let complaint = history.remember(text) { _ = refuse(complaint) }
  }

  /// Another world, with the same person in front of it.
  func change(to other: Workbench) {
    bench.audience = nil
    bench = other
    bench.audience = self
  }

  /// Time, number, what comes next and how things stand, where `:set prompt` wants them.
  private var promptText: String {
    let (next, now) = (bench.nextWord, bench.moment.now)
    let isFinished = next == nil && now > .zero
    let mark = bench.wedgedHosts.isEmpty ? isFinished ? " finished" : "" : " wedged"
    var text = settings["prompt"]
    for (key, value) in [
      ("%t", TimeText.text(now)), ("%e", "\(bench.moment.event)"), ("%n", next ?? "nothing"),
      ("%w", mark),
    ] { text = text.replacingOccurrences(of: key, with: value) }
    return text
  }

  /// One entry, with what the settings and options add to it. False when it was a mistake.
  func execute(_ text: String) -> Bool {
    let line = PromptLine(text)
    if case .nothing = line { return perform(line) }
    let begun = ContinuousClock.now
    lineMoment = bench.moment
    beginPage()
    progress = ProgressLine(terminal: terminal)
    defer {
      endPage()
      clearScreen()
    }
    let isWell = options.json ? recorded(text) { perform(line) } : perform(line)
    checkLesson(text)
    if settings.isOn("timing") {
      let wall = TimeText.text(.zero + TimeSpan(begun.duration(to: .now)))
      let passed = TimeText.text(.zero + (bench.moment.now - lineMoment.now))
      say("took \(wall), simulated \(passed)")
    }
    return isWell
  }

  /// False when it was a mistake.
  func perform(_ line: PromptLine) -> Bool {
    switch line {
    case .nothing: return repeatStep()
    case .statements(let text):
      lastStep = text.hasPrefix("step") ? text : nil
      return withResults(text) { text in logged(text) { enter(text) } }
    case .command(let command, let argument):
      lastStep = command.name == "line" ? ":line " + argument : nil
      if !command.takesExpression { return perform(command, argument) }
      return withResults(argument) { perform(command, $0) }
    case .wrong(let why): return refuse(why)
    }
  }

  private func enter(_ text: String) -> Bool {
    var reply = bench.enter(text)
    reply.addHelp(for: text)
    return tell(reply)
  }

  private func perform(_ command: Command, _ argument: String) -> Bool {
    // What reaches out of the world is not to be done again.
    if command.group == .session && !command.counts { return command.perform(self, argument) }
    return logged(":\(command.name) \(argument)", counts: command.counts) {
      command.perform(self, argument)
    }
  }

  private func withResults(_ text: String, _ body: (String) -> Bool) -> Bool {
    let (text, complaint) = bench.withResults(text)
    return complaint.map(refuse) ?? body(text)
  }

  /// An empty line right behind a step is that step again.
  private func repeatStep() -> Bool {
    guard isTyped, let step = lastStep else { return true }
    let text = step.trimmingCharacters(in: .whitespacesAndNewlines)
    acknowledge("again: " + text)
    return perform(PromptLine(text))
  }
}

extension TimeSpan {
  /// Of the machine's own clock; a microsecond is fine enough.
  fileprivate init(_ duration: Duration) {
    let (seconds, atto) = duration.components
    self.init(nanoseconds: seconds * 1_000_000_000 + atto / 1_000_000_000_000 * 1000)
  }
}
