// A picture that is drawn again where it stands, for as long as nothing else is written.

struct LivePicture {
  /// A person sees no more.
  private static let shortest = Duration.milliseconds(100)

  private var rows = 0
  private var last: ContinuousClock.Instant?

  var isShown: Bool { rows > 0 }

  /// Draws it when it is time to; it is composed only then.
  mutating func update(_ terminal: Terminal, _ draw: () -> [String]) {
    let now = ContinuousClock.now
    if let last, now - last < Self.shortest { return }
    last = now
    let lines = draw().prefix(max(terminal.rows - 1, 1))
    var text = upwards
    // One column stays free: some terminals wrap when the last one is filled.
    for line in lines { text += line.prefix(max(terminal.columns - 1, 0)) + "\u{1B}[K\n" }
    if lines.count < rows { text += "\u{1B}[J" }
    rows = lines.count
    terminal.write(text, to: .output)
  }

  /// Takes it off the screen; before everything else that is written.
  mutating func clear(_ terminal: Terminal) {
    if rows > 0 { terminal.write(upwards + "\u{1B}[J", to: .output) }
    (rows, last) = (0, nil)
  }

  private var upwards: String { rows > 0 ? "\u{1B}[\(rows)A\r" : "" }
}

extension Prompt {
  func see(_ draw: () -> [String]) {
    guard isTyped, record == nil, output.isTerminal, terminal.movesCursor else { return }
    endPage()
    progress.clear()
    picture.update(terminal, draw)
  }
}
