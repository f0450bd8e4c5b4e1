// Whether a line only looks: then it is no part of the journal, and what lies ahead stays there.

import NetScript

extension Bench {
  /// Errs on the safe side: `false` means that it may change something.
  func isLook(_ deed: Entry.Deed) -> Bool {
    guard case .line(_, let line) = deed, line.modules.isEmpty, !line.addsNames else {
      return false
    }
    return !program.mayChange(line.main, natives: Bench.lookingNatives) { site in
      switch site.kind {
      case .print, .show, .why: return false
      default: return true
      }
    }
  }

  private static let lookingNatives: Set<Int> = Set(
    [
      NativeFunction.wedged, .stalled, .leaked, .holders, .waiters, .diff, .recoveries, .netstat,
      .arpTable, .mbufStats,
    ].map { Int($0.rawValue) })
}
