// Whoever sits in front of a bench, and hears as it happens what it tells.

/// A line as it comes, and what it is: so that it may have a colour that says no more than the
/// words do.
public struct Told: Equatable, Sendable {
  public enum Tone: Sendable {
    /// The script's own: `print`, `show`, `why`.
    case printed
    /// Something happened; something was lost, refused or given up; somebody waits.
    case event, loss, wait
    /// Why the world stands still.
    case stop
    /// A verdict.
    case good, bad
  }
  public var text: String
  public var tone: Tone
}

/// Told while the world runs. What it does must not touch the bench.
public protocol Audience: AnyObject {
  func hear(_ told: Told)

  /// A picture has changed, or may have; whoever wants to see it now draws it.
  func see(_ draw: () -> [String])
}

extension Audience {
  public func see(_ draw: () -> [String]) {}
}
