// `serves = [.socket, .arp]` of a further pool: what the stack of its host takes a buffer for.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// The uses that a pool serves, in words; nil when it serves none.
  func uses(of id: NodeID) -> [Word]? {
    guard let value = ownField(id, words.symbol(.serves)), let list = vm.list(value) else {
      return nil
    }
    return list.compactMap { $0.asSymbol.flatMap { words.word($0) } }
  }

  /// N452, N454.
  func checkServes(_ id: NodeID) {
    guard let uses = uses(of: id),
      let field = tree[id].fields.first(where: { words.word($0.name) == .serves })
    else { return }
    let own = name(tree[id].name)
    let host = nodeField(id, .host, [.host])
    if host.map({ word($0, .stack) == .nothing }) ?? true {
      return report(
        Diagnostic(
          code: "N452",
          title: "`serves`: there is no stack that `\(path(of: id))` could serve",
          at: nameSpan(field),
          help: "take the line out; tasks use the pool by `\(own).alloc()`"), of: field)
    }
    if let use = uses.first(where: { !Schema.servedUses.contains($0) }) {
      return report(
        Diagnostic(
          code: "N452",
          title: use == .app
            ? "`serves`: tasks take from a pool that serves nothing else"
            : "`serves`: this stack takes what `.\(use.rawValue)` needs from its own pool",
          at: valueSpan(field),
          help: use == .app
            ? "take the line out; tasks use the pool by `\(own).alloc()`"
            : "it can serve `.socket` and `.arp`"), of: field)
    }
    checkServedOnce(id, uses, host, field)
    for word in [Word.allocator, .fault] {
      guard let asked = tree[id].fields.first(where: { words.word($0.name) == word }) else {
        continue
      }
      let asker = word == .fault ? "fault point" : "policy"
      report(
        Diagnostic(
          code: "N454", title: "no \(asker) is asked for a pool that serves the stack",
          at: nameSpan(asked), help: "take `\(word.rawValue)` out"), of: asked)
    }
  }

  private func checkServedOnce(
    _ id: NodeID, _ uses: [Word], _ host: NodeID?, _ field: FieldValue
  ) {
    for other in declared where other.number < id.number {
      guard tree[other].role == .builtin(.bufferClass), nodeField(other, .host, [.host]) == host,
        let taken = self.uses(of: other)?.first(where: { uses.contains($0) })
      else { continue }
      return report(
        Diagnostic(
          code: "N454",
          title: "`.\(taken.rawValue)` has a pool already: `\(path(of: other))`",
          at: valueSpan(field), help: "one pool for each use"), of: field)
    }
  }

  /// Once the pool stands.
  func installServes(_ id: NodeID) {
    guard let uses = uses(of: id), !uses.isEmpty else { return }
    let served = uses.map { $0 == .socket ? BufferUse.socket : .arp }
    simulation.serve(served, pool: tree[id].object, &context)
  }
}
