// What an expectation came to, and what a run came to.

/// The verdict on one expectation.
public enum Verdict: UInt8, Sendable {
  case pass
  case fail
  /// It said nothing about this run: never triggered, or an empty window.
  case vacuous
  /// The run ended, or the facts did, before it could be decided.
  case open

  public var word: String {
    switch self {
    case .pass: return "pass"
    case .fail: return "fail"
    case .vacuous: return "vacuous"
    case .open: return "open"
    }
  }
}

/// The verdict on a whole run: that of its expectations, unless it did not get that far.
public enum RunVerdict: UInt8, Sendable {
  case pass, fail, vacuous, open
  /// A fault in the script while it ran.
  case error
  /// A limit was reached.
  case limit

  public var word: String {
    switch self {
    case .pass: return "pass"
    case .fail: return "fail"
    case .vacuous: return "vacuous"
    case .open: return "open"
    case .error: return "error"
    case .limit: return "limit"
    }
  }

  /// Of several verdicts the one that a reader must know: fail, then open, then vacuous.
  public static func combined(_ verdicts: [Verdict]) -> RunVerdict {
    if verdicts.contains(.fail) { return .fail }
    if verdicts.contains(.open) { return .open }
    return verdicts.contains(.vacuous) ? .vacuous : .pass
  }
}
