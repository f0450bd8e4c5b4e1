// Futures side by side: each fork has a journal and a future of its own, and one of them is
// entered.

import NetScript
import NetSim
import NetStack

/// One of several futures.
struct Branch: Equatable, Sendable {
  var name: String
  /// The number of the entry that leads to where one stands in it.
  var at = 0
  /// The number of the last entry that was done in it: `:goto` may go forwards up to there.
  var tip = 0
}

/// All that `:undo` brings back: every future, and which is entered.
struct Desk: Equatable, Sendable {
  var branches: [Branch]
  var current = 0

  var here: Branch {
    get { branches[current] }
    set { branches[current] = newValue }
  }
}

/// How things stood before something was done.
struct Before {
  var desk: Desk
  /// The world in whose place another was built.
  var world: Workbench.World?
}

/// A moment with a name.
struct Mark: Equatable, Sendable {
  var name: String
  /// The future in which it lies, and where.
  var branch: Branch
}

/// A mark or a fork, as it is listed.
public struct NamedPlace: Equatable, Sendable {
  public var name: String
  public var isFork: Bool
  public var moment: Moment
  /// One stands in this fork, or at this mark.
  public var isHere: Bool
}

extension Workbench {
  /// The name of the first future.
  public static let mainName = "main"

  // MARK: Forks

  /// `:fork NAME`: a second future from here, entered at once.
  public func fork(_ name: String? = nil) -> Reply {
    var name = name ?? ""
    var number = 1
    while name.isEmpty {
      if !isTaken("fork\(number)") { name = "fork\(number)" }
      number += 1
    }
    if let why = whyUnusable(name) { return .refused(why) }
    if isTaken(name) {
      return .refused("there is a \(isFork(name) ? "fork" : "mark") `\(name)` already")
    }
    remember()
    keepHere()
    desk.branches.append(Branch(name: name, at: desk.here.at, tip: desk.here.at))
    desk.current = desk.branches.count - 1
    var reply = Reply()
    reply.lines = ["in fork `\(name)`; `:goto \(desk.branches[0].name)` goes back"]
    return reply
  }

  public var forkNames: [String] { desk.branches.map { $0.name } }

  /// The fork that is entered.
  public var currentFork: String { desk.here.name }

  func isFork(_ name: String) -> Bool { desk.branches.contains { $0.name == name } }

  private func isTaken(_ name: String) -> Bool { isFork(name) || markNames.contains(name) }

  /// A name that `:goto` would take for something else.
  private func whyUnusable(_ name: String) -> String? {
    let octets = Array(name.utf8)
    let isFine = octets.allSatisfy { octet in
      octet == 95 || octet == 45 || octet == 46 || octet >= 48 && octet <= 57
        || octet >= 65 && octet <= 90 || octet >= 97 && octet <= 122 || octet >= 128
    }
    let first = octets.first ?? 48
    if isFine && !(first >= 48 && first <= 57) && first != 45 && first != 46 { return nil }
    return "`\(name)` is no name: letters, digits, `_` and `-`, a letter first"
  }

  /// `:goto FORK`: where it was left.
  private func enter(_ place: Int) -> Reply {
    let before = desk
    keepHere()
    desk.current = place
    guard stand(at: desk) else { return interrupted(before) }
    past.append(Before(desk: before))
    return Reply()
  }

  // MARK: Marks

  /// `:mark NAME`.
  public func mark(_ name: String) -> Reply {
    if let why = whyUnusable(name) { return .refused(why) }
    if isFork(name) { return .refused("there is a fork `\(name)` already") }
    keepHere()
    let mark = Mark(name: name, branch: desk.here)
    if let place = marks.firstIndex(where: { $0.name == name }) {
      marks[place] = mark
    } else {
      marks.append(mark)
    }
    return Reply()
  }

  public var markNames: [String] { marks.map { $0.name } }

  /// Marks and forks, in the order in which they were made.
  public var places: [NamedPlace] {
    func moment(_ number: Int) -> Moment { history[number]?.end ?? .zero }
    var places: [NamedPlace] = []
    for mark in marks {
      places.append(
        NamedPlace(
          name: mark.name, isFork: false, moment: moment(mark.branch.at),
          isHere: mark.branch.at == desk.here.at))
    }
    for (place, branch) in desk.branches.enumerated() {
      places.append(
        NamedPlace(
          name: branch.name, isFork: true, moment: moment(branch.at),
          isHere: place == desk.current))
    }
    return places
  }

  /// `:goto NAME`: a mark, or a fork.
  public func go(toPlace name: String) -> Reply {
    if let place = desk.branches.firstIndex(where: { $0.name == name }) { return enter(place) }
    guard let mark = marks.first(where: { $0.name == name }) else { return unknownPlace(name) }
    let before = desk
    keepHere()
    if let place = desk.branches.firstIndex(where: { $0.name == mark.branch.name }) {
      desk.current = place
    }
    // What was done beyond it since then is its future, unless something else was done instead.
    if !leads(to: desk.here.tip, over: mark.branch.at) { desk.here.tip = mark.branch.tip }
    desk.here.at = mark.branch.at
    guard stand(at: desk) else { return interrupted(before) }
    past.append(Before(desk: before))
    return Reply()
  }

  func unknownPlace(_ name: String) -> Reply {
    let near = Spelling.nearest(to: name, among: markNames + forkNames)
    return .refused(
      "there is no mark and no fork `\(name)`" + (near.map { "; did you mean `\($0)`?" } ?? ""))
  }

  /// Whether an entry, or that of which it is the beginning, lies on the way to another.
  private func leads(to tip: Int, over number: Int) -> Bool {
    guard let entry = history[number] else { return true }
    return history.journal(to: tip).entries.contains { other in
      other.number == number || other.origin == entry.origin && other.parent == entry.parent
    }
  }
}
