// `poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, 100) = 1` of a packetdrill script.
//
// By the engine's select, which knows two of poll's events; POLLHUP and POLLERR follow from the
// socket's state, as soo_poll of kern/sys_socket.c has them.

import NetScript
import NetSim
import NetStack

/// One descriptor of a poll: what is asked, and what the script expects.
private struct DrillPolled {
  var socket: Int32
  var events: Int64
  var expected: Int64?
  var span: SourceSpan
}

extension Bench {
  func pollDeed(_ number: Int, _ call: DrillCall) -> DrillDeed {
    guard let polled = polled(number, call),
      let timeout = DrillConstants.value(of: call.arguments, 2)
    else { return .unsupported("this use of `poll`") }
    if timeout == 0 || polled.contains(where: { revents(number, $0) != 0 }) {
      return .answer(pollResult(number, call))
    }
    let wait = timeout < 0 ? nil : TimeSpan.milliseconds(min(timeout, 1_000_000_000))
    return .engine(
      .select(
        queues: [], read: polled.filter { $0.events & 1 != 0 }.map { $0.socket },
        write: polled.filter { $0.events & 4 != 0 }.map { $0.socket }, timeout: wait))
  }

  /// How many are ready; each of them is compared with what the script expects.
  func pollResult(_ number: Int, _ call: DrillCall) -> DrillReturn {
    var ready: Int64 = 0
    for one in polled(number, call) ?? [] {
      let found = revents(number, one)
      if found != 0 { ready += 1 }
      if let expected = one.expected, expected != found {
        failDrill(number, one.span, "`revents` is \(found), not \(expected)")
      }
    }
    return .value(ready)
  }

  /// nil: not written as poll takes it, or a descriptor that is not open.
  private func polled(_ number: Int, _ call: DrillCall) -> [DrillPolled]? {
    guard case .list(let items)? = call.arguments.first else { return nil }
    var polled: [DrillPolled] = []
    for item in items {
      guard case .record(let fields) = item,
        let name = fields.first(where: { $0.name == "fd" }).flatMap({
          DrillConstants.value(of: $0.value)
        }),
        let descriptor = programs.drills[number].descriptors.first(where: { $0.script == name })
      else { return nil }
      let events = fields.first { $0.name == "events" }?.value
      let revents = fields.first { $0.name == "revents" }?.value
      polled.append(
        DrillPolled(
          socket: descriptor.socket, events: events.map(DrillConstants.pollEvents) ?? 0,
          expected: revents.map(DrillConstants.pollEvents),
          span: call.argumentSpans.first ?? call.nameSpan))
    }
    return polled
  }

  private func revents(_ number: Int, _ one: DrillPolled) -> Int64 {
    let stack = simulation.hosts[Int(programs.drills[number].stack)]
    var found: Int64 = 0
    if one.events & 1 != 0, stack.isReadable(one.socket) { found |= 1 }
    if one.events & 4 != 0, stack.isWritable(one.socket) { found |= 4 }
    let socket = stack.socket(one.socket)
    if socket.error != nil { found |= 8 }
    if socket.state.isSuperset(of: [.cantReceiveMore, .cantSendMore]) { found |= 16 }
    return found
  }
}

extension DrillConstants {
  /// POLLIN 1, POLLOUT 4, POLLERR 8, POLLHUP 16; other names count for nothing.
  static func pollEvents(_ value: DrillValue) -> Int64 {
    if case .integer(let number) = value { return number }
    return value.names.reduce(0) { sum, name in
      switch name {
      case "POLLIN", "POLLRDNORM": sum | 1
      case "POLLOUT", "POLLWRNORM": sum | 4
      case "POLLERR": sum | 8
      case "POLLHUP": sum | 16
      default: sum
      }
    }
  }
}
