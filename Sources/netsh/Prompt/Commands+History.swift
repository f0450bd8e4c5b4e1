// Commands about earlier lines.

import Foundation

extension Commands {
  static let history: [Command] = [
    Command(
      name: "history", usage: ":history [N | grep TEXT | run N]", group: .session,
      text: "earlier lines, of all sessions",
      argument: .optional,
      details: """
        The last N (20), those that contain a text, or one of them again. What begins with a space \
        is not kept. Ctrl-R searches, Alt-P looks for what begins like the line.
        """,
      examples: [":history 50", ":history grep mbuf", ":history run 12"]
    ) { prompt, argument in prompt.history(argument) }
  ]
}

extension Prompt {
  private static let shownEntries = 20

  fileprivate func history(_ argument: String) -> Bool {
    history.refresh()
    let words = argument.split(separator: " ", maxSplits: 1).map(String.init)
    switch (words.first ?? "", words.dropFirst().first) {
    case ("", _): list(history.entries(last: Self.shownEntries))
    case ("grep", let text?): list(history.entries(containing: text))
    case ("run", let number?): return run(number)
    case (let count, nil):
      guard let count = Int(count), count > 0 else { fallthrough }
      list(history.entries(last: count))
    default: return refuse("it is written `:history 50`, `:history grep TEXT`, `:history run N`")
    }
    return true
  }

  private func list(_ entries: [History.Entry]) {
    let width = entries.last.map { "\($0.number)".count } ?? 0
    for entry in entries {
      let number = "\(entry.number)"
      let indent = String(repeating: " ", count: width - number.count)
      let text = entry.text.replacing("\n", with: "\n" + String(repeating: " ", count: width + 2))
      say(indent + number + "  " + text)
    }
  }

  private func run(_ number: String) -> Bool {
    guard let entry = history.entries.first(where: { "\($0.number)" == number }) else {
      return refuse("there is no line \(number): `:history` shows their numbers")
    }
    let line = PromptLine(entry.text)
    // A line that runs a line might run itself.
    if case .command(let command, _) = line, command.name == "history" {
      return refuse("line \(number) is about earlier lines itself")
    }
    say(entry.text)
    if isTyped { remember(entry.text) }
    return perform(line)
  }
}
