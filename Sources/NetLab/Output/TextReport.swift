// A result as people read it: the header, what was printed, the verdicts, the tables, the sum.

import NetScript
import NetStack

/// What a piece of text is; the terminal knows what that looks like.
public enum TextStyle: Sendable {
  case plain, heading, good, bad, caution, faint
}

/// One run as lines, 80 columns where the text allows it.
public struct TextReport {
  /// Colours a text, or leaves it as it is.
  private let styled: (String, TextStyle) -> String
  /// A person sees the pictures of plots; a log has their extremes, which can be searched.
  private let draws: Bool

  public init(
    draws: Bool = false, styled: @escaping (String, TextStyle) -> String = { text, _ in text }
  ) {
    self.draws = draws
    self.styled = styled
  }

  public func lines(_ result: RunResult, isStrictBecauseOfCI: Bool = false) -> [String] {
    var lines = [styled(header(result, isStrictBecauseOfCI), .heading)]
    lines += result.lines
    for table in result.reports { lines += self.lines(table) }
    for plot in result.plots { lines += self.lines(plot, end: result.endedAt) }
    for one in result.expectations { lines += self.lines(one, result) }
    for one in result.wedged {
      // A failure has said it already.
      let isKnown = result.expectations.contains {
        $0.detail.suffix(one.lines.count).elementsEqual(one.lines)
      }
      lines.append("\(one.host) at the end:" + (isKnown ? " the same" : ""))
      if !isKnown { lines += one.lines }
    }
    if !result.stalls.kept.isEmpty {
      lines.append(styled("stalls of 1s or longer, and what ended them", .heading))
      lines += StallTable(result.stalls).lines
    }
    lines.append(sum(result))
    return lines
  }

  /// `netsh 0.1 · case · variant · seed 1 · clusters = 64`, on as many lines as it takes.
  private func header(_ result: RunResult, _ isStrictBecauseOfCI: Bool) -> String {
    var parts = [RunResult.engine, result.title]
    if let variant = result.variant { parts.append("variant \"\(variant)\"") }
    parts.append("seed \(result.seed)")
    for (name, value) in result.parameters { parts.append("\(name) = \(value.text)") }
    if isStrictBecauseOfCI { parts.append("strict, because CI is set") }
    return TextReport.joined(parts, by: " · ", indent: "  ")
  }

  static func joined(_ parts: [String], by separator: String, indent: String) -> String {
    var text = ""
    var width = 0
    for part in parts {
      let count = TextTable.columns(part)
      if text.isEmpty {
        text = part
        width = count
      } else if width + count + 3 > TextTable.lineWidth {
        text += "\n" + indent + part
        width = TextTable.columns(indent) + count
      } else {
        text += separator + part
        width += count + 3
      }
    }
    return text
  }

  // MARK: Expectations

  public func lines(_ one: ExpectationResult, _ result: RunResult) -> [String] {
    let name = one.label ?? one.text
    let place = "\(one.file):\(one.line)"
    switch one.verdict {
    case .pass: return [styled("ok", .good) + "       \(name)"]
    case .fail:
      var head = styled("FAIL", .bad) + "     \"\(name)\" — \(place)"
      if let variant = result.variant { head += ", variant \"\(variant)\"" }
      head += ", seed \(result.seed)"
      return [head] + indented(one.label == nil ? [] : [one.text]) + indented(one.detail)
    case .vacuous:
      return [styled("VACUOUS", .caution) + "  \"\(name)\" — \(place)"] + indented(one.detail)
    case .open:
      return [styled("open", .caution) + "     \"\(name)\" — \(place)"] + indented(one.detail)
    }
  }

  private func indented(_ lines: [String]) -> [String] { lines.map { "   " + $0 } }

  // MARK: Tables and the sum

  private func lines(_ table: ReportTable) -> [String] {
    var lines: [String] = []
    if let label = table.label { lines.append(styled(label, .heading)) }
    return lines + TextTable(columns: table.columns, rows: table.rows).lines
  }

  /// What nobody has sampled is neither drawn nor told.
  private func lines(_ plot: PlotResult, end: Instant) -> [String] {
    if plot.series.isEmpty { return [] }
    let picture = draws ? BrailleChart.lines(plot.series, end: end) : plot.summary.lines
    return [styled(plot.title, .heading)] + picture
  }

  private func sum(_ result: RunResult) -> String {
    let style: TextStyle
    switch result.verdict {
    case .pass: style = .good
    case .fail, .error, .limit: style = .bad
    case .vacuous, .open: style = .caution
    }
    let word = result.isInterrupted ? "interrupted" : result.verdict.word
    let facts = [
      "\(TimeText.text(result.endedAt)) simulated", "\(Spelling.grouped(result.events)) events",
      "\(Spelling.grouped(result.packets)) packets", "digest \(result.digestText)",
    ]
    return styled(word, style) + " · " + facts.joined(separator: " · ")
  }
}

/// Times as scripts print them, without a VM at hand: `16h`, `8min 46.6s`, `14.306ms`.
public enum TimeText {
  public static func text(_ instant: Instant) -> String {
    QuantityText.time(nanoseconds: instant.nanoseconds)
  }
}
