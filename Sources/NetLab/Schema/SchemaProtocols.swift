// The tables of the protocols, of tasks and of locks.

extension Schema {
  static let century: Int64 = 3_153_600_000_000_000_000

  private static func ticks(
    _ word: Word, _ nanoseconds: Int64, _ name: String, _ ticks: Int64, _ meaning: String
  ) -> FieldSchema {
    FieldSchema(
      word, .time, standard: .nanoseconds(nanoseconds), live: true,
      range: 500_000_000...century, origin: Original(name, ticks, .slowTicks), meaning)
  }

  static func buffer(_ word: Word, _ octets: Int64, _ name: String) -> FieldSchema {
    FieldSchema(
      word, .data, standard: .octets(octets), live: true, range: 1...16_777_216,
      origin: Original(name, octets, .bytes),
      word == .sndbuf ? "size of new sockets' send buffers" : "size of new sockets' receive buffers"
    )
  }

  static func flag(
    _ word: Word, _ standard: Bool, _ origin: Original, _ meaning: String
  ) -> FieldSchema {
    FieldSchema(word, .bool, standard: .bool(standard), live: true, origin: origin, meaning)
  }

  static let tcp = KindSchema(
    word: .tcp, parents: [.host], isNamed: false,
    fields: [
      // netinet/tcp_timer.c: the four of keepalive, and its switch.
      ticks(
        .keepidle, 7_200_000_000_000, "net.inet.tcp.keepidle", 14_400,
        "time before the first probe"),
      ticks(.keepintvl, 75_000_000_000, "net.inet.tcp.keepintvl", 150, "time between probes"),
      FieldSchema(
        .keepcnt, .count, standard: .count(8), live: true, range: 1...1000,
        origin: Original("tcp_keepcnt", 8, .counted("probes")),
        "unanswered probes before the drop"),
      flag(
        .alwaysKeepalive, false, Original("net.inet.tcp.always_keepalive", 0, .flag),
        "probes on every connection"),
      flag(.dropFrees, false, .none, "tcp_drop empties both socket buffers"),
      flag(.sendFrees, false, .none, "tcp_usr_send frees what it is given when the pcb is gone"),
      // netinet/tcp_usrreq.c; rounded up to a multiple of the mss when the peer's SYN is there.
      buffer(.sndbuf, 16384, "net.inet.tcp.sendspace"),
      buffer(.rcvbuf, 16384, "net.inet.tcp.recvspace"),
      // netinet/tcp_subr.c; RTEMS compiles the sysctl out.
      flag(
        .rfc1323, true, Original("net.inet.tcp.rfc1323", 1, .flag),
        "window scaling and timestamps are offered"),
      // netinet/tcp_timer.h.
      FieldSchema(
        .rtoMin, .time, standard: .nanoseconds(1_000_000_000), live: true,
        range: 1_000_000...century, origin: Original("TCPTV_MIN", 2, .slowTicks),
        "the least retransmission timeout"),
    ] + tcpRecovery + tcpHandshake + tcpTimes + tcpBuffers,
    places: [
      PlaceSchema(.maxidle, "how long probes go unanswered: keepcnt * keepintvl", is: .time),
      tcpReassembly, tcpTimers,
      PlaceSchema(
        .conn, "live connections, oldest first", indexed: true,
        [
          PlaceSchema(.state, "as the RFC names it, in small letters", is: .symbol),
          PlaceSchema(.peer, "the host at the other end, or its address", is: .node),
          PlaceSchema(.cwnd, "congestion window", is: .data),
          PlaceSchema(.ssthresh, "where slow start ends", is: .data),
          PlaceSchema(.rto, "retransmission timeout now", is: .time),
          PlaceSchema(.rxtshift, "retransmissions in a row"),
          PlaceSchema(.idle, "time since a segment came", is: .time),
          PlaceSchema(.error, "so_error, until a call takes it", is: .symbol),
          PlaceSchema(.mss, "octets of a full segment", is: .data),
          PlaceSchema(.owner, "the task that opened the socket", is: .node),
          PlaceSchema(
            .snd, "the send buffer and window",
            [
              PlaceSchema(.cc, "octets in it", is: .data), PlaceSchema(.clusters, "clusters in it"),
              PlaceSchema(.una, "the oldest octet without acknowledgment"),
              PlaceSchema(.nxt, "the next octet to send"),
              PlaceSchema(.wnd, "the window that the peer offers", is: .data),
            ]),
          PlaceSchema(
            .rcv, "the receive buffer and window",
            [
              PlaceSchema(.cc, "octets in it", is: .data), PlaceSchema(.clusters, "clusters in it"),
              PlaceSchema(.wnd, "the window offered to the peer", is: .data),
              PlaceSchema(.reass, "segments that wait for a gap to fill"),
            ]),
          PlaceSchema(.queue, "of a listener: connections that wait for `accept`"),
          PlaceSchema(.pending, "of a listener: connections in their handshake"),
          PlaceSchema(.phase, "`.slow_start .avoidance .recovery`", is: .symbol),
          PlaceSchema(
            .timer, "when each timer is due; `none`: not armed",
            [
              PlaceSchema(.rexmt, "retransmission", is: .time),
              PlaceSchema(.persist, "window probe", is: .time),
              PlaceSchema(.keep, "keepalive, or an unfinished handshake", is: .time),
              PlaceSchema(.msl2, "the end of TIME_WAIT, or of FIN_WAIT_2", is: .time),
              PlaceSchema(.delack, "an ACK that waits, where `delack` is a time", is: .time),
            ]),
        ]),
      PlaceSchema(
        .stats, "counters since time 0",
        [
          PlaceSchema(.received, "segments"), PlaceSchema(.sent, "segments"),
          PlaceSchema(.badChecksums, "segments dropped for their checksum"),
          PlaceSchema(.retransmits, "segments sent again"),
          PlaceSchema(.timeouts, "retransmission timeouts"),
          PlaceSchema(.drops, "connections given up"),
          PlaceSchema(.duplicates, "segments that held nothing new"),
          PlaceSchema(.outOfOrder, "segments beyond a gap"),
          PlaceSchema(.listenDrops, "SYNs that found a listener's queue full"),
          PlaceSchema(.mtuResent, "times that a smaller path MTU made TCP send again"),
        ] + tcpRecoveryCounts),
      .event(.incoming, "a segment for a connection arrived"), .event(.out, "a segment was sent"),
      .event(.ack, "an acknowledgment freed octets of a send buffer"),
      .event(.rexmt, "a retransmission timeout sent a segment again"),
      .event(.persist, "a window probe was sent"),
      .event(.probe, "a keepalive probe was sent"), .event(.drop, "a connection was given up"),
      .event(.state, "a connection changed its state"),
    ])

  static let sock = KindSchema(
    word: .sock, parents: [.host], isNamed: false,
    fields: [
      // kern/uipc_socket2.c, all of them; `sb_efficiency` is 2 since 2008.
      FieldSchema(
        .efficiency, .count, standard: .count(8), live: true, range: 1...1000,
        origin: Original("kern.sockbuf_waste_factor", 8, .factor),
        "octets of storage for each octet of buffer"),
      FieldSchema(
        .max, .data, standard: .octets(262_144), live: true, range: 1...1_073_741_824,
        origin: Original("kern.maxsockbuf", 262_144, .bytes), "the largest socket buffer"),
      FieldSchema(
        .backlogMax, .count, standard: .count(128), live: true, range: 0...100_000,
        origin: Original("kern.somaxconn", 128, .counted("connections")),
        "the longest queue of connections that `listen` grants"),
      FieldSchema(
        .sndlowat, .data, standard: .octets(2048), live: true, range: 1...1_048_576,
        origin: Original("SO_SNDLOWAT", 2048, .bytes), "room for which a write sleeps, at first"),
      // RTEMS set SB_WAIT on the other buffer until 2005 (PR 772).
      flag(.selectWrite, true, .none, "room in a send buffer wakes a `select` for writing"),
      flag(.wakesOnClose, false, .none, "close wakes whoever sleeps on the socket (RTEMS, 2015)"),
      // m_uiotombuf, and m_getm2 behind it: MJUMPAGESIZE for more than MCLBYTES, with M_WAITOK.
      FieldSchema(
        .sendFrom, .anySymbol, standard: .derived,
        "the size class of the pool that a write takes a buffer of for more than 2 KiB, and waits "
          + "for; unset: `.clusters`"),
    ],
    places: [
      .event(.append, "data entered a receive buffer"),
      .event(.full, "a datagram found the receive buffer full"),
      .event(.wake, "a socket woke its task"), .event(.error, "so_error was set"),
    ])

  static let task = KindSchema(
    word: .task, parents: [.host, .root], isNamed: true,
    fields: [
      FieldSchema(.host, .node([.host]), standard: .derived, "where it runs"),
      FieldSchema(
        .priority, .count, standard: .count(100), range: 1...255,
        // rtems/rtems_glue.c: of the network's own tasks.
        origin: Original("network_task_priority", 100, .priority), "the lower, the more urgent"),
      FieldSchema(.role, .anySymbol, standard: .derived, "what policies see in `r.who`"),
      FieldSchema(
        .starts, .time, standard: .nanoseconds(0), range: 0...century, "when `main` is called"),
      FieldSchema(.active, .bool, standard: .bool(true), live: true, "false: not started"),
      FieldSchema(
        .cost, .time, standard: .nanoseconds(0), live: true, range: 0...century,
        "CPU time before each call"),
      FieldSchema(
        .timeslice, .time, standard: .derived, range: 0...1_000_000_000_000,
        "as its host's, for this task alone"),
    ],
    places: [
      PlaceSchema(.state, "`.dormant .ready .running .locked .waiting .sleeping`", is: .symbol),
      PlaceSchema(.waitingFor, "what it is blocked on", is: .node),
      PlaceSchema(.blockedFor, "how long it has been", is: .time),
      PlaceSchema(.cpu, "CPU time used", is: .time),
      PlaceSchema(
        .interrupted, "what interrupts took while it had the CPU, which RTEMS counts as its own",
        is: .time),
      .event(.block, "it began to wait"), .event(.wake, "its wait ended"),
      .event(.run, "it got the CPU"), .event(.error, "a call of its ended in an error"),
    ],
    methods: [.start, .stop])

  static let lock = KindSchema(
    word: .lock, parents: [.host, .root], isNamed: true,
    fields: [
      FieldSchema(.host, .node([.host]), standard: .derived, "whose tasks take it"),
      FieldSchema(
        .inherit, .bool, standard: .bool(true),
        "its owner runs at its most urgent waiter's priority"),
      FieldSchema(
        .unnest, .bool, standard: .bool(false),
        "of a host's `network`: a task that has taken it gives up all of it while it waits in the "
          + "kernel, as in RTEMS from 2012 on; false: one level, and the stack stands still"),
      fault,
    ],
    places: [
      PlaceSchema(.owner, "the task that has it", is: .node),
      PlaceSchema(.queue, "the tasks that wait for it, the next owner first", is: .list),
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
      FieldSchema(
        .takers, .nodes([.task]), standard: .derived,
        "who takes from it, for `wedged`: while nobody is known to, whether room is made is not "
          + "known, either"),
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

  static let drill = KindSchema(
    word: .drill, parents: [.root], isNamed: true,
    fields: [
      FieldSchema(
        .file, .file, standard: .required, "a packetdrill script below the script's folder"),
      FieldSchema(.host, .node([.host]), standard: .derived, "whose stack is under test"),
      FieldSchema(.lan, .node([.lan, .link]), standard: .derived, "where its packets come from"),
      FieldSchema(
        .strictness, .symbol([.strict, .synOptions, .options, .window]),
        standard: .symbol(.strict),
        "what is compared: all, all but options of SYNs, no options, nor windows"),
      FieldSchema(
        .trailing, .bool, standard: .bool(true),
        "packets that no line expects may come at the end"),
      FieldSchema(
        .defines, .anySymbols, standard: .rule("[.FreeBSD]"), "what `#ifdef` finds defined"),
    ] + instanceFields,
    places: [
      PlaceSchema(.passed, "all of it has come true", is: .symbol),
      PlaceSchema(.finished, "it passed, or failed, or asks for what is not there", is: .symbol),
      PlaceSchema(.line, "of the event that is next, or that failed"),
      PlaceSchema(.reason, "why it has not passed", is: .text),
    ])

  /// Fields that an instance of a script's kind has beside its parameters.
  static let instanceFields: [FieldSchema] = [
    FieldSchema(
      .starts, .time, standard: .nanoseconds(0), range: 0...century, "when its tasks begin"),
    FieldSchema(.active, .bool, standard: .bool(true), live: true, "whether its tasks run"),
  ]
}
