// `nic.send(frame)` of a station without a stack: a task waits while the ring is full, hooks may
// not.

import NetScript
import NetSim
import NetStack

/// A frame that waits for room.
struct Transmission {
  var nic: NodeID
  /// The frame's pin.
  var frame: Int
  var deadline: Instant
  var span: SourceSpan
}

extension Bench {
  /// `none`, or ENOBUFS when there is no room and it may not wait.
  func sendFrame(_ nic: NodeID, _ arguments: Arguments) throws(RuntimeError) -> Outcome {
    try refuseInPredicate("`send`", at: arguments.span)
    if try send(arguments[0], from: nic, arguments.span) { return .value(.none) }
    let waits = try mayWait(arguments)
    let time = try timeout(arguments)
    guard waits, time != .zero, let place = currentProgram else {
      return .value(errors.value(.ENOBUFS))
    }
    programs.records[place].transmission = Transmission(
      nic: nic, frame: vm.pin(arguments[0]),
      deadline: time.map { simulation.now + $0 } ?? .never, span: arguments.span)
    return ask(place, .room(port: try port(of: nic, arguments.span), timeout: time), .sending)
  }

  private func send(
    _ frame: Value, from nic: NodeID, _ span: SourceSpan
  ) throws(RuntimeError) -> Bool {
    let (station, attachment) = try bareStation(nic, span)
    let own = FrameSender(station: station, attachment: attachment)
    guard simulation.hasRoom(port: attachment.port) else { return false }
    let gathered = try gather(frame, from: own, span)
    return simulation.send(scratch, gathered, from: attachment.port, &context)
  }

  private func port(of nic: NodeID, _ span: SourceSpan) throws(RuntimeError) -> Int32 {
    try bareStation(nic, span).1.port
  }

  /// There is room for a task's frame, or its time is up: what its call gives, or nil while it
  /// waits on because somebody else was faster.
  func sent(_ place: Int, isOver: Bool) throws(RuntimeError) -> Value? {
    guard let pending = programs.records[place].transmission else { return Value.none }
    let isSent = try send(vm.pinned(pending.frame), from: pending.nic, pending.span)
    if !isSent && !isOver {
      let left = pending.deadline == .never ? nil : max(pending.deadline - simulation.now, .zero)
      let port = try port(of: pending.nic, pending.span)
      simulation.submit(
        .room(port: port, timeout: left), for: programs.records[place].task, &context)
      return nil
    }
    endTransmission(place)
    if isSent { return Value.none }
    reportError(.ENOBUFS, task: programs.records[place].task)
    return errors.value(.ENOBUFS)
  }

  func endTransmission(_ place: Int) {
    guard let pending = programs.records[place].transmission else { return }
    vm.unpin(pending.frame)
    programs.records[place].transmission = nil
  }
}
