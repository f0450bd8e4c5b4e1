// What a question turns: a param or a field of the lab, as a scale of whole steps.

import NetScript

/// A value that can be set from outside, and the grid on which one is looked for.
public struct Dial: Sendable {
  /// As `--set` takes it.
  public let name: String
  /// What its values are written in; empty for counts.
  public let unit: String
  /// In units: the value of place 0, and the distance of two places.
  let origin: Int64
  let step: Int64
  /// The place of the present value, and those that are looked through.
  public let start: Int64
  public let range: ClosedRange<Int64>
  /// The question has named the range.
  public let isBounded: Bool

  /// Without a range one looks down to nothing, and up to so many times the present value.
  public static let reach: Int64 = 64

  public func value(_ place: Int64) -> Int64 { origin + place * step }
  public func text(_ place: Int64) -> String { "\(value(place))\(unit)" }
  public var stepText: String { "\(step)\(unit)" }
}

extension Bench {
  /// Finds what a question is about. Call it of a bench that is prepared, and of no use for
  /// anything else.
  public func dial(for question: SearchQuestion) throws(DialMistake) -> Dial {
    let found = try settable(question)
    func mistake(_ title: String, _ help: String) -> DialMistake {
      DialMistake(
        Diagnostic(code: "N210", title: title, at: question.place.span, help: help))
    }
    guard let present = Amount(found.value, perBuffer: found.unitSize) else {
      throw mistake(
        "`\(found.path)` is \(vm.text(found.value)), and a search goes over counts and quantities",
        "such as 64, 300B, 20ms, 10Mbps")
    }
    let stride = question.step.flatMap { amount($0, found) }
    let unit = stride?.dimension == present.dimension ? stride?.unit : nil
    /// What stands in the question, in the unit of the step, or else of the present value.
    func units(_ text: String?) throws(DialMistake) -> Int64? {
      guard let text else { return nil }
      guard let amount = amount(text, found), amount.dimension == present.dimension else {
        throw mistake(
          "`\(text)` is no value for `\(found.path)`", "it is \(vm.text(found.value)) now")
      }
      guard let units = amount.units(unit ?? present.unit) else {
        throw mistake("`\(text)` is too far away", "`in 32..400`")
      }
      if units.isExact { return units.count }
      throw mistake(
        "`\(text)` is no whole number of \((unit ?? present.unit).text)",
        "`by …` chooses the step, in another unit if need be")
    }
    let step = try units(question.step) ?? 1
    let lower = try units(question.range?.lower)
    let upper = try units(question.range?.upper)
    guard step > 0, lower ?? 0 <= upper ?? .max,
      let now = present.units(unit ?? present.unit)?.count
    else {
      throw mistake("there is nothing to look through", "`in 32..400`, `by 1ms`")
    }
    let origin = lower ?? 0
    let start = (now - origin) / step
    let first = lower == nil ? min(start, 0) : 0
    let last = max(upper.map { ($0 - origin) / step } ?? max(start, 1) * Dial.reach, first)
    return Dial(
      name: found.path, unit: (unit ?? present.unit).text, origin: origin, step: step,
      start: min(max(start, first), last), range: first...last,
      isBounded: question.range != nil)
  }

  /// The value of an expression that stands in the question.
  private func amount(_ text: String, _ place: Settable) -> Amount? {
    guard let setting = Planner.compile("value", text), let value = try? value(of: setting) else {
      return nil
    }
    return Amount(value, perBuffer: place.unitSize)
  }
}

/// Why there is nothing to turn.
public struct DialMistake: Error {
  public let diagnostic: Diagnostic

  init(_ diagnostic: Diagnostic) { self.diagnostic = diagnostic }
}

/// A count or a quantity in base units.
private struct Amount {
  var base: Int64
  var dimension: Dimension
  var unit: UnitExpression

  /// Nil for what is neither.
  init?(_ value: Value, perBuffer size: Int64?) {
    if let count = value.asInt {
      (base, dimension, unit) = (count, .none, UnitExpression(unit: 0))
      return
    }
    guard let count = value.asBaseUnits, let dimension = value.dimension, dimension != .none else {
      return nil
    }
    if let size, dimension == .data {
      (base, self.dimension, unit) = (count / 8 / size, .none, UnitExpression(unit: 0))
      return
    }
    (base, self.dimension) = (count, dimension)
    let given = value.unit
    unit = given.dimension == dimension ? given : Self.usual(dimension)
  }

  private static func usual(_ dimension: Dimension) -> UnitExpression {
    let name: String
    switch dimension {
    case .time: name = "ms"
    case .data: name = "B"
    case .rate: name = "kbps"
    default: name = "/s"
    }
    return UnitExpression(name) ?? UnitExpression(unit: 0)
  }

  /// In a unit of its dimension, rounded down; nil for what is too large to go on counting from.
  func units(_ unit: UnitExpression) -> (count: Int64, isExact: Bool)? {
    let scale: (numerator: Int64, denominator: Int64) = dimension == .none ? (1, 1) : unit.scale
    let (product, overflow) = base.multipliedReportingOverflow(by: scale.denominator)
    let count = product / scale.numerator
    guard !overflow, count.magnitude <= UInt64(Int64.max / (2 * Dial.reach)) else { return nil }
    return (count, product % scale.numerator == 0)
  }
}
