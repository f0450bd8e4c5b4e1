// Counters of IP, ICMP, IGMP, UDP and ARP.

import NetScript
import NetSim
import NetStack

extension Bench {
  func measureFragments(_ id: NodeID, _ word: Word) -> Value? {
    guard word == .queues, let state = stack(of: id, .pool)?.state else { return nil }
    return .int(Int64(state.fragmentQueues))
  }

  func measureInternet(_ id: NodeID, _ kind: Word, _ word: Word) -> Value? {
    let old = word == .badChecksums || word == .noPort || word == .fullDrops
    let aspect: Aspect = old ? .loss : word == .received && kind != .arp ? .ip : .anything
    guard let statistics = stack(of: id, aspect)?.statistics else { return nil }
    let count: Int64?
    switch kind {
    case .ip: count = value(of: word, in: statistics.ip)
    case .udp: count = value(of: word, in: statistics.udp)
    case .arp: count = value(of: word, in: statistics.arp)
    case .icmp: count = value(of: word, in: statistics.icmp)
    case .igmp: count = value(of: word, in: statistics.igmp)
    default: count = nil
    }
    return count.map { .int($0) }
  }

  private func value(of word: Word, in counted: IPStatistics) -> Int64? {
    switch word {
    case .received: counted.total
    case .sent: counted.localOut
    case .delivered: counted.delivered
    case .badChecksums: counted.badSum
    case .badVersions: counted.badVersion
    case .badHeaders: counted.badHeaderLength
    case .badLengths: counted.badLength
    case .badOptions: counted.badOptions
    case .tooShort: counted.tooShort
    case .tooSmall: counted.tooSmall
    case .tooLong: counted.tooLong
    case .fragments: counted.fragments
    case .fragDropped: counted.fragmentsDropped
    case .fragTimeouts: counted.fragmentTimeouts
    case .reassembled: counted.reassembled
    case .notMember: counted.notMember
    case .noProtocol: counted.noProtocol
    case .forwarded: counted.forwarded
    case .notForwarded: counted.cannotForward
    case .redirected: counted.redirectsSent
    case .noRoute: counted.noRoute
    case .fragmented: counted.fragmented
    case .fragSent: counted.fragmentsOut
    case .notFragmented: counted.cannotFragment
    case .outDropped: counted.outDropped
    default: nil
    }
  }

  private func value(of word: Word, in counted: UDPStatistics) -> Int64? {
    switch word {
    case .received: counted.received
    case .sent: counted.sent
    case .badChecksums: counted.badSum
    case .badLengths: counted.badLength
    case .tooShort: counted.short
    case .noSum: counted.noSum
    case .noPort: counted.noPort
    case .noPortBroadcast: counted.noPortBroadcast
    case .fullDrops: counted.fullSocket
    default: nil
    }
  }

  private func value(of word: Word, in counted: ARPStatistics) -> Int64? {
    switch word {
    case .asked: counted.requestsSent
    case .answered: counted.repliesSent
    case .proxied: counted.proxied
    case .requests: counted.requestsReceived
    case .replies: counted.repliesReceived
    case .drops: counted.dropped
    case .timeouts: counted.timeouts
    case .duplicates: counted.duplicates
    case .moved: counted.moved
    default: nil
    }
  }

  private func value(of word: Word, in counted: IGMPStatistics) -> Int64? {
    switch word {
    case .received: counted.received
    case .sent: counted.reportsSent
    case .queries: counted.queries
    case .reports: counted.reports
    case .suppressed: counted.ourReports
    case .badChecksums: counted.badSum
    case .badLengths: counted.tooShort &+ counted.badQueries &+ counted.badReports
    default: nil
    }
  }

  private func value(of word: Word, in counted: ICMPStatistics) -> Int64? {
    switch word {
    case .received: (0..<19).reduce(0) { $0 &+ counted.received[$1] }
    case .sent: (0..<19).reduce(0) { $0 &+ counted.sent[$1] }
    case .answered: counted.reflected
    case .errors: counted.errors
    case .limited: counted.limited
    case .badChecksums: counted.badSum
    case .badCodes: counted.badCode
    case .badLengths: counted.badLength &+ counted.tooShort
    default: nil
    }
  }
}
