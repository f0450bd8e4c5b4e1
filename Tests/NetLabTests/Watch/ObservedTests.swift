// The last answer of what is observed lives in the script's heap, which is collected meanwhile.

import NetScript
import Testing

@testable import NetLab

@Suite("Observed answers")
struct ObservedTests {
  @Test("a text in a column stays what it was while the heap is collected")
  func columns() {
    let sink = MemorySink()
    let run = result(
      """
      var k = 0
      every 10ms { k += 1; for i in 1..1500 { let s = "junk {i} and more {k}" } }
      record "text {server.pool.clusters.total} of it", k every 10ms as "r"
      """, sink: sink, run: "run for 1s")
    #expect(run.faultText == nil)
    let text = String(decoding: sink.octets("r.csv") ?? [], as: UTF8.self)
    #expect(text.contains("text 1024 of it"))
    #expect(!text.contains("junk"))
    let lines = text.split(separator: "\n").dropFirst()
    #expect(lines.count > 90)
    #expect(lines.allSatisfy { $0.contains(",text 1024 of it,") })
  }
}
