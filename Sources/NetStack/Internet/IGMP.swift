// Hosts tell routers which groups they have joined, once a group and link: others who hear a report
// keep quiet.
//
// RFC 1112, appendix I. 4.4BSD: netinet/igmp.c. A report goes out on joining, and again after a
// random delay of up to ten seconds, as after each query. The delay is counted in fast beats, and
// is random as BSD's is: by the packets that this host has had, its address and the group's. Left
// out: version 2 (leaving, queries with a time of their own).

import Wire

public enum IGMPType {
  public static let query: UInt8 = 0x11
  public static let report: UInt8 = 0x12
}

/// igmpstat.
public struct IGMPStatistics: Sendable {
  public internal(set) var received: Int64 = 0
  public internal(set) var tooShort: Int64 = 0
  public internal(set) var badSum: Int64 = 0
  public internal(set) var queries: Int64 = 0
  public internal(set) var badQueries: Int64 = 0
  public internal(set) var reports: Int64 = 0
  public internal(set) var badReports: Int64 = 0
  /// Reports of others about groups that this host has joined too.
  public internal(set) var ourReports: Int64 = 0
  public internal(set) var reportsSent: Int64 = 0
}

enum IGMP {
  static let octetCount: Int32 = 8
  /// IGMP_MAX_HOST_REPORT_DELAY, in fast beats.
  static let longestDelay: UInt32 = 50
  static let beat: Int64 = 200_000_000
}

extension IPv4Address {
  /// INADDR_ALLHOSTS_GROUP: nobody reports it.
  static var allHosts: IPv4Address { IPv4Address(224, 0, 0, 1) }
}

extension Kernel {
  // MARK: input

  /// igmp_input. Whatever it was, the raw sockets have it afterwards.
  func igmpInput(_ arrived: Int32, _ ip: IPv4Header) {
    state.pointee.statistics.igmp.received &+= 1
    let headerOctets = Int32(ip.headerOctets)
    var packet = arrived
    guard mbuf(packet).pointee.packetLength - headerOctets >= IGMP.octetCount else {
      state.pointee.statistics.igmp.tooShort &+= 1
      return mFreem(packet, .short)
    }
    if mbuf(packet).pointee.length < headerOctets + IGMP.octetCount {
      guard let pulled = mPullup(packet, headerOctets + IGMP.octetCount) else {
        state.pointee.statistics.igmp.tooShort &+= 1
        return
      }
      packet = pulled
    }
    var checksum = InternetChecksum()
    add(packet, from: headerOctets, to: &checksum)
    guard checksum.isSound else {
      state.pointee.statistics.igmp.badSum &+= 1
      return mFreem(packet, .badChecksum)
    }
    let message = UnsafeRawPointer(data(packet)) + Int(headerOctets)
    let interface = Int32(mbuf(packet).pointee.interface)
    switch message.load(as: UInt8.self) {
    case IGMPType.query:
      guard takesQuery(ip, interface) else { return mFreem(packet, .badHeader) }
    case IGMPType.report:
      let group = IPv4Address(rawValue: message.bigEndian32(at: 4))
      guard takesReport(ip, group, interface) else { return mFreem(packet, .badHeader) }
    default: break
    }
    rawInput(packet, ip)
  }

  /// A router asks: each group answers in a while, unless it is about to.
  private func takesQuery(_ ip: IPv4Header, _ interface: Int32) -> Bool {
    state.pointee.statistics.igmp.queries &+= 1
    guard ip.destination == .allHosts else {
      state.pointee.statistics.igmp.badQueries &+= 1
      return false
    }
    for index in 0..<state.pointee.memberships.count {
      let entry = state.pointee.memberships.entries[index]
      if entry.interface != interface || reportIsDue(entry.group, interface) { continue }
      scheduleReport(index)
    }
    return true
  }

  /// Somebody else has told the router: it needs no second one.
  private func takesReport(_ ip: IPv4Header, _ group: IPv4Address, _ interface: Int32) -> Bool {
    state.pointee.statistics.igmp.reports &+= 1
    guard group.isMulticast, group == ip.destination else {
      state.pointee.statistics.igmp.badReports &+= 1
      return false
    }
    var isOurs = false
    for index in 0..<state.pointee.memberships.count {
      let entry = state.pointee.memberships.entries[index]
      guard entry.group == group, entry.interface == interface else { continue }
      isOurs = true
      state.pointee.memberships.entries[index].reportAt = .never
    }
    if isOurs { state.pointee.statistics.igmp.ourReports &+= 1 }
    return true
  }

  // MARK: reports

  /// igmp_joingroup: of the first socket that joins.
  func reportJoined(_ index: Int) {
    let entry = state.pointee.memberships.entries[index]
    if entry.group == .allHosts || entry.interface == loopback { return }
    sendReport(entry)
    scheduleReport(index)
  }

  /// The group's other members here take over a report that is due.
  func passReport(of entry: Membership) {
    if entry.reportAt == .never { return }
    for index in 0..<state.pointee.memberships.count {
      let other = state.pointee.memberships.entries[index]
      if other.group == entry.group && other.interface == entry.interface {
        state.pointee.memberships.entries[index].reportAt = entry.reportAt
        return
      }
    }
  }

  private func reportIsDue(_ group: IPv4Address, _ interface: Int32) -> Bool {
    for index in 0..<state.pointee.memberships.count {
      let entry = state.pointee.memberships.entries[index]
      if entry.group == group && entry.interface == interface && entry.reportAt != .never {
        return true
      }
    }
    return false
  }

  /// IGMP_RANDOM_DELAY.
  private func scheduleReport(_ index: Int) {
    let entry = state.pointee.memberships.entries[index]
    if entry.group == .allHosts { return }
    let seed =
      UInt32(truncatingIfNeeded: state.pointee.statistics.ip.total)
      &+ interfaces[Int(entry.interface)].address.rawValue &+ entry.group.rawValue
    let delay = Int64(seed % IGMP.longestDelay + 1)
    let since = now.nanoseconds - state.pointee.fastOrigin
    let passed = since < 0 ? 0 : since / IGMP.beat + 1
    let due = Instant(
      nanoseconds: state.pointee.fastOrigin + (passed + delay - 1) * IGMP.beat)
    state.pointee.memberships.entries[index].reportAt = due
    setInternetTimeout(atMost: due)
  }

  /// igmp_fasttimo, where there is something to do.
  ///
  /// - Returns: when the next report is due.
  func sendDueReports() -> Instant {
    var next = Instant.never
    for index in 0..<state.pointee.memberships.count {
      let due = state.pointee.memberships.entries[index].reportAt
      if due > now {
        next = min(next, due)
      } else {
        state.pointee.memberships.entries[index].reportAt = .never
        sendReport(state.pointee.memberships.entries[index])
      }
    }
    return next
  }

  /// igmp_sendreport: to the group itself, and no further than this link. Without an mbuf there is
  /// none.
  private func sendReport(_ entry: Membership) {
    guard let packet = mGet(requester, at: .igmpReport, header: true) else { return }
    let m = mbuf(packet)
    m.pointee.offset &+= BufferSize.linkHeader
    m.pointee.length = 20 + IGMP.octetCount
    m.pointee.packetLength = 20 + IGMP.octetCount
    let message = data(packet) + 20
    message.store(bigEndian32: UInt32(IGMPType.report) << 24, at: 0)
    message.store(bigEndian32: entry.group.rawValue, at: 4)
    let octets = UnsafeRawBufferPointer(start: message, count: Int(IGMP.octetCount))
    message.store(bigEndian16: InternetChecksum.of(octets), at: 2)
    state.pointee.statistics.igmp.reportsSent &+= 1
    var sending = Sending()
    sending.multicastLoops = false
    sending.multicastInterface = entry.interface
    _ = ipOutput(
      packet, from: interfaces[Int(entry.interface)].address, to: entry.group,
      protocol: IPProtocol.igmp, sending)
  }
}
