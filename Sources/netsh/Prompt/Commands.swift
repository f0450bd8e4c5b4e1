// All commands: a line for each part of the table.

enum Commands {
  static let all: [Command] =
    moving
    + stops
    + travel
    + looking
    + teaching
    + history
    + session
    + outside
    + settings

  /// The one of that name, or else all whose names begin so; nobody needs less than two letters for
  /// a name of two.
  static func beginning(with word: String) -> [Command] {
    if word.isEmpty { return [] }
    let named = all.filter { $0.name == word }
    return named.isEmpty ? all.filter { $0.name.hasPrefix(word) && $0.name.count > 2 } : named
  }
}
