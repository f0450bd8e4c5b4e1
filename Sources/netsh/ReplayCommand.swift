// What a person types to have one run again.

import Foundation
import NetLab
import NetScript

enum ReplayCommand {
  /// The command of this process, as the shell would take it.
  static var typed: String {
    (["netsh"] + CommandLine.arguments.dropFirst()).map(quoted).joined(separator: " ")
  }

  /// The case, the variant, the point of the sweeps and the seed by name, with everything that was
  /// chosen besides.
  static func text(_ outcome: RunOutcome, _ options: RunOptions) -> String {
    let plan = outcome.job.plan
    var words = ["netsh", "run"]
    words += plan.program.root.path == "-e" ? [] : [plan.program.root.path]
    if plan.caseIndex != nil { words += ["--case", plan.title] }
    if let variant = plan.variant { words += ["--variant", variant.title] }
    words += ["--seed", "\(plan.seed)"]
    for setting in options.settings { words += ["--set", "\(setting.name)=\(setting.value)"] }
    for axis in plan.sweeps.flatMap(\.axes) where axis.name != "seed" {
      if options.settings.contains(where: { $0.name == axis.name }) { continue }
      let value = outcome.result.parameters.first { $0.name == axis.name }?.value.text
      if let value { words += ["--set", "\(axis.name)=\(value)"] }
    }
    if let text = options.schedule?.text, !text.isEmpty { words += ["--schedule", text] }
    for limit in options.limits { words += ["--limit", "\(limit.name)=\(limit.value)"] }
    for statement in options.statements { words += ["-e", statement] }
    return words.map(quoted).joined(separator: " ")
  }

  /// As the shell would take them.
  static func quoted(_ words: [String]) -> String { words.map(quoted).joined(separator: " ") }

  /// In single quotes where the shell would take it for something else.
  private static func quoted(_ word: String) -> String {
    let plain = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-_./=:,+%@"))
    let isPlain = !word.isEmpty && word.unicodeScalars.allSatisfy { plain.contains($0) }
    return isPlain ? word : "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }
}
