// Counters of `netstat -s` for IP, ICMP, UDP and ARP. Each name is that of its member in 4.4BSD's
// ipstat, icmpstat and udpstat (netinet/ip_var.h, icmp_var.h, udp_var.h), spelled out; ARP had none
// then, its names are those of FreeBSD's arpstat.

/// ipstat.
public struct IPStatistics: Sendable {
  public internal(set) var badSum: Int64 = 0
  /// ips_tooshort: the frame carried less than the header claims. ips_toosmall: not even a header,
  /// or a fragment whose length is no multiple of eight.
  public internal(set) var tooShort: Int64 = 0
  public internal(set) var tooSmall: Int64 = 0
  public internal(set) var badHeaderLength: Int64 = 0
  public internal(set) var badLength: Int64 = 0
  public internal(set) var badVersion: Int64 = 0
  public internal(set) var badOptions: Int64 = 0
  public internal(set) var tooLong: Int64 = 0
  public internal(set) var fragments: Int64 = 0
  /// Fragments that found no room, and datagrams that ip_drain gave up.
  public internal(set) var fragmentsDropped: Int64 = 0
  /// Datagrams whose time was up.
  public internal(set) var fragmentTimeouts: Int64 = 0
  public internal(set) var reassembled: Int64 = 0
  public internal(set) var forwarded: Int64 = 0
  public internal(set) var cannotForward: Int64 = 0
  public internal(set) var redirectsSent: Int64 = 0
  public internal(set) var noProtocol: Int64 = 0
  /// ips_notmember: a group that nobody here has joined.
  public internal(set) var notMember: Int64 = 0
  public internal(set) var rawOut: Int64 = 0
  public internal(set) var noRoute: Int64 = 0
  /// ips_odropped: no mbuf for a fragment on its way out.
  public internal(set) var outDropped: Int64 = 0
  public internal(set) var fragmented: Int64 = 0
  public internal(set) var fragmentsOut: Int64 = 0
  public internal(set) var cannotFragment: Int64 = 0
  // Of each packet; `Statistics` goes on with those of a segment.
  public internal(set) var total: Int64 = 0
  public internal(set) var delivered: Int64 = 0
  public internal(set) var localOut: Int64 = 0
}

/// icmpstat.
public struct ICMPStatistics: Sendable {
  /// Calls of icmp_error.
  public internal(set) var errors: Int64 = 0
  /// icps_oldshort, icps_oldicmp: errors not sent, about a short header or about ICMP itself.
  public internal(set) var oldShort: Int64 = 0
  public internal(set) var oldICMP: Int64 = 0
  /// Errors that were not sent because of the rate limit, and for want of an mbuf.
  public internal(set) var limited: Int64 = 0
  public internal(set) var noBuffer: Int64 = 0
  public internal(set) var badCode: Int64 = 0
  public internal(set) var tooShort: Int64 = 0
  public internal(set) var badSum: Int64 = 0
  public internal(set) var badLength: Int64 = 0
  /// icps_bmcastecho: requests to a broadcast address that were not answered.
  public internal(set) var broadcastEchoes: Int64 = 0
  public internal(set) var reflected: Int64 = 0
  /// icps_inhist, icps_outhist: messages by type, up to ICMP_MAXTYPE.
  public internal(set) var received: InlineArray<19, Int64> = .init(repeating: 0)
  public internal(set) var sent: InlineArray<19, Int64> = .init(repeating: 0)

  mutating func countReceived(_ type: UInt8) { if type <= 18 { received[Int(type)] &+= 1 } }
  mutating func countSent(_ type: UInt8) { if type <= 18 { sent[Int(type)] &+= 1 } }
}

/// udpstat.
public struct UDPStatistics: Sendable {
  // Of each datagram.
  public internal(set) var received: Int64 = 0
  public internal(set) var noPortBroadcast: Int64 = 0
  public internal(set) var sent: Int64 = 0

  /// udps_hdrops: no room for a header.
  public internal(set) var short: Int64 = 0
  public internal(set) var badSum: Int64 = 0
  public internal(set) var badLength: Int64 = 0
  /// Datagrams whose sender computed no checksum.
  public internal(set) var noSum: Int64 = 0
  public internal(set) var noPort: Int64 = 0
  public internal(set) var fullSocket: Int64 = 0
}

/// arpstat.
public struct ARPStatistics: Sendable {
  public internal(set) var requestsSent: Int64 = 0
  public internal(set) var repliesSent: Int64 = 0
  public internal(set) var requestsReceived: Int64 = 0
  public internal(set) var repliesReceived: Int64 = 0
  /// Replies sent for somebody else.
  public internal(set) var proxied: Int64 = 0
  /// Packets that were neither, or not about IPv4 over Ethernet.
  public internal(set) var malformed: Int64 = 0
  /// Held packets that a newer one replaced, that waited too long, or whose entry went.
  public internal(set) var dropped: Int64 = 0
  /// Times that a neighbour had not answered and was given up for a while.
  public internal(set) var timeouts: Int64 = 0
  /// Packets from somebody who has our address.
  public internal(set) var duplicates: Int64 = 0
  /// Neighbours that answered from another station than before.
  public internal(set) var moved: Int64 = 0
}
