// `netsh export pkt`: a connection of a case as a packetdrill script, to be taken to a real kernel.

import ArgumentParser
import NetLab

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write what happened in a case in a form that other tools run.",
    subcommands: [ExportPktCommand.self])
}

struct ExportPktCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pkt",
    abstract: "Write a connection of a host as a packetdrill script.",
    discussion: """
      The script has the calls that the host's tasks made, what came to its TCP and what that \
      sent, at their times. `netsh pkt` and packetdrill itself run it.
      """)

  @Argument(help: "The script.")
  var file: String

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("Whose side is written; needless with one host.", valueName: "name"))
  var host: String?

  @Option(help: ArgumentHelp("Which of its connections, counted from 1.", valueName: "number"))
  var connection: Int?

  @Option(help: ArgumentHelp("The first connection with this port on either side."))
  var port: UInt16?

  @Option(help: ArgumentHelp("End the run here, as 300ms or 5min.", valueName: "time"))
  var until: String?

  @Option(name: .customLong("seed"), help: ArgumentHelp("The seed.", valueName: "number"))
  var seed: UInt64?

  @Option(
    name: .customShort("e"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Add a statement before the first 'run'.", valueName: "statement"))
  var statements: [String] = []

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The file to write; standard output without it.", valueName: "file"))
  var output: String?

  mutating func run() throws {
    let terminal = Terminal(color: common.color)
    var options = RunOptions()
    options.scripts = try readScripts([file])
    options.take(common)
    options.statements = (until.map { ["at \($0) { stop }"] } ?? []) + statements
    options.seeds = seed.map { $0...$0 }
    let export = ConnectionExport(options, terminal)
    let text = try export.text(host: host, connection: connection, port: port)
    guard let output else { return terminal.write(text, to: .output) }
    if let problem = WholeFile.write(text, to: output) { throw Failure(.usage, problem) }
  }
}
