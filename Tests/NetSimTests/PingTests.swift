// Echo through both hosts' drivers, ARP and IP, driven without the language.

import NetSim
import NetStack
import Testing
import Wire

@testable import NetStack

@Suite("Echo between two hosts")
struct PingTests {
  /// A ping program: open, then send and receive `count` times, a second apart.
  final class Ping {
    var answers = 0
    var losses = 0
    private var socket: Int32 = -1
    private var phase = 0
    private let to: IPv4Address
    private let count: Int

    init(to: IPv4Address, count: Int) {
      self.to = to
      self.count = count
    }

    func next(_ result: CallResult) -> ProgramStep {
      switch phase {
      case 0:
        phase = 1
        return .call(.socket(.icmp), timeout: nil)
      case 1:
        if case .socket(let index) = result { socket = index }
        phase = 2
        return .call(.sendTo(socket, to, 0, octets: 56), timeout: nil)
      case 2:
        phase = 3
        return .call(.receiveFrom(socket, atMost: 2048), timeout: .seconds(1))
      default:
        if case .datagram = result { answers += 1 } else { losses += 1 }
        if answers + losses == count { return .end }
        phase = 1
        return .sleep(.seconds(1))
      }
    }
  }

  @Test("an echo request is answered through drivers, ARP and IP of both hosts")
  func answered() {
    var bench = Bench()
    bench.add(Bench.peer)
    bench.add(Bench.peer)
    let ping = Ping(to: Bench.address(1), count: 3)
    bench.program(on: 0) { ping.next($0) }
    bench.run(until: Instant(nanoseconds: 10_000_000_000)) { simulation in
      simulation.checkConservation(of: 0)
      simulation.checkConservation(of: 1)
    }
    #expect(ping.answers == 3)
    #expect(ping.losses == 0)
    // ARP request and reply, three requests and three replies.
    #expect(bench.simulation.frameCount == 8)
  }

  @Test("a host that is not there answers nothing, and the call's time runs out")
  func unanswered() {
    var bench = Bench()
    bench.add(Bench.peer)
    let ping = Ping(to: Bench.address(7), count: 2)
    bench.program(on: 0) { ping.next($0) }
    bench.run(until: Instant(nanoseconds: 10_000_000_000))
    #expect(ping.answers == 0)
    #expect(ping.losses == 2)
  }

  @Test("a checkpoint is an assignment: the copy runs on to the same digest")
  func checkpoint() {
    var bench = Bench()
    bench.add(HostConfiguration())
    bench.add(Bench.peer)
    let ping = Ping(to: Bench.address(1), count: 1)
    bench.program(on: 0) { ping.next($0) }
    bench.run(until: Instant(nanoseconds: 100_000_000))
    var copy = bench
    bench.run(until: Instant(nanoseconds: 60_000_000_000))
    copy.run(until: Instant(nanoseconds: 60_000_000_000))
    #expect(bench.context.digest == copy.context.digest)
    #expect(ping.answers == 1)
  }
}
