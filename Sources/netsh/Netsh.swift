// The way in: from the words on the command line to a command, and from its end to an exit status.
//
// swift-argument-parser reads the words. Its exit status for a wrong usage, 64, becomes 2 here:
// that is what the contract of the command line says, and what `grep` and `diff` do.

import ArgumentParser
import Foundation

@main
enum Main {
  static func main() {
    // A file that grows too long for its owner is an error like others: there is something to say.
    signal(SIGXFSZ, SIG_IGN)
    let words = Array(CommandLine.arguments.dropFirst())
    exit(perform(words).rawValue)
  }

  /// Parses and runs. Everything that is said about a failure is said here.
  private static func perform(_ words: [String]) -> ExitStatus {
    let terminal = Terminal()
    if let word = words.first, Netsh.laterCommands.contains(word),
      !FileManager.default.fileExists(atPath: word)
    {
      terminal.tell("netsh: '\(word)' is not part of this version.\n")
      return .usage
    }
    if words == ["--version"] {
      terminal.write("netsh \(Netsh.version) (engine \(EngineDigest.text))\n", to: .output)
      return .passed
    }
    do {
      var command = try Netsh.parseAsRoot(words)
      try command.run()
      return .passed
    } catch let failure as Failure {
      if !failure.message.isEmpty {
        terminal.tell("netsh: \(failure.message.harmless)\n")
      }
      return failure.status
    } catch {
      let isHelp = Netsh.exitCode(for: error) == .success
      terminal.write(Netsh.fullMessage(for: error) + "\n", to: isHelp ? .output : .error)
      return isHelp ? .passed : .usage
    }
  }
}

/// The root command: `netsh FILE…` is `netsh run FILE…`.
struct Netsh: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "netsh",
    abstract: "Runs NetScript: scripts that drive a simulated 4.4BSD network stack.",
    usage: """
      netsh
      netsh run FILE… [options]
      netsh check FILE…
      netsh fmt FILE…
      netsh explain [CODE|LINE]
      netsh examples [copy NAME [FOLDER]]
      netsh kinds|paths|events [GLOB]
      netsh pkt FILE|DIR…
      netsh FILE… [options]
      """,
    discussion: """
      Exit status: 0 all passed, 1 an expectation failed, 2 usage, 3 script error, \
      4 a limit was reached, 130 interrupted.
      """,
    version: "netsh \(version)",
    subcommands: [
      RunCommand.self, CheckCommand.self, FmtCommand.self, ExplainCommand.self,
      ExamplesCommand.self,
      KindsCommand.self, PathsCommand.self, EventsCommand.self,
      SweepCommand.self, FindCommand.self, TournamentCommand.self, ExploreCommand.self,
      BisectCommand.self, ShrinkCommand.self, PackCommand.self, VerifyCommand.self,
      PktCommand.self, ExportCommand.self,
    ],
    defaultSubcommand: RunCommand.self)

  /// Words that will be commands. A script of such a name runs as `netsh run NAME`.
  static let laterCommands: Set<String> = [
    "plan"
  ]
}

/// Why a command ends without success.
struct Failure: Error {
  var status: ExitStatus
  /// One sentence, or nothing when all has been said.
  var message: String

  init(_ status: ExitStatus, _ message: String = "") {
    self.status = status
    self.message = message
  }
}
