// Commands that say where a run stops, and what is told on the way.

extension Commands {
  static let stops: [Command] = [
    Command(
      name: "break", usage: ":break [WHAT]", group: .moving,
      text: "stops the run behind an event; alone it lists",
      argument: .optional,
      details: """
        WHAT is one of
          on EVENT            server.pool.wait, office.frame, server.pool.*, ftp
          CONDITION           when it becomes true: server.pool.clusters.free < 8
          change EXPR         when its value is another: told with who did it, old and new
          [FILE:]LINE         when a task, a policy or a hook runs that line; told with
                              what its variables are there
        and then, as you like: `if EXPR` (over `e` and the world; of a frame `e` has the fields of
        its headers), `after N` (so many pass), `once`, `do LINE; LINE` (typed when it stops).
        `:break delete N`, `:break disable N`, `:break enable N`; without N all.
        """,
      examples: [
        ":break on server.pool.wait if e.who == .rx", ":break server.pool.clusters.free < 8 once",
        ":break on office.frame if e.proto == .tcp and e.win == 0B do why server",
        ":break change server.tcp.conn[0].cwnd", ":break baseline.ns:33 after 2",
      ], related: ["line", "trace", "continue"]
    ) { prompt, argument in prompt.tell(prompt.bench.breakpoint(argument)) },
    Command(
      name: "line", usage: ":line [TASK]", group: .moving,
      text: "to the next line of a task's, policy's or hook's body", argument: .optional,
      details: """
        Between two calls a body takes no simulated time: all lines of the stretch are told, and the
        world stands where that is over.
        """,
      examples: [":line", ":line ftp.writer[1]"], related: ["break"]
    ) { prompt, argument in prompt.tell(prompt.bench.nextLine(argument)) },
    Command(
      name: "trace", usage: ":trace [WHERE] [if EXPR]", group: .looking,
      text: "tells events as they happen; `:trace off` ends it", argument: .optional,
      details: "WHERE is an event, or a place with all that is in it; without it, everything.",
      examples: [":trace office.frame", ":trace server.tcp if e.size > 0B", ":trace off"],
      related: ["events", "break"]
    ) { prompt, argument in prompt.tell(prompt.bench.trace(argument)) },
    Command(
      name: "events", usage: ":events [WHERE]", group: .looking,
      text: "the last events, and those that are scheduled", argument: .optional,
      examples: [":events", ":events server.pool"], related: ["trace", "last"]
    ) { prompt, argument in prompt.tell(prompt.bench.events(argument)) },
    Command(
      name: "every", usage: ":every D EXPR", group: .looking,
      text: "prints EXPR every D while the world runs; Ctrl-C ends it", argument: .optional,
      examples: [":every 100ms server.pool.clusters.free", ":every off"], related: ["trace"]
    ) { prompt, argument in prompt.tell(prompt.bench.every(argument)) },
  ]
}
