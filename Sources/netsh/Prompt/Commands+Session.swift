// Commands about the session itself.

extension Commands {
  static let session: [Command] = [
    Command(
      name: "help", usage: ":help [WORD]", group: .session, text: "this list, or more of one word",
      argument: .optional, examples: [":help", ":help goto"]
    ) { prompt, argument in prompt.help(argument) },
    Command(
      name: "quit", usage: ":quit", group: .session, text: "leaves", examples: [":quit"]
    ) { prompt, _ in
      prompt.isOver = true
      return true
    },
  ]
}
