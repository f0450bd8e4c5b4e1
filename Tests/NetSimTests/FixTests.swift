// Torre's two fixes, alone and together: freeing at the drop, and nobody before the receive task.
//
// Fix 2 is true B, asked at each request, not only inside m_clalloc. It keeps the receive task
// alive; a writer that waits for a cluster when its connection dies is never served (type D).

import NetSim
import NetStack
import Testing

/// While the receive task waits for a cluster nobody else may have one.
final class ReceiverFirst: AllocationPolicy {
  private var isWaiting = false

  func decide(_ request: AllocationRequest) -> AllocationDecision {
    if request.who == .rx && request.free == 0 { isWaiting = true }
    if request.free > 0 && (request.who == .rx || !isWaiting) { return .grant }
    return request.mayWait ? .wait : .deny
  }

  func granted(_ request: AllocationRequest) {
    if request.who == .rx { isWaiting = false }
  }

  func released(_ request: AllocationRequest) {}
  func choose(among waiters: [AllocationRequest]) -> Int? { nil }
}

@Suite("The two fixes of the report")
struct FixTests {
  private func seconds(_ count: Int64) -> Instant { Instant(nanoseconds: count * 1_000_000_000) }

  /// A lab in which the receive task goes first.
  private func lab(
    write: Int32 = 300, tune: (inout Tunables) -> Void = { _ in }
  ) -> (SeedLab, ReceiverFirst) {
    let policy = ReceiverFirst()
    var lab = SeedLab(write: write, factor: 1, tune: tune)
    lab.receiverGoesFirst(policy, .scriptAlways)
    return (lab, policy)
  }

  /// Pulls the client's plug at a moment at which the writer waits for a cluster, and runs on.
  private func peerDies(_ lab: inout SeedLab, for span: Int64) -> Bool {
    let wasPolling = lab.runUntilWriterPolls()
    lab.bench.simulation.setPort(lab.bench.stations[1].ports[0], isUp: false, &lab.bench.context)
    lab.run(until: lab.bench.simulation.now + .seconds(span))
    return wasPolling
  }

  @Test("6: fix 2 keeps the receive task alive while the connection lives")
  func second() {
    var (lab, policy) = lab()
    withExtendedLifetime(policy) {
      lab.run(until: seconds(10))
      let before = lab.server.statistics.tcpIn
      lab.run(until: seconds(15))
      #expect(lab.server.statistics.tcpIn > before + 100)
      #expect(lab.server.statistics.tcpDrops == 0)
    }
  }

  @Test("6: with fix 2 a peer that dies leaves the writer without a cluster for ever: type D")
  func typeD() {
    var (lab, policy) = lab()
    withExtendedLifetime(policy) {
      #expect(peerDies(&lab, for: 640))
      #expect(lab.server.statistics.tcpDrops == 1)
      #expect(lab.isWriterPolling && lab.server.heldClusters[.sndbuf] >= 31)
      lab.bench.context.interest = TraceKind.console.mask
      let frames = lab.bench.simulation.hosts[0].interface(0).framesIn
      lab.run(until: lab.bench.simulation.now + .seconds(300))
      let tasks = lab.bench.context.records.map { Int32($0.a) }
      #expect(tasks == [Int32](repeating: lab.writer, count: 10), "once in 30 s, the writer alone")
      #expect(lab.bench.simulation.hosts[0].interface(0).framesIn > frames + 5000, "rx lives")
    }
  }

  /// It may wait for a cluster at that moment: it gets one, and then fills its socket buffer.
  @Test("6: from 548 octets on the drop heals what a peer leaves that dies")
  func largeWrites() {
    var (lab, policy) = lab(write: 548)
    withExtendedLifetime(policy) {
      _ = peerDies(&lab, for: 640)
      #expect(lab.server.statistics.tcpDrops == 1 && !lab.sender.errors.isEmpty)
    }
  }

  @Test("6: both fixes end type D at the drop, with one cluster leaked; a mended send leaks none")
  func both() {
    for (sendFrees, leaked) in [(false, 1), (true, 0)] as [(Bool, Int32)] {
      var (lab, policy) = lab {
        $0.dropFrees = true
        $0.sendFrees = sendFrees
      }
      withExtendedLifetime(policy) {
        #expect(peerDies(&lab, for: 640))
        #expect(lab.server.statistics.tcpDrops == 1)
        #expect(!lab.isWriterPolling && lab.sender.errors.first == .EINVAL)
        #expect(lab.server.heldClusters[.leaked] == leaked)
      }
    }
  }

  /// tcp_input goes to tcp_close, past tcp_drop.
  @Test("6: a RST from the peer is not covered by what tcp_drop frees, but by soisdisconnected")
  func reset() {
    func stuck(closeFrees: Bool) -> Int {
      (0..<12).count { moment in
        var (lab, policy) = lab {
          $0.dropFrees = true
          $0.sendFrees = true
          $0.tcp.disconnectFrees = closeFrees
        }
        return withExtendedLifetime(policy) {
          let wasPolling = lab.runUntilWriterPolls(from: 1000 + 97 * Int64(moment))
          lab.clientResets()
          lab.run(until: lab.bench.simulation.now + .seconds(3))
          #expect(wasPolling && lab.server.statistics.tcpTimeoutDrops == 0)
          #expect(lab.server.heldClusters[.leaked] == 0)
          return lab.isWriterPolling && lab.sender.errors.isEmpty
        }
      }
    }
    #expect(stuck(closeFrees: false) > 0)
    #expect(stuck(closeFrees: true) == 0)
  }

  @Test("6: with fix 2, and broadcasts that a socket takes and nobody reads, the pool wedges again")
  func unreadSocket() {
    for isHeard in [false, true] {
      var (lab, policy) = lab()
      if isHeard {
        var steps: [ProgramStep] = [
          .call(.socket(.datagram), timeout: nil), .call(.bind(0, 137), timeout: nil),
          .block(timeout: nil),
        ]
        lab.bench.program(on: 0, priority: 30) { _ in steps.removeFirst() }
      }
      withExtendedLifetime(policy) {
        lab.run(until: seconds(10))
        let before = lab.bench.simulation.hosts[0].interface(0).framesIn
        lab.run(until: seconds(40))
        let frames = lab.bench.simulation.hosts[0].interface(0).framesIn - before
        #expect((frames < 40) == isHeard, "\(frames) frames")
        let isEmpty = lab.server.clusterPool.free == 0 && lab.server.heldClusters[.rcvbuf] > 0
        #expect(isEmpty == isHeard)
        if !isHeard { return }
        lab.run(until: seconds(700))
        #expect(lab.server.clusterPool.free == 0, "nor does the drop help")
      }
    }
  }
}

extension SeedLab {
  var isWriterPolling: Bool { bench.simulation.tasks[Int(writer)].state == .polling }

  mutating func receiverGoesFirst(_ policy: ReceiverFirst, _ kind: AllocatorKind) {
    bench.context.policy = policy
    bench.simulation.setAllocator(host: 0, kind, of: .clusters, &bench.context)
  }

  /// Runs to a moment, in milliseconds, and on until the writer waits for a cluster.
  mutating func runUntilWriterPolls(from start: Int64 = 1000) -> Bool {
    var now = start
    while !isWriterPolling && now < 12_000 {
      now += 1
      run(until: Instant(nanoseconds: now * 1_000_000))
    }
    return isWriterPolling
  }

  /// The client's socket is closed with a RST, by another task than its reader.
  mutating func clientResets() {
    var steps: [ProgramStep] = [.call(.abort(1), timeout: nil), .end]
    bench.program(on: 1, priority: 30) { _ in steps.removeFirst() }
  }
}
