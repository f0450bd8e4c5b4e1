// The small languages of single options: a seed or a range of them, NAME=VALUE, auto|always|never.

import ArgumentParser

/// `7`, or `1..20` with both ends included.
struct SeedRange: ExpressibleByArgument, Sendable {
  var seeds: ClosedRange<UInt64>

  init?(argument: String) {
    let ends = argument.split(separator: "..", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = UInt64(ends[0]), let last = UInt64(ends[ends.count - 1]), first <= last else {
      return nil
    }
    seeds = first...last
  }
}

/// `NAME=VALUE`; the value may be empty or contain further equals signs.
struct NamedValue: ExpressibleByArgument, Sendable {
  var name: String
  var value: String

  init(name: String, value: String) {
    self.name = name
    self.value = value
  }

  init?(argument: String) {
    guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else {
      return nil
    }
    name = String(argument[..<equals])
    value = String(argument[argument.index(after: equals)...])
  }
}

/// When to do something that suits a terminal only.
enum When: String, ExpressibleByArgument, CaseIterable, Sendable {
  case auto
  case always
  case never
}
