// A view of one host's arena, for the length of one event. All verbs of the stack are its methods.
//
// The view is not copyable and is never stored: `Host.enter` makes it and takes it back. Files
// named after the verbs extend it, one protocol and direction a file.

import Wire

public struct Kernel: ~Copyable {
  let state: UnsafeMutablePointer<KernelState>
  let interfaces: UnsafeMutablePointer<Ifnet>
  let rxRing: UnsafeMutablePointer<ReceiveDescriptor>
  let txRing: UnsafeMutablePointer<TransmitDescriptor>
  let neighbours: UnsafeMutablePointer<Neighbour>
  let routes: UnsafeMutablePointer<HostRoute>
  let pcbHash: UnsafeMutablePointer<Int32>
  let mbufFree: UnsafeMutablePointer<Int32>
  let clusterFree: UnsafeMutablePointer<Int32>
  let clusterUse: UnsafeMutablePointer<ClusterUse>
  let sockets: UnsafeMutablePointer<Socket>
  let pcbs: UnsafeMutablePointer<Inpcb>
  let tcpcbs: UnsafeMutablePointer<Tcpcb>
  let mbufMemory: UnsafeMutableRawPointer
  let clusterMemory: UnsafeMutableRawPointer
  let socketLimit: Int32
  let neighbourLimit: Int32
  /// Time, effects, observers. Borrowed for the length of the view.
  let context: UnsafeMutablePointer<Context>

  @inline(__always)
  init(
    _ memory: UnsafeMutableRawPointer, _ header: ArenaHeader,
    _ context: UnsafeMutablePointer<Context>
  ) {
    let layout = header.layout
    state = (memory + layout.state).assumingMemoryBound(to: KernelState.self)
    interfaces = (memory + layout.interfaces).assumingMemoryBound(to: Ifnet.self)
    rxRing = (memory + layout.rxRing).assumingMemoryBound(to: ReceiveDescriptor.self)
    txRing = (memory + layout.txRing).assumingMemoryBound(to: TransmitDescriptor.self)
    neighbours = (memory + layout.neighbours).assumingMemoryBound(to: Neighbour.self)
    routes = (memory + layout.routes).assumingMemoryBound(to: HostRoute.self)
    pcbHash = (memory + layout.hash).assumingMemoryBound(to: Int32.self)
    mbufFree = (memory + layout.mbufFree).assumingMemoryBound(to: Int32.self)
    clusterFree = (memory + layout.clusterFree).assumingMemoryBound(to: Int32.self)
    clusterUse = (memory + layout.clusterUse).assumingMemoryBound(to: ClusterUse.self)
    sockets = (memory + layout.sockets).assumingMemoryBound(to: Socket.self)
    pcbs = (memory + layout.pcbs).assumingMemoryBound(to: Inpcb.self)
    tcpcbs = (memory + layout.tcpcbs).assumingMemoryBound(to: Tcpcb.self)
    mbufMemory = memory + layout.mbufs
    clusterMemory = memory + layout.clusters
    socketLimit = header.sockets
    neighbourLimit = header.neighbours
    self.context = context
  }

  var now: Instant {
    @inline(__always) get { context.pointee.now }
  }

  var requester: Requester {
    @inline(__always) get { context.pointee.requester }
  }

  @inline(__always)
  func mbuf(_ index: Int32) -> UnsafeMutablePointer<Mbuf> {
    (mbufMemory + Int(index) &* Mbuf.stride).assumingMemoryBound(to: Mbuf.self)
  }

  /// The first octet of an mbuf's data.
  @inline(__always)
  func data(_ index: Int32) -> UnsafeMutableRawPointer {
    let m = mbuf(index)
    let offset = Int(m.pointee.offset)
    if m.pointee.cluster >= 0 {
      return clusterMemory + (Int(m.pointee.cluster) &* Int(BufferSize.cluster) &+ offset)
    }
    return UnsafeMutableRawPointer(m) + (Mbuf.headerOctets &+ offset)
  }

  @inline(__always)
  func octets(_ index: Int32) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: data(index), count: Int(mbuf(index).pointee.length))
  }

  @inline(__always)
  func trace(_ kind: TraceKind, _ object: Int32, _ a: Int64 = 0, _ b: Int64 = 0) {
    context.pointee.trace(kind, object, a, b)
  }

  /// Makes a task ready; a second wake-up of the same moment does no harm.
  @inline(__always)
  func wake(_ task: Int32) {
    if task >= 0 { context.pointee.wakes.append(task) }
  }

  /// CPU time owed for work that a stage's own cost did not cover.
  @inline(__always)
  func owe(_ nanoseconds: Int64) { context.pointee.debt &+= nanoseconds }

  /// The end of every entry: the law of conservation, and what the simulation must know of timers.
  @inline(__always)
  func leave() {
    precondition(
      state.pointee.heldClusters.total &+ state.pointee.clusterPool.free
        == state.pointee.clusterPool.total, "clusters are not conserved")
    precondition(
      state.pointee.heldMbufs.total &+ state.pointee.mbufPool.free
        == state.pointee.mbufPool.total, "mbufs are not conserved")
    context.pointee.nextCallout = nextCallout
  }
}
