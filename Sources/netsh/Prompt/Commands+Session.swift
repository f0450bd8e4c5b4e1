// Commands about the session itself.

extension Commands {
  static let session: [Command] = [
    Command(
      name: "help", usage: ":help [WORD|PATH]", group: .session,
      text: "this list, or more of one word",
      argument: .optional, examples: [":help", ":help goto"]
    ) { prompt, argument in prompt.help(argument) },
    Command(
      name: "restart", usage: ":restart", group: .session,
      text: "back to before 0 s, where structure may change",
      details: "What was declared stays; what was done since can be had back with `:undo`.",
      examples: [":restart"], related: ["undo", "goto"]
    ) { prompt, _ in prompt.tell(prompt.bench.restart(), moved: true) },
    Command(
      name: "error", usage: ":error", group: .session, text: "the last diagnostic again",
      examples: [":error"], related: ["help"]
    ) { prompt, _ in
      guard let text = prompt.lastError else { return prompt.refuse("there was no diagnostic") }
      prompt.terminal.tell(text)
      return true
    },
    Command(
      name: "quit", usage: ":quit", group: .session, text: "leaves", examples: [":quit"]
    ) { prompt, _ in
      prompt.isOver = true
      return true
    },
  ]
}
