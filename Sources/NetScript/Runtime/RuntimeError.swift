// A fault while a script runs: what, where, and how the script got there.
//
// There is no catch in the language: a broken experiment should not pass. The embedder adds the
// simulated time and the last events; the renderer shows it like any other diagnostic.

/// The codes the VM itself gives. The embedder adds its own (N401, N402, N410, N411 …).
public enum FaultCode: Sendable {
  public static let dimensions = "N212"
  public static let wouldBlock = "N404"
  public static let errorUsed = "N405"
  public static let overflow = "N420"
  public static let divisionByZero = "N421"
  public static let wrongType = "N422"
  public static let outOfRange = "N423"
  public static let noSuchMember = "N424"
  public static let wrongArguments = "N425"
  public static let failed = "N430"
  public static let steps = "N440"
  public static let frames = "N441"
  public static let heap = "N442"
  /// No mistake, and without a page: whoever is in front of it has had enough.
  public static let interrupted = "interrupted"
}

/// One line of the call trace: the function that was running and the place in it.
public struct TraceEntry: Hashable, Sendable {
  public let function: String
  public let span: SourceSpan
}

/// Thrown by the VM and by the embedder's methods. One reference, so that a function that may
/// throw it stays as cheap as one that returns a word; immutable, so it may cross threads.
public final class RuntimeError: Error {
  public let code: String
  /// A fact of few words in the user's terms.
  public let title: String
  public let help: String?
  /// What is said beside the mark.
  public let label: String
  /// A limit, not a mistake: the verdict is *limit*.
  public let isLimit: Bool
  /// Where it happened; the VM adds it when the thrower did not know.
  public let span: SourceSpan?
  /// A second place: where an error value came from.
  public let origin: DiagnosticLabel?
  /// Innermost first, at most `traceLimit` entries.
  public let trace: [TraceEntry]

  /// A deep recursion shows its inner end; nobody reads two hundred equal lines.
  static let traceLimit = 8

  public init(
    _ code: String, _ title: String, at span: SourceSpan? = nil, label: String = "",
    help: String? = nil, isLimit: Bool = false, origin: DiagnosticLabel? = nil,
    trace: [TraceEntry] = []
  ) {
    self.code = code
    self.title = title
    self.span = span
    self.help = help
    self.label = label
    self.isLimit = isLimit
    self.origin = origin
    self.trace = trace
  }

  /// The same fault, with what only the VM knows. What is known already stays.
  func located(at place: SourceSpan?, trace calls: [TraceEntry]) -> RuntimeError {
    RuntimeError(
      code, title, at: span ?? place, label: label, help: help, isLimit: isLimit, origin: origin,
      trace: trace.isEmpty ? calls : trace)
  }

  public var isInterruption: Bool { code == FaultCode.interrupted }

  /// The same fault in the form that the renderer prints; `nil` while no place is known.
  public var diagnostic: Diagnostic? {
    guard let span else { return nil }
    var labels: [DiagnosticLabel] = []
    if let origin { labels.append(origin) }
    return Diagnostic(
      code: code, title: title, at: span, label: label, secondary: labels, help: help)
  }
}
