// The tables of the protocols, of tasks and of locks.

extension Schema {
  private static let century: Int64 = 3_153_600_000_000_000_000

  private static func ticks(
    _ word: Word, _ nanoseconds: Int64, _ origin: String, _ meaning: String
  ) -> FieldSchema {
    FieldSchema(
      word, .time, standard: .nanoseconds(nanoseconds), live: true,
      range: 500_000_000...century, origin: origin, meaning)
  }

  private static func buffer(_ word: Word, _ octets: Int64, _ origin: String) -> FieldSchema {
    FieldSchema(
      word, .data, standard: .octets(octets), live: true, range: 1...16_777_216, origin: origin,
      word == .sndbuf ? "size of new sockets' send buffers" : "size of new sockets' receive buffers"
    )
  }

  private static func flag(
    _ word: Word, _ standard: Bool, _ origin: String, _ meaning: String
  ) -> FieldSchema {
    FieldSchema(word, .bool, standard: .bool(standard), live: true, origin: origin, meaning)
  }

  static let tcp = KindSchema(
    word: .tcp, parents: [.host], isNamed: false,
    fields: [
      ticks(
        .keepidle, 7_200_000_000_000, "net.inet.tcp.keepidle", "time before the first probe"),
      ticks(.keepintvl, 75_000_000_000, "net.inet.tcp.keepintvl", "time between probes"),
      FieldSchema(
        .keepcnt, .count, standard: .count(8), live: true, range: 1...1000, origin: "tcp_keepcnt",
        "unanswered probes before the drop"),
      flag(
        .alwaysKeepalive, false, "net.inet.tcp.always_keepalive", "probes on every connection"),
      flag(.dropFrees, false, "", "tcp_drop empties both socket buffers"),
      flag(.sendFrees, false, "", "tcp_usr_send frees what it is given when the pcb is gone"),
      buffer(.sndbuf, 16384, "net.inet.tcp.sendspace"),
      buffer(.rcvbuf, 16384, "net.inet.tcp.recvspace"),
      flag(.rfc1323, true, "net.inet.tcp.rfc1323", "window scaling and timestamps are offered"),
      ticks(.rtoMin, 1_000_000_000, "TCPTV_MIN", "the least retransmission timeout"),
    ],
    places: [
      PlaceSchema(
        .conn, "live connections, oldest first", indexed: true,
        [
          PlaceSchema(.state), PlaceSchema(.peer), PlaceSchema(.cwnd), PlaceSchema(.ssthresh),
          PlaceSchema(.rto), PlaceSchema(.rxtshift), PlaceSchema(.idle), PlaceSchema(.error),
          PlaceSchema(.mss), PlaceSchema(.owner),
          PlaceSchema(
            .snd, "",
            [
              PlaceSchema(.cc), PlaceSchema(.clusters), PlaceSchema(.una), PlaceSchema(.nxt),
              PlaceSchema(.wnd),
            ]),
          PlaceSchema(
            .rcv, "", [PlaceSchema(.cc), PlaceSchema(.clusters), PlaceSchema(.wnd)]),
          PlaceSchema(
            .timer, "",
            [
              PlaceSchema(.rexmt), PlaceSchema(.persist), PlaceSchema(.keep), PlaceSchema(.msl2),
            ]),
        ]),
      PlaceSchema(
        .stats, "",
        [
          PlaceSchema(.received), PlaceSchema(.sent), PlaceSchema(.badChecksums),
          PlaceSchema(.retransmits), PlaceSchema(.timeouts), PlaceSchema(.drops),
          PlaceSchema(.duplicates), PlaceSchema(.outOfOrder),
        ]),
      .event(.incoming), .event(.out), .event(.ack), .event(.rexmt), .event(.persist),
      .event(.probe), .event(.drop), .event(.state),
    ])

  static let udp = KindSchema(
    word: .udp, parents: [.host], isNamed: false,
    fields: [
      buffer(.rcvbuf, 41600, "net.inet.udp.recvspace"),
      buffer(.sndbuf, 9216, "net.inet.udp.maxdgram"),
    ],
    places: [
      PlaceSchema(
        .sock, "the socket bound to a port", indexed: true,
        [
          PlaceSchema(.cc), PlaceSchema(.clusters),
          PlaceSchema(.fullDrops, "datagrams that found it full"),
        ]),
      PlaceSchema(
        .stats, "",
        [
          PlaceSchema(.received), PlaceSchema(.badChecksums), PlaceSchema(.noPort),
          PlaceSchema(.fullDrops),
        ]),
    ])

  static let sock = KindSchema(
    word: .sock, parents: [.host], isNamed: false,
    fields: [
      FieldSchema(
        .efficiency, .count, standard: .count(8), live: true, range: 1...1000,
        origin: "kern.sockbuf_waste_factor", "octets of storage for each octet of buffer"),
      FieldSchema(
        .max, .data, standard: .octets(262_144), live: true, range: 1...1_073_741_824,
        origin: "kern.maxsockbuf", "the largest socket buffer"),
    ],
    places: [.event(.append), .event(.full), .event(.wake), .event(.error)])

  static let ip = KindSchema(
    word: .ip, parents: [.host], isNamed: false, fields: [],
    places: [
      PlaceSchema(.queue, "ipintrq", [PlaceSchema(.len), PlaceSchema(.drops)]),
      PlaceSchema(.stats, "", [PlaceSchema(.received), PlaceSchema(.badChecksums)]),
      .event(.drop),
    ])

  static let arp = KindSchema(
    word: .arp, parents: [.host], isNamed: false, fields: [],
    places: [
      PlaceSchema(.queue, "arpintrq", [PlaceSchema(.len), PlaceSchema(.drops)]),
      PlaceSchema(.pending, "neighbours that have been asked for and have not answered"),
    ])

  static let task = KindSchema(
    word: .task, parents: [.host, .root], isNamed: true,
    fields: [
      FieldSchema(.host, .node([.host]), standard: .derived, "where it runs"),
      FieldSchema(
        .priority, .count, standard: .count(100), range: 1...255, "the lower, the more urgent"),
      FieldSchema(.role, .anySymbol, standard: .derived, "what policies see in `r.who`"),
      FieldSchema(
        .starts, .time, standard: .nanoseconds(0), range: 0...century, "when `main` is called"),
      FieldSchema(.active, .bool, standard: .bool(true), live: true, "false: not started"),
      FieldSchema(
        .cost, .time, standard: .nanoseconds(0), live: true, range: 0...century,
        "CPU time before each call"),
    ],
    places: [
      PlaceSchema(.state), PlaceSchema(.waitingFor), PlaceSchema(.blockedFor), PlaceSchema(.cpu),
      .event(.block), .event(.wake), .event(.run), .event(.error),
    ],
    methods: [.start, .stop])

  static let lock = KindSchema(
    word: .lock, parents: [.host, .root], isNamed: true,
    fields: [
      FieldSchema(.host, .node([.host]), standard: .derived, "whose tasks take it"),
      FieldSchema(
        .inherit, .bool, standard: .bool(true),
        "its owner runs at its most urgent waiter's priority"),
      fault,
    ],
    places: [
      PlaceSchema(.owner, "the task that has it"),
      PlaceSchema(.queue, "the tasks that wait for it, the next owner first"),
    ],
    methods: [.lock, .unlock])

  static let queue = KindSchema(
    word: .queue, parents: [.host, .root], isNamed: true,
    fields: [
      FieldSchema(.host, .node([.host]), standard: .derived, "whose tasks use it"),
      FieldSchema(
        .capacity, .count, standard: .required, range: 1...1_000_000, "the most items it holds"),
      FieldSchema(
        .full, .symbol([.wait, .dropNew, .dropOld]), standard: .symbol(.wait),
        "what becomes of an item for which there is no room"),
    ],
    places: [
      PlaceSchema(.len, "items in it"), PlaceSchema(.drops, "items lost for want of room"),
      PlaceSchema(.peak, "the most items so far"),
    ],
    methods: [.put, .get])

  static let replay = KindSchema(
    word: .replay, parents: [.root], isNamed: true,
    fields: [
      FieldSchema(
        .file, .file, standard: .required, "a pcap or pcapng file below the script's folder"),
      FieldSchema(.lan, .node([.lan, .link]), standard: .derived, "where its frames go"),
    ] + instanceFields,
    places: [
      PlaceSchema(.frames, "frames in the file"), PlaceSchema(.sent, "frames sent so far"),
      PlaceSchema(.drops, "frames for which the medium was too slow"),
    ],
    methods: [.start, .stop])

  /// Fields that an instance of a script's kind has beside its parameters.
  static let instanceFields: [FieldSchema] = [
    FieldSchema(
      .starts, .time, standard: .nanoseconds(0), range: 0...century, "when its tasks begin"),
    FieldSchema(.active, .bool, standard: .bool(true), live: true, "whether its tasks run"),
  ]
}
