// `plot a, b as "where they went"`: a picture of series over time, among what the run prints; and
// into an SVG file below --out.
//
// A plot draws what `record` has sampled; what nothing has sampled it samples itself, from where it
// stands.

import NetScript
import NetSim
import NetStack

struct Plot {
  var file: String
  var title: String
  /// As they are written at the statement.
  var names: [String]
}

extension Bench {
  func addPlot(_ site: StatementSite, _ operands: Arguments) throws(RuntimeError) {
    let interval = try optionalDuration(operands[0], of: "`every`", site)
    if let interval, interval <= .zero {
      throw RuntimeError("N423", "`every` needs a time above 0", at: site.span)
    }
    let names = seriesNames(site, operands)
    let fresh = names.indices.filter { !watch.recordedNames.contains(names[$0]) }
    if let first = fresh.first, phase >= .run, simulation.now > .zero {
      throw RuntimeError(
        "N446", "nothing of `\(names[first])` has been recorded", at: site.span,
        help: "`record \(names[first])` before the first `run`, or this plot there")
    }
    let file = try newFile(
      site.label ?? "plot-\(line(of: site.span))", suffix: ".svg", at: site.span,
      help: "`as \"…\"` gives it a name of its own")
    // Without --out or a report nobody has sampled what `record` would have.
    let unsampled = names.indices.filter { number in
      !watch.recorders.contains { $0.names.contains(names[number]) }
    }
    watch.recordedNames += fresh.map { names[$0] }
    let title = site.label ?? plan.title
    if !unsampled.isEmpty, phase < .run || simulation.now == .zero {
      startRecorder(
        nil, title, unsampled.map { ($0, names[$0]) }, operands, every: interval, at: site.span)
    } else if let first = unsampled.first {
      noteOnce("plot: without --out nobody has sampled \(names[first])")
    }
    watch.plots.append(Plot(file: file, title: title, names: names))
  }

  /// What the plots of the run draw.
  var plotResults: [PlotResult] {
    watch.plots.map { plot in
      PlotResult(
        title: plot.title, series: plot.names.compactMap(chartSeries),
        summary: TextTable(
          columns: ["", "first", "least", "at", "greatest", "at", "last"],
          rows: plot.names.compactMap(summary)))
    }
  }

  /// The first value of a series, the extremes and when they came, the last.
  private func summary(_ name: String) -> [Cell]? {
    for recorder in watch.recorders {
      guard let column = recorder.names.firstIndex(of: name) else { continue }
      let known = recorder.rows.indices.filter { recorder.rows[$0][column].height != nil }
      guard let first = known.first, let last = known.last else { return nil }
      func height(_ row: Int) -> Double { recorder.rows[row][column].height ?? 0 }
      var (least, most) = (first, first)
      for row in known {
        if height(row) < height(least) { least = row }
        if height(row) > height(most) { most = row }
      }
      func cell(_ row: Int) -> Cell { recorder.rows[row][column] }
      func time(_ row: Int) -> Cell { Cell.time(recorder.times[row].nanoseconds) }
      return [
        Cell(text: name), cell(first), cell(least), time(least), cell(most), time(most),
        cell(last),
      ]
    }
    return nil
  }

  /// Draws what was sampled. Called once, when the run has ended well.
  func writePlots() {
    for plot in watch.plots {
      let series = plot.names.compactMap(chartSeries)
      let chart = Chart(
        title: plot.title, subtitle: runName, series: series, end: simulation.now.nanoseconds)
      output.sink?.append(Array(chart.svg.utf8), to: plot.file)
    }
  }

  /// The case as a reader of the picture would ask for it.
  private var runName: String {
    [plan.title, plan.variant?.title, "seed \(plan.seed)"].compactMap { $0 }
      .joined(separator: " · ")
  }

  private func chartSeries(_ name: String) -> ChartSeries? {
    for recorder in watch.recorders {
      guard let column = recorder.names.firstIndex(of: name) else { continue }
      let cells = recorder.rows.map { $0[column] }
      return ChartSeries(
        name: name, unit: cells.first { !$0.unit.isEmpty }?.unit ?? "",
        times: recorder.times.map { $0.nanoseconds }, values: cells.map { $0.height })
    }
    return nil
  }
}

extension Cell {
  /// In base units; nil where there is nothing to draw, and far outside what a picture can show.
  var height: Double? {
    switch number {
    case .bool(let value): value ? 1 : 0
    case .int(let value): Double(value)
    case .real(let value): value.magnitude < 1e300 ? value : nil
    case .none, .text: nil
    }
  }
}
