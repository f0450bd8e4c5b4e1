// How a prompt behaves, as the command line says it.

import ArgumentParser

struct PromptOptions: ParsableArguments {
  /// `--json`, which is an option of runs as well.
  var json = false

  private enum CodingKeys: CodingKey { case noRc, restricted, keepGoing, replay }

  @Flag(help: "At the prompt: leave the rc file alone.")
  var noRc = false

  @Flag(help: "At the prompt: no file is written or read, no shell is started.")
  var restricted = false

  @Option(
    help: ArgumentHelp("At the prompt: do again what a session's log tells.", valueName: "log"))
  var replay: String?

  @Flag(help: "Lines from a pipe: go on after a mistake.")
  var keepGoing = false
}
