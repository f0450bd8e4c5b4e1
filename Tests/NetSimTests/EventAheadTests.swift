// Who is asked for memory ahead is who comes next; and a run with many hosts is as it was.

import NetStack
import Testing

@testable import NetSim

@Suite("Events and the memory that is asked for ahead of them")
struct EventAheadTests {
  private struct Draw {
    var state: UInt64
    mutating func below(_ limit: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % limit
    }
  }

  private func filled(_ draw: inout Draw, _ count: Int) -> EventQueue {
    var queue = EventQueue()
    for number in 0..<count {
      let at = Instant(nanoseconds: Int64(draw.below(500)))
      queue.schedule(.sent, at: at, Int32(number))
    }
    return queue
  }

  @Test("the queue names the two that come next, before and after one was taken")
  func upcoming() throws {
    var draw = Draw(state: 5)
    for count in [24, 25, 100, 999] {
      var queue = filled(&draw, count)
      while true {
        let order = queue.inOrder.map(\.event.object)
        _ = queue.next  // closes the place of the one that was taken
        if let named = queue.upcoming {
          #expect([named.first.object, named.second.object] == Array(order.prefix(2)))
        }
        _ = queue.pop()
        guard let named = queue.upcoming else { break }
        #expect([named.first.object, named.second.object] == Array(order[1...2]))
        // What is handled may schedule something at once.
        if draw.below(3) == 0 {
          let at = Instant(nanoseconds: 500 + Int64(draw.below(500)))
          queue.schedule(.sent, at: at, Int32(count) + Int32(draw.below(1000)))
        }
      }
    }
  }

  @Test("few events are not looked through")
  func few() {
    var draw = Draw(state: 1)
    #expect(filled(&draw, 20).upcoming == nil)
    #expect(EventQueue().upcoming == nil)
  }
}
