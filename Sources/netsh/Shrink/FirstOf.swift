// Of many trials the first that succeeds, on all cores: which one that is does not depend on how
// many cores there are, because no earlier one is left out.

import Foundation
import Synchronization

enum FirstOf {
  private struct State<Found: Sendable>: Sendable {
    var next = 0
    var best: (index: Int, found: Found)?
  }

  /// What the first of `count` trials finds, and which one it is.
  static func find<Found: Sendable>(
    _ count: Int, _ trial: @escaping @Sendable (Int) -> Found?
  ) -> (index: Int, found: Found)? {
    let state = Shared(State<Found>())
    let workers = DispatchGroup()
    for _ in 0..<min(count, ProcessInfo.processInfo.activeProcessorCount) {
      workers.enter()
      let thread = Thread {
        while let index = state.value.withLock({ take(&$0, of: count) }) {
          guard let found = trial(index) else { continue }
          state.value.withLock { state in
            if index < state.best?.index ?? .max { state.best = (index, found) }
          }
        }
        workers.leave()
      }
      thread.stackSize = RunJob.stackOctets
      thread.start()
    }
    workers.wait()
    return state.value.withLock { $0.best }
  }

  private static func take<Found>(_ state: inout State<Found>, of count: Int) -> Int? {
    guard state.next < min(count, state.best?.index ?? .max), !Interruption.isRequested else {
      return nil
    }
    state.next += 1
    return state.next - 1
  }

  private final class Shared<Value: Sendable>: Sendable {
    let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }
  }
}
