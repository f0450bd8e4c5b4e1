// Pictures of series: what is drawn, where the marks stand, and what cannot be drawn.

import Foundation
import FoundationXML
import Testing

@testable import NetLab

@Suite("Plots")
struct PlotTests {
  private func drawn(_ sink: MemorySink, _ file: String) throws -> String {
    String(decoding: try #require(sink.octets(file)), as: UTF8.self)
  }

  @Test("a plot after the run draws what was recorded; one before it samples for itself")
  func sources() throws {
    let sink = MemorySink()
    let run = result(
      """
      record probe.answered every 200ms
      plot probe.answered, probe.rtt as "answers & times"
      """, sink: sink, run: "run for 3s\nplot probe.answered as \"again\"")
    #expect(run.faultText == nil)
    let both = try drawn(sink, "answers-times.svg")
    #expect(both.contains("<title>answers &amp; times</title>"))
    #expect(both.components(separatedBy: "stroke-width").count == 3)
    #expect(both.contains(">3s</text>"))
    #expect(XMLParser(data: Data(both.utf8)).parse())
    // Fifteen answers, each a step up; the last value holds to the right edge.
    let path = try #require(
      try drawn(sink, "again.svg").firstMatch(of: /stroke-width="1.5" d="([^"]*)"/)
    ).1
    #expect(path.matches(of: /V/).count == 15)
    #expect(path.hasSuffix("H736"))
  }

  @Test("the same run draws the same octets")
  func repeats() throws {
    func once() throws -> String {
      let sink = MemorySink()
      _ = result("plot probe.rtt every 100ms as \"a\"", sink: sink)
      return try drawn(sink, "a.svg")
    }
    #expect(try once() == once())
  }

  @Test("what was never recorded cannot be drawn afterwards, with --out or without")
  func late() {
    for sink in [MemorySink(), nil] {
      let run = result("", sink: sink, run: "run for 1s\nplot probe.rtt")
      #expect(run.faultText == "N446: nothing of `probe.rtt` has been recorded")
    }
  }

  @Test("without --out a plot draws what it samples itself, and says what nobody has sampled")
  func notes() {
    let own = result("plot probe.rtt as \"round trips\"")
    #expect(own.notes.isEmpty && own.plots.map(\.title) == ["round trips"])
    let late = result("record probe.rtt every 1s", run: "run for 1s\nplot probe.rtt as \"late\"")
    #expect(late.notes.last == "plot: without --out nobody has sampled probe.rtt")
    #expect(!TextReport().lines(late).contains("late"))
  }

  @Test("where a person looks a plot is a picture among the results, in a log it is its extremes")
  func terminal() {
    let run = result("plot probe.answered every 200ms as \"answers\"")
    let picture = TextReport(draws: true).lines(run)
    #expect(picture.contains("answers") && picture.contains("  probe.answered"))
    #expect(picture.contains { $0.contains("┬") })
    let log = TextReport().lines(run)
    #expect(log.contains("                  first  least  at  greatest  at  last"))
    #expect(log.contains("  probe.answered      0      0  0s        15  3s    15"))
    for line in picture + log { #expect(line.count <= 80, "\(line)") }
  }

  @Test(
    "the marks of an axis are whole steps in a unit that fits",
    arguments: [
      ("", 0.0, 64.0, ["0", "20", "40", "60", "80"]),
      ("", -3.0, 4.0, ["-4", "-2", "0", "2", "4"]),
      ("", 0.0, 0.0, ["0", "0.5", "1"]),
      ("bit", 0.0, 139_264.0, ["0", "5KiB", "10KiB", "15KiB", "20KiB"]),
      ("bit/s", 0.0, 3.4e6, ["0", "1Mbps", "2Mbps", "3Mbps", "4Mbps"]),
      ("ns", 0.0, 7.2e5, ["0", "200us", "400us", "600us", "800us"]),
    ])
  func marks(unit: String, low: Double, high: Double, expected: [String]) {
    let axis = ChartAxis(values: low...high, unit: unit, marks: 4)
    #expect(axis.marks.map(\.text) == expected)
  }

  @Test("time is marked where a clock has its marks")
  func times() {
    func marks(_ end: Int64) -> [String] { ChartAxis(to: end, marks: 8).marks.map(\.text) }
    #expect(marks(57_600_000_000_000) == ["0", "2h", "4h", "6h", "8h", "10h", "12h", "14h", "16h"])
    #expect(marks(120_000_000_000).suffix(2) == ["105s", "120s"])
    #expect(marks(3_000_000).suffix(2) == ["2.5ms", "3ms"])
    #expect(marks(0).first == "0")
    #expect(marks(.max).count < 100)
  }

  @Test("values far outside, and none at all, leave a picture without them")
  func extremes() {
    let series = ChartSeries(
      name: "x", unit: "", times: [0, 1, 2, 3], values: [-1e299, nil, 1e299, nil])
    let chart = Chart(title: "a", subtitle: "b", series: [series], end: 4)
    #expect(XMLParser(data: Data(chart.svg.utf8)).parse())
    #expect(!Chart(title: "", subtitle: "", series: [], end: 0).svg.isEmpty)
  }
}
