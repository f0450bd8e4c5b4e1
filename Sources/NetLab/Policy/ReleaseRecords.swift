// What the fault point `pool.release` is told of a buffer that goes back.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// `why`, `class`, `place`, `owner`, `age`.
  func releaseValue(_ buffer: ReleasedBuffer, at instant: Instant) -> Value {
    let shape = vm.shape(["why", "class", "place", "owner", "age"].map { vm.intern($0) })
    let values: [Value] = [
      vm.symbol(buffer.why.name),
      vm.symbol(buffer.bufferClass == .mbufs ? "mbufs" : "clusters"),
      vm.symbol(buffer.place.name), owner(of: buffer),
      .time(nanoseconds: (instant - buffer.grantedAt).nanoseconds),
    ]
    return vm.makeRecord(shape, values)
  }

  /// The task that opened the socket it lies in, the task that has it in hand, the interface of
  /// its ring or queue; `none` for a queue of the host's.
  private func owner(of buffer: ReleasedBuffer) -> Value {
    let station = stations.records[Int(buffer.host)]
    switch buffer.place {
    case .reass where buffer.holder < 0: return .none  // a fragment of IP
    case .sndbuf, .rcvbuf, .reass:
      return taskNode(simulation.hosts[Int(station.stack)].socket(buffer.holder).owner)
    case .hand: return taskNode(buffer.holder)
    case .ring, .txring, .ifq, .arphold:
      let interface = Int(buffer.holder)
      return station.attachments.indices.contains(interface)
        ? station.attachments[interface].node.value : .none
    case .ipq, .arpq, .leaked: return .none
    }
  }
}
