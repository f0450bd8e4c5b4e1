// A tournament in 80 columns: the ranking, and below it what became of everybody in each round.

import NetLab
import NetScript

struct TournamentTable {
  var tournament: Tournament

  var lines: [String] {
    let runs = tournament.standings.reduce(0) { $0 + $1.runs }
    var lines = [
      "\(tournament.players.count) players, \(tournament.rounds.count) "
        + "round\(tournament.rounds.count == 1 ? "" : "s"), \(Spelling.grouped(Int64(runs))) runs"
    ]
    lines += ranking.lines
    lines += legend.folded(to: 76).split(separator: "\n").map { "  " + $0 }
    if tournament.rounds.count > 1 { lines += [""] + outcomes }
    return lines
  }

  private var ranking: TextTable {
    let rows = tournament.standings.enumerated().map { rank, standing -> [Cell] in
      let player = tournament.players[standing.player]
      let figures = standing.figures.enumerated().map { place, figure in
        Cell(text: figure.map { text($0, place) } ?? "", number: .real(0))
      }
      return [
        Cell(text: "\(rank + 1)\(standing.isOnFront ? "*" : " ")", number: .int(Int64(rank + 1))),
        Cell(text: player), Cell(text: "\(standing.passed) of \(standing.runs)", number: .real(0)),
      ] + figures
    }
    return TextTable(
      columns: ["", tournament.field, "passed"] + tournament.measures.map(\.name), rows: rows)
  }

  private var legend: String {
    let names = tournament.measures.map(\.name)
    guard !names.isEmpty else {
      return "Nothing but verdicts to compare: reports have no `throughput`, `stall` or `memory`."
    }
    let front =
      "* nobody is as good in \(Self.list(names)) and better in one of them (the Pareto front)."
    return tournament.isAbsolute
      ? front : front + " Figures are shares of the greatest in the same round and seed."
  }

  private static func list(_ names: [String]) -> String {
    names.count < 2
      ? names.joined() : names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
  }

  private func text(_ spread: Tournament.Spread, _ measure: Int) -> String {
    let mean = text(spread.mean, measure)
    let (least, most) = (text(spread.least, measure), text(spread.most, measure))
    return least == most ? mean : "\(mean) (\(least)..\(most))"
  }

  private func text(_ value: Double, _ measure: Int) -> String {
    if !tournament.isAbsolute { return "\(Int((value * 100).rounded()))%" }
    let name = tournament.measures[measure].name
    let unit = tournament.rounds[0].results.joined().first?.unit(of: name) ?? ""
    return UnitText.text(value, unit)
  }

  /// A row a round, a column a player by his rank: words where these fit, else their letters.
  private var outcomes: [String] {
    let lines = outcomes { $0 }.lines
    let letters = letters
    if lines.count == tournament.rounds.count + 1 || letters.isEmpty { return lines }
    let legend = letters.filter { $0.letter != $0.word }.map { "\($0.letter) \($0.word)" }
    return outcomes { word in letters.first { $0.word == word }?.letter ?? word }.lines
      + ["  " + legend.joined(separator: ", ")]
  }

  private func outcomes(_ shown: (String) -> String) -> TextTable {
    let order = tournament.standings.map(\.player)
    return TextTable(
      columns: ["round"] + order.indices.map { "\($0 + 1)" },
      rows: tournament.rounds.map { round in
        [Cell(text: round.title)] + order.map { Cell(text: shown(round.outcome(of: $0))) }
      })
  }

  /// The first letter of each outcome; nothing when two have the same, or one is a number.
  private var letters: [(letter: String, word: String)] {
    let words = Set(
      tournament.rounds.flatMap { round in
        tournament.players.indices.map(round.outcome)
      }
    ).sorted()
    let letters = words.map { String($0.prefix(1)) }
    let isPlain = letters.allSatisfy { !("0"..."9").contains($0) }
    return isPlain && Set(letters).count == letters.count ? Array(zip(letters, words)) : []
  }
}

/// A number of a base unit as people read it, with three digits.
enum UnitText {
  static func text(_ value: Double, _ unit: String) -> String {
    switch unit {
    case "ns": return QuantityText.time(nanoseconds: Int64((value / 1e6).rounded()) * 1_000_000)
    case "bit": return scaled(value / 8, [(1e9, "GB"), (1e6, "MB"), (1e3, "KB")], "B")
    case "bit/s": return scaled(value, [(1e9, "Gbps"), (1e6, "Mbps"), (1e3, "kbps")], "bps")
    case "1/s": return scaled(value, [], "/s")
    default: return scaled(value, [], unit)
    }
  }

  private static func scaled(
    _ value: Double, _ units: [(scale: Double, name: String)], _ base: String
  ) -> String {
    let unit = units.first { abs(value) >= $0.scale } ?? (1, base)
    return NumberText.text(value / unit.scale, digits: 3) + unit.name
  }
}
