// Commands that go through time.

extension Commands {
  static let moving: [Command] = [
    Command(
      name: "continue", usage: ":continue", group: .moving,
      text: "finishes a line that was halted, or goes on with the file",
      details: """
        What is left of a line that a breakpoint, a `pause` or Ctrl-C has halted, or into whose
        middle one has gone back, comes first; another `run` takes its place. Then the file's own
        statements go on: to a `pause`, a failed expectation, Ctrl-C, or their end.
        """,
      examples: [":continue"], related: ["back", "goto"]
    ) { prompt, _ in prompt.tell(prompt.bench.goOn()) },
    Command(
      name: "back", usage: ":back [N]", group: .moving, text: "back by N events (1)",
      argument: .optional, examples: [":back", ":back 10"], related: ["goto", "undo"]
    ) { prompt, argument in
      guard let count = argument.isEmpty ? 1 : Int64(argument) else {
        return prompt.refuse("`:back` takes a number of events: `:back 10`")
      }
      return prompt.tell(prompt.bench.back(count), moved: true)
    },
    Command(
      name: "goto", usage: ":goto TIME|#EVENT|MARK", group: .moving,
      text: "to that moment, in either direction",
      argument: .needed,
      details: "MARK is a mark, or a fork: that is entered where it was left.",
      examples: [":goto 12.3s", ":goto #418", ":goto brink"],
      related: ["back", "last", "mark", "fork"]
    ) { prompt, argument in prompt.tell(prompt.bench.go(toNamed: argument), moved: true) },
    Command(
      name: "undo", usage: ":undo", group: .whatIf, text: "takes back the last change of the world",
      details: "Each `:undo` takes back one more: statements, moves and live changes alike.",
      examples: [":undo"], related: ["back"]
    ) { prompt, _ in prompt.tell(prompt.bench.undo(), moved: true) },
  ]
}
