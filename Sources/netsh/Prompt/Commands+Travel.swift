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
    for row in aligned(rows) { prompt.say(row) }
    return true
  }

  /// Columns as wide as their widest cell.
  private static func aligned(_ rows: [[String]]) -> [String] {
    var widths: [Int] = []
    for row in rows {
      for (column, cell) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], cell.count)
      }
    }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() where !cell.isEmpty {
        line += (line.isEmpty ? "" : "  ") + cell
        if row[(column + 1)...].contains(where: { !$0.isEmpty }) {
          line += String(repeating: " ", count: widths[column] - cell.count)
        }
      }
      return line
    }
  }
}
