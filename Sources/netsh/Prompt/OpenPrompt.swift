// From the options of `netsh -i FILE` to a prompt in front of the first run they leave.

import Foundation
import NetLab
import NetScript
import NetStack

/// Holds a run when somebody presses Ctrl-C: the world stays as it is.
private final class Holder: RunMonitor {
  func pulse(now: Instant, events: Int64) -> RunOrder {
    Interruption.isRequested ? .hold : .goOn
  }
}

func openPrompt(_ options: RunOptions, terminal: Terminal) throws -> ExitStatus {
  guard options.scripts.count == 1, let script = options.scripts.first, script.path != "-" else {
    throw Failure(.usage, "-i needs one FILE: standard input is where you type.")
  }
  let limits = try ChosenLimits(options.limits)
  let holder = Holder()
  let opened = Workbench.open(
    name: script.path, octets: Array(script.text.utf8),
    loader: FileLoader(rootPath: script.path),
    options: planOptions(options, limits, statements: options.statements), monitor: holder)
  let renderer = DiagnosticRenderer(opened.files)
  for diagnostic in opened.diagnostics {
    terminal.write(renderer.render(diagnostic), to: .error)
  }
  guard let bench = opened.workbench, let plan = opened.plan else {
    if opened.diagnostics.isEmpty {
      throw Failure(.usage, "no case or variant matches.")
    }
    return .scriptError
  }
  if isatty(0) == 1 { greet(plan, of: opened.runCount, terminal) }
  return withExtendedLifetime(holder) { Prompt(bench, terminal).run() }
}

private func greet(_ plan: RunPlan, of count: Int, _ terminal: Terminal) {
  var title = "netsh \(Netsh.version) · \(plan.title)"
  if let variant = plan.variant { title += " · variant \"\(variant.title)\"" }
  title += " · seed \(plan.seed)"
  if count > 1 { title += " · the first of \(count) runs" }
  terminal.write(
    """
    \(title)
    Time is 0s, before the file's first `run`. What is typed happens at once:
      run for 1s     show server.pool     why server     server.tcp.keepidle = 30s
    :continue goes on with the file, :back and :goto travel, :undo takes back.
    :help lists the commands, :quit leaves.

    """, to: .output)
}
