// A closer look at one script: at the prompt, or as a capture.

import Foundation
import NetLab
import NetScript

struct PktLook {
  private let settings: PktSettings

  init(_ settings: PktSettings) {
    self.settings = settings
  }

  private func lab(captures: Bool = false) -> DrillLab {
    var lab = settings.lab(settings.strictness, phase: settings.phases[0])
    lab.captures = captures
    return lab
  }

  /// The lab as a script beside the packetdrill script, at time 0; the prompt comes back where its
  /// last line, `expect script.passed`, fails.
  func open(
    _ script: PktScript, _ manners: PromptOptions, _ terminal: Terminal
  ) throws -> ExitStatus {
    let url = URL(fileURLWithPath: script.path)
    let path = url.deletingPathExtension().appendingPathExtension("ns").path
    var options = RunOptions()
    let text = lab().text(file: url.lastPathComponent)
    options.scripts = [ScriptFile(path: path, text: text)]
    return try openPrompt(options, manners, terminal: terminal)
  }

  func capture(_ script: PktScript, to path: String) throws {
    let sink = FileSink()
    guard let lab = lab(captures: true).prepared(),
      lab.run(name: script.path, octets: script.octets, sink: sink) != nil
    else { return }
    let octets = sink.files.first?.octets ?? []
    if let problem = WholeFile.write(octets, to: path) { throw Failure(.usage, problem) }
  }
}
