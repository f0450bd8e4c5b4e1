// What scripts and failures ask the oracle. Stand-ins until it answers.

import NetScript

extension Bench {
  /// wedged, stalled, leaked, holders.
  func ask(_ function: NativeFunction, _ arguments: Arguments) throws(RuntimeError) -> Value {
    .none
  }

  /// Why a thing stands still, as lines; none when it does not.
  func oracleWhy(_ node: Value) throws(RuntimeError) -> [String] { [] }
}
