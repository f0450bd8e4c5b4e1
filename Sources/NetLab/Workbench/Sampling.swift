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
    let texts = Workbench.parts(of: argument)
    var questions: [Question] = []
    for text in texts {
      switch question(text, "plot") {
      case .failure(let mistake): return mistake
      case .success(let question): questions.append(question)
      }
    }
    guard moment.now > .zero else {
      return .refused("nothing has happened yet: `run for 1s` first")
    }
    var series = texts.map { ChartSeries(name: $0, unit: "", times: [], values: []) }
    let (end, before, known) = (moment.now.nanoseconds, desk, knownEntries)
    keepHere()
    defer { stand(firmlyAt: before) }
    for sample in 0...Workbench.samples {
      // Wide enough for a product of a year and the count.
      let at = Int64(Int128(end) * Int128(sample) / Int128(Workbench.samples))
      let way = way(to: .instant(Instant(nanoseconds: at)), along: known)
      guard stand(at: way) else { return .refused("interrupted on the way: time is what it was") }
      do throws(RuntimeError) {
        for (place, question) in questions.enumerated() {
          let cell = bench.cell(try bench.answer(question))
          if series[place].unit.isEmpty { series[place].unit = cell.unit }
          series[place].times.append(at)
          series[place].values.append(cell.height)
        }
      } catch { return .refused(error) }
    }
    return .said(series.flatMap { BrailleChart($0, end: end).lines })
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
