// When a pool of clusters cannot wedge: the inequality for the driver and the policy in force.
//
// N - X clusters are there, R of them pinned by rings. Sockets hold at most S, of which V is what
// nobody reads; transmit rings keep P that are acknowledged and not reaped while nothing is sent.
// With N - X >= R + max(S, V + P) one is free when everything else is full, while a receive task
// that waits has R - 1: it never waits long, and no writer does (stack-facts 9.2).

import NetStack

/// What a policy says of itself; see std/policies.
struct PolicyPromise {
  var name: String
  /// The last ones that only the receive task may have; nil: it promises nothing.
  var keeps: Int64?
  /// The most of one socket.
  var each: Int64?
  /// While the receive task waits, nobody else is served.
  var servesReceiverFirst = false
}

/// The terms, and what the rule makes of them.
struct BudgetRule {
  enum Verdict: String {
    case safe, unsafe, unknown
  }

  var have: Int64 = 0
  var ring: Int64 = 0
  /// Nil where there is no bound, or none is known.
  var sockets: Int64? = 0
  var unread: Int64? = 0
  var unreaped: Int64 = 0
  /// A driver needs one more to take a frame in: it asks first, or drops what it cannot replace.
  var needsSpare = false
  /// A driver for which no rule is known.
  var unknownDriver: String?
  var dropFrees = false
  /// A socket's share is less than its send buffer may hold: its writer waits for the policy where
  /// it would have slept for room. Below sosend it hears of no drop, and its socket keeps all.
  var shareBinds = false
  var promise: PolicyPromise?
  /// A stream whose task no instance speaks for: whether it is read is not known. Not in `unread`.
  var unknownReader: String?

  private var spare: Int64 { needsSpare ? 1 : 0 }

  /// What has to be there.
  var need: Int64? { unknownReader == nil ? needBesides : nil }

  /// What has to be there beside streams of which nobody knows whether they are read.
  private var needBesides: Int64? {
    guard let sockets, let unread else { return nil }
    return ring + max(sockets, unread + unreaped) + spare
  }

  var needFormula: String {
    let sum = "R + max(S, V + P)" + (needsSpare ? " + 1" : "")
    guard let sockets, let unread, unknownReader == nil else { return sum }
    return sum + " = \(ring) + max(\(sockets), \(unread) + \(unreaped))"
      + (needsSpare ? " + 1" : "")
  }

  /// The verdict, and why.
  var verdict: (Verdict, String) {
    let (verdict, reason) = verdictBesides
    guard verdict == .safe, let unknownReader else { return (verdict, reason) }
    return (.unknown, "\(unknownReader): a stream, read or not")
  }

  private var verdictBesides: (Verdict, String) {
    if let unknownDriver { return (.unknown, "no rule known for refill = .\(unknownDriver)") }
    let keeps = promise?.keeps ?? 0
    if let promise, promise.keeps == nil {
      return (.unknown, "no rule known for the policy `\(promise.name)`")
    }
    guard let unread else { return (.unsafe, "an unread stream: no bound but the pool") }
    guard let sockets, let need = needBesides else { return (.unknown, "S is not known") }
    if shareBinds && !dropFrees {
      return (.unsafe, "a share below a send buffer: a drop frees nothing")
    }
    // Writers stop where `keeps` begins: that many more and none of them ever waits for long.
    if have >= need + keeps, keeps == 0 || keeps > unread {
      return (.safe, "\(have) >= \(need + keeps): one is always free")
    }
    if keeps > 0 && keeps <= unread {
      return (.unsafe, "keeps \(keeps) of 1 + V = \(1 + unread)")
    }
    let receiverGoesOn = keeps > 0 || (promise?.servesReceiverFirst ?? false) && unread == 0
    guard receiverGoesOn else { return (.unsafe, "\(have) < \(need)") }
    guard have >= ring + unread + unreaped + spare + keeps else {
      return (.unsafe, "\(have) < R + V + P = \(ring + unread + unreaped + spare + keeps)")
    }
    if dropFrees { return (.safe, "rx goes on, and a drop frees") }
    return (
      .unsafe,
      "rx goes on; \(have) < \(ring + sockets + keeps): a drop frees nothing"
    )
  }
}
