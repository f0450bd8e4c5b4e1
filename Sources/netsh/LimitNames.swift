// `--limit NAME=VALUE`: which limits there are, and what their values look like.

import NetLab

/// What the options set of limits; CPU time is netsh's own, the simulation knows no clock.
struct ChosenLimits: Sendable {
  var run = RunLimits()
  var cpuSeconds = 60.0

  static let names = [
    "steps", "handler_steps", "hook_steps", "frames", "heap", "events", "cpu", "samples", "output",
    "capture", "runs",
  ]

  /// Throws the sentence that says what is wrong.
  init(_ settings: [NamedValue]) throws {
    for setting in settings { try take(setting) }
  }

  private mutating func take(_ setting: NamedValue) throws {
    guard Self.names.contains(setting.name) else {
      throw Failure(
        .usage,
        "--limit: there is no limit '\(setting.name)'; there are "
          + Self.names.joined(separator: ", ") + ".")
    }
    if setting.name == "cpu" {
      let digits = setting.value.hasSuffix("s") ? String(setting.value.dropLast()) : setting.value
      guard let seconds = Double(digits), seconds > 0 else { throw Self.wrong(setting) }
      cpuSeconds = seconds
      return
    }
    guard let value = Self.count(setting.value), value > 0 else { throw Self.wrong(setting) }
    switch setting.name {
    case "steps": run.vm.steps = value
    case "handler_steps": run.handlerSteps = value
    case "hook_steps": run.hookSteps = value
    case "frames": run.vm.frames = value
    case "heap": run.vm.heapOctets = value
    case "events": run.events = Int64(value)
    case "samples": run.samples = value
    case "output": run.outputOctets = value
    case "capture": run.captureOctets = value
    default: run.runs = value
    }
  }

  private static func wrong(_ setting: NamedValue) -> Failure {
    Failure(.usage, "--limit \(setting.name): '\(setting.value)' is no number above 0.")
  }

  /// `1_000_000`, `64MiB`, `10KB`.
  static func count(_ text: String) -> Int? {
    let units = [
      ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("KB", 1000), ("MB", 1_000_000),
    ]
    for (unit, size) in units where text.hasSuffix(unit) {
      guard let count = Int(text.dropLast(unit.count)) else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      return overflow ? nil : product
    }
    return Int(text.filter { $0 != "_" })
  }
}
