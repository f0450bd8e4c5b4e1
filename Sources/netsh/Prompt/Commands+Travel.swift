// Commands that name moments, and let several futures stand side by side.

import NetLab
import NetScript
import NetStack

extension Commands {
  static let travel: [Command] = [
    Command(
      name: "mark", usage: ":mark [NAME]", group: .moving,
      text: "names this moment; alone: lists marks and forks", argument: .optional,
      examples: [":mark brink", ":mark", ":goto brink"], related: ["goto", "fork"]
    ) { prompt, argument in
      argument.isEmpty ? list(prompt) : prompt.tell(prompt.bench.mark(argument))
    },
    Command(
      name: "fork", usage: ":fork [NAME]", group: .whatIf,
      text: "a second future from here, entered at once", argument: .optional,
      details: """
        Each fork keeps what was done in it. `:goto NAME` enters one where it was left; the first \
        is `\(Workbench.mainName)`.
        """,
      examples: [":fork policy", ":goto main", ":goto policy"], related: ["goto", "diff", "undo"]
    ) { prompt, argument in prompt.tell(prompt.bench.fork(argument.isEmpty ? nil : argument)) },
    Command(
      name: "last", usage: ":last EXPR|EVENT", group: .moving,
      text: "back to the last event that changed it, or to the last such event", argument: .needed,
      details: """
        What has just happened here counts. The same `:last` again goes to the one before; \
        `:undo` goes back.
        """,
      examples: [":last server.pool.exhausted", ":last server.pool.clusters.free"],
      related: ["back", "goto"]
    ) { prompt, argument in prompt.tell(prompt.bench.last(argument), moved: true) },
    Command(
      name: "diff", usage: ":diff A [B]", group: .whatIf,
      text: "compares two marks or forks: settings, counters, the first event that differs",
      argument: .needed, details: "Without B, A is compared with what stands here.",
      examples: [":diff main", ":diff main policy"], related: ["fork", "mark"]
    ) { prompt, argument in
      let names = argument.split(separator: " ").map(String.init)
      guard names.count <= 2 else { return prompt.refuse("it is written :diff A [B]") }
      return prompt.tell(prompt.bench.diff(names[0], names.count > 1 ? names[1] : nil))
    },
    Command(
      name: "save", usage: ":save[!] FILE", group: .session,
      text: "writes a script that reaches the same world", argument: .needed,
      details: "Run by itself it ends with the same digest. `:save! FILE` replaces a file.",
      examples: [":save what-if.ns", ":save! what-if.ns"], related: ["load"]
    ) { prompt, argument in save(prompt, argument) },
    Command(
      name: "load", usage: ":load FILE", group: .session,
      text: "does what a script says, without its cases", argument: .needed,
      details: "Again after an edit, it tells which names are new, changed and gone.",
      examples: [":load fix.ns"], related: ["save"]
    ) { prompt, argument in load(prompt, argument) },
  ]

  /// Marks, then forks: what, when, and whether one stands there.
  private static func list(_ prompt: Prompt) -> Bool {
    var rows: [[String]] = []
    for place in prompt.bench.places {
      rows.append([
        place.isFork ? "fork" : "mark", place.name, TimeText.text(place.moment.now),
        "#" + Spelling.grouped(place.moment.event), place.isHere ? "here" : "",
      ])
    }
    for row in Columns.aligned(rows) { prompt.say(row) }
    return true
  }
}
