// Media by themselves: stations without a stack put frames on them, and look when they come.

import NetSim
import NetStack
import Testing
import Wire

/// So many stations on one medium.
private struct Stations {
  var bench: Bench
  /// What was lost, in order.
  var losses: [LossReason] = []

  init(_ count: Int, _ medium: Medium, _ change: (inout LinkConfiguration) -> Void = { _ in }) {
    var link = LinkConfiguration(rate: 10_000_000, delay: .microseconds(50))
    link.medium = medium
    change(&link)
    bench = Bench(link)
    for _ in 0..<count { bench.add(nil) }
    bench.context.interest = 1 << UInt64(TraceKind.linkLost.rawValue)
  }

  /// A frame of 60 octets is 57.6 us on the wire; with its gap it takes 67.2.
  mutating func send(
    from sender: Int, to receiver: Int?, mark: UInt8 = 0, octets: Int = 60
  ) {
    var frame = [UInt8](repeating: mark, count: octets)
    let destination = receiver.map { Bench.mac($0) } ?? .broadcast
    frame.withUnsafeMutableBytes {
      EthernetHeader(destination: destination, source: Bench.mac(sender), type: 0x88B5)
        .write(to: $0.baseAddress.unsafelyUnwrapped)
    }
    let port = bench.stations[sender].ports[0]
    let isTaken = frame.withUnsafeBytes { bench.simulation.send($0, from: port, &bench.context) }
    #expect(isTaken)
  }

  mutating func run(until microseconds: Int64) {
    bench.run(until: Instant(nanoseconds: microseconds * 1000))
    losses += bench.context.records.compactMap { LossReason(rawValue: $0.b) }
    bench.context.records.removeAll()
  }

  var link: Link { bench.simulation.links[0] }

  /// When frames came to a station, in microseconds with a tenth.
  func arrivals(at station: Int) -> [Double] {
    inbox(station).map { Double($0.at.nanoseconds) / 1000 }
  }

  func marks(at station: Int) -> [UInt8] {
    inbox(station).map { bench.simulation.octets(of: $0)[20] }
  }

  private func inbox(_ station: Int) -> [ReceivedFrame] {
    bench.simulation.ports[Int(bench.stations[station].ports[0])].inbox
  }
}

@Suite("Media")
struct LinkTests {
  @Test("a switched LAN stores a frame and forwards it; pairs do not disturb each other")
  func storeAndForward() {
    var lan = Stations(4, .switched) { $0.learns = false }
    lan.send(from: 0, to: 1)
    lan.send(from: 2, to: 3)
    lan.run(until: 1000)
    #expect(lan.arrivals(at: 1) == [57.6 * 2 + 50] && lan.arrivals(at: 3) == lan.arrivals(at: 1))
    #expect(lan.arrivals(at: 0).isEmpty && lan.link.lost == 0)
  }

  @Test("on a shared LAN the second pair has to wait")
  func sharedWaits() {
    var lan = Stations(4, .shared)
    lan.send(from: 0, to: 1)
    lan.send(from: 2, to: 3)
    lan.run(until: 1000)
    #expect(lan.arrivals(at: 1) == [107.6] && lan.arrivals(at: 3) == [67.2 + 107.6])
  }

  @Test("an output whose queue is full drops the last to come; the others keep their order")
  func tailDrop() {
    var lan = Stations(4, .switched) {
      $0.learns = false
      $0.outputQueue = 2
    }
    for mark in 0..<4 {
      for sender in 1...3 { lan.send(from: sender, to: 0, mark: UInt8(10 * sender + mark)) }
    }
    lan.run(until: 10_000)
    // Three come in while one goes out: of each round one passes at once, or finds a place.
    #expect(lan.link.bridge?.drops == lan.link.lost && lan.link.lost > 0)
    #expect(lan.losses.allSatisfy { $0 == .queueFull } && Int64(lan.losses.count) == lan.link.lost)
    #expect(lan.marks(at: 0).count == 12 - lan.losses.count)
    #expect(lan.marks(at: 0).filter { $0 / 10 == 1 } == [10, 11, 12, 13])
    #expect(lan.link.bridge?.peak == 2 && lan.link.bridge?.queued == 0)
  }

  @Test("a switch floods what it does not know, and learns from what it hears")
  func learning() {
    var lan = Stations(3, .switched)
    func floods() -> TimeSpan { lan.bench.simulation.ports[2].outputTime }
    lan.send(from: 0, to: 1)
    lan.run(until: 1000)
    #expect(floods() > .zero && lan.arrivals(at: 1).count == 1 && lan.arrivals(at: 2).isEmpty)
    let before = floods()
    lan.send(from: 1, to: 0)
    lan.run(until: 2000)
    lan.send(from: 0, to: 1)
    lan.run(until: 3000)
    #expect(floods() == before && lan.arrivals(at: 1).count == 2)
    lan.send(from: 0, to: nil)
    lan.run(until: 4000)
    #expect(floods() > before && lan.arrivals(at: 2).count == 1)
  }

  @Test("jitter is drawn from the link's own stream, stays below its bound, and keeps the order")
  func jitter() {
    func arrivals(keepsOrder: Bool, seed: UInt64) -> (times: [Double], marks: [UInt8]) {
      var link = Stations(2, .pointToPoint) {
        $0.jitter = .microseconds(500)
        $0.keepsOrder = keepsOrder
        $0.draws = RandomStream(seed: seed, path: "wire", purpose: "jitter")
      }
      for mark in 0..<20 { link.send(from: 0, to: 1, mark: UInt8(mark)) }
      link.run(until: 10_000)
      return (link.arrivals(at: 1), link.marks(at: 1))
    }
    let kept = arrivals(keepsOrder: true, seed: 1)
    #expect(kept.marks == (0..<20).map { UInt8($0) })
    #expect(kept.times == arrivals(keepsOrder: true, seed: 1).times)
    #expect(kept.times != arrivals(keepsOrder: true, seed: 2).times)
    let loose = arrivals(keepsOrder: false, seed: 1)
    #expect(loose.marks != kept.marks && loose.marks.sorted() == kept.marks)
    for (time, mark) in zip(loose.times, loose.marks) {
      let least = 107.6 + 67.2 * Double(mark)
      #expect(time > least - 0.01 && time < least + 500.01)
    }
  }

  @Test("a link that is cut loses what is put on it and what is on its way")
  func cut() {
    var link = Stations(2, .pointToPoint)
    link.send(from: 0, to: 1, mark: 1)
    link.run(until: 80)
    link.bench.simulation.setLink(0, isUp: false)
    link.run(until: 1000)
    link.send(from: 0, to: 1, mark: 2)
    link.run(until: 2000)
    #expect(link.losses == [.down, .down] && link.arrivals(at: 1).isEmpty)
    link.bench.simulation.setLink(0, isUp: true)
    link.send(from: 0, to: 1, mark: 3)
    link.run(until: 3000)
    #expect(link.marks(at: 1) == [3])
  }

  @Test("a switch without power loses what lies in it", arguments: [Int64(60), 130])
  func darkSwitch(at instant: Int64) {
    var lan = Stations(2, .switched) { $0.learns = false }
    lan.send(from: 0, to: 1)
    lan.run(until: instant)
    lan.bench.simulation.setLink(0, isUp: false)
    lan.run(until: 1000)
    #expect(lan.losses == [.down] && lan.arrivals(at: 1).isEmpty)
  }

  @Test("stations of two parts do not hear each other", arguments: [Medium.shared, .switched])
  func partition(_ medium: Medium) {
    var lan = Stations(4, medium) { $0.learns = false }
    lan.bench.simulation.partition(0, groups: [0, 0, 1, 1])
    lan.send(from: 0, to: 1, mark: 1)
    lan.send(from: 0, to: 2, mark: 2)
    lan.send(from: 3, to: nil, mark: 3)
    lan.run(until: 2000)
    #expect(lan.losses == [.partition])
    #expect(lan.marks(at: 1) == [1] && lan.marks(at: 2) == [3] && lan.marks(at: 0).isEmpty)
    lan.bench.simulation.partition(0, groups: [0, 0, 0, 0])
    lan.send(from: 0, to: 2, mark: 4)
    lan.run(until: 4000)
    #expect(lan.marks(at: 2) == [3, 4])
  }
}
