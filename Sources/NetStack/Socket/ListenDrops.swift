// Whom a listener drops when its queue is full: sodropablereq of FreeBSD 2.2.
//
// The oldest connection that is still in its handshake; but when overflows come faster than the
// queue is long each second, any of them, or none, so that a flood does not push out everybody
// else's in turn. BSD's generator is kept; it starts from the host's seed.

/// rnd, old_mono_time, cur_cnt, old_cnt: one set for all listeners of a host.
struct ListenDrops: Sendable {
  var random: UInt32 = 0
  private var second: Int64 = 0
  private var count: Int64 = 0
  private var rate: Int64 = 0

  func addState(to hash: inout StateHash) { hash.add(random, second, count, rate) }

  /// One more overflow: how many of `queued` are to be passed over, from the oldest on.
  mutating func choose(of queued: Int32, second now: Int64) -> Int32 {
    if now != second {
      rate = count / (now &- second)
      second = now
      count = 0
    }
    count &+= 1
    if count <= Int64(queued) && rate <= Int64(queued) { return 0 }
    random = (314_159 &* random &+ 66329) & 0xFFFF
    return Int32(truncatingIfNeeded: ((UInt32(bitPattern: queued) &+ 1) &* random) >> 16)
  }
}

extension Kernel {
  /// sodropablereq: a pcb, or -1 when nobody is in a handshake, or nobody is to go.
  func dropableRequest(of listener: Int32) -> Int32 {
    let queued = sockets[Int(listener)].incompleteCount
    if queued == 0 { return -1 }
    let second = now.nanoseconds / 1_000_000_000
    let passed = state.pointee.listenDrops.choose(of: queued, second: second)
    // The list of pcbs is newest first.
    var left = queued &- 1 &- passed
    var pcb = state.pointee.pcbList
    while pcb >= 0 && left >= 0 {
      let socket = pcbs[Int(pcb)].socket
      if pcbs[Int(pcb)].kind == .stream && sockets[Int(socket)].listener == listener
        && !sockets[Int(socket)].state.contains(.accepting)
      {
        if left == 0 { return pcb }
        left &-= 1
      }
      pcb = pcbs[Int(pcb)].listNext
    }
    return -1
  }
}
