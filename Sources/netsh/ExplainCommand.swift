// `netsh explain CODE`: a page on a diagnostic, with a wrong and a right example.

import ArgumentParser

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explain a diagnostic by its code; without one, list them all.")

  @Argument(help: "Such as N103.")
  var code: String?

  @Option(help: "Colours in the output: auto, always or never.")
  var color: When = .auto

  mutating func run() throws {
    let terminal = Terminal(color: color)
    let pages = ExplainPage.all
    guard let code else {
      for page in pages { terminal.write("\(page.code)  \(page.title)\n", to: .output) }
      return
    }
    let wanted = ExplainPage.normalised(code)
    if let page = pages.first(where: { $0.code == wanted }) {
      terminal.write(page.printed { terminal.styled($0, .bold, on: .output) }, to: .output)
      return
    }
    let near = ExplainPage.nearest(to: wanted)
    throw Failure(
      .usage,
      "there is no diagnostic \(code)"
        + (near.map { "; did you mean \($0)?" } ?? "; `netsh explain` lists them all."))
  }
}
