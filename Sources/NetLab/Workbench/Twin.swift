// The same run once more, beside the one that asks: to try what would have happened.
//
// A run is what its script and its deeds lead to, so a twin is opened from the same text and told
// the same; it has a history of its own, and whatever is done to it changes nothing here.

import NetScript
import NetSim

/// What a run was made from, and what was done at it.
struct Origin {
  var recipe: Recipe
  var entries: [Entry] = []

  /// Of a run that nobody drives: its file's statements go on by themselves.
  init(_ plan: RunPlan, monitor: (any RunMonitor)?) {
    let root = plan.program.root
    let options = plan.options
    recipe = Recipe(
      name: root.path, octets: plan.program.files[root.file].octets,
      additions: options.statements.map { Addition($0) }, loader: plan.loader,
      options: options, monitor: monitor)
  }

  init(_ recipe: Recipe, _ entries: [Entry]) {
    self.recipe = recipe
    self.entries = entries
  }
}

extension Workbench {
  /// Another world that stands behind an event of this run; nil when it was not to be had, because
  /// Ctrl-C came or a file has changed.
  static func twin(of origin: Origin, like plan: RunPlan, at event: Int64) -> Workbench? {
    let opened = open(origin.recipe, like: plan)
    guard let twin = opened.workbench else { return nil }
    twin.bench.isTwin = true
    for entry in origin.entries where twin.moment.event < event {
      if case .line(let text, _) = entry.deed {
        twin.proceed(to: min(event, entry.end.event)) { twin.attempt(text) }
      } else {
        twin.proceed(to: min(event, entry.end.event)) { twin.goOn() }
      }
    }
    while origin.entries.isEmpty && twin.moment.event < event {
      let before = twin.moment
      twin.proceed(to: event) { twin.goOn() }
      if twin.moment == before { break }
    }
    // What was done may end before it: then time passes by itself, unless nothing happens any more.
    return twin.moment.event == event || !twin.go(to: .event(event)).isMistake ? twin : nil
  }

  /// Does something that is held behind an event, if it gets so far.
  private func proceed(to event: Int64, _ deed: () -> Reply) {
    nextHold = Hold(.event(event), turns: .max)
    _ = deed()
  }

  /// Does something and stands where it stood before.
  func aside<Result>(_ body: () -> Result) -> Result {
    let (desk, past) = (desk, past)
    defer {
      (self.desk, self.past) = (desk, past)
      stand(firmlyAt: desk)
    }
    return body()
  }
}

extension RunPlan {
  /// The same case, variant, point and seed.
  func isSameRun(as other: RunPlan) -> Bool {
    caseIndex == other.caseIndex && variantIndex == other.variantIndex
      && sweepPositions == other.sweepPositions && seed == other.seed
  }
}
