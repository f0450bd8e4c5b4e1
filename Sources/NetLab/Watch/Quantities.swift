// Operands of statements as the engine's own types.

import NetScript
import NetStack

extension Bench {
  /// A time that a clause or statement needs: N210 for what is none, N423 below zero.
  func duration(
    _ value: Value, of what: String, _ site: StatementSite
  ) throws(RuntimeError) -> TimeSpan {
    if let nanoseconds = vm.baseUnits(value, .time) {
      if nanoseconds >= 0 { return TimeSpan(nanoseconds: nanoseconds) }
      throw RuntimeError(
        "N423", "\(what) takes a time from 0s on, not \(vm.text(value))", at: site.span)
    }
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
