// `netsh explore --exhaustive`: every order, and in words exactly what was proved.

import NetLab
import NetScript
import NetSim
import NetStack

/// Ends a run on Ctrl-C.
private final class Watchman: RunMonitor {
  func pulse(now: Instant, events: Int64) -> RunOrder {
    Interruption.isRequested ? .interrupt : .goOn
  }
}

extension Exploration {
  func exhaust(_ bounds: SearchBounds) throws -> ExitStatus {
    let watchman = Watchman()
    return try withExtendedLifetime(watchman) {
      // Says what is wrong with the script, if anything is.
      let usual = try outcome(of: Schedule(preemptions: bounds.preemptions))
      guard usual.result.verdict != .error,
        let search = StateSearch(job.plan, bounds, monitor: watchman)
      else {
        var printer = ResultPrinter(options: options, terminal: terminal)
        return printer.tell(usual)
      }
      return try exhaust(search, bounds)
    }
  }

  private func exhaust(_ search: StateSearch, _ bounds: SearchBounds) throws -> ExitStatus {
    var line = ProgressLine(terminal: terminal)
    while true {
      let outcome = Interruption.isRequested ? .limit : search.step()
      switch outcome {
      case .goesOn:
        line.update(
          "\(Spelling.grouped(Int64(search.states))) states · \(search.ends) ends · "
            + "\(TimeText.text(search.bench.simulation.now)) simulated")
        continue
      case .exhausted:
        line.clear()
        terminal.write(
          "no interleaving within the bound fails: \(count(search))\n\(bounds.text)\n"
            + pace(search), to: .output)
        return .passed
      case .limit:
        line.clear()
        terminal.write(
          "broken off, nothing found: \(count(search))\n\(bounds.text)\n" + pace(search),
          to: .output)
        return Interruption.isRequested ? .interrupted : .limit
      case .found(let schedule):
        line.clear()
        let paced = count(search) + "\n" + pace(search).dropLast()
        guard var found = Found(try self.outcome(of: schedule)) else {
          preconditionFailure("a schedule that failed does not fail again")
        }
        found.schedule = schedule
        return try tell(found, paced)
      }
    }
  }

  private func count(_ search: StateSearch) -> String {
    "\(Spelling.grouped(Int64(search.states))) states, "
      + "\(Spelling.grouped(Int64(search.choices))) choices"
  }

  private func pace(_ search: StateSearch) -> String {
    var text = "\(Spelling.grouped(Int64(search.tried))) tried, "
    text += "\(perSecond(search.tried)) a second: "
    text += "\(Spelling.grouped(Int64(search.merged))) met again, "
    text += "\(Spelling.grouped(Int64(search.ends))) to the end; "
    text += "\(search.deepest) choices deep\n"
    if search.incomparable > 0 {
      text += "\(Spelling.grouped(Int64(search.incomparable))) states could not be compared\n"
    }
    return text
  }
}

extension SearchBounds {
  /// What the search is about.
  fileprivate var text: String {
    let free = choices.map { "the first \($0) choices" } ?? "every choice"
    let extra =
      switch preemptions {
      case 0: "no extra preemption"
      case 1: "at most 1 extra preemption"
      default: "at most \(preemptions) extra preemptions"
      }
    return "bound: \(free); \(extra); to the end of the case"
  }
}
