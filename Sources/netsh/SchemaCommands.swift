// `netsh kinds`, `netsh paths`, `netsh events`: the schema at the terminal.

import ArgumentParser
import NetLab

struct KindsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kinds",
    abstract: "List the kinds; with a glob, print the page of each that matches.")

  @Argument(help: "A name; '*' and '?' stand for other characters.")
  var glob: String?

  mutating func run() throws {
    let pages = KindPages.all()
    guard let glob else { return write(KindPages.list(pages)) }
    let found = pages.filter { Glob.matches($0.name, glob) }
    try refuse(found.isEmpty, "kind", glob)
    for (place, page) in found.enumerated() { write((place > 0 ? [""] : []) + page.lines) }
  }
}

struct PathsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "paths", abstract: "List what can be set and measured, as kind.path.")

  @Argument(help: "As 'tcp.*'; '*' and '?' stand for other characters.")
  var glob: String?

  mutating func run() throws { try write(KindPages.paths(), matching: glob, "path") }
}

struct EventsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "List the events that 'on' can name, as kind.event.")

  @Argument(help: "As 'pool.*'; '*' and '?' stand for other characters.")
  var glob: String?

  mutating func run() throws { try write(KindPages.events(), matching: glob, "event") }
}

private func write(_ lines: [String]) {
  Terminal().write(lines.map { $0 + "\n" }.joined(), to: .output)
}

private func write(_ section: KindPage.Section, matching glob: String?, _ noun: String) throws {
  var chosen = section
  if let glob { chosen.rows = section.rows.filter { Glob.matches($0[0], glob) } }
  try refuse(chosen.rows.isEmpty, noun, glob ?? "")
  write(chosen.longLines)
}

private func refuse(_ isEmpty: Bool, _ noun: String, _ glob: String) throws {
  guard isEmpty else { return }
  throw Failure(.usage, "no \(noun) matches '\(glob)'; `netsh \(noun)s` lists them all.")
}
