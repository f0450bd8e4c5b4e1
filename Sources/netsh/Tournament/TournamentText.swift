// A tournament for other programs: a line of JSON for each player, or of CSV for each player and
// round, in base units.

import Foundation

struct TournamentText {
  var tournament: Tournament

  private struct Player: Encodable {
    struct Figure: Encodable {
      var mean: Double
      var least: Double
      var most: Double
    }
    struct Part: Encodable {
      var round: String
      var passed: Int
      var runs: Int
      var outcome: String
      var means: [String: Double]
    }
    var rank: Int
    var player: String
    var front: Bool
    var passed: Int
    var runs: Int
    var figures: [String: Figure]
    var rounds: [Part]
  }

  func jsonLines() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try players.map { String(decoding: try encoder.encode($0), as: UTF8.self) + "\n" }
      .joined()
  }

  private var players: [Player] {
    tournament.standings.enumerated().map { rank, standing in
      var figures: [String: Player.Figure] = [:]
      for (measure, figure) in zip(tournament.measures, standing.figures) {
        figures[measure.name] = figure.map {
          Player.Figure(mean: $0.mean, least: $0.least, most: $0.most)
        }
      }
      return Player(
        rank: rank + 1, player: tournament.players[standing.player], front: standing.isOnFront,
        passed: standing.passed, runs: standing.runs, figures: figures,
        rounds: tournament.rounds.map { part($0, standing.player) })
    }
  }

  private func part(_ round: Tournament.Round, _ player: Int) -> Player.Part {
    let runs = round.results[player]
    var means: [String: Double] = [:]
    for measure in tournament.measures {
      means[measure.name] = Tournament.Spread(runs.compactMap { $0.value(of: measure.name) })?.mean
    }
    return Player.Part(
      round: round.title, passed: runs.count { $0.verdict == "pass" }, runs: runs.count,
      outcome: round.outcome(of: player), means: means)
  }

  /// Columns with their units, as reports have them.
  var csv: String {
    let results = tournament.rounds.flatMap { $0.results.joined() }
    let names = tournament.measures.map(\.name)
    let columns = names.map { name in
      let unit = Set(results.filter { $0.value(of: name) != nil }.map { $0.unit(of: name) })
      return unit.count == 1 && unit != [""] ? "\(name) [\(unit.first ?? "")]" : name
    }
    var text = CommaSeparated.row(
      ["rank", tournament.field, "front", "round", "passed", "runs", "outcome"] + columns)
    for player in players {
      for part in player.rounds {
        let figures = names.map { part.means[$0].map { StudyResult.Entry.number($0).text } ?? "" }
        text += CommaSeparated.row(
          ["\(player.rank)", player.player, player.front ? "yes" : "no", part.round]
            + ["\(part.passed)", "\(part.runs)", part.outcome] + figures)
      }
    }
    return text
  }
}
