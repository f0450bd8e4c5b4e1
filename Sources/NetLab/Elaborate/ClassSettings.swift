// `refill_from = [.jumbo, .page]`: size classes of a host's pool that its drivers take from, and
// that are the stack's own then.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// The symbols of a nic's `refill_from`; nil when it has none.
  private func sourceNames(of nic: NodeID) -> [Symbol]? {
    guard let value = ownField(nic, words.symbol(.refillFrom)) else { return nil }
    return vm.list(value)?.compactMap { $0.asSymbol }
  }

  /// The class or further pool of that name on a host.
  private func sizeClass(_ name: Symbol, of host: NodeID) -> NodeID? {
    let pool = tree.child(words.symbol(.pool), of: host)
    let named = pool.flatMap { tree.child(name, of: $0) } ?? tree.child(name, of: host)
    return named.flatMap { tree[$0].role == .builtin(.bufferClass) ? $0 : nil }
  }

  /// Classes that the nics of a host take from, in the order in which they are named.
  func sizeClasses(of host: NodeID) -> [NodeID] {
    var found: [NodeID] = []
    for nic in tree[host].children where tree[nic].role == .builtin(.nic) {
      for name in sourceNames(of: nic) ?? [] {
        if let id = sizeClass(name, of: host), !found.contains(id) { found.append(id) }
      }
    }
    return found
  }

  /// What they are in the engine.
  func configureClasses(_ stack: inout HostConfiguration, of host: NodeID) {
    stack.classes = sizeClasses(of: host).map { id in
      SizeClass(
        octets: Int32(clamping: number(id, .size) ?? 0),
        count: Int32(clamping: number(id, .count) ?? 1))
    }
  }

  /// The numbers of the classes that a nic takes from: 0 is the pool's clusters.
  func sources(of nic: NodeID, on host: NodeID) -> [UInt8] {
    let classes = sizeClasses(of: host)
    return (sourceNames(of: nic) ?? []).compactMap { name in
      if words.word(name) == .clusters { return 0 }
      return sizeClass(name, of: host).flatMap { classes.firstIndex(of: $0) }.map { UInt8($0 + 1) }
    }
  }

  /// Once the pool stands: whether it is a class of its host's stack.
  func installClass(_ id: NodeID) {
    let record = stations.records[Int(tree[id].host)]
    guard record.stack >= 0, let index = sizeClasses(of: record.node).firstIndex(of: id) else {
      return
    }
    simulation.serve(sizeClass: Int32(index), pool: tree[id].object, &context)
  }

  /// A class for each name, large enough for a frame, few enough; and a driver that does not wait.
  func checkSources(_ nic: NodeID) {
    guard let names = sourceNames(of: nic),
      let field = tree[nic].fields.first(where: { words.word($0.name) == .refillFrom })
    else { return }
    let host = tree.owner(of: nic)
    for name in names where words.word(name) != .clusters {
      guard let id = sizeClass(name, of: host) else {
        let own = self.name(name)
        return report(
          Diagnostic(
            code: "N202", title: "`\(path(of: host)).pool.\(own)` is not declared",
            at: valueSpan(field),
            help: "`pool { class \(own) { size = 4KiB; count = 64 } }`, or `.clusters`"),
          of: field)
      }
      if (number(id, .size) ?? 0) >= 1536 { continue }
      return report(
        Diagnostic(
          code: "N222", title: "a buffer of `\(path(of: id))` is too small for a frame",
          at: valueSpan(field), help: "`size` from 1536B on"), of: field)
    }
    if names.count > SizeClass.limit || sizeClasses(of: host).count > SizeClass.limit {
      report(
        Diagnostic(
          code: "N222", title: "a host's nics take from four classes at most",
          at: valueSpan(field)), of: field)
    }
    if word(nic, .refill) == .wait || !flag(nic, .zeroCopy) {
      report(
        Diagnostic(
          code: "N222", title: "`refill_from` is for drivers that neither wait nor copy",
          at: nameSpan(field), help: "`refill = .reuse`, `.retry` or `.abandon`"), of: field)
    }
  }
}
