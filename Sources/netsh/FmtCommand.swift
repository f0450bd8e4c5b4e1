// `netsh fmt FILE…`: brings scripts into the canonical form, or names those that are not in it.

import ArgumentParser

struct FmtCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fmt",
    abstract: "Bring the files into the one canonical form; '-' writes to standard output.")

  @Argument(help: "Scripts; '-' is standard input.")
  var file: [String]

  @Flag(help: "Write nothing; name the files that differ and end with 1.")
  var check = false

  @Option(help: "Colours in the output: auto, always or never.")
  var color: When = .auto

  mutating func run() throws {
    let terminal = Terminal(color: color)
    var statuses: [ExitStatus] = []
    for script in try readScripts(file) {
      statuses.append(try formatScript(script, onlyChecks: check, terminal: terminal))
    }
    try finish(ExitStatus.combined(statuses))
  }
}
