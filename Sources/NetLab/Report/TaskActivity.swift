// What a task does, in the few words that a picture can tell apart; and for how long, in the course
// of a run.

import NetSim
import NetStack

/// What a task is doing.
enum Activeness: UInt8, CaseIterable, Sendable {
  case runs, ready, lacksBuffer, lacksLock, lacksRoom, sleeps, idles, off

  var name: String {
    switch self {
    case .runs: "has the CPU"
    case .ready: "ready, waits for the CPU"
    case .lacksBuffer: "waits for a buffer"
    case .lacksLock: "waits for a lock"
    case .lacksRoom: "waits for room to send"
    case .sleeps: "sleeps"
    case .idles: "waits for input"
    case .off: "not started, or over"
    }
  }
}

extension Activeness {
  /// It waits for what others have.
  var isStuck: Bool { self == .lacksBuffer || self == .lacksLock || self == .lacksRoom }
}

extension TaskRecord {
  var activeness: Activeness {
    switch state {
    case .dormant: return .off
    case .ready: return .ready
    case .running, .program: return .runs
    case .locked: return .lacksLock
    case .sleeping: return .sleeps
    case .polling: return .lacksBuffer
    case .waiting: break
    }
    switch wait {
    case .buffer, .sized: return .lacksBuffer
    case .socketSpace, .lingering, .transmitRing: return .lacksRoom
    case .socketData, .connection, .acceptQueue, .select, .deviceReceive, .refill, .devicePoll,
      .deviceTransmit, .network:
      return .idles
    case nil: break
    }
    switch programWait {
    case .buffer: return .lacksBuffer
    case .put, .room: return .lacksRoom
    case .condition, .get, .frame, .select, nil: return .idles
    }
  }
}

/// How the time of a run divides among a task's states, span by span: 512 spans at most, which
/// double when they do not reach.
struct TimeShares: Sendable {
  static let most = 512
  static let kinds = Activeness.allCases.count

  private(set) var span: Int64 = 1000
  /// Nanoseconds in each state, span after span.
  private(set) var nanoseconds: [Int64] = []

  /// Adds the time from `begin` to `end`.
  mutating func add(_ state: Activeness, from begin: Int64, to end: Int64) {
    while (end - 1) / span >= Int64(TimeShares.most) { widen() }
    var at = begin
    while at < end {
      let place = Int(at / span)
      let next = min(end, Int64(place + 1) * span)
      while nanoseconds.count < (place + 1) * TimeShares.kinds { nanoseconds.append(0) }
      nanoseconds[place * TimeShares.kinds + Int(state.rawValue)] += next - at
      at = next
    }
  }

  private mutating func widen() {
    span *= 2
    var merged: [Int64] = []
    for place in stride(from: 0, to: nanoseconds.count, by: 2 * TimeShares.kinds) {
      for kind in 0..<TimeShares.kinds {
        let second = place + TimeShares.kinds + kind
        merged.append(
          nanoseconds[place + kind] + (second < nanoseconds.count ? nanoseconds[second] : 0))
      }
    }
    nanoseconds = merged
  }
}

extension TaskRecord {
  /// Different for different things to wait for.
  var waitKey: Int64 {
    if state == .locked { return 1 << 40 | Int64(awaitedLock) + 1 }
    switch wait {
    case .buffer(let bufferClass, let who, _):
      return 2 << 40 | Int64(bufferClass.rawValue) << 8 | Int64(who.rawValue)
    case .sized(let sizeClass, let who, _):
      return 20 << 40 | Int64(sizeClass) << 8 | Int64(who.rawValue)
    case .socketSpace: return 3 << 40
    case .socketData: return 4 << 40
    case .connection: return 5 << 40
    case .acceptQueue: return 6 << 40
    case .select: return 7 << 40
    case .deviceReceive, .refill, .devicePoll: return 8 << 40
    case .deviceTransmit: return 9 << 40
    case .transmitRing: return 10 << 40
    case .network: return 11 << 40
    case .lingering: return 19 << 40
    case nil: break
    }
    switch programWait {
    case .condition: return 12 << 40
    case .put(let queue): return 13 << 40 | Int64(queue)
    case .get(let queue): return 14 << 40 | Int64(queue)
    case .frame(let port): return 15 << 40 | Int64(port)
    case .room(let port): return 16 << 40 | Int64(port)
    case .select: return 17 << 40
    case .buffer(let pool): return 18 << 40 | Int64(pool)
    case nil: return 0
    }
  }
}

extension Wait {
  /// After "waits for".
  var words: String {
    switch self {
    case .buffer(_, let who, _), .sized(_, let who, _):
      let noun =
        switch kind?.bufferClass {
        case .mbufs: "an mbuf"
        case .clusters: "a cluster"
        case nil: "a buffer of a size class"
        }
      switch who {
      case .rx: return noun + ", for the receive ring"
      case .tx: return noun + ", to send"
      case .app: return noun + ", below sosend"
      case .stack: return noun + ", for the stack"
      case .timer: return noun + ", for a timer"
      }
    case .socketSpace: return "room in its send buffer"
    case .socketData: return "data"
    case .connection: return "a handshake"
    case .acceptQueue: return "a connection to accept"
    case .lingering: return "its data to arrive, in close"
    case .select: return "any of its sockets"
    case .deviceReceive, .refill, .devicePoll: return "a frame"
    case .deviceTransmit: return "a packet to send"
    case .transmitRing: return "transmit descriptors"
    case .network: return "a packet or a timer"
    }
  }
}

/// What a task waited for again and again.
struct WaitTally: Sendable {
  var key: Int64
  var what: String
  var count: Int64 = 0
  var total: Int64 = 0
  var longest: Int64 = 0
  var longestAt: Int64 = 0
  /// It is in this wait when the run ends.
  var isOpen = false
}

/// One task in the course of a run.
struct TaskHistory: Sendable {
  var name: String
  var shares = TimeShares()
  /// Its states by their numbers.
  var states = Track(columns: 1)
  var waits: [WaitTally] = []
  private var state = Activeness.off
  private var since: Int64 = 0
  /// The wait it is in; since when, and from when on that is not counted yet.
  private var wait: (what: Int, since: Int64, from: Int64)?
  private var lastSince: Int64 = -1

  init(name: String) { self.name = name }

  /// How it stands at the end of an instant.
  ///
  /// - Parameters:
  ///   - key: what it waits for, as a number; equal waits have equal numbers.
  ///   - what: the same in words; asked once for each number.
  mutating func note(
    _ now: Activeness, key: Int64, since waitSince: Int64, at time: Int64, _ what: () -> String
  ) {
    if now != state {
      shares.add(state, from: since, to: time)
      (state, since) = (now, time)
    }
    states.note([Int64(now.rawValue)], at: time)
    let isWaiting = now.isStuck || now == .idles
    if let wait, !isWaiting || wait.since != waitSince { close(wait, at: time) }
    if isWaiting, wait == nil {
      let place = waits.firstIndex { $0.key == key } ?? waits.count
      if place == waits.count { waits.append(WaitTally(key: key, what: what())) }
      // Whoever polls has the CPU now and then, and is in the same wait behind that.
      let goesOn = waitSince == lastSince
      if !goesOn { waits[place].count += 1 }
      wait = (place, waitSince, goesOn ? time : waitSince)
      lastSince = waitSince
    }
  }

  private mutating func close(
    _ wait: (what: Int, since: Int64, from: Int64), at time: Int64
  ) {
    let length = time - wait.since
    waits[wait.what].total += time - wait.from
    if length > waits[wait.what].longest {
      (waits[wait.what].longest, waits[wait.what].longestAt) = (length, wait.since)
    }
    self.wait = nil
  }

  /// The run is over.
  mutating func end(at time: Int64) {
    shares.add(state, from: since, to: time)
    since = time
    if let wait {
      close(wait, at: time)
      waits[wait.what].isOpen = true
    }
  }
}
