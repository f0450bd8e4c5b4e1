// Commands that draw.

extension Commands {
  static let looking: [Command] = [
    Command(
      name: "plot", usage: ":plot [live|off] EXPR, …", group: .looking,
      text: "draws what a value was, from the beginning to here", argument: .needed,
      details: """
        `live` draws it again and again while the world runs, until `:plot off` or Ctrl-C.
        """,
      examples: [":plot server.pool.clusters.free", ":plot live ftp.sent"],
      related: ["every", "events"]
    ) { prompt, argument in prompt.tell(prompt.bench.plot(argument)) }
  ]
}
