// Thinning: what was extreme stays, whatever is thrown away, and the file says what was.

import Foundation
import NetScript
import NetStack
import Testing

@testable import NetLab

@Suite("Decimation")
struct DecimationTests {
  @Test("the least and the greatest of each column stay, however often samples are thinned")
  func extremes() {
    var times: [Int64] = []
    var values: [Double] = []
    var decimation = Decimation()
    for sample in 0..<400_000 {
      times.append(Int64(sample) * 1000)
      values.append(sample == 123_457 ? -9 : sample == 234_571 ? 99 : Double(sample % 7))
      guard times.count > 2000 else { continue }
      let kept = decimation.thin(times, columns: 1, toAtMost: 1000) { row, _ in values[row] }
      (times, values) = (kept.map { times[$0] }, kept.map { values[$0] })
    }
    #expect(times.count <= 2000)
    #expect(times.first == 0 && times.last == 399_999_000)
    #expect(times[values.firstIndex(of: -9) ?? 0] == 123_457_000)
    #expect(times[values.firstIndex(of: 99) ?? 0] == 234_571_000)
    #expect(times == times.sorted())
  }

  @Test("thinned step by step or at once: the same samples stay")
  func nested() {
    let times = (0..<5000).map { Int64($0) * 37 }
    func height(_ place: Int) -> Double { Double((place * 7919) % 1009) }
    var stepwise = Decimation()
    var places = Array(times.indices)
    for most in [4000, 2000, 900, 300] {
      let now = places
      let kept = stepwise.thin(now.map { times[$0] }, columns: 1, toAtMost: most) { row, _ in
        height(now[row])
      }
      places = kept.map { now[$0] }
    }
    var once = Decimation()
    let direct = once.thin(times, columns: 1, toAtMost: 300) { row, _ in height(row) }
    #expect(places == direct && stepwise.span == once.span)
    #expect(places.count <= 300)
  }

  @Test("a record beyond its limit keeps its peak, and the file and a note say what was dropped")
  func record() throws {
    var limits = RunLimits()
    limits.samples = 40
    let sink = MemorySink()
    let run = result(
      """
      var level = 0
      every 1ms { level = 1 - level }
      at 777ms { level = 100 }
      at 778ms { level = 0 }
      record level every 1ms as "level"
      """, sink: sink, limits: limits)
    #expect(run.faultText == nil)
    let text = String(decoding: try #require(sink.octets("level.csv")), as: UTF8.self)
    let lines = text.split(separator: "\n")
    #expect(lines[0].hasPrefix("# decimated: ") && lines[0].hasSuffix("greatest of each column"))
    #expect(lines[1] == "time_ns,level")
    #expect(lines.count <= 42)
    #expect(lines.contains { $0.hasSuffix(",100") })
    #expect(run.notes.contains { $0.hasPrefix("level.csv: decimated to ") })
  }

  @Test("a record whose name ends in .jsonl is JSON Lines, with units in the names of its fields")
  func jsonLines() throws {
    let sink = MemorySink()
    let run = result("record probe.answered, probe.rtt every 1s as \"a.jsonl\"", sink: sink)
    #expect(run.faultText == nil && sink.files.map(\.name) == ["a.jsonl"])
    let text = String(decoding: try #require(sink.octets("a.jsonl")), as: UTF8.self)
    let objects = try text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(objects.count == 4)
    for object in objects {
      #expect(Set(object.keys) == ["time_ns", "probe.answered", "probe.rtt [ns]"])
    }
    #expect(objects[0]["time_ns"] as? Int == 0 && objects[0]["probe.rtt [ns]"] is NSNull)
    #expect(objects[3]["probe.answered"] as? Int == 15)
  }
}
