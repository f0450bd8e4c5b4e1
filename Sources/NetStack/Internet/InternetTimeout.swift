// The 500 ms beat of IP and ARP: ip_slowtimo, arptimer; and igmp_fasttimo, when a report is due.
//
// 4.4BSD: netinet/ip_input.c, if_ether.c. Only the next beat that has something to do is scheduled,
// as for TCP; ARP's five minutes are counted in the same beats.

extension Kernel {
  private var beatPeriod: Int64 { 500_000_000 }

  /// The beat at which a timer runs out that is set now and counted down at each: 60 beats are
  /// between 29.5 and 30 seconds.
  func beat(after span: TimeSpan) -> Instant {
    let first = state.pointee.tickNanoseconds
    let since = now.nanoseconds - first
    let passed = since < 0 ? 0 : since / beatPeriod + 1
    let count = max((span.nanoseconds + beatPeriod - 1) / beatPeriod, 1)
    return Instant(nanoseconds: first + (passed + count - 1) * beatPeriod)
  }

  func setInternetTimeout(atMost at: Instant) {
    if at < state.pointee.internetTimeoutAt { state.pointee.internetTimeoutAt = at }
  }

  /// What is due at this beat; sets the next one.
  func internetTimeout() {
    state.pointee.internetTimeoutAt = .never
    let fragments = expireFragments()
    let neighbours = arpTimer()
    let reports = state.pointee.memberships.count > 0 ? sendDueReports() : .never
    setInternetTimeout(atMost: min(fragments, neighbours, reports))
  }
}
