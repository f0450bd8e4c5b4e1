// `netsh examples`: the library, and a copy of one of its scripts to start from.

import ArgumentParser
import Foundation

import enum NetScript.Spelling

struct ExamplesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "examples",
    abstract: "List the example scripts; copy one to start from.",
    subcommands: [ListExamples.self, CopyExample.self],
    defaultSubcommand: ListExamples.self)
}

struct ListExamples: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the examples by what goes wrong in them.")

  mutating func run() throws {
    let terminal = Terminal()
    let width = Example.all.map(\.name.count).max() ?? 0
    var family = ""
    for example in Example.inOrder {
      if example.family != family {
        let gap = family.isEmpty ? "" : "\n"
        family = example.family
        let heading = terminal.styled(family, .bold, on: .output)
        let meaning = Example.families.first { $0.name == family }.map { ": \($0.meaning)" }
        terminal.write("\(gap)\(heading)\(meaning ?? "")\n", to: .output)
      }
      let number = example.number.map(String.init) ?? ""
      let left =
        String(repeating: " ", count: max(0, 2 - number.count)) + number + "  "
        + example.name.padding(toLength: width, withPad: " ", startingAt: 0)
      terminal.write(example.title.beside("  \(left)  ") + "\n", to: .output)
    }
    terminal.write(
      "\nNumbers are those of public failures. `netsh examples copy NAME` copies one.\n",
      to: .output)
  }
}

struct CopyExample: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "copy", abstract: "Make a folder with an example and what it imports.")

  @Argument(
    help: "As `netsh examples` lists it, or the number of the case.",
    completion: .list(Example.inOrder.map(\.name)))
  var name: String

  @Argument(
    help: "The folder to make; the example's name if it is left out.", completion: .directory)
  var folder: String?

  mutating func run() throws {
    let example = try chosen()
    var target = folder ?? example.name
    while target.count > 1 && target.hasSuffix("/") { target.removeLast() }
    try ExampleFolder(path: target).make(with: [example] + example.imported)
    // A folder that looks like an option is none with its place in front.
    let place = target.hasPrefix("-") ? "./" + target : target
    let script = (place + "/" + example.file).quotedForShell
    Terminal().write("netsh run \(script)\nnetsh -i \(script)\n", to: .output)
  }

  private func chosen() throws -> Example {
    let found = Example.named(name)
    if let example = found.first, found.count == 1 { return example }
    guard found.isEmpty else {
      let names = found.map { "`netsh examples copy \($0.name)`" }.joined(separator: ", ")
      throw Failure(.usage, "case \(name) has \(found.count) scripts: \(names).")
    }
    let names = Example.all.map(\.name) + Example.all.map(\.path)
    let near = Spelling.nearest(to: name, among: names)
    let noun = Int(name) == nil ? "no example" : "no case"
    throw Failure(
      .usage,
      "there is \(noun) '\(name)'"
        + (near.map { "; did you mean '\($0)'?" } ?? "; `netsh examples` lists them all."))
  }
}

/// A folder that is there as a whole or not at all.
struct ExampleFolder {
  var path: String

  /// - Throws: `Failure` when it exists, or cannot be made.
  func make(with examples: [Example]) throws {
    let files = FileManager.default
    // Also a link that leads nowhere is in the way.
    guard (try? files.attributesOfItem(atPath: path)) == nil else {
      throw Failure(.usage, "\(path): is there already; name another folder.")
    }
    let draft = "\(path).\(ProcessInfo.processInfo.processIdentifier)"
    guard !path.isEmpty, mkdir(draft, 0o777) == 0 else {
      let reason = path.isEmpty ? ENOENT : errno
      throw Failure(.usage, "\(path.isEmpty ? "''" : path): \(String(cString: strerror(reason))).")
    }
    do {
      for example in examples {
        try Data(example.text.utf8).write(to: URL(fileURLWithPath: "\(draft)/\(example.file)"))
      }
      try files.moveItem(atPath: draft, toPath: path)
    } catch {
      try? files.removeItem(atPath: draft)
      throw Failure(.usage, "\(path): cannot be written.")
    }
  }
}

extension String {
  /// As prose to the right of a first column, within 80 columns.
  func beside(_ column: String) -> String {
    let margin = String(repeating: " ", count: column.count)
    return column + (margin + self).folded(to: 80).dropFirst(column.count)
  }

  /// As one word of a shell's line.
  var quotedForShell: String {
    let isPlain = allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-./".contains($0)) }
    return isPlain ? self : "'" + replacing("'", with: "'\\''") + "'"
  }
}
