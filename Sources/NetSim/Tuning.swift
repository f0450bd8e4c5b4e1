// What may change while a simulation runs: tunables, plugs, the end of a program's wait.

import NetStack
import Wire

extension Simulation {
  public mutating func tune(host: Int32, _ tunables: Tunables, _ context: inout Context) {
    makeUnique()
    let stack = Int(processors[Int(host)].stack)
    precondition(stack >= 0, "a host without a stack has no tunables")
    context.enter(host: host, task: -1, at: now)
    hosts[stack].setTunables(tunables, &context)
  }

  /// A route over a gateway. False when that is on no network of the host's, or its table full.
  public mutating func addRoute(
    host: Int32, to destination: IPv4Address, prefixLength: Int32, by gateway: IPv4Address,
    _ context: inout Context
  ) -> Bool {
    makeUnique()
    context.enter(host: host, task: -1, at: now)
    return hosts[Int(processors[Int(host)].stack)].addRoute(
      to: destination, prefixLength: prefixLength, by: gateway, &context)
  }

  public mutating func setAllocator(
    host: Int32, _ allocator: AllocatorKind, of bufferClass: BufferClass, _ context: inout Context
  ) {
    makeUnique()
    context.enter(host: host, task: -1, at: now)
    hosts[Int(processors[Int(host)].stack)].setAllocator(allocator, of: bufferClass, &context)
  }

  /// Whether a fault point is asked before any buffer of the host goes back.
  public mutating func setAsksRelease(_ asks: Bool, host: Int32, _ context: inout Context) {
    makeUnique()
    context.enter(host: host, task: -1, at: now)
    hosts[Int(processors[Int(host)].stack)].setAsksRelease(asks, &context)
  }

  /// Shows the request behind each buffer of a class that is out.
  public func forEachGrant(
    host: Int32, of bufferClass: BufferClass, _ context: inout Context,
    _ body: (AllocationRequest) -> Void
  ) {
    context.enter(host: host, task: -1, at: now)
    hosts[Int(processors[Int(host)].stack)].forEachGrant(of: bufferClass, &context, body)
  }

  public mutating func setDriver(
    _ policy: DriverPolicy, port: Int32, _ context: inout Context
  ) {
    makeUnique()
    let host = ports[Int(port)].host
    let interface = ports[Int(port)].interface
    precondition(interface >= 0, "a port without an interface has no ring")
    context.enter(host: host, task: -1, at: now)
    hosts[Int(processors[Int(host)].stack)].setDriver(policy, on: interface, &context)
  }

  /// Resets a connection from outside: a person's hand.
  public mutating func abort(_ socket: Int32, host: Int32, _ context: inout Context) {
    makeUnique()
    context.enter(host: host, task: -1, at: now)
    hosts[Int(processors[Int(host)].stack)].abort(socket, &context)
    takeEffects(Int(host), &context)
  }

  /// `tcpdrop` on a host.
  public mutating func drop(connection pcb: Int32, host: Int32, _ context: inout Context) {
    makeUnique()
    context.enter(host: host, task: -1, at: now)
    hosts[Int(processors[Int(host)].stack)].drop(connection: pcb, &context)
    takeEffects(Int(host), &context)
  }

  /// Plugs a port in, or pulls the plug: nothing goes out, nothing comes in.
  public mutating func setPort(_ port: Int32, isUp: Bool, _ context: inout Context) {
    makeUnique()
    let p = Int(port)
    if ports[p].isUp == isUp { return }
    ports[p].isUp = isUp
    if isUp { offer(port: port, &context) }
  }

  /// Ends the wait of a program early, if it is one that can end (`endWait`), or a sleep. False
  /// when it must be waited for.
  public mutating func interrupt(_ task: Int32, _ context: inout Context) -> Bool {
    makeUnique()
    let t = Int(task)
    switch tasks[t].state {
    case .sleeping:
      tasks[t].generation &+= 1
      makeReady(task)
      return true
    default:
      context.enter(host: tasks[t].host, task: task, at: now)
      if endWait(of: task, .EAGAIN, &context) { return true }
      // In a wait that has no end: its call goes no further than that.
      tasks[t].deadline = now
      return false
    }
  }
}
