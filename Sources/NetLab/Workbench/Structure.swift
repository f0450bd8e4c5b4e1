// Before time 0 structure may change: what is declared there stands with what was typed before it
// in front of the script's first `run`, and the bench is built anew.
//
// There is no second way to declare: a world that grows line by line is the world of a script that
// has these lines. So each line must leave one that could run.

import NetScript

/// What a bench is opened from.
struct Recipe {
  var name: String
  var octets: [UInt8]
  var additions: [Addition]
  var loader: any Loader
  var options: PlanOptions
  var monitor: (any RunMonitor)?
}

extension Workbench {
  /// A bench, and all that was done at it: put aside while another takes its place.
  struct World {
    var bench: Bench
    var session: Session
    var recipe: Recipe
    var history: History
    var desk: Desk
    var names: SessionNames
    var checkpoints: Checkpoints
    var marks: [Mark]
    var past: [Before]
    var loads: [LoadedFile]
    var firstStop: LineStop?
  }

  var world: World {
    get {
      World(
        bench: bench, session: session, recipe: recipe, history: history, desk: desk,
        names: names, checkpoints: checkpoints, marks: marks, past: past, loads: loads,
        firstStop: firstStop)
    }
    set {
      let lookout = bench.lookout
      (bench, session, recipe) = (newValue.bench, newValue.session, newValue.recipe)
      (history, desk) = (newValue.history, newValue.desk)
      (names, checkpoints) = (newValue.names, newValue.checkpoints)
      (marks, past, loads) = (newValue.marks, newValue.past, newValue.loads)
      firstStop = newValue.firstStop
      takeCharge()
      stand(firmlyAt: desk)
      take(over: lookout)
    }
  }

  /// Nothing has happened yet but lines that let no time pass.
  var mayBuild: Bool {
    moment == .zero
      && journal.entries.allSatisfy {
        if case .line = $0.deed { return true }
        return false
      }
  }

  /// Moments of the world that another takes the place of: they come back with it.
  private static func gone(from world: World) -> [String] {
    let forks = world.desk.branches.dropFirst().map { "fork `\($0.name)`" }
    let places = forks + world.marks.map { "mark `\($0.name)`" }
    if places.isEmpty { return [] }
    return ["gone until `:undo`, because the world is another: " + places.joined(separator: ", ")]
  }

  /// Declares what a text says, up to its first `run`; then goes on with the rest of it.
  func build(_ text: String) -> Reply {
    let before = world
    let journal = journal
    stand(firmlyAt: desk)
    let printed = bench.output.lines.count
    let octets = Array(text.utf8)
    let head = Script.shape(of: text).firstRun ?? octets.count
    var recipe = recipe
    recipe.additions.removeAll { $0.name == fileName }
    for entry in journal.entries {
      guard case .line(let text, let line) = entry.deed else {
        preconditionFailure("a world that began")
      }
      if line.name == fileName { continue }
      recipe.additions.append(Addition(text, name: line.name))
    }
    recipe.additions.append(
      Addition(String(decoding: octets[..<head], as: UTF8.self), name: lineName))
    let opened = Workbench.open(recipe)
    guard let new = opened.workbench else {
      if opened.isInterrupted { return .refused("interrupted: nothing was declared") }
      var reply = Reply()
      reply.diagnostics = opened.diagnostics
      reply.files = opened.files
      return reply
    }
    world = new.world
    past = [Before(desk: desk, world: before)]
    let standing = past
    var reply = Reply()
    reply.counts = true
    reply.lines = Array(bench.output.lines[min(printed, bench.output.lines.count)...])
    reply.lines += Self.gone(from: before)
    if head == octets.count { return reply }
    var rest = attempt(String(decoding: octets[head...], as: UTF8.self))
    rest.lines.insert(contentsOf: reply.lines, at: 0)
    if rest.isMistake {
      rest.files = files
      world = before
    } else {
      past = standing
      rest.counts = true
    }
    return rest
  }

  /// `:restart`: before everything that was done; structure may change again.
  public func restart() -> Reply {
    remember()
    desk.here.at = 0
    desk.here.tip = 0
    stand(firmlyAt: desk)
    return Reply()
  }
}
