// What was done in a session, written down before it is done: whoever reads it gets to the same
// world. It is there for sessions that die, and goes with those that end.
//
// A line of the file is a deed: where Ctrl-C held it, if it did (`#EVENT/TURNS` or
// `=NANOSECONDS/TURNS`), a tab, and the entry, with its line feeds as `\n`. What only looked is
// taken out again.

import Foundation
import NetLab
import NetScript
import NetStack

final class SessionLog {
  /// Octets: days of typing. Beyond it nothing more is kept, because half would lead elsewhere.
  static let limit: off_t = 1 << 20
  /// Logs of sessions that have died.
  static let leftCount = 8

  struct Deed: Equatable {
    var text: String
    var heldAt: Hold?
  }

  let path: String
  private var descriptor: Int32
  /// Where the deed under way begins.
  private var start: off_t?
  private var isNoted = false
  private var heldAt: Hold?

  /// A new file; says why there is none.
  init(folder: String, complaint: inout String?) {
    let time = Int(Date().timeIntervalSince1970)
    path = folder + "/\(time)-\(getpid())"
    PromptFiles.makeFolder(of: path)
    Self.clean(folder)
    descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o600)
    if descriptor < 0 {
      complaint = "this session is not logged: \(path): \(String(cString: strerror(errno)))"
    } else {
      // As long as somebody holds it, its session lives.
      flock(descriptor, LOCK_EX | LOCK_NB)
    }
  }

  var isOpen: Bool { descriptor >= 0 }
  /// A deed inside of another one, as a breakpoint's, is done again by that.
  var isUnderWay: Bool { start != nil }

  /// The session has ended well.
  func remove() {
    guard isOpen else { return }
    unlink(path)
    close(descriptor)
    descriptor = -1
  }

  /// Sessions that died long ago: the names begin with the time.
  private static func clean(_ folder: String) {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    for name in names.dropLast(leftCount - 1) {
      let path = folder + "/" + name
      let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
      close(descriptor)
    }
  }

  // MARK: Writing

  func begin(_ text: String) -> String? {
    guard isOpen else { return nil }
    (start, isNoted, heldAt) = (lseek(descriptor, 0, SEEK_END), false, nil)
    return write(Deed(text: text))
  }

  /// What is under way has led to another world.
  func note(heldAt: Hold?) { (isNoted, self.heldAt) = (true, heldAt) }

  /// - Returns: why there is no log any more.
  func end(_ text: String, counts: Bool) -> String? {
    guard isOpen, let start else { return nil }
    self.start = nil
    if (counts || isNoted) && heldAt == nil { return nil }
    guard ftruncate(descriptor, start) == 0 else { return giveUp(errno) }
    return isNoted ? write(Deed(text: text, heldAt: heldAt)) : nil
  }

  private func write(_ deed: Deed) -> String? {
    let octets = Array(deed.line.utf8)
    guard lseek(descriptor, 0, SEEK_END) + off_t(octets.count) <= Self.limit else {
      return giveUp(EFBIG)
    }
    let count = Foundation.write(descriptor, octets, octets.count)
    return count == octets.count ? nil : giveUp(count < 0 ? errno : ENOSPC)
  }

  /// A log without one deed leads elsewhere: better none.
  private func giveUp(_ error: Int32) -> String {
    remove()
    return "this session is not logged any more: \(path): \(String(cString: strerror(error)))"
  }

  // MARK: Reading

  static func deeds(of path: String) throws -> [Deed] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure(.usage, "\(path): cannot be read.")
    }
    // What was not written to its end is not done.
    return try String(decoding: data, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false
    ).dropLast().map { line in
      guard let deed = Deed(line: line) else {
        throw Failure(.usage, "\(path): is no session's log: `\(line.prefix(40))`")
      }
      return deed
    }
  }
}

extension SessionLog.Deed {
  fileprivate var line: String {
    var place = ""
    if let heldAt {
      switch heldAt.place {
      case .event(let event): place = "#\(event)"
      case .instant(let instant): place = "=\(instant.nanoseconds)"
      }
      place += "/\(heldAt.turns)"
    }
    return place + "\t" + HistoryFile.escaped(text) + "\n"
  }

  fileprivate init?(line: Substring) {
    guard let tab = line.firstIndex(of: "\t") else { return nil }
    text = HistoryFile.plain(String(line[line.index(after: tab)...]))
    let place = line[..<tab]
    if place.isEmpty { return }
    let numbers = place.dropFirst().split(separator: "/").compactMap { Int64($0) }
    guard numbers.count == 2, numbers.allSatisfy({ $0 >= 0 }) else { return nil }
    let turns = Int(numbers[1])
    switch place.first {
    case "#": heldAt = Hold(.event(numbers[0]), turns: turns)
    case "=": heldAt = Hold(.instant(Instant(nanoseconds: numbers[0])), turns: turns)
    default: return nil
    }
  }
}

extension Prompt {
  /// Does something, and writes it down.
  ///
  /// - Parameter counts: it does, unless it was a mistake; otherwise the reply knows.
  func logged(_ text: String, counts: Bool = false, _ body: () -> Bool) -> Bool {
    guard let log, !log.isUnderWay, origin != .rc else { return body() }
    if let complaint = log.begin(text) { tellUnlogged(complaint) }
    let isWell = body()
    if let complaint = log.end(text, counts: counts && isWell) { tellUnlogged(complaint) }
    return isWell
  }

  /// What another session has done. Its mistakes were not written down, so there are none.
  func replay(_ deeds: [SessionLog.Deed]) {
    if deeds.isEmpty { return }
    isReplaying = true
    for (place, deed) in deeds.enumerated() {
      bench.nextHold = deed.heldAt
      if perform(PromptLine(deed.text)) { continue }
      isReplaying = false
      _ = refuse("line \(place + 1) of \(deeds.count) does not do what it did: \(deed.text)")
      return
    }
    isReplaying = false
    let (event, time) = (Spelling.grouped(bench.moment.event), TimeText.text(bench.moment.now))
    acknowledge("did \(deeds.count) lines again: at \(time), event \(event)")
  }
}
