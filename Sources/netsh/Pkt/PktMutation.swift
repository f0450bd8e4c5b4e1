// One number, flag or time of a packetdrill script changed: who does not notice does not test it.
//
// Only what is compared is changed: a time by more than its tolerance, an option when options
// count, of a descriptor only whether there is one.

import NetLab
import NetScript
import NetStack

struct PktMutation: Sendable {
  enum Change: Sendable {
    /// Bits of the header's flags.
    case flag(UInt16)
    case sequence(Int32)
    case length
    case acknowledgment(Int32)
    case window(Int32)
    /// A number of the option at this place.
    case option(Int)
    case later
    case earlier
    /// Of a call: what it returns, what `getsockopt` finds, which error.
    case result
    case value
    case error
  }

  /// Its place among the script's events.
  var event: Int
  var change: Change

  // MARK: What can be changed

  /// - Parameter sent: of what the script sends, in place of what it expects.
  static func all(of script: DrillScript, at level: DrillStrictness, sent: Bool) -> [PktMutation] {
    var found: [PktMutation] = []
    var isFirst = true
    for (index, event) in script.events.enumerated() {
      var changes: [Change] = []
      switch event.action {
      case .packet(let packet) where packet.isInbound == sent:
        if case .tcp(let segment) = packet.body {
          // The first SYN tells what the script calls the first number.
          let isSyn = segment.flags & 0x02 != 0
          if !segment.sequence.isAny, !(isSyn && isFirst) {
            changes += [.sequence(1), .sequence(-1)]
          }
          if isSyn { isFirst = false }
          changes += self.changes(of: segment, at: sent ? .window : level)
        }
        if !sent { changes += times(of: event) }
      case .call(let call):
        if call.name == "listen" || call.name == "connect" { isFirst = true }
        if !sent { changes += self.changes(of: call) }
      default: break
      }
      found += changes.map { PktMutation(event: index, change: $0) }
    }
    return found
  }

  private static func changes(
    of segment: DrillSegment, at level: DrillStrictness
  ) -> [Change] {
    var changes: [Change] = [0x01, 0x02, 0x04, 0x08, 0x10].map { .flag($0) }
    changes.append(.length)
    if segment.acknowledgment != nil { changes += [.acknowledgment(1), .acknowledgment(-1)] }
    if segment.window != nil, level < .window { changes += [.window(1), .window(-1)] }
    let isSyn = segment.flags & 0x02 != 0
    guard level < .synOptions || (level < .options && !isSyn) else { return changes }
    for (place, option) in (segment.options ?? []).enumerated() {
      switch option {
      case .mss, .windowScale, .sack: changes.append(.option(place))
      default: break
      }
    }
    return changes
  }

  private static func times(of event: DrillEvent) -> [Change] {
    switch event.time {
    case .absolute(let time), .relative(let time):
      return time >= .seconds(1) ? [.later, .earlier] : [.later]
    case .range: return [.later]
    case .any, .untimed, .blocking: return []
    }
  }

  private static func changes(of call: DrillCall) -> [Change] {
    var changes: [Change] = []
    if case .integer? = call.result { changes.append(.result) }
    if call.error != nil { changes.append(.error) }
    if call.name == "getsockopt", call.arguments.count > 3, case .list = call.arguments[3] {
      changes.append(.value)
    }
    return changes
  }

  // MARK: The change

  /// The event as it is to be written; nil when it comes out as it was.
  func text(in script: DrillScript) -> String? {
    var event = script.events[self.event]
    let before = Self.text(of: event)
    switch event.action {
    case .packet(var packet):
      if case .tcp(let segment) = packet.body { packet.body = .tcp(changed(segment)) }
      event.action = .packet(packet)
    case .call(let call): event.action = .call(changed(call))
    default: return nil
    }
    event.time = changed(event.time, script.options)
    let after = Self.text(of: event)
    return after == before ? nil : after
  }

  /// Whether `text` gives it as a script has it.
  static func isWritten(_ event: DrillEvent) -> Bool {
    switch event.action {
    case .packet, .call: return true
    case .command, .code, .unsupported: return false
    }
  }

  static func text(of event: DrillEvent) -> String {
    switch event.action {
    case .packet(let packet): return event.time.text + " " + packet.text
    case .call(let call):
      // The end of a call that blocks is written behind its begin, as the time has it.
      return event.time.text + " " + call.text
    case .command(let text): return "`\(text)`"
    case .code(let text): return "%{ \(text) }%"
    case .unsupported(let what): return what
    }
  }

  private func changed(_ segment: DrillSegment) -> DrillSegment {
    var segment = segment
    switch change {
    case .flag(let flag): segment.flags ^= flag
    case .sequence(let by): segment.sequence.start &+= UInt32(bitPattern: by)
    case .length: segment.sequence.octets += 1
    case .acknowledgment(let by):
      segment.acknowledgment = segment.acknowledgment.map { $0 &+ UInt32(bitPattern: by) }
    case .window(let by):
      segment.window = segment.window.map { $0 &+ UInt16(truncatingIfNeeded: by) }
    case .option(let place):
      guard let option = segment.options?[place] else { break }
      segment.options?[place] = changed(option)
    default: break
    }
    return segment
  }

  private func changed(_ option: DrillTCPOption) -> DrillTCPOption {
    switch option {
    case .mss(let size): return .mss(size ^ 1)
    case .windowScale(let shift): return .windowScale(shift ^ 1)
    case .sack(var blocks):
      if !blocks.isEmpty { blocks[0].end &+= 1 }
      return .sack(blocks)
    default: return option
    }
  }

  private func changed(_ call: DrillCall) -> DrillCall {
    var call = call
    let givesDescriptor = ["socket", "accept", "accept4", "dup"].contains(call.name)
    switch (change, call.result) {
    case (.result, .integer(let value)?):
      call.result = .integer(givesDescriptor ? (value < 0 ? 3 : -1) : value + 1)
    case (.error, _): call.error = call.error == "EPIPE" ? "ECONNRESET" : "EPIPE"
    case (.value, _):
      guard case .list(let values) = call.arguments[3], let first = values.first else { break }
      switch first {
      case .integer(let value): call.arguments[3] = .list([.integer(value + 1)])
      default: call.arguments[3] = .list([.integer(1)])
      }
    default: break
    }
    return call
  }

  private func changed(_ time: DrillTime, _ options: DrillOptions) -> DrillTime {
    func later(_ time: TimeSpan) -> TimeSpan {
      let tolerance = options.tolerance.nanoseconds * 2 + time.nanoseconds / 4
      return TimeSpan(nanoseconds: time.nanoseconds + tolerance + 1_000_000_000)
    }
    func earlier(_ time: TimeSpan) -> TimeSpan { TimeSpan(nanoseconds: time.nanoseconds / 4) }
    switch (change, time) {
    case (.later, .absolute(let time)): return .absolute(later(time))
    case (.later, .relative(let time)): return .relative(later(time))
    case (.later, .range(let start, let end, let isRelative)):
      let shift = later(end) - start
      return .range(start + shift, end + shift, isRelative: isRelative)
    case (.earlier, .absolute(let time)): return .absolute(earlier(time))
    case (.earlier, .relative(let time)): return .relative(earlier(time))
    default: return time
    }
  }
}
