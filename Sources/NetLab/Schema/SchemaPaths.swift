// The schema as the language's checker reads it: of what dimension each field and measurement is,
// so that `server.pool.clusters.free > 3s` is a mistake of the text, not of a run.

import NetScript

/// Built once from the tables; groups are numbered in the order in which they are met.
struct SchemaPaths: Sendable {
  private(set) var groups: [CheckerGroup] = []
  private(set) var kinds: [String: Int] = [:]

  static let all = SchemaPaths()

  private init() {
    // A host's parts first: the host names them.
    for schema in Schema.kinds where schema.word != .host { add(schema) }
    add(Schema.host)
    // A pool with a name is a class of its own, and only the host's own has these paths.
    kinds[Word.pool.rawValue] = nil
  }

  private mutating func add(_ schema: KindSchema) {
    var group = CheckerGroup(isOpen: schema.word == .host)
    for field in schema.fields { group.members[field.word.rawValue] = member(field) }
    for place in schema.places { group.members[place.word.rawValue] = member(place) }
    if schema.word == .host {
      for word in Schema.groups + Schema.engineTasks + [.network] {
        guard case .builtin(let kind) = Schema.roleInHost(word) else { continue }
        group.members[word.rawValue] = kinds[kind.rawValue].map { .group($0) }
      }
    }
    kinds[schema.word.rawValue] = groups.count
    groups.append(group)
  }

  /// A field that takes more than one thing is not known before it is read.
  private func member(_ field: FieldSchema) -> CheckerMember? {
    guard field.measures.count == 1 else { return nil }
    if case .bool = field.measures[0] { return .bool }
    return field.measures[0].dimension.map { .measure($0) }
  }

  private mutating func member(_ place: PlaceSchema) -> CheckerMember? {
    if place.isLeaf {
      guard let dimension = place.reading.dimension else { return nil }
      return place.isIndexed ? .measures(dimension) : .measure(dimension)
    }
    var group = CheckerGroup()
    for child in place.children { group.members[child.word.rawValue] = member(child) }
    groups.append(group)
    return .group(groups.count - 1)
  }
}

extension Reading {
  /// Of what is a number or a quantity.
  var dimension: Dimension? {
    switch self {
    case .count, .share: Dimension.none
    case .data: .data
    case .time: .time
    case .rate: .rate
    case .symbol, .node, .text, .record, .list: nil
    }
  }
}
