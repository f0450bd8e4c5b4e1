// The pictures of a run: of the whole of it, or of a part. Each comes with its numbers as a table.

import NetScript
import NetStack

extension PoolHistory {
  /// The fewest free buffers that there were.
  var leastFree: Int64 {
    let rows = track.whole
    return (0..<rows.count).map { rows.value($0, rows.columns - 2) }.min() ?? total
  }

  /// It came near its end: a fourth was left, or less. mbufs, of which there are many, ran out.
  var isWorthSeeing: Bool {
    name.hasSuffix(".mbufs") ? total > 0 && leastFree == 0 : leastFree <= total / 4
  }
}

extension ConnectionHistory {
  /// This end sent more than its SYN and FIN: the other end's pictures would tell nothing more.
  var hasSent: Bool {
    (0..<track.whole.count).contains { track.whole.value($0, 1) > 2 }
  }
}

struct Figures {
  var tracks: Tracks
  var start: Int64
  var end: Int64
  var landmarks: [Landmark]
  /// A part of a run, every change of which is at hand.
  var isCloseUp: Bool

  /// More rows than that nobody reads; the picture has them.
  static let mostRows = 60
  /// Heads the times of a table that has fewer rows than its picture.
  static let thinnedTime = "time (thinned)"
  private static let thinning =
    ". Of equal spans of time the first, the last, the least and the greatest values; the picture "
    + "has all."

  func add(to html: inout Markup) {
    for pool in tracks.pools where pool.isWorthSeeing { add(pool, to: &html) }
    for ring in tracks.rings where ring.track.whole.count > 1 { add(ring, to: &html) }
    addTasks(to: &html)
    for one in tracks.connections where one.hasSent { add(one, to: &html) }
  }

  // MARK: pools

  private func add(_ pool: PoolHistory, to html: inout Markup) {
    let rows = pool.track.whole
    let seen = pool.places.indices.filter { place in
      (0..<rows.count).contains { rows.value($0, place) > 0 }
    }
    // The ring at the bottom: it changes least, and the others are seen against it.
    let order = seen.sorted { rank(pool.places[$0]) < rank(pool.places[$1]) }
    let chart = AreaChart(
      title: "\(pool.name): who has them, of \(pool.total)",
      layers: order.map { (pool.places[$0], $0) }, rows: rows, total: pool.total,
      free: rows.columns - 2, start: start, end: end, landmarks: landmarks)
    let names = order.map { pool.places[$0] } + ["free", "waiting"]
    let columns = order + [rows.columns - 2, rows.columns - 1]
    var note = thinned(pool.track)
    if !isCloseUp {
      note += " Where much happens within a pixel the areas show its end, the line the most in use."
    }
    figure(
      "\(pool.name): who has them, of \(pool.total)", note, chart.svg,
      table(rows, names, columns), to: &html)
  }

  private func rank(_ place: String) -> Int {
    let order = [
      "ring", "used", "sndbuf", "rcvbuf", "ipq", "arpq", "ifq", "txring", "reass", "arphold",
      "hand", "leaked",
    ]
    return order.firstIndex(of: place) ?? order.count
  }

  // MARK: rings, connections

  private func add(_ ring: RingHistory, to html: inout Markup) {
    let names = ["posted", "filled"]
    let chart = lines(
      "\(ring.name): receive descriptors, of \(ring.total)", ring.track.whole, names, unit: "")
    figure(
      "\(ring.name): receive descriptors, of \(ring.total)", thinned(ring.track), chart.svg,
      table(ring.track.whole, names, [0, 1]), to: &html)
  }

  private func add(_ one: ConnectionHistory, to html: inout Markup) {
    let names = ConnectionHistory.columns
    let octets = names.map { $0 + " [octets]" }
    let rows = one.track.whole
    let gone = one.endedAt.map { " Gone at \(QuantityText.time(nanoseconds: $0))." } ?? ""
    let sequence = lines(
      "\(one.name): sequence numbers", rows, Array(names[..<3]), unit: "bit", factor: 8,
      until: one.endedAt)
    figure(
      "\(one.name): sequence numbers from the first of the connection", thinned(one.track) + gone,
      sequence.svg, table(rows, Array(octets[..<3]), [0, 1, 2]), to: &html)
    var windows = lines(
      "\(one.name): windows", rows, Array(names[3...]), unit: "bit", factor: 8, from: 3,
      until: one.endedAt)
    var note = thinned(one.track) + gone
    if hideIdleCongestionWindow(of: &windows) {
      note += " cwnd is not drawn where it is so large that it limits nothing."
    }
    figure(
      "\(one.name): windows", note, windows.svg, table(rows, Array(octets[3...]), [3, 4, 5]),
      to: &html)
  }

  /// Before the first loss cwnd may have a value of a gigabyte, beside which nothing else is seen.
  private func hideIdleCongestionWindow(of windows: inout Chart) -> Bool {
    let most = windows.series[1].values.reduce(8) { max($0, $1 ?? 0) }
    var hides = false
    for index in windows.series[0].values.indices
    where windows.series[0].values[index] ?? 0 > most * 4 {
      windows.series[0].values[index] = nil
      hides = true
    }
    return hides
  }

  private func lines(
    _ title: String, _ rows: SampledRows, _ names: [String], unit: String, factor: Double = 1,
    from first: Int = 0, until: Int64? = nil
  ) -> Chart {
    let series = names.indices.map { place in
      var one = ChartSeries(
        name: names[place], unit: unit, times: rows.times,
        values: (0..<rows.count).map { Double(rows.value($0, first + place)) * factor })
      if let until, until <= end {
        one.times.append(until)
        one.values.append(nil)
      }
      return one
    }
    return Chart(
      title: title, subtitle: "", series: series, start: start, end: end, look: .page,
      landmarks: landmarks)
  }

  // MARK: tasks

  private func addTasks(to html: inout Markup) {
    if tracks.tasks.isEmpty { return }
    let all = tracks.tasks.map {
      isCloseUp ? LaneChart.Lane($0, from: start, to: end) : LaneChart.Lane($0)
    }
    let lanes = all.filter { $0.hasActed }
    let idle = all.filter { !$0.hasActed }.map { $0.name }
    if lanes.isEmpty { return }
    let chart = LaneChart(
      title: "Tasks: who ran, who waited for what", lanes: lanes, start: start, end: end,
      landmarks: landmarks)
    let states = Activeness.allCases.filter { state in lanes.contains { $0.total(state) > 0 } }
    let rows = lanes.map { lane in
      [Cell(text: lane.name)] + states.map { Cell.time(lane.total($0)) }
    }
    var note =
      isCloseUp
      ? ""
      : "Each column shows which share of its time a task spent how; the table of waits tells for "
        + "what."
    if !idle.isEmpty {
      note += " Not drawn, because they took no time: " + idle.joined(separator: ", ") + "."
    }
    figure(
      "Tasks: who ran, who waited for what", note, chart.svg,
      TextTable(columns: ["task"] + states.map { $0.name }, rows: rows), to: &html)
  }

  // MARK: figure and table

  private func thinned(_ track: Track) -> String {
    guard track.decimation.span > 0 else { return "" }
    let span = QuantityText.time(nanoseconds: track.decimation.span)
    return "Thinned: of each \(span) the first, the last, the least and the greatest values."
  }

  private func table(_ rows: SampledRows, _ names: [String], _ columns: [Int]) -> TextTable {
    var decimation = Decimation()
    let kept = decimation.thin(rows.times, columns: columns.count, toAtMost: Figures.mostRows) {
      Double(rows.value($0, columns[$1]))
    }
    return TextTable(
      columns: [kept.count < rows.count ? Figures.thinnedTime : "time"] + names,
      rows: kept.map { row in
        [Cell.time(rows.times[row])] + columns.map { Cell.whole(rows.value(row, $0)) }
      })
  }

  private func figure(
    _ caption: String, _ note: String, _ svg: String, _ table: TextTable, to html: inout Markup
  ) {
    Figures.figure(caption, note, svg, table, to: &html)
  }

  /// - Parameter svg: the picture, which is reached with Tab and scrolled where it is too wide.
  static func figure(
    _ caption: String, _ note: String, _ svg: String, _ table: TextTable, to html: inout Markup
  ) {
    html.wrap("figure") { html in
      html.wrap("figcaption") { html in
        html.add("strong", caption)
        if !note.isEmpty { html.add("span", note, ("class", "note")) }
      }
      html.scroll("picture: " + caption) { $0.raw(svg) }
      html.wrap("details", ("class", "numbers")) { html in
        html.add("summary", "As a table")
        html.table(table, caption: table.columns[0] == thinnedTime ? caption + thinning : caption)
      }
    }
  }
}
