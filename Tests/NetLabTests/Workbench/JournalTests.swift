// Random sessions: wherever somebody went and whatever he took back, the world is that of a fresh
// run of what was done.

import NetScript
import NetStack
import Testing

@testable import NetLab

/// A lab in which something happens all the time, and a file that halts on its way.
private let livelyLab = """
  import "std/presets"
  import "std/policies" as policies
  case "lively" {
      lan office { rate = 10Mbps; delay = 50us }
      host server : presets.rtems46 {
          cpu { factor = 3 }
          pool { clusters = 60; mbufs = 400 }
          nic eth0 { lan = office; rx_ring = 12; tx_ring = 16; refill = .wait }
      }
      host client { nic eth0 { lan = office } }
      bulk ftp { from = server; to = client; write = 700B; priority = 120; cost = 300us }
      chatter windows { lan = office; rate = 300/s; size = uniform(90B, 600B) }
      task talker {
          host = client
          var said = 0
          fn main() {
              let s = socket(.udp)
              while true { said += 1; s.sendto(server, 9, draw(uniform(1B, 900B)))
                  sleep(draw(exponential(3ms))) }
          }
      }
      var n = 0
      on server.pool.grant(e) { n += 1 }
      every 5ms { n += server.pool.clusters.free }
      when server.pool.clusters.free < 20 { server.tcp.keepidle = 30s }
      run for 20ms
      pause
      n += 7
      run until server.tcp.out.count > 40 within 30ms
      pause
      step 25 on office.frame
      run for 10ms
  }
  """

/// Draws what somebody might type.
private struct Typist {
  private var state: UInt64
  private var names = 0

  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next(_ limit: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state >> 33) % limit
  }

  /// Does one thing. What is refused changes nothing, and is part of the test.
  mutating func act(at bench: Workbench) {
    let isLate = bench.moment.now > .zero + .milliseconds(250)
    switch next(20) {
    case 0, 1: _ = bench.type("step \(1 + next(60))")
    case 2, 3: _ = isLate ? bench.back(50) : bench.type("run for \(1 + next(9_000))us")
    case 4: _ = isLate ? bench.undo() : bench.type("step \(1 + next(5)) on server.pool.*")
    case 5, 6: _ = bench.back(Int64(1 + next(90)))
    case 7: _ = bench.go(to: .event(max(bench.moment.event + Int64(next(500) - 300), 0)))
    case 8:
      let now = bench.moment.now.nanoseconds / 1000
      let time = max(now + Int64(next(20_000) - 14_000), 0)
      _ = bench.go(toNamed: "\(isLate ? time / 2 : time)us")
    case 9: _ = bench.fork(next(3) == 0 ? nil : "fork\(next(4))")
    case 10: _ = bench.go(toNamed: bench.forkNames[next(bench.forkNames.count)])
    case 11: _ = bench.mark("mark\(next(3))")
    case 12: _ = bench.go(toNamed: "mark\(next(3))")
    case 13: _ = bench.type(change())
    case 14, 15: _ = bench.type(declaration())
    case 16, 17: _ = bench.undo()
    case 18: _ = bench.goOn()
    default:
      let texts = ["server.pool.wait", "server.pool.clusters.free", "client.tcp.in", "n"]
      _ = bench.last(texts[next(texts.count)])
    }
  }

  private mutating func change() -> String {
    switch next(6) {
    case 0: return "server.tcp.keepidle = \(1 + next(90))s"
    case 1: return "server.pool.allocator = policies.receiver_first"
    case 2: return "server.pool.allocator = .first_come"
    case 3: return "client.eth0.up = \(next(3) > 0)"
    case 4: return "n += \(next(9)); run for \(1 + next(900))us; n += 1"
    default: return "server.eth0.copybreak = \(next(3) * 100)B"
    }
  }

  private mutating func declaration() -> String {
    names += 1
    switch next(5) {
    case 0: return "var v\(names) = n"
    case 1: return "on server.pool.wait { n += \(names) }"
    case 2: return "when n > \(next(4000)) { n += 1 }"
    case 3: return "expect never server.tcp.drop.count > \(next(3))"
    default: return "fn f\(names)(x) => x + n"
    }
  }
}

@Suite("Journals")
struct JournalTests {
  /// The digest where a fresh bench comes to that does what leads to where another stands.
  private func again(_ bench: Workbench, _ seed: UInt64) throws -> UInt64 {
    let fresh = try openWorkbench(livelyLab, seed: seed)
    for entry in bench.journal.entries {
      switch entry.deed {
      case .line(let text, _): _ = fresh.type(text)
      case .goOn, .rest: _ = fresh.goOn()
      }
      if fresh.moment == entry.end { continue }
      _ = fresh.go(to: entry.end.isMidInstant ? .event(entry.end.event) : .instant(entry.end.now))
      #expect(fresh.moment == entry.end)
    }
    return fresh.digest
  }

  /// Plays a session; how many of its ends could be written as a script.
  private func play(_ seed: UInt64, _ count: Int, checksEach: Bool) throws -> Int {
    var typist = Typist(seed)
    let bench = try openWorkbench(livelyLab, seed: seed)
    for turn in 1...count {
      typist.act(at: bench)
      if checksEach || turn == count {
        #expect(try again(bench, seed) == bench.digest, "session \(seed), command \(turn)")
      }
    }
    guard let script = bench.savedScript(as: "saved.ns").script else { return 0 }
    #expect(try digest(ofScript: script.text) == bench.digest, "session \(seed)\n\(script.text)")
    return 1
  }

  @Test("after every command the world is that of a fresh run")
  func each() throws {
    let (sessions, commands) = isOptimised ? (10, 50) : (1, 25)
    for seed in 1...sessions { _ = try play(UInt64(seed), commands, checksEach: true) }
  }

  @Test("at the end of a session too, and many sessions can be written as a script")
  func ends() throws {
    let sessions = isOptimised ? 190 : 6
    var saved = 0
    for seed in 1...sessions {
      saved += try play(UInt64(1000 + seed), 50, checksEach: false)
    }
    #expect(saved > 0)
  }
}

/// Whether these tests were compiled with optimisation.
let isOptimised: Bool = {
  var isDebug = false
  assert(
    { () -> Bool in
      isDebug = true
      return true
    }())
  return !isDebug
}()
