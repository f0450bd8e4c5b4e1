// `netsh explain CODE`: a page on a diagnostic, with a wrong and a right example; `netsh explain
// LINE`: the cases of the library in which somebody sees such a line.

import ArgumentParser
import Foundation

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract:
      "Explain a diagnostic by its code, or find the case for a line that a system printed.",
    discussion: "Without a word, all diagnostics are listed.")

  /// The most cases that are told for one line.
  static let mostCases = 5
  /// The longest standard input, in octets: some screens of a log.
  static let longestInput = 64 << 10

  @Argument(
    help: ArgumentHelp(
      "Such as N103, or \"Still waiting for mbuf cluster\"; '-' is standard input.",
      valueName: "code or line"))
  var words: [String] = []

  @Option(help: "Colours in the output: auto, always or never.")
  var color: When = .auto

  mutating func run() throws {
    let terminal = Terminal(color: color)
    let pages = ExplainPage.all
    if words.isEmpty {
      for page in pages { terminal.write("\(page.code)  \(page.title)\n", to: .output) }
      return
    }
    let asked = words == ["-"] ? try input() : words.joined(separator: " ")
    if let code = ExplainPage.code(in: asked) {
      guard let page = pages.first(where: { $0.code == code }) else {
        let near = ExplainPage.nearest(to: code)
        throw Failure(
          .usage,
          "there is no diagnostic \(asked)"
            + (near.map { "; did you mean \($0)?" } ?? "; `netsh explain` lists them all."))
      }
      terminal.write(page.printed { terminal.styled($0, .bold, on: .output) }, to: .output)
    } else {
      try explain(lines: asked, terminal)
    }
  }

  private func input() throws -> String {
    var data = Data()
    do {
      data = try FileHandle.standardInput.read(upToCount: Self.longestInput + 1) ?? data
    } catch {
      throw Failure(.usage, "standard input: cannot be read.")
    }
    guard data.count <= Self.longestInput else {
      throw Failure(.usage, "standard input: longer than \(Self.longestInput >> 10) KiB.")
    }
    return String(decoding: data, as: UTF8.self)
  }

  /// The likeliest few, the first with what to do at the prompt.
  private func explain(lines: String, _ terminal: Terminal) throws {
    let matches = SymptomIndex(Example.inOrder).matches(of: lines)
    guard let best = matches.first else {
      throw Failure(.usage, "no example knows such a line; `netsh examples` lists them all.")
    }
    for match in matches.prefix(Self.mostCases) {
      let example = match.example
      let gap = example.path == best.example.path ? "" : "\n"
      let number = example.number.map { "Case \($0). " } ?? ""
      let title = (number + example.title).folded(to: 80)
      terminal.write(gap + terminal.styled(title, .bold, on: .output) + "\n", to: .output)
      terminal.write("\"\(match.symptom)\"".beside("    seen: ") + "\n", to: .output)
      terminal.write("    netsh examples copy \(example.name)\n", to: .output)
      terminal.write("    netsh run \(example.name)/\(example.file)\n", to: .output)
      if gap.isEmpty, let look = example.paragraph("Look") {
        terminal.write("    netsh -i \(example.name)/\(example.file)\n", to: .output)
        terminal.write(look.beside("    then: ") + "\n", to: .output)
      }
    }
    let more = matches.count - Self.mostCases
    if more > 0 {
      terminal.write("\n\(more) more; `netsh examples` lists them all.\n", to: .output)
    }
  }
}
