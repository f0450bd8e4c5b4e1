// Choices of a run as a short text that gives the same run again.
//
// One digit for each choice: 0 is what RTEMS does, 1 to z (base 36) the others in their order.
// `_14.` stands for fourteen zeros, and what is missing at the end is zeros too, so that the empty
// text is the run as it is. `P2.` in front: twice a task may lose the CPU to its equal.

public struct Schedule: Sendable, Equatable {
  /// Extra preemptions: see Chooser.swift.
  public var preemptions = 0
  /// In the order in which they come up; what is missing is 0.
  public var choices: [UInt8] = []

  /// More are not remembered: a run that has more goes on with the first of each.
  public static let mostChoices = 1 << 20
  /// Among more candidates the rest are out of the question: one digit each.
  public static let mostCandidates = 36
  /// More extra preemptions than that are no bound.
  public static let mostPreemptions = 1_000_000

  public init(preemptions: Int = 0, choices: [UInt8] = []) {
    self.preemptions = preemptions
    self.choices = choices
  }

  /// Nil when the text is no schedule.
  public init?(_ text: String) {
    var octets = Array(text.utf8)[...]
    if octets.first == UInt8(ascii: "P") {
      octets.removeFirst()
      guard let count = Schedule.number(&octets, atMost: Schedule.mostPreemptions) else {
        return nil
      }
      preemptions = count
    }
    while let octet = octets.popFirst() {
      if octet == UInt8(ascii: "_") {
        let room = Schedule.mostChoices - choices.count
        guard let count = Schedule.number(&octets, atMost: room) else { return nil }
        choices += [UInt8](repeating: 0, count: count)
      } else {
        guard let digit = Schedule.digit(octet), choices.count < Schedule.mostChoices else {
          return nil
        }
        choices.append(digit)
      }
    }
  }

  /// The shortest text: without the zeros at its end.
  public var text: String {
    var text = preemptions > 0 ? "P\(preemptions)." : ""
    var zeros = 0
    for choice in choices {
      if choice == 0 {
        zeros += 1
        continue
      }
      text += Schedule.text(ofZeros: zeros)
      text += Schedule.digits[min(Int(choice), Schedule.mostCandidates - 1)]
      zeros = 0
    }
    return text
  }

  /// How many are not the first.
  public var departures: Int { choices.reduce(0) { $0 + ($1 == 0 ? 0 : 1) } }

  private static let digits = "0123456789abcdefghijklmnopqrstuvwxyz".map { String($0) }

  private static func text(ofZeros count: Int) -> String {
    count < 4 ? String(repeating: "0", count: count) : "_\(count)."
  }

  private static func digit(_ octet: UInt8) -> UInt8? {
    switch octet {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): octet - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): octet - UInt8(ascii: "a") + 10
    default: nil
    }
  }

  /// A number and the full stop behind it.
  private static func number(_ octets: inout ArraySlice<UInt8>, atMost most: Int) -> Int? {
    var value = 0
    var isEmpty = true
    while let octet = octets.popFirst() {
      if octet == UInt8(ascii: ".") { return isEmpty ? nil : value }
      guard let digit = digit(octet), digit < 10 else { return nil }
      value = value * 10 + Int(digit)
      isEmpty = false
      if value > most { return nil }
    }
    return nil
  }
}
