// `step N on EVENT`: time passes until so many records of a pattern have come.

import NetScript
import NetSim
import NetStack

struct Countdown {
  var filters: [EventFilter]
  var kinds: UInt64
  var left: Int64
  /// What the pattern says, until the simulation is built.
  var pattern: [PatternStep]
  var indexPins: [Int]
  var span: SourceSpan
}

extension Bench {
  /// The `step` may be the statement that ends the declarations: then nodes have no numbers yet.
  func beginCountdown(
    _ pattern: [PatternStep], _ indexes: [Value], _ count: Int64, at span: SourceSpan
  ) {
    watch.countdown = Countdown(
      filters: [], kinds: 0, left: count, pattern: pattern,
      indexPins: indexes.map { vm.pin($0) }, span: span)
  }

  /// Finds the records that count, once, when time is about to pass.
  func resolveCountdown() throws(RuntimeError) {
    guard let countdown = watch.countdown, countdown.kinds == 0 else { return }
    let filters = try filters(
      countdown.pattern, countdown.indexPins.map { vm.pinned($0) }, at: countdown.span)
    watch.countdown?.filters = filters
    watch.countdown?.kinds = filters.reduce(0) { $0 | $1.kinds }
    arm()
  }

  /// Several records of one event may count; then it stops behind that event.
  func countDown(_ range: Range<Int>) {
    guard var countdown = watch.countdown else { return }
    for place in range where countdown.left > 0 {
      let record = context.records[place]
      guard countdown.filters.contains(where: { $0.matches(record) }) else { continue }
      countdown.left -= 1
    }
    watch.countdown = countdown
  }

  func endCountdown() {
    for pin in watch.countdown?.indexPins ?? [] { vm.unpin(pin) }
    watch.countdown = nil
    arm()
  }
}
