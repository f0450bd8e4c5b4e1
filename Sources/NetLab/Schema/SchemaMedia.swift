// The tables of media: LANs and links.

extension Schema {
  private static let longest: Int64 = 1_000_000_000_000_000_000

  static let lan = KindSchema(
    word: .lan, parents: [.root], isNamed: true,
    fields: [
      rate,
      FieldSchema(
        .medium, .symbol([.shared, .switched]), standard: .symbol(.shared),
        "one frame at a time for all, or a cable to each host, full duplex, and a switch between "
          + "them that stores frames and forwards them"),
      FieldSchema(
        .learns, .bool, standard: .bool(true),
        "a switch sends frames everywhere until it has heard their receiver; false: it knows"),
    ] + road + [
      FieldSchema(
        .partition, .groups, standard: .derived, live: true,
        "hosts of one list hear each other, and none of another list; those in no list belong "
          + "together too; `[]`: all hear all"),
      fault,
    ],
    places: places + [
      PlaceSchema(
        .queue, "what waits in a switch",
        fields: [
          FieldSchema(
            .max, .count, standard: .count(64), range: 1...1_000_000,
            "frames that the output to one host holds; the next is lost")
        ],
        [
          PlaceSchema(.len, "frames at all outputs"),
          PlaceSchema(.drops, "frames that found an output's queue full"),
          PlaceSchema(.peak, "the most at one output so far"),
        ])
    ])

  static let link = KindSchema(
    word: .link, parents: [.root], isNamed: true, fields: [rate] + road + [fault],
    places: places)

  private static let rate = FieldSchema(
    .rate, .rate, standard: .required, range: 1...1_000_000_000_000, "bits a second")

  /// What both have: how long a frame takes, and whether it gets there.
  private static let road = [
    FieldSchema(
      .delay, .time, standard: .nanoseconds(0), range: 0...longest, "propagation to every station"),
    FieldSchema(
      .jitter, .time, standard: .nanoseconds(0), range: 0...longest,
      "each frame takes up to so much longer, evenly spread"),
    FieldSchema(
      .ordered, .bool, standard: .bool(true),
      "frames of one sender do not overtake each other for jitter"),
    FieldSchema(
      .up, .bool, standard: .bool(true), live: true,
      "false: what is put on it is lost, and so is what is on its way; nobody is told"),
  ]

  private static let places = [
    PlaceSchema(
      .util, "share of the time that the medium, or a switch's busiest output, was busy",
      is: .share),
    PlaceSchema(.frames, "frames put on it"), PlaceSchema(.octets, "octets put on it", is: .data),
    .event(.frame, "a frame was put on the medium"), .event(.lost, "a frame got lost on it"),
  ]
}
