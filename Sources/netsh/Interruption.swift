// Ctrl-C: the first asks the run to end and report, the second ends the process.

import Foundation
import Synchronization

/// Whether the user wants the run to end. Asked between events; cheap enough for every thousandth.
enum Interruption {
  private static let requests = Atomic<Int>(0)

  static var isRequested: Bool { requests.load(ordering: .relaxed) > 0 }

  /// From now on Ctrl-C is a request. The handler does nothing that a handler must not do.
  static func watch() {
    // Also makes the counter exist before a signal needs it.
    requests.store(0, ordering: .relaxed)
    signal(SIGINT) { _ in
      if Interruption.requests.add(1, ordering: .relaxed).newValue > 1 {
        _exit(ExitStatus.interrupted.rawValue)
      }
    }
  }
}
