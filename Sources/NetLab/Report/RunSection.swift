// One run as a section of the report.

import NetScript
import NetStack

/// What is told of a run besides its result: how it is run again, and what it looked like.
public struct RunStory: Sendable {
  public var result: RunResult
  public var history: RunHistory
  /// What a person types to have this run again.
  public var replay: String

  public init(result: RunResult, history: RunHistory, replay: String) {
    self.result = result
    self.history = history
    self.replay = replay
  }
}

extension RunStory {
  private static let mostLines = 400

  /// `case · variant · seed 1`.
  var name: String {
    var parts = [result.title]
    if let variant = result.variant { parts.append(variant) }
    parts.append("seed \(result.seed)")
    return parts.joined(separator: " · ")
  }

  var word: String { result.isInterrupted ? "interrupted" : result.verdict.word }

  /// - Parameter hasPictures: the pictures are left out of the many runs of a sweep.
  func section(number: Int, isOpen: Bool, hasPictures: Bool) -> String {
    var html = Markup()
    let content: (inout Markup) -> Void = { html in
      html.wrap("summary") { html in
        html.add("h2", name)
        html.add("span", word, ("class", "verdict \(style)"))
      }
      html.wrap("div", ("class", "body"), ("id", "run-\(number)")) { html in
        addHead(to: &html)
        addExpectations(to: &html, hasPicture: hasPictures)
        addCertificates(to: &html)
        addStalls(to: &html)
        if hasPictures { addPictures(to: &html) }
        addWaits(to: &html)
        if hasPictures { addRecords(to: &html) }
        addTold(to: &html, hasPictures: hasPictures)
      }
    }
    if isOpen {
      html.wrap("details", ("class", "run"), ("open", "open"), content: content)
    } else {
      html.wrap("details", ("class", "run"), content: content)
    }
    return html.text
  }

  /// The class of its verdict.
  var style: String {
    switch result.verdict {
    case .pass: "good"
    case .fail, .error, .limit: "bad"
    case .vacuous, .open: "open"
    }
  }

  // MARK: what it was

  private func addHead(to html: inout Markup) {
    if let text = cutShort { html.add("p", text, ("class", "cut"), ("role", "note")) }
    html.wrap("dl", ("class", "facts")) { html in
      func fact(_ name: String, _ value: String) {
        html.wrap("div") { html in
          html.add("dt", name)
          html.add("dd", value)
        }
      }
      fact("case", result.title)
      if let variant = result.variant { fact("variant", variant) }
      fact("seed", "\(result.seed)")
      for (name, value) in result.parameters { fact(name, value.text) }
      fact("simulated", QuantityText.time(nanoseconds: result.endedAt.nanoseconds))
      fact("events", Spelling.grouped(result.events))
      fact("packets", Spelling.grouped(result.packets))
      fact("digest", result.digestText)
      fact("engine", RunResult.engine)
    }
    html.add("p", "The same run again:", ("class", "lead"))
    html.lines([replay], label: "command that runs this again")
  }

  /// The run did not reach its end, and the report is about a part of it.
  private var cutShort: String? {
    let until = " What follows ends at \(TimeText.text(result.endedAt)),"
    let rest = until + " where the run broke off: nothing here tells what would have come."
    if result.isInterrupted { return "Interrupted." + rest }
    guard let fault = result.fault else { return nil }
    let kind = fault.error.isLimit ? "A limit was reached" : "The script failed"
    return "\(kind): \(fault.error.code), \(fault.error.title)." + rest
  }

  // MARK: what was expected

  private func addExpectations(to html: inout Markup, hasPicture: Bool) {
    if result.expectations.isEmpty { return }
    html.add("h3", "Expectations")
    let rows = result.expectations.enumerated().map { number, one in
      [
        Cell.whole(Int64(number + 1)), Cell(text: one.verdict.word),
        Cell(text: one.label ?? one.text), Cell.time(one.at.nanoseconds),
        Cell(text: "\(one.file):\(one.line)"),
      ]
    }
    let table = TextTable(
      columns: ["no.", "verdict", "expectation", "decided at", "line"], rows: rows)
    if hasPicture {
      let chart = VerdictChart(
        title: "When each expectation was decided", expectations: result.expectations,
        end: history.end, landmarks: history.landmarks)
      Figures.figure(
        "When each expectation was decided",
        "A disc holds, a cross failed, a ring is open or vacuous.", chart.svg, table, to: &html)
    } else {
      html.table(table, caption: "Expectations")
    }
    for one in result.expectations where !one.detail.isEmpty && one.verdict != .pass {
      html.add("h4", "\(one.verdict.word): \(one.label ?? one.text)")
      html.lines([one.text] + one.detail, label: one.label ?? one.text)
    }
  }

  private func addCertificates(to html: inout Markup) {
    let standing = history.standing.filter { one in
      // What a host said when it wedged, and still says, is said once.
      !history.wedges.contains { $0.host == one.host && $0.lines == one.lines }
    }
    if history.wedges.isEmpty && standing.isEmpty { return }
    html.add("h3", history.wedges.isEmpty ? "Who waits at the end" : "Why it stands still")
    for one in history.wedges {
      html.add("h4", "\(one.host), when it wedged: \(QuantityText.time(nanoseconds: one.at))")
      html.lines(one.lines, label: "why \(one.host) is wedged")
    }
    for one in standing {
      html.add("h4", "\(one.host), at the end")
      html.lines(one.lines, label: "what \(one.host) waits for at the end")
    }
  }

  /// What ended each stall, in full: the table of the terminal has to fit a screen.
  private func addStalls(to html: inout Markup) {
    if result.stalls.kept.isEmpty { return }
    html.add("h3", "Stalls, and what ended them")
    let rows = result.stalls.kept.prefix(RunStory.mostLines).map { stall in
      [
        Cell.time(stall.began.nanoseconds), Cell.time(stall.lasted.nanoseconds),
        Cell(text: stall.host), Cell(text: stall.who), Cell(text: stall.awaited),
        Cell(text: stall.text), stall.isStill ? Cell(text: "") : Cell.whole(stall.event),
      ]
    }
    let columns = ["began", "lasted", "host", "who", "for", "ended by", "event"]
    html.table(
      TextTable(columns: columns, rows: Array(rows)),
      caption: "Stalls of 1s or longer; ended: \(Spelling.grouped(result.stalls.ended))")
    if result.stalls.counts.isEmpty { return }
    let counts = result.stalls.counts.map { [Cell(text: $0.mechanism), Cell.whole($0.count)] }
    html.table(
      TextTable(columns: ["ended by", "times"], rows: counts), caption: "All that have ended")
  }

  // MARK: what it looked like

  private func addPictures(to html: inout Markup) {
    if let part = history.closeUp {
      html.add("h3", "Around the moment when \(part.focus.text)")
      let from = QuantityText.time(nanoseconds: part.from)
      let until = QuantityText.time(nanoseconds: part.until)
      html.add("p", "Enlarged, with every change from \(from) to \(until).", ("class", "lead"))
      let mark = Landmark(at: part.focus.at, text: part.focus.text)
      Figures(
        tracks: part.history, start: part.from, end: part.until, landmarks: [mark],
        isCloseUp: true
      ).add(to: &html)
    }
    html.add("h3", "The whole run")
    Figures(
      tracks: history.tracks, start: 0, end: history.end,
      landmarks: history.landmarks, isCloseUp: false
    ).add(to: &html)
  }

  /// Who waited for what: for buffers, locks and room first, then for input.
  private func addWaits(to html: inout Markup) {
    var rows: [(longest: Int64, cells: [Cell])] = []
    for task in history.tracks.tasks {
      for wait in task.waits {
        let state = wait.isOpen ? "still waits" : ""
        rows.append(
          (
            wait.longest,
            [
              Cell(text: task.name), Cell(text: wait.what), Cell.whole(wait.count),
              Cell.time(wait.total), Cell.time(wait.longest), Cell.time(wait.longestAt),
              Cell(text: state),
            ]
          ))
      }
    }
    if rows.isEmpty { return }
    html.add("h3", "Waits")
    let order = rows.indices.sorted {
      rows[$0].longest != rows[$1].longest ? rows[$0].longest > rows[$1].longest : $0 < $1
    }
    html.table(
      TextTable(
        columns: ["task", "waited for", "times", "in all", "longest", "since", "at the end"],
        rows: order.prefix(100).map { rows[$0].cells }),
      caption: "Who waited for what, the longest first")
  }

  private func addRecords(to html: inout Markup) {
    let plotted = result.plots.flatMap { $0.series.map { $0.name } }
    var pictures = result.plots.map { RecordHistory(title: $0.title, series: $0.series, span: 0) }
    pictures += history.records.filter { record in
      !record.series.allSatisfy { plotted.contains($0.name) }
    }
    pictures.removeAll { $0.series.isEmpty }
    if pictures.isEmpty { return }
    html.add("h3", "Recorded by the script")
    for one in pictures {
      let chart = Chart(
        title: one.title, subtitle: "", series: one.series, end: history.end, look: .page,
        landmarks: history.landmarks)
      let note =
        one.span == 0
        ? ""
        : "Thinned: of each \(QuantityText.time(nanoseconds: one.span)) the first, the last, the "
          + "least and the greatest values."
      Figures.figure(one.title, note, chart.svg, one.table, to: &html)
    }
  }

  // MARK: what it told

  private func addTold(to html: inout Markup, hasPictures: Bool) {
    if !result.reports.isEmpty { html.add("h3", "Reports") }
    for table in result.reports {
      html.table(
        TextTable(columns: table.columns, rows: Array(table.rows.prefix(RunStory.mostLines))),
        caption: table.label ?? "report")
      if table.rows.count > RunStory.mostLines {
        html.add("p", "\(table.rows.count - RunStory.mostLines) more rows are not shown.")
      }
    }
    if !result.lines.isEmpty {
      html.add("h3", "Printed")
      let more = result.lines.count - RunStory.mostLines
      html.lines(Array(result.lines.prefix(RunStory.mostLines)), label: "printed lines")
      if more > 0 { html.add("p", "\(more) more lines are not shown.") }
    }
    var notes = history.leftOut
    if !hasPictures { notes.append("the pictures of this run: there are too many runs") }
    if notes.isEmpty { return }
    html.add("h3", "Left out")
    html.wrap("ul") { html in for note in notes { html.add("li", note) } }
  }
}

extension RecordHistory {
  /// All series side by side, as far as a person reads.
  var table: TextTable {
    let times = series.first?.times ?? []
    var decimation = Decimation()
    let isSame = series.allSatisfy { $0.times == times }
    // A plot of several records: the first one's times, and what the others were then.
    let columns = isSame ? series.count : 1
    let kept = decimation.thin(times, columns: columns, toAtMost: Figures.mostRows) {
      series[$1].values[$0]
    }
    let rows = kept.map { place in
      [Cell.time(times[place])]
        + series.map { one -> Cell in
          let at = isSame ? place : one.times.lastIndex { $0 <= times[place] } ?? -1
          guard at >= 0, let value = one.values[at] else { return Cell(text: "") }
          return Cell(text: JSONText.number(value), number: .real(value))
        }
    }
    let names = series.map { $0.unit.isEmpty ? $0.name : "\($0.name) [\($0.unit)]" }
    let time = kept.count < times.count ? Figures.thinnedTime : "time"
    return TextTable(columns: [time] + names, rows: rows)
  }
}
