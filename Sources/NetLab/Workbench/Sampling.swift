// `:plot PATH…`: what a value was, from the beginning to here. The way is gone once more, and the
// value asked at regular times.

import NetScript
import NetSim
import NetStack

extension Workbench {
  /// Columns of dots of a chart; each is a time at which the values are asked.
  private static let samples = 120

  /// `:plot EXPR, EXPR …`: a chart for each, in lines of at most 80 columns.
  public func plot(_ argument: String) -> Reply {
    if argument == "off" { return endLivePlot() }
    let isLive = argument.hasPrefix("live ")
    var questions: [Question] = []
    for text in Workbench.parts(of: isLive ? String(argument.dropFirst(5)) : argument) {
      switch question(text, "plot") {
      case .failure(let mistake): return mistake
      case .success(let question): questions.append(question)
      }
    }
    if isLive { return plotLive(questions) }
    guard moment.now > .zero else {
      return .refused("nothing has happened yet: `run for 1s` first")
    }
    switch sampled(questions) {
    case .refused(let why): return why
    case .series(let series): return .said(BrailleChart.lines(series, end: moment.now))
    }
  }

  enum Samples {
    case series([ChartSeries])
    case refused(Reply)
  }

  /// What the values were from the beginning to here.
  func sampled(_ questions: [Question]) -> Samples {
    var series = questions.map { ChartSeries(name: $0.text, unit: "", times: [], values: []) }
    let (end, before, known) = (moment.now.nanoseconds, desk, knownEntries)
    keepHere()
    defer { stand(firmlyAt: before) }
    for sample in 0...Workbench.samples {
      // Wide enough for a product of a year and the count.
      let at = Int64(Int128(end) * Int128(sample) / Int128(Workbench.samples))
      let way = way(to: .instant(Instant(nanoseconds: at)), along: known)
      guard stand(at: way) else {
        return .refused(.refused("interrupted on the way: time is what it was"))
      }
      do throws(RuntimeError) {
        for place in series.indices { try bench.sample(questions[place], at, into: &series[place]) }
      } catch { return .refused(.refused(error)) }
    }
    return .series(series)
  }

  /// At commas outside of brackets.
  private static func parts(of text: String) -> [String] {
    var parts = [""]
    var depth = 0
    for character in text {
      if "([{".contains(character) { depth += 1 }
      if ")]}".contains(character) { depth -= 1 }
      if character == "," && depth == 0 {
        parts.append("")
      } else if character != " " || parts[parts.count - 1] != "" {
        parts[parts.count - 1].append(character)
      }
    }
    return parts.filter { !$0.isEmpty }
  }
}

extension Bench {
  /// What an expression comes to now.
  func sample(
    _ question: Question, _ at: Int64, into series: inout ChartSeries
  ) throws(RuntimeError) {
    let cell = cell(try answer(question))
    if series.unit.isEmpty { series.unit = cell.unit }
    series.times.append(at)
    series.values.append(cell.height)
  }
}

extension BrailleChart {
  static func lines(_ series: [ChartSeries], end: Instant) -> [String] {
    series.flatMap { BrailleChart($0, end: end.nanoseconds).lines }
  }
}
