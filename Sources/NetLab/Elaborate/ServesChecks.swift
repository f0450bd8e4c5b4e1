// `serves = [.socket, .arp]` of a further pool: what the stack of its host takes a buffer for.
// `.frame` makes a size class of it that the receive rings lie in: ClassSettings.swift.

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
    if uses.contains(where: { !Schema.servedUses.contains($0) }) {
      return report(
        Diagnostic(
          code: "N452",
          title: "`serves`: tasks take from a pool that serves nothing else",
          at: valueSpan(field),
          help: "take the line out; tasks use the pool by `\(own).alloc()`"), of: field)
    }
    checkServedOnce(id, uses, host, field)
    if uses.contains(.frame) { return checkFrames(id, uses, field) }
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

  /// A pool for frames is a size class, and nothing else.
  private func checkFrames(_ id: NodeID, _ uses: [Word], _ field: FieldValue) {
    if uses.count > 1 {
      report(
        Diagnostic(
          code: "N454", title: "a pool for `.frame` serves nothing else", at: valueSpan(field),
          help: "another pool for the rest"), of: field)
    }
    if (number(id, .size) ?? 0) >= 1536 { return }
    report(
      Diagnostic(
        code: "N222", title: "a buffer of `\(path(of: id))` is too small for a frame",
        at: valueSpan(field), help: "`size` from 1536B on"), of: field)
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
    let served = (uses(of: id) ?? []).compactMap { BufferUse($0) }
    if served.isEmpty { return }
    simulation.serve(served, pool: tree[id].object, &context)
  }
}

extension BufferUse {
  /// nil for what is no thing of its own: frames lie in the buffers of a size class.
  fileprivate init?(_ word: Word) {
    switch word {
    case .socket: self = .socket
    case .arp: self = .arp
    case .rx: self = .rx
    case .tx: self = .tx
    case .reass: self = .reass
    default: return nil
    }
  }

  /// Who has such a buffer, the routine that takes it, and what gives it back.
  var words: (owner: String, site: String, until: String) {
    switch self {
    case .socket: ("sockets", "socreate", "its socket is freed")
    case .arp: ("ARP's hold", "arpresolve", "ARP is answered")
    case .rx: ("received packets", "ether_input", "its packet is freed")
    case .tx: ("packets to send", "ether_output", "its frame is sent")
    case .reass: ("reassembly", "tcp_reass", "the gap before it is filled")
    }
  }
}
