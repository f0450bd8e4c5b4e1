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
    if output.sink == nil { noteOnce("plot: would write \(file) (--out DIR)") }
    let title = site.label ?? plan.title
    if !unsampled.isEmpty, phase < .run || simulation.now == .zero {
      startRecorder(
        nil, title, unsampled.map { ($0, names[$0]) }, operands, every: interval, at: site.span)
    }
    watch.plots.append(Plot(file: file, title: title, names: names))
  }

  /// What the plots of the run draw.
  var plotResults: [PlotResult] {
    watch.plots.map { PlotResult(title: $0.title, series: $0.names.compactMap(chartSeries)) }
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
