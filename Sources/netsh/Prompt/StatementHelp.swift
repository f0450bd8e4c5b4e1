// Help on words of the language that are typed most: a synopsis, two examples, what is near.

/// A page of `:help WORD`.
struct StatementHelp {
  var word: String
  var synopsis: String
  var text: String
  var examples: [String]
  var related: [String]

  init(_ word: String, _ synopsis: String, _ text: String, _ examples: [String], _ related: String)
  {
    self.word = word
    self.synopsis = synopsis
    self.text = text
    self.examples = examples
    self.related = related.split(separator: " ").map(String.init)
  }

  static let all: [StatementHelp] = [
    StatementHelp(
      "run", "run for TIME · run until CONDITION [within TIME]", "lets time pass",
      ["run for 5s", "run until server.pool.clusters.free == 0 within 5min"], "step :goto :continue"
    ),
    StatementHelp(
      "step", "step [N] [on EVENT]", "one event, or N; of a pattern, the N-th that matches",
      ["step 10", "step 5 on server.pool.*"], "run :back :events"),
    StatementHelp(
      "expect", "expect [always|never|eventually|whenever] CONDITION [as \"NAME\"]",
      "states what must hold; a failure stops the run here",
      ["expect server.pool.clusters.free > 0", "expect never stalled(server, 3s) as \"survives\""],
      "wedged when"),
    StatementHelp(
      "show", "show NODE", "a node as a table", ["show server.pool", "show server.tcp"],
      "print why"),
    StatementHelp(
      "why", "why NODE", "why it stands still, who waits for whom, and what would free it",
      ["why server", "why server.rx"], "show wedged"),
    StatementHelp(
      "print", "print EXPRESSION, …", "values with their units; an expression alone prints itself",
      ["print ftp.sent, now", "server.pool.clusters.free"], "show"),
    StatementHelp(
      "on", "on EVENT(e) [if CONDITION] { … }", "does something at each event",
      [
        "on server.pool.wait(e) { print e.task }",
        "on server.tcp.state(e) if e.to == .closed { pause }",
      ],
      "when every at once"),
    StatementHelp(
      "when", "[once] when CONDITION { … }", "does something whenever it becomes true",
      ["when server.pool.clusters.free < 8 { pause }", "once when wedged(server) { why server }"],
      "on every"),
    StatementHelp(
      "every", "every TIME { … }", "does something at regular times",
      ["every 1s { print ftp.sent }", "every 10min { show server.pool }"], "at when :every"),
    StatementHelp(
      "at", "at TIME { … }", "does something at a moment",
      ["at 10s { server.tcp.keepidle = 30s }", "at 2s { ftp.stop() }"], "every"),
    StatementHelp(
      "pause", "pause", "halts the run: the prompt returns",
      ["when wedged(server) { pause }", "pause"],
      ":continue"),
    StatementHelp(
      "host", "host NAME [: PRESET] { … }", "declares a host, before time 0",
      ["host server { nic eth0 { lan = office } }", "host old : bsd44"], ":restart lan"),
    StatementHelp(
      "import", "import \"FILE\" [as NAME]", "takes what another file declares",
      ["import \"fix2.ns\" as two", "import \"std/policies\""], ":load"),
    StatementHelp(
      "let", "let NAME = VALUE · var NAME = VALUE", "names a value; `var` may change",
      ["let limit = 8", "var n = counter()"], "print"),
  ]
}
