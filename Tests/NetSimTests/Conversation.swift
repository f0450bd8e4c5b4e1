// A connection over a real path whose round trips a test chooses: one octet there, one back.
//
// The answer carries the acknowledgment, so no delayed ACK comes between: a round trip is the
// link's. It counts as 2 slow ticks when a beat of 500 ms falls inside, so that writes at random
// phases over a path of p × 500 ms make p of all samples 2.

import NetSim
import NetStack

/// Writes one octet a time, then rests until it is told to write into silence.
final class Talker {
  private(set) var written = 0
  /// All round trips are made; the test cuts the path and wakes the task.
  private(set) var isResting = false
  private(set) var error: SocketError?
  private var socket: Int32 = -1
  private var phase = Phase.boot
  private let count: Int
  /// How long to wait before the write of that number.
  private let pause: (Int) -> TimeSpan
  /// Closes and connects anew so often; the last connection is one without writes.
  private(set) var closesLeft: Int

  private enum Phase {
    case boot, timeWait, open, connect, connected, write, listen, rest, last, closed
  }

  private let last: Int32

  /// - Parameter last: octets of the write behind the rest.
  init(
    writes count: Int, closes: Int = 0, last: Int32 = 10, pause: @escaping (Int) -> TimeSpan
  ) {
    self.count = count
    self.last = last
    closesLeft = closes
    self.pause = pause
  }

  func next(_ result: CallResult) -> ProgramStep {
    switch phase {
    case .boot:
      // The first beat is at the first tick: what is measured begins behind it.
      phase = .open
      return .sleep(.milliseconds(100))
    case .timeWait:
      // tcp_close stores what the route is to remember: at the end of TIME_WAIT.
      phase = .open
      return .sleep(.milliseconds(62_500))
    case .open:
      phase = .connect
      return .call(.socket(.stream), timeout: nil)
    case .connect:
      if case .socket(let index) = result { socket = index }
      phase = .connected
      return .call(.connect(socket, Bench.address(1), 20), timeout: nil)
    case .connected:
      if case .error(let error) = result {
        self.error = error
        return .end
      }
      return pauseOrRest()
    case .write:
      written += 1
      phase = .listen
      return .call(.write(socket, octets: 1), timeout: nil)
    case .listen:
      phase = .connected
      return .call(.read(socket, atMost: 1), timeout: nil)
    case .rest:
      phase = .last
      return .call(.write(socket, octets: last), timeout: nil)
    case .last:
      phase = .closed
      return .call(.read(socket, atMost: 1), timeout: nil)
    case .closed:
      if case .error(let error) = result { self.error = error }
      return .end
    }
  }

  private func pauseOrRest() -> ProgramStep {
    if written < count {
      phase = .write
      return .sleep(pause(written))
    }
    if closesLeft > 0 {
      closesLeft -= 1
      written = count
      phase = .timeWait
      return .call(.close(socket), timeout: nil)
    }
    isResting = true
    phase = .rest
    return .block(timeout: nil)
  }
}

/// Sends every octet back, and stops reading behind so many of them.
final class Echo {
  private let most: Int
  private var echoed = 0
  private var door: Int32 = -1
  private var socket: Int32 = -1
  private var phase = 0

  init(most: Int = .max) { self.most = most }

  func next(_ result: CallResult) -> ProgramStep {
    switch phase {
    case 0:
      phase = 1
      return .call(.socket(.stream), timeout: nil)
    case 1:
      if case .socket(let index) = result { door = index }
      phase = 2
      return .call(.bind(door, 20), timeout: nil)
    case 2:
      phase = 3
      return .call(.listen(door, backlog: 5), timeout: nil)
    case 3:
      phase = 4
      return .call(.accept(door), timeout: nil)
    case 4:
      if case .socket(let index) = result { socket = index }
      phase = 5
      return .call(.read(socket, atMost: 8192), timeout: nil)
    case 5:
      if case .octets(let count) = result, count > 0 {
        phase = 6
        return .call(.write(socket, octets: count), timeout: nil)
      }
      phase = 3
      return .call(.close(socket), timeout: nil)
    default:
      echoed += 1
      if echoed >= most { return .block(timeout: nil) }
      phase = 5
      return .call(.read(socket, atMost: 8192), timeout: nil)
    }
  }
}

/// Two hosts, a talker and an echo, and a path with a given round trip.
struct Conversation {
  var bench: Bench
  let talker: Talker
  private let task: Int32
  private(set) var heardAt = Instant.zero
  static let beat: Int64 = 500_000_000

  init(
    _ talker: Talker, with echo: Echo = Echo(), roundTrip: TimeSpan,
    tune: (inout Tunables) -> Void = { _ in }
  ) {
    self.talker = talker
    bench = Bench(
      rate: 1_000_000_000, delay: TimeSpan(nanoseconds: roundTrip.nanoseconds / 2),
      isShared: false)
    var near = Bench.peer
    near.tick = .milliseconds(1)
    near.tunables.rfc1323 = false
    tune(&near.tunables)
    bench.add(near)
    bench.add(near)
    bench.program(on: 1) { echo.next($0) }
    task = bench.program(on: 0) { talker.next($0) }
    bench.context.interest =
      TraceKind.tcpRetransmit.mask | TraceKind.tcpDrop.mask | TraceKind.tcpProbe.mask
      | TraceKind.tcpIn.mask
  }

  /// Runs until the talker has made its round trips.
  mutating func converse() {
    var limit = bench.simulation.now
    while !talker.isResting {
      limit = limit + .seconds(1)
      bench.run(until: limit)
    }
    bench.run(until: limit + .milliseconds(100))  // away from the beat
    forgetRecords()
  }

  /// Notes when the talker's host last heard something.
  mutating func forgetRecords() {
    if let last = bench.context.records.last(where: { $0.host == 0 && $0.kind == .tcpIn }) {
      heardAt = last.at
    }
    bench.context.records.removeAll()
  }

  mutating func cut() {
    bench.simulation.setPort(bench.stations[1].ports[0], isUp: false, &bench.context)
  }

  /// The talker writes once more.
  mutating func write() { bench.simulation.wakeProgram(task, &bench.context) }

  /// Cuts the path, writes once more, and waits for the drop.
  ///
  /// - Returns: the intervals from the write to each retransmission and to the drop, in beats.
  mutating func fallSilent(within span: TimeSpan = .seconds(900)) -> [Int64] {
    cut()
    let start = bench.simulation.now
    write()
    bench.run(until: start + span)
    let moments = bench.context.records.filter {
      $0.host == 0 && ($0.kind == .tcpRetransmit || $0.kind == .tcpDrop)
    }
    let beats = [beat(at: start)] + moments.map { beat(at: $0.at) }
    return zip(beats.dropFirst(), beats).map { $0 - $1 }
  }

  /// The number of the last slow beat of the talker's host up to a moment.
  func beat(at instant: Instant) -> Int64 {
    (instant.nanoseconds - 1_000_000) / Conversation.beat + 1
  }

  var statistics: Statistics { bench.simulation.hosts[0].state.statistics }
  var connection: Tcpcb? {
    let world = bench.simulation.hosts[0]
    return world.connections.first.map { world.tcpcb($0) }
  }
}

extension TraceKind {
  var mask: UInt64 { 1 << UInt64(rawValue) }
}
