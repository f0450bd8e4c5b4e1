// N204: names that every host has for parts of its own.

import NetScript

extension Bench {
  /// The engine would take a thing of such a name for its own part.
  func checkOwnNames(_ host: NodeID) {
    let hasStack = word(host, .stack) != .nothing
    for child in tree[host].children {
      guard let word = words.word(tree[child].name), let own = Schema.roleInHost(word),
        tree[child].role != own, tree[child].role != .forward, let span = tree[child].span,
        hasStack || Schema.groups.contains(word)
      else { continue }
      var help: String? = nil
      switch tree[child].role {
      case .builtin(let kind):
        let text = kind == .bufferClass ? Word.pool : kind
        help = "another name: `\(text.rawValue) my_\(word.rawValue) { … }`"
      case .instance(let kind):
        help = "another name: `\(program.kinds[kind].name) my_\(word.rawValue) { … }`"
      default: break
      }
      diagnostics.append(
        Diagnostic(
          code: "N204", title: "`\(word.rawValue)` is what every host calls its own", at: span,
          help: help))
    }
  }
}
