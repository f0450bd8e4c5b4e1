// Fields of an interface in the engine's words: what its driver does, what its hardware is like.

import NetScript
import NetSim
import NetStack
import Wire

extension Bench {
  func driverPolicy(of nic: NodeID) -> DriverPolicy {
    var policy = DriverPolicy()
    switch word(nic, .refill) {
    case .reuse: policy.refill = .reuse
    case .retry: policy.refill = .retry
    case .abandon: policy.refill = .abandon
    default: policy.refill = .wait
    }
    policy.asksFirst = word(nic, .refillOrder) == .before
    policy.copybreak = Int32(clamping: number(nic, .copybreak) ?? 0)
    policy.losesEdges = word(nic, .irq) == .edge
    policy.polls = word(nic, .mode) == .poll
    policy.quota = Int32(clamping: number(nic, .quota) ?? 5)
    policy.suspends = word(nic, .onEmpty) == .suspend
    policy.kicks = flag(nic, .kick)
    policy.checksCRC = flag(nic, .crc)
    policy.scatters = flag(nic, .scatter)
    policy.ignoresBroadcasts = flag(nic, .ignoreBroadcast)
    policy.reapsEagerly = transmitWord(nic, .reap) == .irq
    policy.dropsWhenFull = transmitWord(nic, .onFull) == .drop
    return policy
  }

  /// Memory of a driver's own is 2 KiB a frame.
  func checkMTU(_ nic: NodeID) {
    let most = Int64(EthernetLimits.maximumPayloadOctets)
    guard (number(nic, .mtu) ?? most) > most, !flag(nic, .zeroCopy),
      let field = tree[nic].fields.first(where: { words.word($0.name) == .mtu })
    else { return }
    report(
      Diagnostic(
        code: "N222", title: "a driver that copies sends no frames of more than 1500 octets",
        at: valueSpan(field), help: "take `zero_copy = false` out"), of: field)
  }

  /// A number of its `tx`; nil where it has none of its own.
  func transmitCount(_ nic: NodeID, _ word: Word) -> Int32? {
    guard let tx = tree.child(words.symbol(.tx), of: nic) else { return nil }
    return ownField(tx, words.symbol(word))?.asInt.map { Int32(clamping: $0) }
  }

  /// A field of its `tx`; nil where it has none of its own.
  private func transmitWord(_ nic: NodeID, _ word: Word) -> Word? {
    guard let tx = tree.child(words.symbol(.tx), of: nic) else { return nil }
    return ownField(tx, words.symbol(word))?.asSymbol.flatMap { words.word($0) }
  }

  /// A field of `tx` has changed.
  func setTransmit(_ nic: NodeID, _ word: Word) {
    if word == .onFail { return setOnFail(nic) }
    guard let station = station(of: nic), station.stack >= 0, tree[nic].object >= 0 else { return }
    let port = station.attachments[Int(tree[nic].object)].port
    simulation.setDriver(driverPolicy(of: nic), port: port, &context)
  }

  /// `tx.on_fail` of an interface, as its field says.
  func setOnFail(_ nic: NodeID) {
    guard let station = station(of: nic), station.stack >= 0, tree[nic].object >= 0,
      tree.child(words.symbol(.tx), of: nic) != nil
    else { return }
    let keeps = transmitWord(nic, .onFail) == .keep
    simulation.setKeepsFailed(keeps, host: station.host, interface: tree[nic].object, &context)
  }

  func setAnswersARP(_ nic: NodeID) {
    guard let station = station(of: nic), tree[nic].object >= 0 else { return }
    let answers = flag(nic, .answersARP)
    simulation.setAnswersARP(
      answers, port: station.attachments[Int(tree[nic].object)].port, &context)
  }
}
