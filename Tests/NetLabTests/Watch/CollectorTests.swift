// Collectors: what they gather and how it reads.

import NetScript
import Testing

@testable import NetLab

@Suite("Collectors")
struct CollectorTests {
  @Test("a watch knows the first, the last, the number and the length of the times it was true")
  func watch() {
    let run = result(
      "let early = watch(fn() => now in 1s..1500ms)\nlet never = watch(fn() => probe.lost > 0)",
      run: """
        run for 3s
        print early.first, early.last, early.count, early.total
        print never.first, never.count, never.total
        """)
    #expect(run.faultText == nil)
    #expect(run.lines == ["1s  1.5s  1  500ms", "none  0  0s"])
  }

  @Test("a histogram gives extremes, mean and nearest-rank shares with the values' unit")
  func histogram() {
    let run = result(
      """
      let h = hist()
      at 1s { for i in 1..100 { h.add(i * 1ms) } }
      """,
      run: """
        run for 2s
        print h.min, h.max, h.mean, h.count, h.pct(50%), h.pct(99%), h.pct(100%)
        """)
    #expect(run.faultText == nil)
    #expect(run.lines == ["1ms  100ms  50.5ms  100  50ms  99ms  100ms"])
  }

  @Test("an empty histogram has no extremes")
  func emptyHistogram() {
    let run = result("let h = hist()", run: "run for 1s\n print h.max, h.mean, h.count")
    #expect(run.lines == ["none  none  0"])
  }

  @Test("a counter is a map that begins at zero")
  func counter() {
    let run = result(
      """
      var n = counter()
      at 1s { n[.a] += 1; n["b"] += 2; n[.a] += 1 }
      """, run: "run for 2s\n print n, n[.a], n[.c], n.total")
    #expect(run.faultText == nil)
    #expect(run.lines == ["[.a: 2, \"b\": 2]  2  0  4"])
  }

  @Test("a rate is the change over its window divided by the window")
  func rate() {
    let run = result(
      "let r = rate(fn() => probe.answered, 1s)", run: "run for 3s\n print r.value")
    #expect(run.faultText == nil)
    #expect(run.lines == ["5/s"])
  }

  @Test("a rate falls to zero when its window has moved past the last change")
  func quietRate() {
    let run = result(
      """
      let r = rate(fn() => probe.answered, 1s)
      at 1100ms { probe.stop() }
      at 1900ms { print r.value }
      at 2500ms { print r.value }
      """, run: "run for 3s\n print r.value")
    #expect(run.faultText == nil)
    #expect(run.lines == ["1/s", "0/s", "0/s"])
  }

  /// Texts without end, so that the heap is collected while the collector keeps something.
  private let junk = "fn junk() { for i in 1..2000 { let s = \"junk {i} and more {now}\" } }"

  @Test("a counter counts numbers and quantities")
  func counted() {
    let run = result("var n = counter()\nat 1s { n[.a] = [\"text\"] }")
    #expect(run.faultText == "N422: a counter takes numbers and quantities, not [\"text\"]")
  }

  @Test("what collectors keep outlives the collection of the heap")
  func kept() {
    let run = result(
      """
      var n = counter()
      let h = hist()
      let r = rate(fn() => probe.answered / 3, 1s)
      every 100ms {
          n[.a] += 1 / 3
          h.add(1s / 3)
          junk()
      }
      """, before: junk,
      run: "run for 3s\nprint n[.a], h.min, h.max, h.count\nprint r.value")
    #expect(run.faultText == nil)
    #expect(run.lines == ["10  0.3333s  0.3333s  30", "1.667/s"])
  }

  @Test("a histogram takes values before the first run")
  func early() {
    let run = result("let h = hist()\nh.add(3ms)", run: "run for 1s\nprint h.max, h.count")
    #expect(run.faultText == nil)
    #expect(run.lines == ["3ms  1"])
  }
}
