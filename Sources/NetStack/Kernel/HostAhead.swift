// Memory of a host that will be entered soon is asked for while another is at work.
//
// With thousands of hosts what a frame touches lies in no cache any more, and each line would be
// waited for when it is needed, one behind the other. Who knows which hosts are next (a broadcast
// does) asks for their lines ahead: nothing is changed, nothing is waited for.

import CPrefetch

extension Host {
  // Mutating only so that nobody makes a copy, and with it counts a reference, to ask.

  /// A frame will reach an interface soon.
  public mutating func fetch(_ interface: Int32) {
    // The count of references lies in front of the tables.
    prefetch(tables, 128)
    prefetch(tables.state, KernelState.hotOctets)
    prefetch(tables.interfaces + Int(interface), 128)
  }

  /// It is the next but one: what has come since leads to others.
  ///
  /// - Returns: the tasks that it will wake.
  public mutating func fetchRing(_ interface: Int32) -> (receive: Int32, network: Int32) {
    let state = tables.state
    let ifnet = tables.interfaces + Int(interface)
    let ring = tables.pointee.rxRing + Int(ifnet.pointee.rxBase)
    prefetch(ring + Int(ifnet.pointee.rxFill), 1)
    prefetch(ring + Int(ifnet.pointee.rxAfter(ifnet.pointee.rxFill)), 1)
    prefetch(tables.pointee.mbufFree + Int(max(state.pointee.mbufPool.free &- 1, 0)), 1)
    prefetch(tables.pointee.clusterFree + Int(max(state.pointee.clusterPool.free &- 1, 0)), 1)
    prefetch(&state.pointee.statistics.ip, 16)
    prefetch(&state.pointee.statistics.udp, 128)
    prefetch(&state.pointee.tunables.internet, 16)
    // Whether a packet is for the host is asked of lo0 last.
    let loopback = tables.interfaces + Int(state.pointee.interfaceCount)
    prefetch(&loopback.pointee.address, 4)
    return (ifnet.pointee.rxTask, state.pointee.networkTask)
  }

  /// It is the next: the mbuf in whose cluster it will be put.
  public mutating func fetchBuffer(_ interface: Int32) {
    let ifnet = tables.interfaces + Int(interface)
    let index = Int(ifnet.pointee.rxBase &+ ifnet.pointee.rxFill)
    let mbuf = Int(tables.pointee.rxRing[index].mbuf)
    if mbuf >= 0 { prefetch(tables.pointee.mbufs + mbuf &* Mbuf.stride, Mbuf.headerOctets) }
  }

  /// It lies in the ring: the record of its cluster, and the buffer that will replace it.
  public mutating func fetchReplacement(_ interface: Int32) {
    let ifnet = tables.interfaces + Int(interface)
    let filled = Int(tables.pointee.rxRing[Int(ifnet.pointee.rxBase &+ ifnet.pointee.rxNext)].mbuf)
    if filled >= 0 {
      let frame = (tables.pointee.mbufs + filled &* Mbuf.stride).assumingMemoryBound(to: Mbuf.self)
      prefetch(tables.pointee.clusterUse + Int(max(frame.pointee.cluster, 0)), 48)
    }
    let mbufs = tables.state.pointee.mbufPool.free
    let clusters = tables.state.pointee.clusterPool.free
    if mbufs <= 0 || clusters <= 0 { return }
    // Where nobody has been yet the stacks hold zeros: then the wrong lines are asked for.
    let fresh = Int(tables.pointee.mbufFree[Int(mbufs) &- 1])
    prefetch(tables.pointee.mbufs + fresh &* Mbuf.stride, Mbuf.headerOctets)
    prefetch(tables.pointee.clusterUse + Int(tables.pointee.clusterFree[Int(clusters) &- 1]), 48)
  }
}
