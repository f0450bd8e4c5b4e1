// `netsh pkt FILE|DIR…`: packetdrill scripts against a stack, in virtual time.

import ArgumentParser
import Foundation
import NetLab

extension DrillStrictness: ExpressibleByArgument {
  public init?(argument: String) {
    guard let level = Self.allCases.first(where: { $0.name == argument }) else { return nil }
    self = level
  }

  public static var allValueStrings: [String] { allCases.map(\.name) }
  // The parser would list the raw values otherwise.
  public static var allValueDescriptions: [String: String] { [:] }
}

struct PktCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pkt",
    abstract: "Run packetdrill scripts against a stack, in virtual time.",
    discussion: """
      netsh pkt --profile bsd44 --strictness options tests/

      Each script meets a host of its own. One that does not pass as it is written is tried with \
      the options of SYNs, all options and the windows left out of the comparison; that is counted \
      apart. Exit status: 0 when all pass at the level of --strictness or are listed by --known.
      """)

  @Argument(help: ArgumentHelp("Scripts, or folders of them.", valueName: "file|dir"))
  var files: [String]

  @Option(
    help: ArgumentHelp(
      "The stack: \(PktSettings.profiles.joined(separator: ", ")).", valueName: "name"))
  var profile = "freebsd"

  @Option(
    help: ArgumentHelp(
      "Level at which a script has to pass, strict unless told.", valueName: "level"))
  var strictness: DrillStrictness?

  @Option(
    help: ArgumentHelp(
      "For how long the stack's clocks have run, as 0,50,137,499.", valueName: "ms"))
  var phase = "0"

  @Option(
    help: ArgumentHelp(
      "What #ifdef knows, in place of the profile's system.", valueName: "name"))
  var define: [String] = []

  @Flag(help: "Packets that no line expects fail a script at its end.")
  var trailing = false

  @Option(
    help: ArgumentHelp(
      "Lines of a path and a reason: scripts that do not pass.", valueName: "file"))
  var known: String?

  @Option(help: ArgumentHelp("Write the frames of one script.", valueName: "file"))
  var pcapng: String?

  @Option(
    help: ArgumentHelp(
      "Change one thing each in scripts that pass; tell what nobody notices.", valueName: "count"))
  var mutants: Int?

  @Option(help: "Of the mutants.")
  var seed: UInt64 = 1

  @Flag(help: "Mutants change what a script sends, not what it expects.")
  var sent = false

  @Flag(
    name: .customShort("i"), help: "Prompt at time 0 of one script; it returns where that fails.")
  var interactive = false

  @Flag(name: .shortAndLong, help: "Only the counts.")
  var quiet = false

  @Flag(help: "One JSON object per script and line.")
  var json = false

  @Option(help: "Colours in the output: auto, always or never.")
  var color: When = .auto

  @Option(help: "A progress line on standard error: auto, always or never.")
  var progress: When = .auto

  @OptionGroup var manners: PromptOptions

  mutating func run() throws {
    let terminal = Terminal(color: color, progress: progress)
    let settings = try settings()
    let scripts = try PktFiles.scripts(files)
    if interactive || pcapng != nil {
      guard scripts.count == 1 else {
        throw Failure(.usage, "\(interactive ? "-i" : "--pcapng") takes one script.")
      }
    }
    if interactive {
      manners.json = json
      return try finish(PktLook(settings).open(scripts[0], manners, terminal))
    }
    if let pcapng { try PktLook(settings).capture(scripts[0], to: pcapng) }
    var run = try PktRun(settings, terminal)
    run.exceptions = try known.map(PktExceptions.init(readingFile:)) ?? PktExceptions()
    run.isQuiet = quiet
    run.json = json
    if let mutants {
      guard mutants > 0 else { throw Failure(.usage, "--mutants takes a count.") }
      try finish(PktMutants(run, seed: seed, sent: sent).judge(scripts, count: mutants))
    } else {
      try finish(run.judge(scripts))
    }
  }

  private func settings() throws -> PktSettings {
    var settings = PktSettings()
    settings.profile = try PktSettings.profile(profile)
    settings.strictness = strictness ?? .strict
    settings.refusesRest = trailing
    settings.phases = try PktSettings.phases(phase)
    for name in define { settings.defines.append(try PktSettings.name(name)) }
    return settings
  }
}
