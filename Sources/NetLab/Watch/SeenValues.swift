// How near an expectation came: the lowest and the highest value of what it compares.

import NetScript
import NetStack

struct SeenValues {
  /// The VM leaves the value there whenever the expectation is asked.
  let global: GlobalID
  private(set) var lowest: (value: Value, at: Instant)?
  private(set) var highest: (value: Value, at: Instant)?

  init(global: GlobalID) { self.global = global }

  /// Counts and quantities only: their order needs nobody's help.
  mutating func take(_ value: Value, at now: Instant) {
    guard let number = SeenValues.number(value) else { return }
    if lowest.flatMap({ SeenValues.number($0.value) }).map({ number < $0 }) ?? true {
      lowest = (value, now)
    }
    if highest.flatMap({ SeenValues.number($0.value) }).map({ number > $0 }) ?? true {
      highest = (value, now)
    }
  }

  private static func number(_ value: Value) -> Int64? { value.asInt ?? value.asBaseUnits }
}

extension Bench {
  /// "lowest value seen: 3 at 17min 4s", or the highest, as the comparison asks; both when it asks
  /// for one value or a range.
  func seenText(_ one: Expectation) -> String? {
    let place = watch.observed[one.property].seen
    guard place >= 0, let lowest = watch.seen[place].lowest, let highest = watch.seen[place].highest
    else { return nil }
    func text(_ word: String, _ seen: (value: Value, at: Instant)) -> String {
      "\(word) value seen: \(vm.text(seen.value)) at \(moment(seen.at))"
    }
    if vm.equal(lowest.value, highest.value) {
      return "it was \(vm.text(lowest.value)) whenever it was looked at"
    }
    return text("lowest", lowest) + " · " + text("highest", highest)
  }
}
