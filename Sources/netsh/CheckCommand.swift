// `netsh check FILE…`: everything up to time 0, for every case and variant. Of a plain script that
// declares nothing, only what the text alone decides: it would run to its end otherwise.

import ArgumentParser

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check and elaborate the files without running them; writes nothing.")

  @Argument(help: "Scripts; '-' is standard input.")
  var file: [String]

  @OptionGroup var common: CommonOptions

  @Flag(help: "Print what the files' own functions are compiled to instead.")
  var bytecode = false

  mutating func run() throws {
    var options = RunOptions()
    options.scripts = try readScripts(file)
    if bytecode {
      return try finish(printBytecode(options, terminal: Terminal(color: common.color)))
    }
    options.take(common)
    options.onlyChecks = true
    try finish(runScripts(options, terminal: Terminal(color: common.color)))
  }
}
