// The report: what stands in it, that it needs nothing but itself, and that it changes nothing.

import Foundation
import FoundationXML
import NetScript
import NetStack
import Testing

@testable import NetLab

/// A run with everything that a report draws: a server that wedges within a tenth of a second.
private func wedging(_ time: String, _ more: String = "") -> String {
  """
  import "std/presets"
  case "it wedges" {
      lan office { rate = 10Mbps; delay = 50us }
      host server : presets.rtems46 {
          cpu { factor = 6 }
          nic eth0 { lan = office; rx_ring = 32; tx_ring = 32; refill = .wait }
      }
      host client { nic eth0 { lan = office } }
      bulk ftp { from = server; to = client; write = 300B; priority = 40; cost = 300us }
      chatter windows { lan = office; rate = 40/s; size = uniform(90B, 600B) }
      expect never wedged(server) as "it goes on & on"
      expect eventually wedged(server) as "it does not"
      record server.pool.clusters.free every 10ms
      \(more)
      run for \(time)
      print "a < b & c"
      report server.pool.clusters.free as "left"
  }
  """
}

@Suite("Report")
struct ReportTests {
  struct Reported {
    var result: RunResult
    var history: RunHistory?
    var html: String
  }

  private func reported(
    _ script: String, isSampled: Bool = true, limits: RunLimits = RunLimits(), planned: Int = 1
  ) throws -> Reported {
    var options = PlanOptions()
    options.limits = limits
    let plans = Planner.plan(
      name: "test.ns", octets: Array(script.utf8), loader: NoImports(), options: options)
    #expect(plans.diagnostics.isEmpty)
    let bench = Bench(try #require(plans.runs.first))
    if isSampled { bench.sampleForReport() }
    if bench.prepare() { bench.run() }
    let history = bench.takeHistory()
    let result = bench.result
    var page = ReportPage()
    if let history {
      page.add(RunStory(result: result, history: history, replay: "netsh run 'a b.ns' --seed 1"))
    }
    return Reported(
      result: result, history: history,
      html: page.html(command: "netsh run --report x.html", planned: planned))
  }

  @Test("a run that is taken down is the same run, and so is its page")
  func changesNothing() throws {
    let with = try reported(wedging("2s"))
    let without = try reported(wedging("2s"), isSampled: false)
    #expect(without.history == nil)
    #expect(with.result.digest == without.result.digest)
    #expect(with.result.events == without.result.events)
    #expect(try reported(wedging("2s")).html == with.html)
  }

  @Test("the page is well-formed, and asks for nothing from anywhere")
  func isSelfContained() throws {
    let html = try reported(wedging("1s")).html
    #expect(XMLParser(data: Data(html.utf8)).parse())
    #expect(html.utf8.count < 2 << 20)
    #expect(!html.contains("http://") && !html.contains("https://") && !html.contains("//cdn"))
    for word in ["src=", "@import", "<link", "<img", "<iframe", "fetch("] {
      #expect(!html.contains(word), "\(word)")
    }
    let references = html.matches(of: /(?:href="|url\()([^")]*)/).map { String($0.1) }
    for reference in references { #expect(reference.hasPrefix("#"), "\(reference)") }
  }

  @Test("each picture has a name, can be reached with Tab, and is a table, too")
  func figures() throws {
    let html = try reported(wedging("1s")).html
    let figures = html.components(separatedBy: "<figure>").dropFirst()
    #expect(figures.count >= 10)
    for figure in figures {
      let body = figure.components(separatedBy: "</figure>")[0]
      #expect(body.contains("<svg class=\"chart\"") && body.contains("<title>"))
      #expect(body.contains("tabindex=\"0\""))
      let table = body.components(separatedBy: "<details class=\"numbers\">")
      #expect(table.count == 2 && table[1].contains("<td"), "\(body.prefix(200))")
    }
  }

  @Test("the report tells verdict, certificate, waits, replay and what the script told")
  func content() throws {
    let report = try reported(wedging("1s"))
    let html = report.html
    for text in [
      "it goes on &amp; on", "WEDGED: a knot", "a &lt; b &amp; c", report.result.digestText,
      "netsh run 'a b.ns' --seed 1", "a cluster, for the receive ring", "still waits",
      "Around the moment when server is wedged", "server.pool.clusters: who has them, of 64",
      "server.eth0: receive descriptors, of 32", ">left<",
    ] {
      #expect(html.contains(text), "\(text)")
    }
    #expect(!html.contains("class=\"cut\" role"))
  }

  @Test("around the wedge every change is there, and the wedge lies inside")
  func closeUp() throws {
    let history = try #require(try reported(wedging("60s")).history)
    let part = try #require(history.closeUp)
    #expect(part.focus.reason == .wedge)
    #expect(part.from < part.focus.at && part.focus.at < part.until)
    #expect(part.until < 1_000_000_000)
    let pool = try #require(part.history.pools.first { $0.name == "server.pool.clusters" })
    let rows = pool.track.whole
    #expect(rows.count > 50)
    // Each row says where every cluster is.
    for row in 0..<rows.count {
      #expect((0..<rows.columns - 1).reduce(0) { $0 + rows.value(row, $1) } == pool.total)
    }
    #expect(rows.value(rows.count - 1, rows.columns - 2) == 0)
  }

  @Test("a run that a limit cut short says so before anything else")
  func cutShort() throws {
    var limits = RunLimits()
    limits.events = 100
    let report = try reported(wedging("1s"), limits: limits)
    #expect(report.result.verdict == .limit)
    let body = report.html.components(separatedBy: "<div class=\"body\"")[1]
    #expect(body.contains("A limit was reached: N445"))
    let cut = try #require(body.range(of: "class=\"cut\""))
    let facts = try #require(body.range(of: "class=\"facts\""))
    #expect(cut.lowerBound < facts.lowerBound)
  }

  @Test("runs that were not made are counted")
  func missing() throws {
    let html = try reported("case \"a\" { run for 1s }", planned: 3).html
    #expect(html.contains("Cut short: 2 of 3 runs are not here"))
  }

  @Test("a script without hosts, and one that fails before time 0, have a report")
  func bare() throws {
    #expect(XMLParser(data: Data(try reported("print 1").html.utf8)).parse())
    let failed = try reported("case \"a\" { run for 1s\n fail \"no\" }")
    #expect(failed.html.contains("class=\"verdict bad\""))
  }

  @Test("of many runs there is a table, and pictures of the first and of those in trouble")
  func manyRuns() throws {
    let report = try reported(wedging("100ms"))
    var page = ReportPage()
    var fine = report.result
    fine.verdict = .pass
    let history = try #require(report.history)
    for number in 0..<40 {
      let result = number < 30 ? fine : report.result
      page.add(RunStory(result: result, history: history, replay: "netsh"))
    }
    let html = page.html(command: "netsh", planned: 40)
    #expect(html.contains("<h2>40 runs</h2>") && html.contains("href=\"#run-40\""))
    #expect(html.components(separatedBy: "The whole run").count - 1 == 22)
    #expect(html.components(separatedBy: "there are too many runs").count - 1 == 18)
    #expect(XMLParser(data: Data(html.utf8)).parse())
  }

  @Test("what is kept of a task's time stays small, and none of it gets lost")
  func shares() {
    var shares = TimeShares()
    var at: Int64 = 0
    for step in 0..<100_000 {
      let length = Int64(1 + step % 7919)
      shares.add(step % 2 == 0 ? .runs : .idles, from: at, to: at + length)
      at += length
    }
    #expect(shares.nanoseconds.count <= TimeShares.most * TimeShares.kinds)
    #expect(shares.nanoseconds.reduce(0, +) == at)
  }
}
