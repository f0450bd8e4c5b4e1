import ArgumentParser

@main
struct Netsh: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "netsh")
}
