// What somebody who watches a medium gets to see. Nobody comes here while nobody does.

import NetStack
import Wire

extension Simulation {
  /// Copies a frame out as it stands at a port.
  @discardableResult
  @inline(never)
  func observe(
    _ frame: UnsafeRawBufferPointer, at port: Int32, isIncoming: Bool, _ context: inout Context,
    loss: FrameLoss? = nil
  ) -> Int {
    var place = ObservedFrame(
      at: now, link: ports[Int(port)].link, port: port, isIncoming: isIncoming)
    place.event = events
    place.loss = loss
    place.levels = levels(of: ports[Int(port)].host)
    return context.frames.add(frame, place)
  }

  /// A frame is lost: as it was put on the wire, or later.
  @inline(never)
  func observeLoss(
    of slot: Int32, from sender: Int32, _ reason: LossReason, _ context: inout Context
  ) {
    let loss = FrameLoss.lost(reason.rawValue)
    if context.frames.loseLast(from: sender, event: events, loss) { return }
    var place = ObservedFrame(
      at: now, link: ports[Int(sender)].link, port: sender, isIncoming: false)
    place.event = events
    place.loss = loss
    place.isLate = true
    place.levels = levels(of: ports[Int(sender)].host)
    context.frames.add(frames.octets(slot), place)
  }

  /// - Parameter links: `Context.observedLinks`.
  func isObserved(_ port: Int32, by links: UInt64) -> Bool {
    links & Context.bit(ports[Int(port)].link) != 0
  }

  private func levels(of host: Int32) -> PoolLevels {
    var levels = PoolLevels()
    let stack = processors[Int(host)].stack
    guard stack >= 0 else { return levels }
    let (mbufs, clusters) = (hosts[Int(stack)].pool(.mbufs), hosts[Int(stack)].pool(.clusters))
    (levels.mbufs, levels.mbufWaiters) = (mbufs.free, mbufs.waiters)
    (levels.clusters, levels.clusterWaiters) = (clusters.free, clusters.waiters)
    return levels
  }

  /// `receive`, and what became of it.
  @inline(never)
  mutating func receiveObserved(_ slot: Int32, at port: Int32, _ context: inout Context) {
    let before = losses(at: port)
    let place = observe(frames.octets(slot), at: port, isIncoming: true, &context)
    accept(slot, at: port, &context)
    let after = losses(at: port)
    if after.overruns > before.overruns { context.frames.lose(place, .overrun) }
    if after.damaged > before.damaged { context.frames.lose(place, .damaged) }
    if after.tooLong > before.tooLong { context.frames.lose(place, .tooLong) }
  }

  private func losses(at port: Int32) -> (overruns: Int64, damaged: Int64, tooLong: Int64) {
    let end = ports[Int(port)]
    if end.interface < 0 { return (end.overruns, 0, 0) }
    let ifnet = hosts[Int(processors[Int(end.host)].stack)].interface(end.interface)
    return (ifnet.overruns, ifnet.crcErrors, ifnet.tooLong)
  }
}
