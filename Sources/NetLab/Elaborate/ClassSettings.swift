// Size classes of a host's pool that its stack takes from, and that are its own then: a driver's
// `refill_from = [.jumbo, .page]`, `sock { send_from = .page }` for what a write carries, and
// `pool NAME { serves = [.frame] }` for all receive rings of a host.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// The symbols of a nic's `refill_from`; nil when it has none.
  private func sourceNames(of nic: NodeID) -> [Symbol]? {
    guard let value = ownField(nic, words.symbol(.refillFrom)) else {
      let frames = framePool(of: tree.owner(of: nic))
      return frames.flatMap { flag(nic, .zeroCopy) ? [tree[$0].name] : nil }
    }
    return vm.list(value)?.compactMap { $0.asSymbol }
  }

  /// The pool that serves `.frame` on a host.
  private func framePool(of host: NodeID) -> NodeID? {
    let pool = tree.child(words.symbol(.pool), of: host)
    let own = tree[host].children + (pool.map { tree[$0].children } ?? [])
    return own.first { id in
      tree[id].role == .builtin(.bufferClass) && uses(of: id)?.contains(.frame) ?? false
    }
  }

  /// The class or further pool of that name on a host.
  private func sizeClass(_ name: Symbol, of host: NodeID) -> NodeID? {
    let pool = tree.child(words.symbol(.pool), of: host)
    let named = pool.flatMap { tree.child(name, of: $0) } ?? tree.child(name, of: host)
    return named.flatMap { tree[$0].role == .builtin(.bufferClass) ? $0 : nil }
  }

  /// The class that a write takes for more than a cluster holds; nil for none, and for `.clusters`.
  private func sendName(of host: NodeID) -> Symbol? {
    guard let sock = tree.child(words.symbol(.sock), of: host),
      let name = ownField(sock, words.symbol(.sendFrom))?.asSymbol
    else { return nil }
    return words.word(name) == .clusters ? nil : name
  }

  /// Classes that the stack of a host takes from, in the order in which they are named.
  func sizeClasses(of host: NodeID) -> [NodeID] {
    var found: [NodeID] = []
    if let id = sendName(of: host).flatMap({ sizeClass($0, of: host) }) { found.append(id) }
    for nic in interfaces(of: host) {
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
    // It is the first where there is one.
    let sends = sendName(of: host).flatMap { sizeClass($0, of: host) } != nil
    stack.sendClass = sends ? 1 : 0
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
      guard let id = sizeClass(name, of: host) else { return reportNoClass(name, host, field) }
      if (number(id, .size) ?? 0) >= 1536 { continue }
      return report(
        Diagnostic(
          code: "N222", title: "a buffer of `\(path(of: id))` is too small for a frame",
          at: valueSpan(field), help: "`size` from 1536B on"), of: field)
    }
    if names.count > SizeClass.limit || sizeClasses(of: host).count > SizeClass.limit {
      report(
        Diagnostic(
          code: "N222", title: "a host's stack takes from four classes at most",
          at: valueSpan(field)), of: field)
    }
    if !flag(nic, .zeroCopy) {
      report(
        Diagnostic(
          code: "N222", title: "`refill_from` is for drivers that do not copy",
          at: nameSpan(field), help: "take `zero_copy = false` out"), of: field)
    }
  }

  private func reportNoClass(_ name: Symbol, _ host: NodeID, _ field: FieldValue) {
    let own = self.name(name)
    report(
      Diagnostic(
        code: "N202", title: "`\(path(of: host)).pool.\(own)` is not declared",
        at: valueSpan(field),
        help: "`pool { class \(own) { size = 4KiB; count = 64 } }`, or `.clusters`"),
      of: field)
  }

  /// `send_from`: a class that is there, and larger than a cluster.
  func checkSendFrom(_ sock: NodeID) {
    let host = tree.owner(of: sock)
    guard let name = sendName(of: host),
      let field = tree[sock].fields.first(where: { words.word($0.name) == .sendFrom })
    else { return }
    guard let id = sizeClass(name, of: host) else { return reportNoClass(name, host, field) }
    if (number(id, .size) ?? 0) > Int64(BufferSize.cluster) { return }
    report(
      Diagnostic(
        code: "N222", title: "a buffer of `\(path(of: id))` holds no more than a cluster",
        at: valueSpan(field), help: "`size` from 2049B on; FreeBSD has 4KiB"), of: field)
  }
}
