// ARP entries and host routes: the two caches keyed by an address. netinet/if_ether.c, in_rmx.c.

import Wire

/// A neighbour on a link: llinfo_arp.
public struct Neighbour {
  public internal(set) var address = IPv4Address.any
  public internal(set) var mac = MACAddress.zero
  public internal(set) var isResolved = false
  public internal(set) var interface: Int16 = 0
  /// Of those whose addresses share a chain.
  var chainNext: Int32 = -1
  /// la_hold: packets that wait for the answer, the oldest first; -1 for none.
  var held: Int32 = -1
  public internal(set) var heldCount: Int32 = 0
  /// When a reply last sent such packets on.
  var sentHeldAt = Instant.never
  /// When the last request went out, and how many have.
  var askedAt = Instant.never
  var asked: Int32 = 0
  /// RTF_REJECT: until `expires` nobody asks.
  var isRejected = false
  /// Until when the entry is good, or (unresolved) nothing is asked.
  public internal(set) var expires = Instant.zero
}

/// What tcp_close leaves in a host route and the next connection finds (5.3).
public struct HostRoute {
  public internal(set) var address = IPv4Address.any
  /// rmx_rtt and rmx_rttvar: the unit keeps the halves that averaging leaves. ssthresh in octets.
  public internal(set) var srttMicroseconds: Int64 = 0
  public internal(set) var rttvarMicroseconds: Int64 = 0
  public internal(set) var ssthresh: UInt32 = 0
  /// rmx_mtu, where a router has told a smaller one than the interface's, and until when; 0: none.
  public internal(set) var mtu: Int32 = 0
  public internal(set) var isMTULocked = false
  public internal(set) var mtuExpires = Instant.zero
  /// tao_ccsent: the count that its last answer echoed, or our SYN since then said; 0: none.
  var countSent: UInt32 = 0
  /// rmx_expire: when the estimator is forgotten, unless a connection keeps the route.
  public internal(set) var expires = Instant.never
}
