// From the options of `netsh -i FILE`, or of none, to a prompt in front of the first run.

import Foundation
import NetLab
import NetScript
import NetStack

/// Holds a run when somebody presses Ctrl-C: the world stays as it is.
private final class Holder: RunMonitor {
  weak var prompt: Prompt?

  func pulse(now: Instant, events: Int64) -> RunOrder {
    prompt?.showProgress(now, events)
    return Interruption.isRequested ? .hold : .goOn
  }
}

/// With a script, in front of the first run that the options leave; without, in front of nothing.
func openPrompt(
  _ options: RunOptions, _ manners: PromptOptions, terminal: Terminal
) throws -> ExitStatus {
  guard options.scripts.count < 2, options.scripts.first?.path != "-" else {
    throw Failure(.usage, "-i takes one FILE or none: standard input is where you type.")
  }
  let script = options.scripts.first
  let limits = try ChosenLimits(options.limits)
  let holder = Holder()
  let opened = Workbench.open(
    name: script?.path ?? "session", octets: Array((script?.text ?? "").utf8),
    loader: FileLoader(rootPath: script?.path ?? ""),
    options: planOptions(options, limits, statements: options.statements), monitor: holder)
  let renderer = DiagnosticRenderer(opened.files)
  for diagnostic in opened.diagnostics + opened.warnings {
    terminal.tell(renderer.render(diagnostic))
  }
  guard let bench = opened.workbench, let plan = opened.plan else {
    if opened.diagnostics.isEmpty {
      throw Failure(.usage, "no case or variant matches.")
    }
    return .scriptError
  }
  let deeds = try manners.replay.map(SessionLog.deeds) ?? []
  let prompt = makePrompt(bench, terminal, manners, holder)
  holder.prompt = prompt
  if prompt.isTyped {
    let text = script == nil ? greeting : greeting(plan, of: opened.runCount)
    terminal.write(text.folded(to: terminal.columns), to: .output)
  }
  if prompt.isTyped { prompt.watchForCrashes() }
  return withExtendedLifetime(holder) { prompt.run(after: deeds) }
}

/// Somebody types at a terminal, with what was typed earlier; from a pipe, lines are just read.
private func makePrompt(
  _ bench: Workbench, _ terminal: Terminal, _ options: PromptOptions, _ holder: Holder
) -> Prompt {
  guard isatty(0) == 1 else {
    return Prompt(bench, terminal, options, PlainReader(), History(path: nil), holder)
  }
  let isFree = !options.restricted
  let environment = ProcessInfo.processInfo.environment
  let history = History(path: isFree ? History.standardPath(environment) : nil)
  let reader = ReadlineReader(history, allowsEditor: isFree)
  let prompt = Prompt(bench, terminal, options, reader, history, holder)
  reader.completer = { [weak prompt] in prompt?.completion(of: $0) ?? Completion() }
  return prompt
}

private let greeting = """
  netsh \(Netsh.version) · nothing is declared yet; time is 0s
  What is typed happens at once, and can be taken back:
    lan office { rate = 10Mbps }      host server      server.eth0.lan = office
    run for 1s     show server.pool     why server     server.tcp.keepidle = 30s
  `netsh -i FILE` starts from a script. :tutor is a guided half hour.
  :help lists the commands, NAME? explains a name, :quit leaves.

  """

private func greeting(_ plan: RunPlan, of count: Int) -> String {
  var title = "netsh \(Netsh.version) · \(plan.title)"
  if let variant = plan.variant { title += " · variant \"\(variant.title)\"" }
  title += " · seed \(plan.seed)"
  if count > 1 { title += " · the first of \(count) runs" }
  return """
    \(title)
    Time is 0s, before the file's first `run`. What is typed happens at once:
      run for 1s     show server.pool     why server     server.tcp.keepidle = 30s
    :continue goes on with the file, :back and :goto travel, :undo takes back.
    :help lists the commands, NAME? explains a name, :quit leaves.

    """
}
