// One temporal expectation as a small machine: told what holds at an instant, it knows the verdict.
//
// It is told at every instant at which what it asks may have changed, and at its own deadlines; in
// between everything stands still, so looking then would add nothing. A window is half open:
// `after T` lets T in, `before T` keeps T out. `within W` lets the last instant in.
//
// An answer may be unknown: false for all that can be known. It decides nothing while time may
// still tell (a task that has moved since was not wedged); a verdict that it would decide stays
// open.

import NetStack

/// Which of the five words. `never P` is `always not P`; whoever feeds the machine negates.
public enum Modal: UInt8, Sendable {
  case always, never, eventually, whenever, finally
}

public struct Judgement: Sendable {
  public let modal: Modal
  /// The first instant that counts.
  public let opens: Instant
  /// The first instant that counts no more; `.never` is the end of the run.
  public let closes: Instant
  /// `within`: how long after the opening, or after each trigger.
  public let within: TimeSpan?
  /// `for`: how long it has to hold.
  public let hold: TimeSpan?

  /// Decided before the end.
  public private(set) var verdict: Verdict?
  /// When it was decided; for a failure the instant that broke it.
  public private(set) var decidedAt = Instant.zero
  /// How often `whenever` was triggered.
  public private(set) var triggers: Int64 = 0
  /// The trigger that waits for its consequence: the oldest one.
  public private(set) var triggeredAt: Instant?
  /// What the last look was told could not be known.
  private var isUnknown = false
  private var sawWindow = false
  /// `always` or `never` of the whole run, for which no deadline matters.
  private let isPlain: Bool
  private var held = false
  private var heldSince = Instant.zero

  public init(
    _ modal: Modal, opens: Instant = .zero, closes: Instant = .never, within: TimeSpan? = nil,
    hold: TimeSpan? = nil
  ) {
    self.modal = modal
    self.opens = opens
    self.closes = closes
    self.within = within
    self.hold = hold
    let isBounded = closes != .never || within != nil || hold != nil
    isPlain = (modal == .always || modal == .never) && !isBounded
  }

  /// Whether a look can change nothing: it has held since it opened, and does.
  @inline(__always)
  func stays(_ property: Bool, isUnknown: Bool) -> Bool {
    isPlain && sawWindow && property && !isUnknown && !self.isUnknown && verdict == nil
  }

  func addState(to hash: inout StateHash) {
    hash.add(verdict == nil, triggers > 0, triggeredAt)
    hash.add(isUnknown, sawWindow, held, held ? heldSince : .zero)
  }

  /// The last instant that `eventually` may begin at, or that `always` asks about.
  private var last: Instant {
    var last = closes == .never ? closes : Instant(nanoseconds: closes.nanoseconds - 1)
    if let span = within ?? (modal == .always || modal == .never ? hold : nil) {
      last = min(last, opens + span)
    }
    return last
  }

  /// Whether it wants to be told about this instant.
  public func wants(_ now: Instant) -> Bool {
    verdict == nil && modal != .finally && now >= opens
  }

  /// The next instant at which it must look although nothing changed.
  public func deadline(after now: Instant) -> Instant {
    guard verdict == nil, modal != .finally else { return .never }
    if now < opens { return opens }
    var next = Instant.never
    if let triggeredAt, let within { next = triggeredAt + within }
    if let hold, modal == .eventually, held { next = min(next, heldSince + hold) }
    if modal == .whenever {
      if now < closes { next = min(next, closes) }
    } else if last != .never && now <= last {
      next = min(next, now < last ? last : Instant(nanoseconds: last.nanoseconds + 1))
    }
    // Asked at its own deadline it has decided, or waits for the next change.
    return next > now ? next : .never
  }

  /// What holds at an instant. `consequence` is asked for only by `whenever`.
  public mutating func look(
    at now: Instant, _ property: Bool, consequence: Bool = false, isUnknown: Bool = false
  ) {
    guard wants(now) else { return }
    self.isUnknown = isUnknown
    switch modal {
    case .always, .never: lookAlways(now, property)
    case .eventually: lookEventually(now, property && !isUnknown)
    case .whenever: lookWhenever(now, property, consequence)
    case .finally: break
    }
  }

  private mutating func decide(_ verdict: Verdict, at now: Instant) {
    precondition(self.verdict == nil, "an expectation is decided twice")
    self.verdict = isUnknown && (verdict == .pass || verdict == .fail) ? .open : verdict
    decidedAt = now
  }

  private mutating func lookAlways(_ now: Instant, _ property: Bool) {
    if now > last { return decide(sawWindow ? .pass : .vacuous, at: now) }
    sawWindow = true
    if !property { decide(.fail, at: now) }
  }

  private mutating func lookEventually(_ now: Instant, _ property: Bool) {
    // A hold that has lasted long enough counts even if it ends at this very instant.
    if held, let hold, now >= heldSince + hold {
      isUnknown = false  // up to then it was known
      return decide(.pass, at: heldSince + hold)
    }
    if property && !held && now <= last {
      held = true
      heldSince = now
      if hold == nil || hold == .zero { return decide(.pass, at: now) }
    } else if !property {
      held = false
    }
    if !held && now >= last && !(property && now == last) { decide(.fail, at: now) }
  }

  private mutating func lookWhenever(_ now: Instant, _ property: Bool, _ consequence: Bool) {
    let isEdge = property && !held
    held = property
    if isEdge && now < closes {
      triggers += 1
      if triggeredAt == nil { triggeredAt = now }
    }
    guard let since = triggeredAt else {
      if now >= closes { decide(triggers > 0 ? .pass : .vacuous, at: now) }
      return
    }
    if consequence {
      triggeredAt = nil
      if now >= closes { decide(.pass, at: now) }
    } else if now >= since + (within ?? .zero) {
      decide(.fail, at: now)
    }
  }

  /// The run is over. `property` is what holds now, asked only by `finally`.
  public mutating func end(at now: Instant, _ property: Bool = false, isUnknown: Bool = false) {
    guard verdict == nil else { return }
    self.isUnknown = isUnknown
    switch modal {
    case .always, .never: decide(sawWindow ? .pass : .vacuous, at: now)
    case .eventually: decide(endOfEventually(now), at: now)
    case .whenever:
      decide(triggeredAt != nil ? .open : triggers > 0 ? .pass : .vacuous, at: now)
    case .finally: decide(property ? .pass : .fail, at: now)
    }
  }

  /// Without a bound the end of the run is the bound; before a bound nothing is decided.
  private func endOfEventually(_ now: Instant) -> Verdict {
    if held { return .open }
    return now < opens || last != .never ? .open : .fail
  }

  /// What was asked could not be known: no verdict will follow.
  public mutating func giveUp(at now: Instant) {
    if verdict == nil { decide(.open, at: now) }
  }
}
