// Operands of statements as the engine's own types.

import NetScript
import NetStack

extension Bench {
  /// A time that a clause needs, or N210.
  func duration(
    _ value: Value, of what: String, _ site: StatementSite
  ) throws(RuntimeError) -> TimeSpan {
    if let nanoseconds = vm.baseUnits(value, .time) { return TimeSpan(nanoseconds: nanoseconds) }
    let help = value.asInt.map { "`\($0)s`, `\($0)ms` …" }
    throw RuntimeError(
      "N210", "\(what) takes a time, not \(vm.text(value))", at: site.span, help: help)
  }

  func optionalDuration(
    _ value: Value, of what: String, _ site: StatementSite
  ) throws(RuntimeError) -> TimeSpan? {
    value.isNone ? nil : try duration(value, of: what, site)
  }
}
