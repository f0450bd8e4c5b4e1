// What a script may change of IP, ICMP, ARP and UDP while the host runs: `Tunables.internet`.
//
// Each default is that of 4.4BSD as RTEMS 4.6 has it; times that BSD counts in half seconds or
// seconds are kept as times.

import Wire

public struct InternetRules: Equatable, Sendable {
  /// ipforwarding: packets for others are passed on.
  public var forwards = false
  /// ip_defttl.
  public var timeToLive: UInt8 = 64
  /// ip_dosourceroute: source routes through this host are followed.
  public var followsSourceRoutes = false
  /// ipsendredirects, of who forwards; and whether others' are believed, which BSD never asks.
  public var sendsRedirects = true
  public var takesRedirects = true

  /// rtq_reallyold of in_rmx.c: how long a host route that nobody uses is kept.
  public var routeExpiry = TimeSpan.seconds(3600)

  /// ifq_maxlen of ipintrq and of arpintrq.
  public var queueLimit: Int32 = 50
  public var arpQueueLimit: Int32 = 50

  /// maxnipq: one more datagram may be in reassembly; -1 is nmbclusters / 4.
  public var fragmentQueues: Int32 = -1
  /// Fragments of one datagram; 0 is any number.
  public var fragmentsPerQueue: Int32 = 0
  /// IPFRAGTTL.
  public var fragmentHold = TimeSpan.seconds(30)
  /// RFC 1122 §3.3.2: the sender is told that time was up. BSD does not.
  public var reportsFragmentTimeout = false

  /// icmpbmcastecho, icmpmaskrepl.
  public var answersBroadcastEcho = true
  public var answersMask = false
  /// icmplim: errors a second; 0 is any number.
  public var errorLimit: Int32 = 0
  /// RFC 1122 §3.2.2.1: code 2 for a protocol that nobody serves. BSD does not.
  public var reportsProtocol = false

  /// arpt_keep, arpt_prune, arpt_down, arp_maxtries.
  public var arpLifetime = TimeSpan.seconds(1200)
  public var arpPrune = TimeSpan.seconds(300)
  public var arpDown = TimeSpan.seconds(20)
  public var arpTries: Int32 = 5
  /// arptfree: a pruned entry that no connection uses frees what it holds.
  public var arpFreesHeld = true
  /// arp_proxyall: requests for whoever is reached over another interface are answered.
  public var proxiesAll = false
  /// Published entries (arp -s … pub): a network, or one host, that this one answers for; of
  /// length -1 nobody.
  public var published = IPv4Address.any
  public var publishedLength: Int32 = -1
  /// la_hold: packets that wait for one neighbour, and how long at most; `.zero` is for ever.
  public var arpHold: Int32 = 1
  public var arpHoldTimeout = TimeSpan.zero

  /// udpcksum.
  public var udpChecksum = true

  public init() {}
}
