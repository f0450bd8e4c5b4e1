// For whoever compares runs: a run's own course up to an event, and what happened there.

import NetScript

extension Workbench {
  /// The run that `plan` is, at time 0, before its first `run`.
  public static func open(_ plan: RunPlan, octets: [UInt8]) -> Opened {
    open(
      Recipe(
        name: plan.program.root.path, octets: octets,
        additions: plan.options.statements.map { Addition($0) }, loader: plan.loader,
        options: plan.options, monitor: nil),
      like: plan)
  }

  /// Lets the file's statements go on to an event, or to their end, and tells what was recorded
  /// from an earlier one on.
  ///
  /// - Returns: one line for each record, as `step` prints them.
  public func lines(from first: Int64, to last: Int64) -> [String] {
    nextHold = Hold(.event(last), turns: .max)
    _ = goOn()
    var lines: [String] = []
    for line in recall(Pick(text: "", filters: []), .max, events: moment.event - first + 1) {
      lines.append(line.text)
    }
    return lines
  }
}
