// `:diff A B`: what is set differently in two futures, what has been counted differently, and the
// first event that differs.
//
// The digest after each event tells: once two runs differ they differ for good, so the first event
// is found by doubling steps and then by halves, each a restore and a few events.

import NetScript
import NetSim
import NetStack

extension Workbench {
  /// Two marks or forks; without the second, what stands here.
  public func diff(_ first: String, _ second: String? = nil) -> Reply {
    let before = desk
    keepHere()
    var sides: [Side] = []
    for name in [first, second ?? ""] {
      guard let side = side(name) else { return unknownPlace(name) }
      sides.append(side)
    }
    var snapshots: [[(path: String, value: String, isSet: Bool)]] = []
    for side in sides {
      guard stand(at: Way(journal: side.journal)) else { return interrupted(before) }
      snapshots.append(bench.snapshot())
    }
    var reply = Reply()
    reply.lines = heading(sides)
    reply.lines += compare(snapshots, sides, isSet: true)
    reply.lines += compare(snapshots, sides, isSet: false)
    reply.lines += deeds(sides)
    guard let events = firstDifference(sides) else { return interrupted(before) }
    reply.lines += events
    desk = before
    stand(firmlyAt: desk)
    return reply
  }

  /// One of the two.
  private struct Side {
    var name: String
    var journal: Journal

    var end: Moment { journal.entries.last?.end ?? .zero }
  }

  private func side(_ name: String) -> Side? {
    if name.isEmpty { return Side(name: "here", journal: journal) }
    let at =
      desk.branches.first { $0.name == name }?.at
      ?? marks.first { $0.name == name }?.branch.at
    return at.map { Side(name: name, journal: history.journal(to: $0)) }
  }

  private func heading(_ sides: [Side]) -> [String] {
    let width = sides.map { $0.name.count }.max() ?? 0
    return sides.map { side in
      Self.padded(side.name, width) + "  at \(TimeText.text(side.end.now)), event "
        + Spelling.grouped(side.end.event)
    }
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(width - text.count, 0))
  }

  /// What was done in one of them only, since their ways parted.
  private func deeds(_ sides: [Side]) -> [String] {
    let common = Self.commonCount(sides)
    var lines: [String] = []
    for side in sides {
      for entry in side.journal.entries.dropFirst(common).prefix(Self.mostDeeds) {
        lines.append(
          "  \(side.name)  #\(Spelling.grouped(entry.start.event))  \(entry.deed.text)")
      }
    }
    return lines.isEmpty ? [] : ["done since they parted"] + lines
  }

  private static let mostDeeds = 20
  private static let mostValues = 40

  private func compare(
    _ snapshots: [[(path: String, value: String, isSet: Bool)]], _ sides: [Side], isSet: Bool
  ) -> [String] {
    var rows: [[Cell]] = []
    var valueByPath: [String: String] = [:]
    for one in snapshots[1] where one.isSet == isSet { valueByPath[one.path] = one.value }
    for one in snapshots[0] where one.isSet == isSet {
      guard let other = valueByPath[one.path], other != one.value else { continue }
      rows.append([Cell(text: one.path), Cell(text: one.value), Cell(text: other)])
    }
    let what = isSet ? "set" : "measured"
    if rows.isEmpty { return ["\(what): no difference"] }
    let table = TextTable(
      columns: [what, sides[0].name, sides[1].name], rows: Array(rows.prefix(Self.mostValues)))
    let rest = rows.count - Self.mostValues
    return table.lines + (rest > 0 ? ["… and \(rest) more"] : [])
  }

  // MARK: The first event

  /// How many deeds both have in common, whole.
  private static func commonCount(_ sides: [Side]) -> Int {
    let (one, two) = (sides[0].journal.entries, sides[1].journal.entries)
    var count = 0
    while count < min(one.count, two.count), one[count].number == two[count].number { count += 1 }
    return count
  }

  /// Nil when somebody has had enough.
  private func firstDifference(_ sides: [Side]) -> [String]? {
    let common = Self.commonCount(sides)
    let shared = sides.map { side -> Int64 in
      let rest = side.journal.entries.dropFirst(common)
      return rest.first?.start.event ?? side.end.event
    }
    let last = min(sides[0].end.event, sides[1].end.event)
    var low = min(shared[0], shared[1], last)
    var high = last
    guard let isSame = isSame(sides, at: last) else { return nil }
    if isSame {
      let shorter = sides[0].end.event <= sides[1].end.event ? sides[0] : sides[1]
      return [
        "events: the same up to #\(Spelling.grouped(last)), where `\(shorter.name)` stands"
      ]
    }
    var step: Int64 = 64
    while low + step < high {
      guard let isSame = self.isSame(sides, at: low + step) else { return nil }
      if !isSame {
        high = low + step
        break
      }
      low += step
      step *= 2
    }
    while high - low > 1 {
      let middle = low + (high - low) / 2
      guard let isSame = self.isSame(sides, at: middle) else { return nil }
      if isSame { low = middle } else { high = middle }
    }
    var told: [[String]] = []
    for side in sides {
      guard stand(at: way(to: .event(high), along: side.journal.entries)) else { return nil }
      // A program that the event before it woke has run since then, too.
      told.append(
        recall(Pick(text: "", filters: []), .max, events: 2).map { $0.text })
    }
    while let line = told[0].first, line == told[1].first {
      told[0].removeFirst()
      told[1].removeFirst()
    }
    var lines = ["first event that differs: #\(Spelling.grouped(high))"]
    for (side, told) in zip(sides, told) {
      lines.append("  \(side.name)")
      lines += told.isEmpty ? ["             nothing that is recorded"] : told
    }
    return lines
  }

  private func isSame(_ sides: [Side], at event: Int64) -> Bool? {
    var digests: [UInt64] = []
    for side in sides {
      guard stand(at: way(to: .event(event), along: side.journal.entries)) else { return nil }
      digests.append(digest)
    }
    return digests[0] == digests[1]
  }
}

extension Bench {
  /// Every field and every plain measurement of the world, as text, in the order of the tree.
  func snapshot() -> [(path: String, value: String, isSet: Bool)] {
    var values: [(path: String, value: String, isSet: Bool)] = []
    for number in 1..<tree.count {
      let id = NodeID(.tree, number)
      guard case .builtin(let kind) = tree[id].role, let schema = Schema.kind(kind) else {
        continue
      }
      let path = path(of: id)
      for field in schema.fields {
        let value = fieldValue(id, field)
        values.append(("\(path).\(field.word.rawValue)", vm.text(value), true))
      }
      for place in schema.places { measure(place, of: id.value, path, into: &values) }
    }
    return values
  }

  private func measure(
    _ place: PlaceSchema, of node: Value, _ path: String,
    into values: inout [(path: String, value: String, isSet: Bool)]
  ) {
    if place.isIndexed || place.isEvent { return }
    guard let value = try? member(of: node, words.symbol(place.word), at: program.root.span) else {
      return
    }
    let path = "\(path).\(place.word.rawValue)"
    if !place.isLeaf {
      for child in place.children { measure(child, of: value, path, into: &values) }
      return
    }
    switch place.reading {
    case .count, .data, .time, .rate, .share, .symbol: values.append((path, vm.text(value), false))
    case .node, .text, .record, .list: break
    }
  }
}
