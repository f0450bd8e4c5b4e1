// A study as maps: two of its params against each other, a map for each case, variant and point of
// the others.

import NetLab

struct SweepMaps {
  private(set) var maps: [HeatMap] = []

  init(_ found: [(StudyLine, StudyResult)], across: String, upwards: String, measure: String?) {
    var groups: [(title: String, runs: [(StudyLine, StudyResult)])] = []
    for (line, result) in found {
      let title = line.title(without: [across, upwards])
      if let place = groups.firstIndex(where: { $0.title == title }) {
        groups[place].runs.append((line, result))
      } else {
        groups.append((title, [(line, result)]))
      }
    }
    maps = groups.map {
      Self.map($0.title, $0.runs, across: across, upwards: upwards, measure: measure)
    }
  }

  private static func map(
    _ title: String, _ runs: [(StudyLine, StudyResult)], across: String, upwards: String,
    measure: String?
  ) -> HeatMap {
    func value(_ line: StudyLine, _ name: String) -> String {
      line.point.first { $0.name == name }?.value ?? ""
    }
    func values(_ name: String) -> [String] {
      var seen: Set<String> = []
      return runs.map { value($0.0, name) }.filter { seen.insert($0).inserted }
    }
    let (columns, rows) = (values(across), values(upwards))
    var found: [[[StudyResult]]] = rows.map { _ in columns.map { _ in [] } }
    let (atColumn, atRow) = (places(columns), places(rows))
    for (line, result) in runs {
      guard let row = atRow[value(line, upwards)], let column = atColumn[value(line, across)]
      else { continue }
      found[row][column].append(result)
    }
    func mean(_ results: [StudyResult]) -> Double? {
      measure.flatMap { name in Tournament.Spread(results.compactMap { $0.value(of: name) })?.mean }
    }
    let most = found.joined().compactMap(mean).max() ?? 0
    let squares = found.map { row in
      row.map { results -> HeatMap.Square? in
        guard let first = results.first else { return nil }
        return HeatMap.Square(
          passed: results.count { $0.verdict == "pass" }, runs: results.count,
          value: mean(results).map { value in
            let unit = measure.map(first.unit) ?? ""
            return (UnitText.text(value, unit), most > 0 ? value / most : 0)
          })
      }
    }
    return HeatMap(
      title: title, measure: measure, across: (across, columns), upwards: (upwards, rows),
      squares: squares)
  }

  private static func places(_ values: [String]) -> [String: Int] {
    Dictionary(values.enumerated().map { ($1, $0) }) { first, _ in first }
  }

  func write(to terminal: Terminal) {
    let isWatched = terminal.isTerminal(.output)
    for (place, map) in maps.enumerated() {
      let lines = map.lines(isWatched ? .shades : .letters) { text, isGood in
        terminal.styled(text, isGood ? .good : .bad, on: .output)
      }
      terminal.write(
        (place > 0 ? "\n" : "") + lines.map { $0 + "\n" }.joined(), to: .output)
    }
  }
}
