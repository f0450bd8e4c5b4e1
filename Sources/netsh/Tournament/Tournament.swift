// Who does best: the runs of a study as a contest of the values of one param, its players, over all
// that else varies, its rounds.
//
// Rounds are of different lengths and count different things. What a player got in one is therefore
// a share of the most that any player got in the same round, with the same seed.

/// What players are compared by: a column of the runs' reports.
struct Measure: Equatable, Sendable {
  var name: String
  var isMoreBetter: Bool

  static let usual = [
    Measure(name: "throughput", isMoreBetter: true),
    Measure(name: "stall", isMoreBetter: false),
    Measure(name: "memory", isMoreBetter: false),
  ]
}

struct Tournament: Sendable {
  /// What all players were put through once with each seed.
  struct Round: Sendable {
    /// The case, the variant, the point without the player.
    var title: String
    /// By player; a run for each seed.
    var results: [[StudyResult]]
  }

  /// A figure and how far the seeds differ in it.
  struct Spread: Equatable, Sendable {
    var mean: Double
    var least: Double
    var most: Double

    init?(_ values: [Double]) {
      guard let least = values.min(), let most = values.max() else { return nil }
      (self.least, self.most) = (least, most)
      // Equal ones have that mean, whatever the sum rounds to.
      mean = least == most ? least : values.reduce(0, +) / Double(values.count)
    }
  }

  struct Standing: Sendable {
    /// Place among the players.
    var player: Int
    var passed: Int
    var runs: Int
    /// By measure.
    var figures: [Spread?]
    /// No other player is as good in everything and better in something.
    var isOnFront = false
  }

  /// The param whose values they are, or `variant`.
  let field: String
  private(set) var players: [String] = []
  private(set) var rounds: [Round] = []
  let measures: [Measure]
  private(set) var standings: [Standing] = []

  /// The param whose values play if nobody says which: the first that is swept.
  static func field(of lines: [StudyLine]) -> String? {
    lines.lazy.compactMap { $0.point.first?.name }.first
      ?? (lines.contains { $0.variant != nil } ? "variant" : nil)
  }

  init(_ found: [(StudyLine, StudyResult)], field: String, measures: [Measure]) {
    self.field = field
    var titles: [String] = []
    for (line, result) in found {
      guard let name = line.value(of: field) else { continue }
      let title = line.title(without: [field])
      let round = titles.firstIndex(of: title) ?? titles.count
      if round == titles.count {
        titles.append(title)
        rounds.append(Round(title: title, results: players.map { _ in [] }))
      }
      let player = players.firstIndex(of: name) ?? players.count
      if player == players.count {
        players.append(name)
        for place in rounds.indices { rounds[place].results.append([]) }
      }
      rounds[round].results[player].append(result)
    }
    let results = rounds.flatMap { $0.results.flatMap { $0 } }
    self.measures = measures.filter { measure in
      results.contains { $0.value(of: measure.name) != nil }
    }
    let mosts = self.measures.map { measure in rounds.map { most(measure, $0) } }
    standings = rank(players.indices.map { standing($0, mosts) })
  }

  /// With one round there is nothing to put into proportion.
  var isAbsolute: Bool { rounds.count == 1 }

  // MARK: Figures

  /// The most that any player got, by seed.
  private typealias Most = [UInt64: Double]

  private func most(_ measure: Measure, _ round: Round) -> Most {
    var most: Most = [:]
    for result in round.results.joined() {
      guard let value = result.value(of: measure.name) else { continue }
      most[result.seed] = max(most[result.seed] ?? 0, value)
    }
    return most
  }

  private func standing(_ player: Int, _ mosts: [[Most]]) -> Standing {
    let results = rounds.flatMap { $0.results[player] }
    let figures = measures.indices.map { place -> Spread? in
      var bySeed: [UInt64: [Double]] = [:]
      for (round, most) in zip(rounds, mosts[place]) {
        for result in round.results[player] {
          guard let value = result.value(of: measures[place].name) else { continue }
          let most = isAbsolute ? 1 : most[result.seed] ?? 0
          // Where nobody got anything there is nothing to compare.
          if most > 0 { bySeed[result.seed, default: []].append(value / most) }
        }
      }
      return Spread(
        bySeed.sorted { $0.key < $1.key }.map { $0.value.reduce(0, +) / Double($0.value.count) })
    }
    return Standing(
      player: player, passed: results.count { $0.verdict == "pass" }, runs: results.count,
      figures: figures)
  }

  // MARK: Order

  private func rank(_ standings: [Standing]) -> [Standing] {
    var ranked = standings.sorted { first, second in
      let order = compare(first, second)
      return order.first { $0 != 0 }.map { $0 > 0 } ?? (first.player < second.player)
    }
    for place in ranked.indices {
      ranked[place].isOnFront = !standings.contains { other in
        let order = compare(other, ranked[place]).dropFirst()
        return !order.contains { $0 < 0 } && order.contains { $0 > 0 }
      }
    }
    return ranked
  }

  /// In what the first is better, +1, and in what the second, -1: first the share of runs that
  /// passed, then each measure.
  private func compare(_ first: Standing, _ second: Standing) -> [Int] {
    func sign(_ one: Double, _ other: Double) -> Int { one == other ? 0 : one > other ? 1 : -1 }
    let passed = sign(Double(first.passed * second.runs), Double(second.passed * first.runs))
    let others = measures.indices.map { place -> Int in
      let better = measures[place].isMoreBetter ? 1.0 : -1.0
      let worst = -Double.infinity
      return sign(
        first.figures[place].map { better * $0.mean } ?? worst,
        second.figures[place].map { better * $0.mean } ?? worst)
    }
    return [passed] + others
  }
}

extension Tournament.Round {
  /// What became of a player here: what the runs call `outcome` themselves, else the verdict; of
  /// several that differ, how many passed.
  func outcome(of player: Int) -> String {
    let runs = results[player]
    guard let first = runs.first else { return "" }
    let words = Set(runs.map(\.outcome))
    if words.count == 1 { return first.outcome }
    return "\(runs.count { $0.verdict == "pass" }) of \(runs.count)"
  }
}

extension StudyLine {
  fileprivate func value(of field: String) -> String? {
    field == "variant" ? variant : point.first { $0.name == field }?.value
  }

  /// Case, variant and point, some of them left out.
  func title(without fields: [String]) -> String {
    let variant = fields.contains("variant") ? nil : variant
    let others = point.filter { !fields.contains($0.name) }.map { "\($0.name) = \($0.value)" }
    return ([`case`] + (variant.map { ["\"\($0)\""] } ?? []) + others).joined(separator: " · ")
  }
}

extension StudyResult {
  fileprivate var outcome: String {
    if case .text(let word)? = measured.first(where: { $0.column == "outcome" })?.value {
      return word
    }
    return verdict == "pass" ? "-" : verdict
  }

  /// The number in a column, whatever its unit; of stalls nobody reports, the longest that is known
  /// anyway.
  func value(of column: String) -> Double? {
    for (name, value) in measured where StudyResult.name(of: name) == column {
      if case .number(let number) = value { return number }
    }
    guard column == "stall", let stalls else { return nil }
    return stalls.kept.map(\.lasted).max() ?? 0
  }

  /// The unit of a column: `stall [ns]`.
  func unit(of column: String) -> String {
    let full = measured.first { StudyResult.name(of: $0.column) == column }?.column
    guard let full else { return column == "stall" ? "ns" : "" }
    return full == column ? "" : String(full.dropFirst(column.count + 2).dropLast())
  }

  private static func name(of column: String) -> Substring {
    guard column.hasSuffix("]"), let bracket = column.lastIndex(of: "["),
      bracket > column.startIndex
    else { return column[...] }
    return column[..<column.index(before: bracket)]
  }
}
