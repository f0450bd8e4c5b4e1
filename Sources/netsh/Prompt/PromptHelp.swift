// `:help`: the list on one screen, and a page for each command.

import Foundation
import NetScript

extension Prompt {
  func help(_ word: String) -> Bool {
    if word.isEmpty {
      helpList()
      return true
    }
    let found = Commands.beginning(with: word.hasPrefix(":") ? String(word.dropFirst()) : word)
    guard found.count == 1, let command = found.first else {
      let near = Spelling.nearest(to: word, among: Commands.all.map(\.name))
      return refuse(
        "there is no help on `\(word)`" + (near.map { "; did you mean `:help \($0)`?" } ?? ""))
    }
    say("\(command.usage)  \(command.text)")
    if !command.details.isEmpty { say("  " + command.details) }
    for example in command.examples { say("    " + example) }
    if !command.related.isEmpty {
      say("  see also: " + command.related.map { ":" + $0 }.joined(separator: " "))
    }
    return true
  }

  private func helpList() {
    let width = Commands.all.map(\.usage.count).max() ?? 0
    for group in Command.Group.allCases {
      let members = Commands.all.filter { $0.group == group }
      if members.isEmpty { continue }
      say(group.rawValue)
      for command in members {
        let usage = command.usage.padding(toLength: width, withPad: " ", startingAt: 0)
        say("  \(usage)  \(command.text)")
      }
    }
  }
}
