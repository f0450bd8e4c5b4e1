// Ctrl-C: the first asks the run to end and report, the second ends the process. At a prompt it
// only ever asks.

import Foundation
import Synchronization

/// Whether the user wants the run to end. Asked between events; cheap enough for every thousandth.
enum Interruption {
  private static let requests = Atomic<Int>(0)
  private static let endsProcess = Atomic<Bool>(true)

  static var isRequested: Bool { requests.load(ordering: .relaxed) > 0 }

  static func clear() { requests.store(0, ordering: .relaxed) }

  /// From now on Ctrl-C is a request. The handler does nothing that a handler must not do.
  ///
  /// - Parameter ends: the second one ends the process.
  static func watch(ends: Bool = true) {
    // Also makes the counters exist before a signal needs them.
    clear()
    endsProcess.store(ends, ordering: .relaxed)
    signal(SIGINT) { _ in
      let count = Interruption.requests.add(1, ordering: .relaxed).newValue
      if count > 1, Interruption.endsProcess.load(ordering: .relaxed) {
        _exit(ExitStatus.interrupted.rawValue)
      }
    }
  }
}
