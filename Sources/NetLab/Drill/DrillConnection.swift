// The connection under test: what the script's numbers are on the wire.
//
// One at a time. The script's sequence numbers count from the initial ones, which are 0 or
// whatever the script's SYN says; ports are the runner's choice.

import Wire

struct DrillConnection {
  enum State: UInt8 {
    /// Nobody listens or connects.
    case none
    case listening
    /// A connect was called; its SYN tells the port.
    case connecting
    case open
  }

  var state = State.none
  /// Which the script connects by; nil for one that came from outside, or when it is closed.
  var descriptor: Int64?
  var localPort: UInt16 = 0
  var remotePort: UInt16 = 0
  /// Initial numbers: as the script has them, and on the wire.
  var scriptLocal: UInt32 = 0
  var liveLocal: UInt32 = 0
  var knowsLocal = false
  var scriptRemote: UInt32 = 0
  var liveRemote: UInt32 = 0
  var knowsRemote = false
  /// Values of the stack's timestamps: the script's and the live ones.
  var timestamps: [(script: UInt32, live: UInt32)] = []

  // A SYN's number is what the script says it is; all others count from it.

  func localOffset(isSyn: Bool) -> UInt32 { isSyn ? liveLocal &- scriptLocal : liveLocal }
  func remoteOffset(isSyn: Bool) -> UInt32 { isSyn ? liveRemote &- scriptRemote : liveRemote }

  /// The first SYN of the stack that the script expects.
  mutating func learnLocal(script: UInt32, live: UInt32) {
    guard !knowsLocal else { return }
    (scriptLocal, liveLocal, knowsLocal) = (script, live, true)
  }

  mutating func learnRemote(_ script: UInt32) {
    guard !knowsRemote else { return }
    (scriptRemote, liveRemote, knowsRemote) = (script, script, true)
  }

  mutating func learn(timestamp script: UInt32, live: UInt32) {
    if let place = timestamps.firstIndex(where: { $0.script == script }) {
      if place > 0 { timestamps[place].live = live }
    } else {
      timestamps.append((script, live))
    }
  }

  /// A live value as the script would count it.
  func scripted(timestamp live: UInt32) -> UInt32 {
    guard let first = timestamps.first else { return live }
    return first.script &+ (live &- first.live)
  }

  /// What to echo for a value of the script; nil when the stack never sent it.
  func live(timestamp script: UInt32) -> UInt32? {
    timestamps.first { $0.script == script }?.live
  }

  /// An octet of a stream by its sequence number, of which the first is 1: what tasks of hosts
  /// write, and expect to read.
  static func octet(at number: Int64) -> UInt8 {
    UInt8(truncatingIfNeeded: ((number - 1) % 251 + 251) % 251)
  }
}
