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
  /// Of all but CPU time.
  private static let places: [String: WritableKeyPath<RunLimits, Int> & Sendable] = [
    "steps": \.vm.steps, "handler_steps": \.handlerSteps, "hook_steps": \.hookSteps,
    "frames": \.vm.frames, "heap": \.vm.heapOctets, "events": \.eventCount,
    "samples": \.samples, "output": \.outputOctets, "capture": \.captureOctets, "runs": \.runs,
  ]

  init() {}

  /// Throws the sentence that says what is wrong.
  init(_ settings: [NamedValue]) throws {
    for setting in settings { try take(setting) }
  }

  /// Whether it lets a run have more than it has when nobody says anything.
  static func raises(_ setting: NamedValue) throws -> Bool {
    let chosen = try ChosenLimits([setting])
    let usual = ChosenLimits()
    return chosen.cpuSeconds > usual.cpuSeconds
      || places.contains { chosen.run[keyPath: $0.value] > usual.run[keyPath: $0.value] }
  }

  /// The limits that are raised, as a command line has them.
  static func words(raising settings: [NamedValue]) throws -> String {
    try settings.filter(raises).map { " --limit \($0.name)=\($0.value)" }.joined()
  }

  private mutating func take(_ setting: NamedValue) throws {
    guard Self.names.contains(setting.name) else {
      throw Failure(
        .usage,
        "--limit: there is no limit '\(setting.name.harmless)'; there are "
          + Self.names.joined(separator: ", ") + ".")
    }
    if setting.name == "cpu" {
      let digits = setting.value.hasSuffix("s") ? String(setting.value.dropLast()) : setting.value
      guard let seconds = Double(digits), seconds > 0 else { throw Self.wrong(setting) }
      cpuSeconds = seconds
      return
    }
    guard let value = Self.count(setting.value), value > 0 else { throw Self.wrong(setting) }
    guard let place = Self.places[setting.name] else { preconditionFailure("no such limit") }
    run[keyPath: place] = value
  }

  private static func wrong(_ setting: NamedValue) -> Failure {
    Failure(.usage, "--limit \(setting.name): '\(setting.value.harmless)' is no number above 0.")
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

extension RunLimits {
  /// `events` as all other limits are.
  fileprivate var eventCount: Int {
    get { Int(events) }
    set { events = Int64(newValue) }
  }
}
