// What a medium does to frames besides taking its time: jitter, a cut, stations that do not hear
// each other. Nobody comes here on a medium that is plain.

import NetStack
import Wire

extension Simulation {
  /// A frame is on the wire until `end`.
  @inline(never)
  mutating func carry(
    _ slot: Int32, _ port: Int32, until end: Instant, _ context: inout Context
  ) {
    let number = Int(ports[Int(port)].link)
    if !links[number].isUp { return lose(slot, from: port, .down, &context) }
    if links[number].isFaulty { return carryFaulty(slot, port, until: end, &context) }
    convey(slot, port, at: end)
  }

  /// To the switch, or to the other stations.
  mutating func convey(_ slot: Int32, _ port: Int32, at end: Instant) {
    let number = ports[Int(port)].link
    if links[Int(number)].bridge != nil {
      return queue.schedule(.bridged, at: end, port, detail: slot)
    }
    queue.schedule(
      .delivery, at: arrival(at: port, after: end), number, detail: slot,
      generation: UInt32(bitPattern: port))
  }

  /// When a frame gets to the far end of the cable of `port`.
  mutating func arrival(at port: Int32, after end: Instant) -> Instant {
    let end = end + links[Int(ports[Int(port)].link)].delay
    let link = links.place(Int(ports[Int(port)].link))
    guard link.pointee.jitter > .zero else { return end }
    var instant = end + link.pointee.drawJitter()
    guard link.pointee.keepsOrder else { return instant }
    instant = max(instant, ports[Int(port)].lastArrival)
    ports[Int(port)].lastArrival = instant
    return instant
  }

  /// A frame does not get to the other end.
  @inline(never)
  mutating func lose(
    _ slot: Int32, from sender: Int32, _ reason: LossReason, _ context: inout Context
  ) {
    let link = ports[Int(sender)].link
    links[Int(link)].lost += 1
    context.enter(host: ports[Int(sender)].host, task: -1, at: now)
    if context.observedLinks != 0, isObserved(sender, by: context.observedLinks) {
      observeLoss(of: slot, from: sender, reason, &context)
    }
    let octets = Int64(frames.octetCount(slot))
    context.trace(.linkLost, link, octets | Int64(sender) << 32, reason.rawValue)
    frames.give(slot)
  }

  /// Whether hardware that checks the CRC finds a frame damaged, and so drops it.
  @inline(never)
  mutating func refuses(_ slot: Int32, at port: Int32, _ context: inout Context) -> Bool {
    let end = ports[Int(port)]
    guard frames.isDamaged(slot), end.interface >= 0 else { return false }
    let stack = Int(processors[Int(end.host)].stack)
    guard hosts[stack].interface(end.interface).policy.checksCRC else { return false }
    context.enter(host: end.host, task: -1, at: now)
    hosts[stack].refuseDamaged(frames.octetCount(slot), on: end.interface, &context)
    return true
  }

  /// Why nobody can hear a frame.
  func obstacle(to destination: MACAddress, _ link: Int32, from sender: Int32) -> LossReason? {
    let medium = links[Int(link)]
    if !medium.isUp { return .down }
    guard medium.isPartitioned, !destination.isGroup else { return nil }
    let other = medium.ports.first { ports[Int($0)].mac == destination }
    return other.map { isCut(sender, $0) } == true ? .partition : nil
  }

  @inline(__always)
  func isCut(_ port: Int32, _ other: Int32) -> Bool {
    ports[Int(port)].group != ports[Int(other)].group
  }

  // MARK: Live

  /// Cuts a link or mends it. What is on its way then is lost; stations notice nothing.
  public mutating func setLink(_ link: Int32, isUp: Bool) {
    makeUnique()
    links[Int(link)].isUp = isUp
  }

  /// By port of the link: its group. Ports of one group hear each other.
  public mutating func partition(_ link: Int32, groups: [Int32]) {
    makeUnique()
    let stations = links[Int(link)].ports
    precondition(groups.count == stations.count, "a group for each port")
    for (port, group) in zip(stations, groups) { ports[Int(port)].group = group }
    links[Int(link)].isPartitioned = groups.contains { $0 != groups.first }
  }
}
