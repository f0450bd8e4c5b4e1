// Writing to the two standard streams, with colours where a person watches.

import Foundation

/// The streams of this process and what suits them.
struct Terminal: Sendable {
  enum Stream: Int32, Sendable {
    case output = 1
    case error = 2
  }

  /// What a piece of text is, and thereby how it looks on a terminal.
  enum Style: String, Sendable {
    case bold = "1"
    case faint = "2"
    case bad = "1;31"
    case good = "32"
    case caution = "33"
    case note = "36"
  }

  /// `--color`; `auto` asks the terminal and the environment.
  var color: When
  /// `--progress`; `auto` asks the terminal and the environment.
  var progress: When

  init(color: When = .auto, progress: When = .auto) {
    self.color = color
    self.progress = progress
  }

  /// Writes text as it is. Text that cannot be delivered ends the process: a verdict that nobody
  /// received must not look like success.
  func write(_ text: String, to stream: Stream) {
    let handle: FileHandle = stream == .output ? .standardOutput : .standardError
    do {
      try handle.write(contentsOf: Data(text.utf8))
    } catch {
      if stream == .output {
        write("netsh: standard output cannot be written.\n", to: .error)
      }
      exit(ExitStatus.usage.rawValue)
    }
  }

  /// Prose for whoever sits there, beside the results: between words where a terminal shows it, and
  /// as it is for a log.
  func tell(_ prose: String) {
    write(isTerminal(.error) ? prose.folded(to: columns) : prose, to: .error)
  }

  /// The text in its style, when colours suit the stream.
  func styled(_ text: String, _ style: Style, on stream: Stream) -> String {
    usesColor(on: stream) ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// Whether colours suit a stream: https://no-color.org, and terminals that call themselves dumb.
  func usesColor(on stream: Stream) -> Bool {
    switch color {
    case .always: return true
    case .never: return false
    case .auto:
      let isUnwanted = !(Self.environment["NO_COLOR"] ?? "").isEmpty
      return isTerminal(stream) && !isUnwanted && !Self.isDumb
    }
  }

  /// Whether a progress line suits standard error.
  var showsProgress: Bool {
    switch progress {
    case .always: return true
    case .never: return false
    case .auto: return isTerminal(.error) && !Self.isDumb
    }
  }

  /// Whether a person may be watching.
  func isTerminal(_ stream: Stream) -> Bool {
    isatty(stream.rawValue) == 1
  }

  /// Whether what was written to standard output can be written over.
  var movesCursor: Bool { isTerminal(.output) && !Self.isDumb }

  /// Columns of the terminal on standard error; 80 when there is none.
  var columns: Int { size.ws_col > 0 ? Int(size.ws_col) : 80 }

  /// Rows of it; 24 when there is none.
  var rows: Int { size.ws_row > 0 ? Int(size.ws_row) : 24 }

  private var size: winsize {
    var size = winsize()
    return ioctl(Stream.error.rawValue, UInt(TIOCGWINSZ), &size) == 0 ? size : winsize()
  }

  private static var environment: [String: String] { ProcessInfo.processInfo.environment }
  private static var isDumb: Bool { environment["TERM"] == "dumb" }
}

extension String {
  /// For text that came from elsewhere: a terminal must not obey it, and a line is one line.
  var harmless: String {
    var clean = ""
    for scalar in unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control
      clean.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
    }
    return clean
  }
}
