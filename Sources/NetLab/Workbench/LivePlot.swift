// `:plot live EXPR, …`: charts that grow while the world runs.
//
// As with `:every`, the run halts where a value is wanted and goes on; what is seen depends on
// simulated time alone, and when it is drawn is for the audience to say.

import NetScript
import NetSim
import NetStack

struct LivePlot {
  /// Twice as many as a chart has columns of dots; then every second goes.
  static let limit = 240
  /// Between the first samples of a world that has just begun.
  static let firstInterval = TimeSpan.microseconds(100)

  var questions: [Question]
  var series: [ChartSeries]
  /// The entries that samples were taken in, by their origins.
  var origins: [Int]
  var interval: TimeSpan
  var next: Instant

  mutating func keep(_ isKept: (Int) -> Bool) {
    let places = origins.indices.filter(isKept)
    origins = places.map { origins[$0] }
    for one in series.indices {
      series[one].times = places.map { series[one].times[$0] }
      series[one].values = places.map { series[one].values[$0] }
    }
  }

  fileprivate mutating func dropLast() {
    let count = origins.count - 1
    keep { $0 < count }
  }

  fileprivate mutating func thin() {
    keep { $0 % 2 == 0 }
    interval = interval + interval
  }
}

extension Workbench {
  /// With what has been so far, where that is not too long ago to know.
  func plotLive(_ questions: [Question]) -> Reply {
    var plot = LivePlot(
      questions: questions,
      series: questions.map { ChartSeries(name: $0.text, unit: "", times: [], values: []) },
      origins: [], interval: LivePlot.firstInterval, next: moment.now)
    guard moment.now > .zero else {
      bench.lookout.live = plot
      return .said(["drawn while the world runs; `:plot off` ends it"])
    }
    switch sampled(questions) {
    case .refused(let why): return why
    case .series(let series): plot.series = series
    }
    plot.origins = (plot.series.first?.times ?? []).map { origin(of: $0) }
    while plot.interval.nanoseconds * Int64(LivePlot.limit) < moment.now.nanoseconds {
      plot.interval = plot.interval + plot.interval
    }
    plot.next = moment.now + plot.interval
    bench.lookout.live = plot
    return .said(bench.picture)
  }

  /// The entry in which a time of the past lies.
  private func origin(of time: Int64) -> Int {
    journal.entries.first { $0.end.now.nanoseconds >= time }?.origin ?? 0
  }

  func endLivePlot() -> Reply {
    bench.lookout.live = nil
    return .said(["nothing is drawn while the world runs"])
  }

  /// Before time goes on: what was seen in another future is none of this one's.
  func resumeLivePlot() {
    guard let plot = bench.lookout.live else { return }
    var ends: [(origin: Int, end: Int64)] = [(0, 0)]
    for entry in journal.entries { ends.append((entry.origin, entry.end.now.nanoseconds)) }
    let times = plot.series.first?.times ?? []
    bench.lookout.live?.keep { place in
      ends.contains { $0.origin == plot.origins[place] && times[place] <= $0.end }
    }
    bench.sampleLive(in: journal.entries.last?.origin ?? 0, isDue: true)
  }
}

extension Bench {
  /// It is time for a sample, or `isDue` whatever the time.
  func sampleLive(in origin: Int, isDue: Bool = false) {
    guard var plot = lookout.live, isDue || plot.next <= simulation.now else { return }
    let now = simulation.now
    if plot.series.first?.times.last == now.nanoseconds { plot.dropLast() }
    addSample(now.nanoseconds, origin, to: &plot)
    if plot.origins.count > LivePlot.limit { plot.thin() }
    plot.next = now + plot.interval
    lookout.live = plot
  }

  private func addSample(_ at: Int64, _ origin: Int, to plot: inout LivePlot) {
    for place in plot.series.indices {
      do throws(RuntimeError) {
        try sample(plot.questions[place], at, into: &plot.series[place])
      } catch {
        // What cannot be asked now leaves a gap.
        plot.series[place].times.append(at)
        plot.series[place].values.append(nil)
      }
    }
    plot.origins.append(origin)
  }

  /// As things stand now.
  var picture: [String] {
    guard var plot = lookout.live else { return [] }
    addSample(simulation.now.nanoseconds, 0, to: &plot)
    return BrailleChart.lines(plot.series, end: simulation.now)
  }

  /// When time has passed, as it then stands.
  func lastPicture(in origin: Int) -> [String] {
    sampleLive(in: origin, isDue: true)
    return picture
  }

  /// Whoever watches may want to see how far it is.
  func showLive() {
    if lookout.live != nil, let audience = lookout.audience { audience.see { picture } }
  }
}
