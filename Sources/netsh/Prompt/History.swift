// Earlier entries, in a file that all sessions share.
//
// An entry is a line of the file, with its line feeds as `\n`. It is appended in one write as soon
// as it was typed, so that a session which is killed has lost nothing, and what other sessions have
// appended meanwhile is read behind it: memory always holds what the file does, in the same order.

import Foundation

final class History {
  /// Entries in memory, and in a file that is made anew: a year of somebody who types much.
  static let limit = 5_000
  /// Octets of one entry: what is longer was no typing.
  static let entryLimit = 64 << 10
  /// Octets of a file that is made anew when a session begins.
  static let fileLimit = 2 << 20

  struct Entry: Equatable {
    /// Stays the same for as long as the session lasts.
    var number: Int
    var text: String
  }

  private(set) var entries: [Entry] = []
  /// Another one when entries are gone, not when some were added.
  private(set) var revision = 0
  private var count = 0
  private let file: HistoryFile?
  private var hasComplained = false

  /// - Parameter path: of the file; nil keeps entries in memory only.
  init(path: String?) {
    file = path.map(HistoryFile.init)
    if let file, file.size > Self.fileLimit {
      file.replace { Self.collapsed($0.map { Entry(number: 0, text: $0) }).map(\.text) }
    }
    refresh()
  }

  /// `$XDG_STATE_HOME/netsh/history`, or below `~/.local/state`.
  static func standardPath(_ environment: [String: String]) -> String? {
    if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
      return state + "/netsh/history"
    }
    guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
    return home + "/.local/state/netsh/history"
  }

  /// Takes in an entry, unless it begins with a space or is the last one again.
  ///
  /// - Returns: why it could not be written: once.
  func remember(_ text: String) -> String? {
    let entry = text.hasSuffix("\n") ? String(text.dropLast()) : text
    guard let first = entry.first, first != " ", first != "\t", !entry.allSatisfy(\.isWhitespace),
      entry.utf8.count <= Self.entryLimit, entry != entries.last?.text
    else { return nil }
    guard let file else {
      add([entry])
      return nil
    }
    if let failure = file.append(entry) {
      add([entry])
      defer { hasComplained = true }
      return hasComplained ? nil : "history is not kept: \(file.path): \(failure)"
    }
    refresh()
    return nil
  }

  /// Takes in what other sessions have appended.
  func refresh() {
    guard let file else { return }
    add(file.news())
  }

  /// The latest `limit` entries that contain a text, oldest first.
  func entries(containing text: String? = nil, last limit: Int = .max) -> [Entry] {
    let found = text.map { text in entries.filter { $0.text.contains(text) } } ?? entries
    return Array(found.suffix(limit))
  }

  private func add(_ news: [String]) {
    guard !news.isEmpty else { return }
    for text in news {
      count += 1
      entries.append(Entry(number: count, text: text))
    }
    let kept = Self.collapsed(entries)
    if kept.count < entries.count { revision += 1 }
    entries = kept
  }

  /// Of equal entries only the last stays.
  private static func collapsed(_ entries: [Entry]) -> [Entry] {
    var seen: Set<String> = []
    var kept: [Entry] = []
    for entry in entries.reversed() where seen.insert(entry.text).inserted {
      kept.append(entry)
      if kept.count == limit { break }
    }
    return kept.reversed()
  }
}
