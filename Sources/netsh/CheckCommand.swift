// `netsh check FILE…`: everything up to time 0, for every case and variant.

import ArgumentParser

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check and elaborate the files without running them; writes nothing.")

  @Argument(help: "Scripts; '-' is standard input.")
  var file: [String]

  @OptionGroup var common: CommonOptions

  // Accepted so that it can be refused by name.
  @Flag(help: .hidden) var bytecode = false

  mutating func run() throws {
    if bytecode {
      throw Failure(.usage, "--bytecode is not part of this version.")
    }
    var options = RunOptions()
    options.scripts = try readScripts(file)
    options.take(common)
    options.onlyChecks = true
    try finish(runScripts(options, terminal: Terminal(color: common.color)))
  }
}
