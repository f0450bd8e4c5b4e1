// Memory of a host that will be entered soon is asked for while another is at work.
//
// With thousands of hosts what a frame touches lies in no cache any more, and each line would be
// waited for when it is needed, one behind the other. Who knows which hosts are next (a broadcast
// and the queue of events do) asks for their lines ahead: nothing is changed, nothing waited for.

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
    prefetch(&state.pointee.statistics.ip.total, 24)
    prefetch(&state.pointee.statistics.udp, 16)
    prefetch(&state.pointee.tunables.internet, 16)
    return (ifnet.pointee.rxTask, state.pointee.networkTask)
  }

  /// It is the next: the mbuf that waits for it, and where its headers will be put.
  public mutating func fetchBuffer(_ interface: Int32) {
    let ifnet = tables.interfaces + Int(interface)
    let index = Int(ifnet.pointee.rxBase &+ ifnet.pointee.rxFill)
    let descriptor = tables.pointee.rxRing + index
    if descriptor.pointee.mbuf >= 0 { fetchHeader(descriptor.pointee.mbuf) }
    let slot = Int(descriptor.pointee.slot)
    if slot >= 0 { prefetch(tables.pointee.clusters + slot &* Int(BufferSize.cluster), 64) }
  }

  /// A frame is the next that reaches it: the connection that the last one was of.
  public mutating func fetchConnection(_ interface: Int32) {
    let pcb = Int(tables.interfaces[Int(interface)].recentPcb)
    if pcb < 0 { return }
    prefetch(tables.pointee.pcbs + pcb, MemoryLayout<Inpcb>.stride)
    prefetch(tables.pointee.tcpcbs + pcb, MemoryLayout<Tcpcb>.stride)
  }

  /// The connection's socket.
  public mutating func fetchSocket(_ interface: Int32) {
    let socket = recentSocket(interface)
    if socket >= 0 { prefetch(tables.pointee.sockets + socket, MemoryLayout<Socket>.stride) }
  }

  /// It lies in the ring: what it acknowledges, and what its data will be put behind.
  public mutating func fetchEnds(_ interface: Int32) {
    let socket = recentSocket(interface)
    if socket < 0 { return }
    let head = tables.pointee.sockets[socket].snd.head
    if head >= 0 { fetchHeader(head) }
    let tail = tables.pointee.sockets[socket].rcv.tail
    if tail >= 0 { fetchHeader(tail) }
  }

  private func recentSocket(_ interface: Int32) -> Int {
    let pcb = Int(tables.interfaces[Int(interface)].recentPcb)
    return pcb < 0 ? -1 : Int(tables.pointee.pcbs[pcb].socket)
  }

  /// A frame will be sent whole soon, and the next one begun: the descriptors of both.
  ///
  /// - Returns: the task that it may wake.
  public mutating func fetchSending(_ interface: Int32) -> Int32 {
    let ifnet = tables.interfaces + Int(interface)
    let ring = tables.pointee.txRing + Int(ifnet.pointee.txBase)
    prefetch(ring + Int(ifnet.pointee.txSend), 128)
    prefetch(ring + Int(ifnet.pointee.txReap), 64)
    if ifnet.pointee.queueHead >= 0 { fetchHeader(ifnet.pointee.queueHead) }
    return ifnet.pointee.txTask
  }

  /// It is next: the mbufs that will be gathered, those that will be freed, and those that follow.
  public mutating func fetchFrames(_ interface: Int32) {
    let ifnet = tables.interfaces + Int(interface)
    let ring = tables.pointee.txRing + Int(ifnet.pointee.txBase)
    var index = ifnet.pointee.txSend
    for _ in 0..<4 {
      let one = ring[Int(index)].mbuf
      if one >= 0 { fetchHeader(one) }
      index = ifnet.pointee.txAfter(index)
    }
    if ifnet.pointee.queueHead >= 0 {
      let next = header(ifnet.pointee.queueHead).pointee.next
      if next >= 0 { fetchHeader(next) }
    }
  }

  @inline(__always)
  private func header(_ mbuf: Int32) -> UnsafeMutablePointer<Mbuf> {
    (tables.pointee.mbufs + Int(mbuf) &* Mbuf.stride).assumingMemoryBound(to: Mbuf.self)
  }

  @inline(__always)
  private func fetchHeader(_ mbuf: Int32) { prefetch(header(mbuf), Mbuf.headerOctets) }

  /// It lies in the ring: the record of its cluster, and the buffer that will replace it.
  public mutating func fetchReplacement(_ interface: Int32) {
    let ifnet = tables.interfaces + Int(interface)
    let filled = Int(tables.pointee.rxRing[Int(ifnet.pointee.rxBase &+ ifnet.pointee.rxNext)].mbuf)
    if filled >= 0 {
      let cluster = header(Int32(filled)).pointee.cluster
      prefetch(tables.pointee.clusterUse + Int(max(cluster, 0)), 64)
    }
    let mbufs = tables.state.pointee.mbufPool.free
    let clusters = tables.state.pointee.clusterPool.free
    if mbufs <= 0 || clusters <= 0 { return }
    // Where nobody has been yet the stacks hold zeros: then the wrong lines are asked for.
    fetchHeader(tables.pointee.mbufFree[Int(mbufs) &- 1])
    prefetch(tables.pointee.clusterUse + Int(tables.pointee.clusterFree[Int(clusters) &- 1]), 64)
  }
}
