// Memory of the hosts whose events are next is asked for while another is at work.
//
// With many hosts each event finds its own far away; a line at a time, each would be waited for.
// The queue knows who comes next, so that the lines are on their way, the nearer the more, in three
// steps of which each needs what the one before has brought: the host while the event two before is
// at work, its rings, tasks and connection when the one before begins, the buffers in the rings
// while tasks act on that. Nothing is changed.

import CPrefetch
import NetStack

extension Simulation {
  /// Where there are no more hosts than these, their memory is near.
  private static var fewHosts: Int { 64 }

  @inline(__always)
  var looksAhead: Bool { processors.count > Simulation.fewHosts }

  /// The first event is handled now: meanwhile the rings of the second.
  @inline(never)
  mutating func fetchNow() {
    guard let event = queue.upcoming?.second, let stack = stack(of: event) else { return }
    if event.kind == .sent {
      fetch(task: stack.host.pointee.fetchSending(stack.interface))
    } else {
      prefetch(frames.memory(event.detail), 64)
      let woken = stack.host.pointee.fetchRing(stack.interface)
      fetch(task: woken.receive)
      fetch(task: woken.network)
      stack.host.pointee.fetchConnection(stack.interface)
    }
  }

  /// An event has been handled, and tasks will act on it: meanwhile.
  @inline(never)
  mutating func fetchAhead(behind event: Event) {
    if event.kind == .delivery, let stack = stack(of: event) {
      stack.host.pointee.fetchReplacement(stack.interface)
      stack.host.pointee.fetchEnds(stack.interface)
    }
    guard let coming = queue.upcoming else { return }
    if let stack = stack(of: coming.second) {
      prefetch(processors.place(Int(stack.cpu)), 128)
      stack.host.pointee.fetch(stack.interface)
    }
    guard let stack = stack(of: coming.first) else { return }
    if coming.first.kind == .sent {
      stack.host.pointee.fetchFrames(stack.interface)
    } else {
      stack.host.pointee.fetchBuffer(stack.interface)
      stack.host.pointee.fetchSocket(stack.interface)
    }
  }

  @inline(__always)
  func fetch(task: Int32) {
    if task >= 0 { prefetch(tasks.place(Int(task)), 192) }
  }

  /// The stack that an event enters, where that can be told without a search.
  @inline(__always)
  private func stack(
    of event: Event
  ) -> (cpu: Int32, host: UnsafeMutablePointer<Host>, interface: Int32)? {
    let port: Int32
    switch event.kind {
    case .sent: port = event.object
    case .delivery:
      let stations = links.place(Int(event.object))
      guard stations.pointee.ports.count == 2 else { return nil }
      let first = stations.pointee.ports[0]
      port = first == Int32(bitPattern: event.generation) ? stations.pointee.ports[1] : first
    default: return nil
    }
    let end = ports.place(Int(port))
    let stack = processors.place(Int(end.pointee.host)).pointee.stack
    if stack < 0 || end.pointee.interface < 0 { return nil }
    return (end.pointee.host, hosts.place(Int(stack)), end.pointee.interface)
  }
}
