// The tables of IP, ARP, UDP and routes.

extension Schema {
  private static func seconds(
    _ word: Word, _ seconds: Int64, _ origin: String, _ meaning: String
  ) -> FieldSchema {
    FieldSchema(
      word, .time, standard: .nanoseconds(seconds * 1_000_000_000), live: true,
      range: 500_000_000...century, origin: Original(origin, seconds, .seconds), meaning)
  }

  private static func lengthLimit(_ origin: String) -> FieldSchema {
    FieldSchema(
      .max, .count, standard: .count(50), live: true, range: 1...10_000,
      origin: Original(origin, 50, .counted("packets")), "the most packets in it")
  }

  static let udp = KindSchema(
    word: .udp, parents: [.host], isNamed: false,
    fields: [
      buffer(.rcvbuf, 41600, "net.inet.udp.recvspace"),
      buffer(.sndbuf, 9216, "net.inet.udp.maxdgram"),
      flag(
        .checksum, true, Original("net.inet.udp.checksum", 1, .flag),
        "datagrams carry a checksum"),
    ],
    places: [
      PlaceSchema(
        .sock, "the socket bound to a port", indexed: true,
        [
          PlaceSchema(.cc, "octets in its receive buffer", is: .data),
          PlaceSchema(.clusters, "clusters in its receive buffer"),
          PlaceSchema(.fullDrops, "datagrams that found it full"),
        ]),
      PlaceSchema(
        .stats, "counters since time 0",
        [
          PlaceSchema(.received, "datagrams"), PlaceSchema(.sent, "datagrams"),
          PlaceSchema(.badChecksums, "datagrams dropped for their checksum"),
          PlaceSchema(.badLengths, "datagrams whose length lies"),
          PlaceSchema(.tooShort, "packets with no room for a header"),
          PlaceSchema(.noSum, "datagrams without a checksum"),
          PlaceSchema(.noPort, "datagrams for a port that nobody has bound"),
          PlaceSchema(.noPortBroadcast, "the same, sent to many"),
          PlaceSchema(.fullDrops, "datagrams that found their socket full"),
        ]),
    ])

  private static let fragments = PlaceSchema(
    .frag, "reassembly of datagrams that came in pieces",
    fields: [
      FieldSchema(
        .cap, .count, standard: .rule("clusters / 4"), live: true, range: 0...65_536,
        origin: Original("maxnipq", 16, .counted("datagrams")),
        "one more datagram than this may wait for its missing parts"),
      FieldSchema(
        .hold, .time, standard: .nanoseconds(30_000_000_000), live: true,
        range: 500_000_000...century, origin: Original("IPFRAGTTL", 60, .slowTicks),
        "how long it may wait"),
      FieldSchema(
        .fragments, .count, standard: .count(0), live: true, range: 0...65_536,
        "the most fragments of one datagram; 0: any number"),
      flag(.report, false, "", "the sender is told that time was up (RFC 1122 3.3.2)"),
    ],
    [PlaceSchema(.queues, "datagrams that wait for missing parts")])

  private static let ipCounters: [PlaceSchema] = [
    PlaceSchema(.received, "packets"), PlaceSchema(.sent, "packets of this host's own"),
    PlaceSchema(.delivered, "packets handed to a protocol"),
    PlaceSchema(.badChecksums, "packets dropped for their checksum"),
    PlaceSchema(.badVersions, "packets of another version"),
    PlaceSchema(.badHeaders, "packets whose header length cannot be"),
    PlaceSchema(.badLengths, "packets shorter than their header"),
    PlaceSchema(.badOptions, "packets with an option that is wrong, or refused"),
    PlaceSchema(.tooShort, "packets longer than their frame"),
    PlaceSchema(.tooSmall, "frames without a header, fragments of no whole octets of eight"),
    PlaceSchema(.tooLong, "fragments that reach beyond 64 KiB"),
    PlaceSchema(.fragments, "fragments received"),
    PlaceSchema(.fragDropped, "fragments dropped for want of room, or drained"),
    PlaceSchema(.fragTimeouts, "datagrams whose missing parts never came"),
    PlaceSchema(.reassembled, "datagrams put together"),
    PlaceSchema(.notMember, "packets to a group that nobody has joined"),
    PlaceSchema(.noProtocol, "packets of a protocol that nobody serves"),
    PlaceSchema(.forwarded, "packets passed on"),
    PlaceSchema(.notForwarded, "packets for others, not passed on"),
    PlaceSchema(.redirected, "redirects sent"),
    PlaceSchema(.noRoute, "packets without a way to their destination"),
    PlaceSchema(.fragmented, "packets cut into fragments"),
    PlaceSchema(.fragSent, "fragments made"),
    PlaceSchema(.notFragmented, "packets too long that could not be cut"),
    PlaceSchema(.outDropped, "packets that found no mbuf for a fragment"),
  ]

  private static let icmpCounters: [PlaceSchema] = [
    PlaceSchema(.received, "messages"), PlaceSchema(.sent, "messages"),
    PlaceSchema(.answered, "questions answered"),
    PlaceSchema(.errors, "packets that an error was due for"),
    PlaceSchema(.limited, "errors that `icmp_limit` kept back"),
    PlaceSchema(.badChecksums, "messages dropped for their checksum"),
    PlaceSchema(.badCodes, "messages with a code that there is not"),
    PlaceSchema(.badLengths, "messages that are too short for what they are"),
  ]

  private static let igmpCounters: [PlaceSchema] = [
    PlaceSchema(.received, "messages"), PlaceSchema(.sent, "reports of groups joined here"),
    PlaceSchema(.queries, "questions of routers"),
    PlaceSchema(.reports, "reports of other hosts"),
    PlaceSchema(.suppressed, "those about a group joined here too, which spare it its own"),
    PlaceSchema(.badChecksums, "messages dropped for their checksum"),
    PlaceSchema(.badLengths, "messages that are too short, queries and reports of no group"),
  ]

  static let ip = KindSchema(
    word: .ip, parents: [.host], isNamed: false,
    fields: [
      flag(
        .forwarding, false, Original("net.inet.ip.forwarding", 0, .flag),
        "packets for others are passed on"),
      FieldSchema(
        .ttl, .count, standard: .count(64), live: true, range: 1...255,
        origin: Original("net.inet.ip.ttl", 64, .counted("hops")), "hops that a packet may take"),
      flag(
        .sourceroute, false, Original("net.inet.ip.sourceroute", 0, .flag),
        "source routes are followed"),
      flag(
        .redirects, true, Original("net.inet.ip.redirect", 1, .flag),
        "who forwards tells senders of a shorter way; who is told takes it"),
      seconds(
        .rtexpire, 3600, "net.inet.ip.rtexpire",
        "how long a host that nobody talks to any more is remembered: its round trip"),
      flag(
        .bmcastecho, true, Original("net.inet.icmp.bmcastecho", 1, .flag),
        "echo requests to everybody are answered"),
      flag(
        .maskrepl, false, Original("net.inet.icmp.maskrepl", 0, .flag),
        "address mask requests are answered"),
      FieldSchema(
        .icmpLimit, .count, standard: .count(0), live: true, range: 0...1_000_000,
        origin: "net.inet.icmp.icmplim", "ICMP errors a second; 0: any number"),
      flag(
        .protoUnreach, false, "", "a protocol that nobody serves is an error (RFC 1122 3.2.2.1)"),
    ],
    places: [
      PlaceSchema(
        .queue, "ipintrq", fields: [lengthLimit("net.inet.ip.intr_queue_maxlen")],
        [PlaceSchema(.len, "packets in it"), PlaceSchema(.drops, "packets that found it full")]),
      fragments,
      PlaceSchema(.stats, "counters since time 0", ipCounters),
      PlaceSchema(.icmp, "the same of ICMP", icmpCounters),
      PlaceSchema(.igmp, "the same of IGMP", igmpCounters),
      .event(.drop, "the stack dropped a packet"),
    ])

  static let arp = KindSchema(
    word: .arp, parents: [.host], isNamed: false,
    fields: [
      seconds(
        .lifetime, 1200, "net.link.ether.inet.max_age", "how long an answer is good"),
      seconds(
        .prune, 300, "net.link.ether.inet.prune_intvl", "time between looks for what has expired"),
      seconds(
        .down, 20, "net.link.ether.inet.host_down_time",
        "how long who does not answer is not asked"),
      FieldSchema(
        .tries, .count, standard: .count(5), live: true, range: 1...1000,
        origin: Original("net.link.ether.inet.maxtries", 5, .counted("requests")),
        "requests, a second apart, before that"),
      FieldSchema(
        .hold, .count, standard: .count(1), live: true, range: 1...10_000, origin: "la_hold",
        "packets that may wait for one answer; the oldest makes room"),
      FieldSchema(
        .holdTimeout, .time, .never, standard: .nanoseconds(0), live: true, range: 0...century,
        "how long one waits at most; 0s, `none`: for ever"),
      flag(
        .freesHeld, true, "arptfree",
        "an entry that has expired, and that no connection uses, frees what it holds"),
      flag(
        .proxyall, false, Original("net.link.ether.inet.proxyall", 0, .flag),
        "requests for whoever is reached over another interface are answered"),
      FieldSchema(
        .publish, .node([.lan, .link, .host]), .network, standard: .derived, live: true,
        origin: "arp -s … pub",
        "a medium, a host, or `\"10.0.2.0/24\"`, that this host answers for; unset: nobody"),
    ],
    places: [
      PlaceSchema(
        .queue, "arpintrq", fields: [lengthLimit("arpintrq.ifq_maxlen")],
        [PlaceSchema(.len, "packets in it"), PlaceSchema(.drops, "packets that found it full")]),
      PlaceSchema(.pending, "neighbours that have been asked for and have not answered"),
      PlaceSchema(
        .stats, "counters since time 0",
        [
          PlaceSchema(.asked, "requests sent"), PlaceSchema(.answered, "replies sent"),
          PlaceSchema(.proxied, "those for somebody else"),
          PlaceSchema(.requests, "requests received"), PlaceSchema(.replies, "replies received"),
          PlaceSchema(.drops, "held packets given up"),
          PlaceSchema(.timeouts, "neighbours given up for a while"),
          PlaceSchema(.duplicates, "packets from somebody with this host's address"),
          PlaceSchema(.moved, "neighbours that changed their station"),
        ]),
    ])

  /// `route NAME { to = plant; via = gate }` in a host.
  static let route = KindSchema(
    word: .route, parents: [.host], isNamed: true,
    fields: [
      FieldSchema(
        .to, .node([.lan, .link, .host]), .network, standard: .derived,
        "a medium, a host, or `\"10.0.2.0/24\"`; unset: everywhere else"),
      FieldSchema(
        .via, .node([.host]), standard: .required,
        "the host that passes packets on; a medium in common with it"),
    ], places: [])
}
