// How little will do: the least value of a param or a field, a pool's size say, with which a player
// passes a round with every seed. A column of the results like any other.

import NetLab
import NetScript

struct LeastValues {
  private let question: SearchQuestion
  private let study: Study
  /// Of a run by its key.
  private let places: [String: Int]
  private let options: RunOptions
  private let terminal: Terminal

  /// What the place is called without what it belongs to.
  var column: String { String(question.place.text.split(separator: ".").last ?? "") }

  /// - Throws: `Failure` when the place cannot be read; why has been told then.
  init(_ place: String, _ study: Study, _ options: RunOptions, _ terminal: Terminal) throws {
    question = try readQuestion("min \(place)", terminal)
    self.study = study
    places = Dictionary(
      (0..<study.count).map { (study.line($0).id, $0) }, uniquingKeysWith: { first, _ in first })
    self.options = options
    self.terminal = terminal
  }

  /// Rounds whose labs have no such place, or of which no value is enough, are left as they are.
  ///
  /// - Throws: `Failure` when no lab has it; why has been told then.
  func added(
    to found: [(StudyLine, StudyResult)]
  ) throws -> [(StudyLine, StudyResult)] {
    var known: [String: (column: String, value: StudyResult.Entry)] = [:]
    var mistake: DialMistake?
    var found = found
    for index in found.indices where !Interruption.isRequested {
      let title = found[index].0.title(without: [])
      if known[title] == nil {
        do {
          known[title] = try least(of: found[index].0)
        } catch let error as DialMistake {
          mistake = error
          known[title] = (column, .none)
        }
      }
      guard let least = known[title], least.value != .none else { continue }
      found[index].1.added.append(least)
    }
    if let mistake, known.values.allSatisfy({ $0.value == .none }) {
      throw mistaken(question.text, [mistake.diagnostic], terminal)
    }
    return found
  }

  /// Of one player in one round, with all seeds.
  private func least(of line: StudyLine) throws -> (column: String, value: StudyResult.Entry) {
    guard let place = places[line.id] else {
      return (column, .none)
    }
    let plan = study.job(place).plan
    var options = options
    options.scripts = options.scripts.filter { $0.path == plan.program.root.path }
    options.casePattern = plan.caseTitle
    options.variantPattern = line.variant
    options.settings += plan.point.map { NamedValue(name: $0.name, value: $0.literal) }
    let inquiry = try Inquiry(question, options, terminal)
    var search = FindSearch(inquiry, terminal: terminal)
    _ = try search.run()
    guard let least = search.frontier.answer?.value else { return (column, .none) }
    let unit = inquiry.dial.unit
    return (
      unit.isEmpty ? column : "\(column) [\(unit)]", .number(Double(inquiry.dial.value(least)))
    )
  }
}
