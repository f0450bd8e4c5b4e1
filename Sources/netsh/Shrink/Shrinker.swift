// Smaller and smaller scripts, until no edit helps: in each pass the first edit that holds, and
// from its place on the next.

import Foundation
import NetLab
import NetScript
import Synchronization

struct Shrinker {
  private(set) var best: ShrunkScript
  private var judge: ShrinkJudge
  private let counter = RunCounter()
  private var progress: ProgressLine

  var runs: Int { counter.runs }

  /// Nil when no script of this run alone fails as it does.
  init?(_ failing: FailingCase, terminal: Terminal) {
    var limits = failing.plan.limits
    limits.events = 2 * failing.outcome.result.events + 10_000
    limits.vm.steps = min(limits.vm.steps, 20_000_000)
    judge = ShrinkJudge(
      reason: FailureReason(failing.failed), path: failing.script.path, limits: limits,
      cpuNanoseconds: UInt64(4 * failing.outcome.cpuMilliseconds + 2000) * 1_000_000)
    progress = ProgressLine(terminal: terminal)
    let beginnings = failing.beginnings
    let (judge, counter) = (judge, counter)
    let first = FirstOf.find(beginnings.count) { counter.count(judge.judge(beginnings[$0])) }
    guard let first else { return nil }
    best = first.found
    accept(first.found)
  }

  /// Until nothing helps, or Ctrl-C.
  mutating func shrink() {
    var last = best.module.measure
    repeat {
      last = best.module.measure
      shortenRun()
      for pass in ShrinkPass.allCases { apply(pass) }
      shrinkNumbers()
    } while best.module.measure < last && !Interruption.isRequested
    progress.clear()
  }

  private mutating func accept(_ script: ShrunkScript) {
    best = script
    judge.limits.events = min(judge.limits.events, 3 * script.events + 2000)
    let (lines, runs) = (script.module.lines, runs)
    progress.update("\(lines) lines · \(runs) runs")
  }

  /// The first of the edits from a place on that makes a smaller script with the same failure.
  private func first(of edits: ArraySlice<TextEdit>) -> (index: Int, found: ShrunkScript)? {
    let (base, judge, counter) = (best.module, judge, counter)
    let edits = Array(edits)
    return FirstOf.find(edits.count) { index in
      guard let module = base.smaller(by: edits[index]), counter.isNew(module) else { return nil }
      let script = counter.count(judge.judge(module))
      if script == nil { counter.refuse(module) }
      return script
    }
  }

  private mutating func apply(_ pass: ShrinkPass) {
    var start = 0
    while !Interruption.isRequested {
      let edits = pass.edits(of: best.module)
      guard start < edits.count, let (index, script) = first(of: edits[start...]) else { return }
      accept(script)
      start += index
    }
  }

  /// To just behind the failure.
  private mutating func shortenRun() {
    while !Interruption.isRequested {
      let edits = best.module.shorterRuns(endingAt: best.failed.at.nanoseconds)
      guard let (_, script) = first(of: edits[...]) else { return }
      accept(script)
    }
  }

  /// Each number to the smallest of its round ones, by bisection in three parts.
  private mutating func shrinkNumbers() {
    var place = 0
    while !Interruption.isRequested {
      let choices = best.module.numberChoices
      guard place < choices.count else { return }
      let edits = choices[place].edits
      let base = best.module
      var (low, high) = (0, edits.count)
      var found: ShrunkScript?
      while low < high {
        let probes = [low + (high - low) / 3, low + 2 * (high - low) / 3]
        let (judge, counter) = (judge, counter)
        let held = FirstOf.find(2) { index -> ShrunkScript? in
          guard let module = base.smaller(by: edits[probes[index]]), counter.isNew(module) else {
            return nil
          }
          let script = counter.count(judge.judge(module))
          if script == nil { counter.refuse(module) }
          return script
        }
        if Interruption.isRequested { break }
        guard let held else {
          low = probes[1] + 1
          continue
        }
        found = held.found
        high = probes[held.index]
        if held.index == 1 { low = probes[0] + 1 }
      }
      if let found { accept(found) }
      place += 1
    }
  }
}

/// How many scripts were run, and which of them did not hold: nobody asks twice.
private final class RunCounter: Sendable {
  private let state = Mutex((runs: 0, refused: Set<[UInt8]>()))

  var runs: Int { state.withLock { $0.runs } }

  func count<Found>(_ found: Found) -> Found {
    state.withLock { $0.runs += 1 }
    return found
  }

  func isNew(_ module: ModuleText) -> Bool {
    state.withLock { !$0.refused.contains(module.octets) }
  }

  func refuse(_ module: ModuleText) {
    if Interruption.isRequested { return }
    state.withLock { _ = $0.refused.insert(module.octets) }
  }
}
