// Commands that draw.

extension Commands {
  static let looking: [Command] = [
    Command(
      name: "plot", usage: ":plot EXPR, …", group: .looking,
      text: "draws what a value was, from the beginning to here", argument: .needed,
      examples: [":plot server.pool.clusters.free", ":plot ftp.sent, server.tcp.conn[0].cwnd"],
      related: ["every", "events"]
    ) { prompt, argument in prompt.tell(prompt.bench.plot(argument)) }
  ]
}
