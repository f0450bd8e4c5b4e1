// The tables themselves. A host without a preset is a peer: the same stack, ample pools, no CPU
// cost; what stock RTEMS or BSD have instead stands in std/presets.

extension Schema {
  private static let never: Int64 = 1_000_000_000_000_000_000

  static let host = KindSchema(
    word: .host, parents: [.root], isNamed: true,
    fields: [
      FieldSchema(
        .stack, .symbol([.bsd, .nothing]), standard: .symbol(.bsd),
        "`.none`: a station whose tasks send frames themselves"),
      FieldSchema(
        .tick, .time, standard: .nanoseconds(10_000_000), range: 1_000...10_000_000_000,
        // confdefs.h
        origin: Original("CONFIGURE_MICROSECONDS_PER_TICK", 10_000, .microseconds),
        "the clock tick: sleeps and polls are counted in it"
      ),
      FieldSchema(
        .ticks, .symbol([.needed, .all]), standard: .symbol(.needed),
        "`.all`: each runs as in RTEMS 4.6. Timers of one tick fire in the order of "
          + "watchdoginsert.c; a task that polls may look long after its tick, and find what was "
          + "freed meanwhile; the protocols' beats wake `ntwk` though they have nothing to do, and "
          + "drift by as much as it is late"),
      FieldSchema(
        .timeslice, .time, standard: .nanoseconds(0), range: 0...1_000_000_000_000,
        origin: "RTEMS_TIMESLICE, CONFIGURE_TICKS_PER_TIMESLICE",
        "whole ticks after which tasks of one priority change; 0s: they run to block"),
      FieldSchema(
        .exitCloses, .bool, standard: .bool(false),
        "a task that ends closes its sockets; else they stay with it, as under RTEMS"),
    ],
    places: [.event(.console, "a line that the stack prints")])

  private static func cost(_ word: Word, _ meaning: String) -> FieldSchema {
    FieldSchema(word, .time, standard: .nanoseconds(0), range: 0...1_000_000_000_000, meaning)
  }

  static let cpu = KindSchema(
    word: .cpu, parents: [.host], isNamed: false,
    fields: [
      FieldSchema(
        .factor, .factor, standard: .count(1000), range: 0...1_000_000_000,
        "all figures are multiplied by it"),
      cost(.switchCost, "a change from one task to another"),
      cost(.interrupt, "an interrupt"), cost(.rx, "the driver, per received frame"),
      cost(.ip, "ether_input, and again ip_input"), cost(.tcpIn, "tcp_input"),
      cost(.tcpOut, "tcp_output, per segment built"), cost(.udp, "udp_input"),
      cost(.syscall, "a system call"),
      FieldSchema(
        .copy, .rate, standard: .derived, range: 8_000...1_000_000_000_000_000,
        "copying and summing; unset: free"),
    ],
    places: [
      PlaceSchema(.idle, "share of the time so far in which no task had it", is: .share),
      PlaceSchema(
        .drift, "how far the protocols' beats have moved, where they do: `ticks`", is: .time),
      .event(.run, "a task got the CPU"),
      .event(.tick, "a clock tick at which the host had something to do"),
    ])

  private static let classPlaces = [
    PlaceSchema(.total, "buffers of the class"), PlaceSchema(.free, "unused now"),
    PlaceSchema(.used, "in use now"), PlaceSchema(.peak, "most in use so far"),
    PlaceSchema(.waiters, "tasks that wait for one"),
    PlaceSchema(.denied, "requests refused (m_drops)"),
    PlaceSchema(.waits, "times that a task had to wait (m_wait)"),
    PlaceSchema(.held, "buffers of the class by who holds them", indexed: true),
  ]

  static let heldWords: [Word] = [
    .ring, .ipq, .arpq, .arphold, .ifq, .txring, .sndbuf, .rcvbuf, .reass, .hand, .leaked,
  ]

  private static let allocator = FieldSchema(
    .allocator, .allocator, standard: .derived, live: true, "who may have a cluster next")
  private static let classFields = [fault, allocator]

  static let pool = KindSchema(
    word: .pool, parents: [.host], isNamed: false,
    fields: [
      // rtems/rtems_glue.c; 64 KiB are 512 mbufs, 128 KiB are 64 clusters.
      FieldSchema(
        .mbufs, .count, .data, standard: .count(4096), range: 1...1_000_000,
        origin: Original("mbuf_bytecount", 65_536, .bytes),
        "mbufs of 128 octets: how many, or how much memory"),
      FieldSchema(
        .clusters, .count, .data, standard: .count(1024), range: 1...1_000_000,
        origin: Original("mbuf_cluster_bytecount", 131_072, .bytes),
        "clusters of 2 KiB: how many, or how much memory"),
      allocator,
      FieldSchema(
        .waiting, .symbol([.poll, .fifo, .priority, .event, .spin]), standard: .symbol(.poll),
        "how a waiter learns of a free buffer: it looks at each tick, or a release wakes the one "
          + "that waits longest, the most urgent, or the policy's choice; `.spin`: it keeps the "
          + "CPU and looks again and again, and less urgent tasks get nothing"),
      FieldSchema(
        .poll, .time, standard: .nanoseconds(10_000_000), range: 0...never,
        origin: Original("rtems_task_wake_after", 1, .ticks),
        "how long a waiter that polls sleeps before it looks again, in whole ticks; unset: one"),
      FieldSchema(
        .complains, .time, standard: .nanoseconds(30_000_000_000), range: 1_000_000...never,
        origin: Original("30 * ticks_per_second", 3000, .ticks),
        "how often it complains on the console, where it polls at each tick"),
      FieldSchema(
        .waitTimeout, .time, standard: .derived, range: 0...never, origin: "kern.ipc.mbuf_wait",
        "how long a request may wait before it fails: a write then takes an mbuf where there is no "
          + "cluster, and ends with `ENOBUFS` where there is no mbuf; unset: for ever"),
      fault, wake,
      FieldSchema(
        .release, .fault, standard: .derived, live: true,
        "what becomes of a buffer that is given back: `.free`, or `.leak`"),
    ],
    places: [
      PlaceSchema(.clusters, "the class of clusters", fields: classFields, classPlaces),
      PlaceSchema(.mbufs, "the class of mbufs", fields: classFields, classPlaces),
      PlaceSchema(.bytes, "memory of both classes", is: .data),
      PlaceSchema(.freeBytes, "what of it is unused", is: .data),
      PlaceSchema(.held, "clusters by who holds them", indexed: true),
      PlaceSchema(
        .cluster, "one cluster", indexed: true,
        [
          PlaceSchema(.holder, "where it is: a word of `held`, `none` when free", is: .symbol),
          PlaceSchema(.refs, "references to it"),
          PlaceSchema(.age, "how long it has been there", is: .time),
        ]),
      .event(.alloc, "a buffer was handed out (the same as `grant`)"),
      .event(.free, "a buffer came back"), .event(.wait, "a task began to wait for a buffer"),
      .event(.grant, "a cluster was handed out"), .event(.deny, "a request was refused"),
      .event(.exhausted, "the last buffer went"),
    ])

  /// `pool NAME` in a host, and `class NAME` in its own pool: equal buffers that scripts take and
  /// free; or, with `serves`, that the stack takes.
  /// Those that this stack can take a buffer of a further pool for.
  static let servedUses: [Word] = [.socket, .rx, .tx, .frame, .reass, .arp]
  private static let uses: FixedList<Word> = [.socket, .rx, .tx, .frame, .reass, .arp, .app]

  private static let wake = FieldSchema(
    .wake, .fault, standard: .derived, live: true,
    "what becomes of the wake-up that a release gives a waiter: `.pass`, or `.lose`, and nobody is "
      + "woken for that buffer any more")

  static let furtherPool = KindSchema(
    word: .bufferClass, parents: [.host, .root], isNamed: true,
    fields: [
      FieldSchema(.host, .node([.host]), standard: .derived, "whose tasks use it"),
      FieldSchema(
        .count, .count, standard: .required, range: 1...65_536, "how many buffers it has"),
      FieldSchema(
        .size, .data, standard: .octets(0), range: 0...1_073_741_824, "octets of one buffer"),
      FieldSchema(
        .allocator, .allocator, standard: .derived, live: true, "who may have a buffer next"),
      FieldSchema(
        .serves, .symbols(uses), standard: .derived,
        "what the stack takes a buffer of it for, in place of the tasks: each `.socket`; each "
          + "packet received (`.rx`, until it is freed) or to be sent (`.tx`); each that is held "
          + "for `.arp` or waits in `.reass`; when there is none the request fails or the packet "
          + "is dropped. `.frame`: its buffers lie in the receive rings of the host's nics, in "
          + "place of clusters"),
      FieldSchema(
        .waiting, .symbol([.fifo, .priority, .event]), standard: .symbol(.fifo),
        "whom a release hands its buffer: who waits longest, the most urgent, the policy's choice"
      ),
      fault, wake,
    ],
    places: classPlaces.filter { $0.word != .held } + [
      PlaceSchema(.bytes, "memory of all its buffers", is: .data),
      PlaceSchema(.freeBytes, "what of it is unused", is: .data),
      .event(.alloc, "a buffer was handed out (the same as `grant`)"),
      .event(.grant, "a buffer was handed out"), .event(.free, "a buffer came back"),
      .event(.wait, "a task began to wait for a buffer"),
      .event(.deny, "a request was refused, or gave up"),
      .event(.exhausted, "the last buffer went"),
    ],
    methods: [.alloc])
}
