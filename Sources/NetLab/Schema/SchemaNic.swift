// The table of interfaces: their rings, their driver, their hardware.

extension Schema {
  static let nic = KindSchema(
    word: .nic, parents: [.host], isNamed: true,
    fields: [
      FieldSchema(.lan, .node([.lan, .link]), standard: .derived, "what it is plugged into"),
      FieldSchema(.up, .bool, standard: .bool(true), live: true, "plugged in"),
      // The MPC860 drivers' network.c, eth_comm and mbx8xx: RX_BUF_COUNT, and TX_BUF_COUNT 8 times
      // TX_BD_PER_BUF 4.
      FieldSchema(
        .rxRing, .count, standard: .count(32), range: 1...4096,
        origin: Original("rbuf_count", 32, .counted("descriptors")),
        "receive descriptors; each pins a cluster from boot"),
      FieldSchema(
        .txRing, .count, standard: .count(32), range: 1...4096,
        origin: Original("xbuf_count", 32, .counted("descriptors")),
        "transmit descriptors; one for each mbuf of a frame"),
      FieldSchema(
        .refill, .symbol([.wait, .reuse, .retry, .abandon]), standard: .symbol(.wait), live: true,
        "without a new cluster the receive task waits for one, drops the frame and reuses its "
          + "buffer, leaves the descriptor empty for now, or returns and leaves the frame there"),
      FieldSchema(
        .refillOrder, .symbol([.after, .before]), standard: .symbol(.after), live: true,
        "`.wait` and `.retry` ask for the new cluster after the frame went up, or before, when it "
          + "stays in the ring meanwhile; the others and copying drivers always ask before"),
      FieldSchema(
        .copybreak, .data, standard: .octets(0), live: true, range: 0...100,
        "frames up to this long are copied into an mbuf, which holds 100B"),
      FieldSchema(
        .zeroCopy, .bool, standard: .bool(true),
        "false: the rings are memory of the driver's own and pin no cluster; each frame is "
          + "copied, a received one when its cluster has been had"),
      FieldSchema(
        .refillFrom, .anySymbols, standard: .derived,
        "size classes of the pool that the receive ring is filled from, in the order in which they "
          + "are tried; one that has none is left alone until the next tick; unset: `.clusters`"),
      FieldSchema(
        .refillCost, .time, standard: .nanoseconds(0), range: 0...1_000_000_000_000,
        "CPU time of each search for a buffer for the receive ring"),
      FieldSchema(
        .irq, .symbol([.level, .edge]), standard: .symbol(.level), live: true,
        "`.edge`: an interrupt that comes while the receive task is at work is lost"),
      FieldSchema(
        .mode, .symbol([.interrupt, .poll]), standard: .symbol(.interrupt), live: true,
        "`.poll`: nothing interrupts; the receive task looks at each tick, and whenever nobody "
          + "else wants the CPU"),
      FieldSchema(
        .quota, .count, standard: .count(5), live: true, range: 1...4096,
        "frames that it takes at most at each look, where it polls"),
      FieldSchema(
        .onEmpty, .symbol([.run, .suspend]), standard: .symbol(.run), live: true,
        "hardware that meets no empty descriptor loses the frame; or stops besides, until it is "
          + "told to go on"),
      FieldSchema(
        .kick, .bool, standard: .bool(true), live: true,
        "the driver tells hardware that has stopped to go on, with each buffer that it posts"),
      FieldSchema(
        .mtu, .count, .data, standard: .count(1500), range: 72...9000,
        origin: Original("mtu", 1500, .bytes),
        "octets of the longest IP packet; above 1500 the ring needs buffers as long "
          + "(`refill_from`), or `scatter`"),
      FieldSchema(
        .scatter, .bool, standard: .bool(false), live: true,
        "a received frame longer than a buffer goes on in the next descriptor's; false: it is an "
          + "error"),
      FieldSchema(
        .crc, .bool, standard: .bool(false), live: true,
        "frames damaged on the medium (`.corrupt` of its fault point) fail their CRC, and the "
          + "hardware drops them; false: they come in, as if damaged behind that check"),
      FieldSchema(
        .ignoreBroadcast, .bool, standard: .bool(false), live: true,
        origin: Original("ignore_broadcast", 0, .flag), "the hardware takes no broadcasts in"),
      FieldSchema(
        .answersARP, .bool, standard: .bool(true), live: true,
        "requests for its address are answered"),
    ],
    places: [
      PlaceSchema(
        .rx, "the receive ring", fields: [fault],
        [
          PlaceSchema(.posted, "descriptors with a buffer: filled ones, and those to be filled"),
          PlaceSchema(.filled, "frames that the driver has not yet taken"),
          PlaceSchema(.frames, "frames received"),
          PlaceSchema(.overruns, "frames missed: lost for want of a descriptor"),
          PlaceSchema(.crcErrors, "frames that came damaged, and were dropped (`crc = true`)"),
          PlaceSchema(.tooLong, "frames longer than the MTU has it, or than their buffer"),
          PlaceSchema(.refillWaits, "times that the driver had to wait for a cluster"),
          PlaceSchema(.refillDrops, "frames dropped for want of a cluster"),
          PlaceSchema(.filtered, "broadcasts that the hardware did not take in"),
          PlaceSchema(.suspensions, "times that the hardware stopped (`on_empty = .suspend`)"),
          PlaceSchema(
            .state, "`.suspended` while the hardware has no descriptor to fill", is: .symbol),
        ]),
      PlaceSchema(
        .tx, "the transmit ring",
        fields: [fault, onFail, credits, reap, onFull, queueLimit],
        [
          PlaceSchema(.queued, "frames in if_snd"), PlaceSchema(.pinned, "descriptors in use"),
          PlaceSchema(.frames, "frames sent"), PlaceSchema(.drops, "frames that found if_snd full"),
          PlaceSchema(
            .ringDrops, "frames that found no descriptors (`on_full = .drop`)"),
          PlaceSchema(.fails, "frames that the hardware refused"),
          PlaceSchema(
            .credits, "frames that may be at the hardware, where the driver counts them",
            [
              PlaceSchema(.total, "how many it began with"),
              PlaceSchema(.free, "how many more may go there now"),
            ]),
        ]),
      PlaceSchema(.address, "IPv4 address", is: .text),
      PlaceSchema(.mac, "Ethernet address", is: .text),
      .event(.frame, "a frame was received"), .event(.overrun, "a frame found no descriptor"),
      .event(.error, "a frame was damaged or too long"),
      .event(.refillWait, "the driver began to wait for a cluster"),
      .event(.drop, "the driver dropped a received frame"),
    ],
    methods: [.send, .recv])

  private static let onFail = FieldSchema(
    .onFail, .symbol([.release, .keep]), standard: .symbol(.release), live: true,
    "what the driver does with a frame that the hardware refuses: frees it, or forgets it, and "
      + "with it its buffers and its credit, or its descriptors")
  private static let credits = FieldSchema(
    .credits, .count, standard: .derived, range: 1...4096,
    "frames that may be at the hardware at a time; unset: as many as have descriptors")
  private static let queueLimit = FieldSchema(
    .max, .count, standard: .count(50), range: 1...4096,
    origin: Original("ifqmaxlen", 50, .counted("packets")),
    "packets that may wait for the transmit task")
  private static let reap = FieldSchema(
    .reap, .symbol([.lazy, .irq]), standard: .symbol(.lazy), live: true,
    "what was sent is freed with the next frame or when the ring is full; or each frame sent "
      + "interrupts, and is freed then")
  private static let onFull = FieldSchema(
    .onFull, .symbol([.wait, .drop]), standard: .symbol(.wait), live: true,
    "the transmit task waits for descriptors, or drops the frame")
}
