// A view of one host's arena, for the length of one event. All verbs of the stack are its methods.
//
// The view is not copyable and is never stored: `Host.enter` makes it and takes it back. Files
// named after the verbs extend it, one protocol and direction a file.

import Wire

public struct Kernel: ~Copyable {
  /// Where the arena's tables lie; two words, so that the view stays in registers.
  let tables: UnsafePointer<ArenaTables>
  /// Time, effects, observers. Borrowed for the length of the view.
  let context: UnsafeMutablePointer<Context>

  @inline(__always)
  init(_ tables: UnsafePointer<ArenaTables>, _ context: UnsafeMutablePointer<Context>) {
    self.tables = tables
    self.context = context
  }

  /// A context for looking only: nothing is ever written to it.
  nonisolated(unsafe) static let nobody: UnsafeMutablePointer<Context> = {
    let context = UnsafeMutablePointer<Context>.allocate(capacity: 1)
    context.initialize(to: Context())
    return context
  }()

  var now: Instant {
    @inline(__always) get { context.pointee.now }
  }

  var requester: Requester {
    @inline(__always) get { context.pointee.requester }
  }

  var state: UnsafeMutablePointer<KernelState> {
    @inline(__always) get { tables.state }
  }
  /// What TCP may do, as this host has chosen.
  var rules: TCPRules {
    @inline(__always) get { state.pointee.tunables.tcp }
  }
  var interfaces: UnsafeMutablePointer<Ifnet> {
    @inline(__always) get { tables.interfaces }
  }
  var rxRing: UnsafeMutablePointer<ReceiveDescriptor> { tables.pointee.rxRing }
  var txRing: UnsafeMutablePointer<TransmitDescriptor> { tables.pointee.txRing }
  var neighbours: UnsafeMutablePointer<Neighbour> { tables.pointee.neighbours }
  /// One more than the first neighbour of each chain.
  var neighbourHash: UnsafeMutablePointer<Int32> { tables.pointee.neighbourHash }
  var routes: UnsafeMutablePointer<HostRoute> { tables.pointee.routes }
  var ways: UnsafeMutablePointer<Way> { tables.pointee.ways }
  var pcbHash: UnsafeMutablePointer<Int32> { tables.pointee.pcbHash }
  var mbufFree: UnsafeMutablePointer<Int32> { tables.pointee.mbufFree }
  var clusterFree: UnsafeMutablePointer<Int32> { tables.pointee.clusterFree }
  var clusterUse: UnsafeMutablePointer<ClusterUse> { tables.pointee.clusterUse }
  var classPools: UnsafeMutablePointer<ClassPool> { tables.pointee.classPools }
  var classFree: UnsafeMutablePointer<Int32> { tables.pointee.classFree }
  var sockets: UnsafeMutablePointer<Socket> { tables.pointee.sockets }
  var pcbs: UnsafeMutablePointer<Inpcb> { tables.pointee.pcbs }
  var tcpcbs: UnsafeMutablePointer<Tcpcb> { tables.pointee.tcpcbs }
  var sackBoards: UnsafeMutablePointer<SackBoard> { tables.pointee.sackBoards }
  var clusterMemory: UnsafeMutableRawPointer { tables.pointee.clusters }
  var socketLimit: Int32 { tables.pointee.socketLimit }
  var neighbourLimit: Int32 { tables.pointee.neighbourLimit }

  @inline(__always)
  func mbuf(_ index: Int32) -> UnsafeMutablePointer<Mbuf> {
    (tables.pointee.mbufs + Int(index) &* Mbuf.stride).assumingMemoryBound(to: Mbuf.self)
  }

  @inline(__always)
  func trace(
    _ kind: TraceKind, _ object: Int32, _ a: Int64 = 0, _ b: Int64 = 0, aside: Int32 = -1
  ) {
    context.pointee.trace(kind, object, a, b, aside: aside)
  }

  /// Makes a task ready; a second wake-up of the same moment does no harm.
  @inline(__always)
  func wake(_ task: Int32) {
    if task >= 0 { context.pointee.wakes.append(task) }
  }

  /// What a stage costs before its work. nil: nothing, and the routine goes on at once, unless it
  /// has woken somebody who may be more urgent.
  @inline(__always)
  func pay(_ cost: Int64) -> Step? {
    let isFree =
      cost == 0 && context.pointee.debt == 0 && context.pointee.wakes.count == 0
    return isFree ? nil : .ran(cost)
  }

  /// CPU time owed for work that a stage's own cost did not cover.
  @inline(__always)
  func owe(_ nanoseconds: Int64) { context.pointee.debt &+= nanoseconds }

  /// The end of every entry: the law of conservation, and what the simulation must know of timers.
  @inline(__always)
  func leave() {
    if state.pointee.hasMovedBuffers { checkPools() }
    if state.pointee.classCount > 0 { checkClasses() }
    if state.pointee.hasMovedCallouts || now >= state.pointee.calloutAt { findCallout() }
    context.pointee.nextCallout = state.pointee.calloutAt
  }

  @inline(__always)
  private func checkPools() {
    state.pointee.hasMovedBuffers = false
    precondition(
      PlaceCounts.total(&state.pointee.heldClusters) &+ state.pointee.clusterPool.free
        == state.pointee.clusterPool.total, "clusters are not conserved")
    precondition(
      PlaceCounts.total(&state.pointee.heldMbufs) &+ state.pointee.mbufPool.free
        == state.pointee.mbufPool.total, "mbufs are not conserved")
  }

  @inline(never)
  private func findCallout() {
    state.pointee.hasMovedCallouts = false
    state.pointee.calloutAt = nextCallout
  }
}
