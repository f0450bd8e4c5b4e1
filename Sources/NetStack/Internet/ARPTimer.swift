// What time does to ARP's entries: every five minutes those that have expired go (arptimer,
// arptfree), and with `arp.hold_timeout` held packets do not wait for ever.
//
// 4.4BSD: netinet/if_ether.c. The route of an entry is taken to be in use while a connected socket
// has that address for its peer: such an entry stays, with all that it holds.

import Wire

extension Kernel {
  /// Makes sure that the beat comes at which a held packet may go.
  func scheduleARP(_ entry: UnsafeMutablePointer<Neighbour>) {
    let timeout = state.pointee.tunables.internet.arpHoldTimeout
    if timeout > .zero { setInternetTimeout(atMost: beat(after: timeout)) }
    if isPrunable(entry) { setInternetTimeout(atMost: nextPrune) }
  }

  fileprivate func isPrunable(_ entry: UnsafeMutablePointer<Neighbour>) -> Bool {
    state.pointee.tunables.internet.arpFreesHeld && !isInUse(entry.pointee.address)
  }

  /// RTFREE of a connection's route: what its neighbour's entry holds may go at the next look.
  func freeRoute() {
    if state.pointee.tunables.internet.arpFreesHeld && state.pointee.heldMbufs[.arphold] > 0 {
      setInternetTimeout(atMost: nextPrune)
    }
  }

  /// arptimer runs a second after boot, when there is nothing yet, and then each arpt_prune.
  private var nextPrune: Instant {
    let period = max(state.pointee.tunables.internet.arpPrune.nanoseconds, 500_000_000)
    let first = state.pointee.tickNanoseconds + 1_000_000_000
    let since = now.nanoseconds - first
    let passed = since < 0 ? 1 : since / period + 1
    return Instant(nanoseconds: first + passed * period)
  }

  private var isPruneTime: Bool {
    let period = max(state.pointee.tunables.internet.arpPrune.nanoseconds, 500_000_000)
    let since = now.nanoseconds - state.pointee.tickNanoseconds - 1_000_000_000
    return since >= period && since % period < 500_000_000
  }

  /// - Returns: when it has to run next: only held packets make that matter to anybody.
  func arpTimer() -> Instant {
    let prunes = isPruneTime
    let timeout = state.pointee.tunables.internet.arpHoldTimeout
    var next = Instant.never
    for index in 0..<Int(state.pointee.neighbourCount) {
      let entry = neighbours + index
      if timeout > .zero { giveUpHeld(entry, after: timeout) }
      if prunes && isPrunable(entry) { prune(entry) }
      if entry.pointee.held < 0 { continue }
      if isPrunable(entry) { next = min(next, nextPrune) }
      if timeout > .zero { next = min(next, heldSince(entry) + timeout) }
    }
    return next == .never ? .never : max(next, now + .milliseconds(1))
  }

  /// An mbuf knows when it was taken; a packet that has come to rest here is not much younger.
  private func heldSince(_ entry: UnsafeMutablePointer<Neighbour>) -> Instant {
    Instant(nanoseconds: mbuf(entry.pointee.held).pointee.grantedAt)
  }

  private func giveUpHeld(_ entry: UnsafeMutablePointer<Neighbour>, after timeout: TimeSpan) {
    while entry.pointee.held >= 0 && now - heldSince(entry) >= timeout {
      releaseHeld(entry, .noAnswer)
    }
  }

  /// arptfree.
  private func prune(_ entry: UnsafeMutablePointer<Neighbour>) {
    // rt_expire of an entry that is asked for is the time of the last request.
    let hasEnd = entry.pointee.isResolved || entry.pointee.isRejected
    if hasEnd && entry.pointee.expires > now { return }
    entry.pointee.isResolved = false
    entry.pointee.isRejected = false
    entry.pointee.asked = 0
    entry.pointee.askedAt = .never
    while entry.pointee.held >= 0 { releaseHeld(entry, .noAnswer) }
  }

  /// rt_refcnt: whether a connected socket's route leads over this neighbour.
  fileprivate func isInUse(_ address: IPv4Address) -> Bool {
    var pcb = state.pointee.pcbList
    while pcb >= 0 {
      let remote = pcbs[Int(pcb)].remoteAddress
      if remote != .any, hop(to: remote)?.next == address { return true }
      pcb = pcbs[Int(pcb)].listNext
    }
    return false
  }
}

extension Host {
  /// Whether ARP gives a held packet up by itself: after `hold_timeout`, or when its entry, which
  /// no connection uses, is pruned.
  public var releasesHeld: Bool {
    inspect { kernel in
      let timeout = kernel.state.pointee.tunables.internet.arpHoldTimeout
      for index in 0..<Int(kernel.state.pointee.neighbourCount)
      where kernel.neighbours[index].held >= 0 {
        if timeout > .zero || kernel.isPrunable(kernel.neighbours + index) { return true }
      }
      return false
    }
  }
}
