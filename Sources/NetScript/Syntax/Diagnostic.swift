// A mistake in a script, as data: what, where, why, and the edit that would mend it.
//
// Diagnostics are collected, never thrown; the renderer gives them their printed form. A fault at
// run time is a `RuntimeError` of the VM, which is shown through the same renderer.

public enum Severity: UInt8, Sendable {
  case error
  case warning
  case note

  public var word: String {
    switch self {
    case .error: return "error"
    case .warning: return "warning"
    case .note: return "note"
    }
  }
}

/// A place and what is to be said about it; an empty text only points.
public struct DiagnosticLabel: Hashable, Sendable {
  public var span: SourceSpan
  public var text: String

  public init(_ span: SourceSpan, _ text: String = "") {
    self.span = span
    self.text = text
  }
}

/// One mistake. `title` is a fact of few words, lower case, in the user's terms.
public struct Diagnostic: Hashable, Sendable {
  public var severity: Severity
  /// `N` and three digits; `netsh explain` has a page for each.
  public var code: String
  public var title: String
  /// Underlined with `^^^`.
  public var primary: DiagnosticLabel
  /// Underlined with `---`, each with its own text.
  public var secondary: [DiagnosticLabel]
  /// The rule behind it; only where it is not obvious.
  public var why: String?
  /// Text that can be typed, in backquotes.
  public var help: String?

  public init(
    _ severity: Severity = .error, code: String, title: String, at primary: SourceSpan,
    label: String = "", secondary: [DiagnosticLabel] = [], why: String? = nil, help: String? = nil
  ) {
    self.severity = severity
    self.code = code
    self.title = title
    self.primary = DiagnosticLabel(primary, label)
    self.secondary = secondary
    self.why = why
    self.help = help
  }
}
