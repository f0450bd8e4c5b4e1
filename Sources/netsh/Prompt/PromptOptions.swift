// How a prompt behaves, as the command line says it.

import ArgumentParser

struct PromptOptions: ParsableArguments {
  /// `--json`, which is an option of runs as well.
  var json = false

  private enum CodingKeys: CodingKey { case noRc, restricted, keepGoing }

  @Flag(help: "At the prompt: leave the rc file alone.")
  var noRc = false

  @Flag(help: "At the prompt: no file is written or read, no shell is started.")
  var restricted = false

  @Flag(help: "Lines from a pipe: go on after a mistake.")
  var keepGoing = false
}
