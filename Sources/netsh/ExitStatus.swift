// What the process tells its caller. A contract: scripts depend on these numbers.

/// The exit statuses of `netsh`.
enum ExitStatus: Int32, Sendable {
  case passed = 0
  /// An expectation did not hold.
  case failed = 1
  /// The command line is wrong, or a file it names cannot be read.
  case usage = 2
  /// A mistake in a script, found before or while it ran, or an import that cannot be read.
  case scriptError = 3
  /// Steps, events or CPU time ran out.
  case limit = 4
  /// Two runs that should be equal were not.
  case determinism = 5
  /// Ctrl-C.
  case interrupted = 130

  /// The status of several runs together: of those that occur, the most telling.
  static func combined(_ statuses: [ExitStatus]) -> ExitStatus {
    let order: [ExitStatus] = [.interrupted, .usage, .determinism, .scriptError, .limit, .failed]
    return order.first { statuses.contains($0) } ?? .passed
  }
}
