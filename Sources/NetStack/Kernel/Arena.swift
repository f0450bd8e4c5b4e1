// A host's memory: one block that holds the kernel's record, its tables and its pools.
//
// Inside it only indices and offsets are kept, so that a copy of the block is a copy of the host.
// The free lists lie outside the pools: an untouched buffer stays an untouched page.

/// Where each table starts, in octets from the start of the block.
public struct ArenaLayout: Sendable {
  var rxRing = 0
  var txRing = 0
  var neighbours = 0
  var routes = 0
  var ways = 0
  var hash = 0
  var neighbourHash = 0
  /// Chains of connections, and of neighbours: a power of two. TCBHASHSIZE is 128.
  var chains = 128
  var addresses = 0
  var addressSlots = 0
  /// A bit for each that an interface has.
  var prefixLengths: UInt64 = 0
  var mbufFree = 0
  var clusterFree = 0
  var clusterUse = 0
  var classPools = 0
  var classFree = 0
  var sockets = 0
  var pcbs = 0
  var tcpcbs = 0
  var sackBoards = 0
  var mbufs = 0
  var clusters = 0
  var end = 0

  static let routeLimit: Int32 = 256
  /// Routes with a gateway: declared, or learnt from redirects.
  static let wayLimit: Int32 = 256

  // The same in every arena, so that nobody has to look: behind `ArenaTables`, which lies at the
  // start, the kernel's record; behind that the arena's own layout, and the interfaces.
  @inline(__always)
  static var state: Int { wholeLines(MemoryLayout<ArenaTables>.stride) }
  static var own: Int { state + MemoryLayout<KernelState>.stride }
  @inline(__always)
  static var interfaces: Int { wholeLines(own + MemoryLayout<ArenaLayout>.stride) }

  /// Of a cache.
  static var lineOctets: Int { 64 }

  @inline(__always)
  private static func wholeLines(_ octets: Int) -> Int {
    (octets + lineOctets - 1) & ~(lineOctets - 1)
  }

  init(_ configuration: HostConfiguration) {
    var next = Self.interfaces
    func table<Element>(_: Element.Type, _ count: Int) -> Int {
      let start = Self.wholeLines(next)
      next = start + count * MemoryLayout<Element>.stride
      return start
    }
    let interfaces = configuration.interfaces
    _ = table(Ifnet.self, interfaces.count + 1)  // lo0 is the last
    rxRing = table(ReceiveDescriptor.self, interfaces.reduce(0) { $0 + Int($1.receiveRing) })
    txRing = table(TransmitDescriptor.self, interfaces.reduce(0) { $0 + Int($1.transmitRing) })
    if interfaces.count > AddressTable.fewInterfaces { chains = 1024 }
    hash = table(Int32.self, chains)
    neighbourHash = table(Int32.self, chains)
    addressSlots = AddressTable.slots(for: interfaces.count)
    addresses = table(AddressEntry.self, addressSlots)
    for one in interfaces { prefixLengths |= 1 << UInt64(one.prefixLength) }
    mbufFree = table(Int32.self, Int(configuration.mbufs))
    clusterFree = table(Int32.self, Int(configuration.clusters))
    let classSlots = configuration.classes.reduce(0) { $0 + Int($1.count * $1.slots) }
    clusterUse = table(ClusterUse.self, Int(configuration.clusters) + classSlots)
    classPools = table(ClassPool.self, configuration.classes.count)
    classFree = table(Int32.self, configuration.classes.reduce(0) { $0 + Int($1.count) })
    neighbours = table(Neighbour.self, Int(configuration.neighbours))
    routes = table(HostRoute.self, Int(Self.routeLimit))
    ways = table(Way.self, Int(Self.wayLimit))
    sockets = table(Socket.self, Int(configuration.sockets))
    pcbs = table(Inpcb.self, Int(configuration.sockets))
    tcpcbs = table(Tcpcb.self, Int(configuration.sockets))
    sackBoards = table(SackBoard.self, configuration.sack ? Int(configuration.sockets) : 0)
    mbufs = table(UInt8.self, Int(configuration.mbufs) * Mbuf.stride)
    // Behind the clusters lie those of other sizes, and what copying drivers have of their own.
    let slots = interfaces.reduce(Int(configuration.clusters) + classSlots) { $0 + $1.slots }
    clusters = table(UInt8.self, slots * Int(BufferSize.cluster))
    end = next
  }
}

/// The same as pointers: derived once for each arena, and kept at its start.
struct ArenaTables {
  // Those of buffers come first: with the count of references in front they share two lines of a
  // cache.
  let rxRing: UnsafeMutablePointer<ReceiveDescriptor>
  let mbufs: UnsafeMutableRawPointer
  let mbufFree: UnsafeMutablePointer<Int32>
  let clusterFree: UnsafeMutablePointer<Int32>
  let clusterUse: UnsafeMutablePointer<ClusterUse>
  let clusters: UnsafeMutableRawPointer
  let txRing: UnsafeMutablePointer<TransmitDescriptor>
  let sockets: UnsafeMutablePointer<Socket>
  let pcbs: UnsafeMutablePointer<Inpcb>
  let tcpcbs: UnsafeMutablePointer<Tcpcb>
  let pcbHash: UnsafeMutablePointer<Int32>
  let addresses: AddressTable
  let prefixLengths: UInt64
  let neighbours: UnsafeMutablePointer<Neighbour>
  let neighbourHash: UnsafeMutablePointer<Int32>
  let chains: Int
  let routes: UnsafeMutablePointer<HostRoute>
  let ways: UnsafeMutablePointer<Way>
  let classPools: UnsafeMutablePointer<ClassPool>
  let classFree: UnsafeMutablePointer<Int32>
  /// Without SACK there are none.
  let sackBoards: UnsafeMutablePointer<SackBoard>
  let socketLimit: Int32
  let neighbourLimit: Int32

  init(_ memory: UnsafeMutableRawPointer, _ layout: ArenaLayout, _ header: ArenaHeader) {
    rxRing = (memory + layout.rxRing).assumingMemoryBound(to: ReceiveDescriptor.self)
    txRing = (memory + layout.txRing).assumingMemoryBound(to: TransmitDescriptor.self)
    neighbours = (memory + layout.neighbours).assumingMemoryBound(to: Neighbour.self)
    neighbourHash = (memory + layout.neighbourHash).assumingMemoryBound(to: Int32.self)
    routes = (memory + layout.routes).assumingMemoryBound(to: HostRoute.self)
    ways = (memory + layout.ways).assumingMemoryBound(to: Way.self)
    pcbHash = (memory + layout.hash).assumingMemoryBound(to: Int32.self)
    addresses = AddressTable(
      entries: (memory + layout.addresses).assumingMemoryBound(to: AddressEntry.self),
      slots: layout.addressSlots)
    prefixLengths = layout.prefixLengths
    chains = layout.chains
    mbufFree = (memory + layout.mbufFree).assumingMemoryBound(to: Int32.self)
    clusterFree = (memory + layout.clusterFree).assumingMemoryBound(to: Int32.self)
    clusterUse = (memory + layout.clusterUse).assumingMemoryBound(to: ClusterUse.self)
    classPools = (memory + layout.classPools).assumingMemoryBound(to: ClassPool.self)
    classFree = (memory + layout.classFree).assumingMemoryBound(to: Int32.self)
    sockets = (memory + layout.sockets).assumingMemoryBound(to: Socket.self)
    pcbs = (memory + layout.pcbs).assumingMemoryBound(to: Inpcb.self)
    tcpcbs = (memory + layout.tcpcbs).assumingMemoryBound(to: Tcpcb.self)
    sackBoards = (memory + layout.sackBoards).assumingMemoryBound(to: SackBoard.self)
    mbufs = memory + layout.mbufs
    clusters = memory + layout.clusters
    socketLimit = header.sockets
    neighbourLimit = header.neighbours
  }
}

extension UnsafePointer<ArenaTables> {
  // What lies at the same place of every arena.
  @inline(__always)
  var state: UnsafeMutablePointer<KernelState> {
    (UnsafeMutableRawPointer(mutating: self) + ArenaLayout.state)
      .assumingMemoryBound(to: KernelState.self)
  }

  @inline(__always)
  var interfaces: UnsafeMutablePointer<Ifnet> {
    (UnsafeMutableRawPointer(mutating: self) + ArenaLayout.interfaces)
      .assumingMemoryBound(to: Ifnet.self)
  }
}

/// What the arena knows of itself, apart from its layout: small, so that the tables lie beside the
/// count of references.
public struct ArenaHeader {
  var octets: Int
  var sockets: Int32
  var neighbours: Int32
}

/// The only reference in engine state. `Host` copies it before a write when somebody else holds it.
public final class Arena: ManagedBuffer<ArenaHeader, UInt64> {
  static func make(_ configuration: HostConfiguration) -> Arena {
    let layout = ArenaLayout(configuration)
    let arena = Arena.allocated(
      ArenaHeader(
        octets: layout.end, sockets: configuration.sockets, neighbours: configuration.neighbours))
    _ = (arena.memory + ArenaLayout.own).initializeMemory(as: ArenaLayout.self, to: layout)
    arena.derive()
    return arena
  }

  private static func allocated(_ header: ArenaHeader) -> Arena {
    unsafeDowncast(
      Arena.create(minimumCapacity: (header.octets + ArenaLayout.lineOctets) / 8) { _ in header },
      to: Arena.self)
  }

  /// From the first whole line of a cache on, so that no record lies in more than it must.
  var memory: UnsafeMutableRawPointer {
    withUnsafeMutablePointerToElements { elements in
      UnsafeMutableRawPointer(elements).alignedUp(toMultipleOf: ArenaLayout.lineOctets)
    }
  }

  var layout: ArenaLayout {
    (memory + ArenaLayout.own).assumingMemoryBound(to: ArenaLayout.self).pointee
  }

  var tables: UnsafePointer<ArenaTables> {
    UnsafePointer(memory.assumingMemoryBound(to: ArenaTables.self))
  }

  private func derive() {
    memory.initializeMemory(as: ArenaTables.self, to: ArenaTables(memory, layout, header))
  }

  /// An equal arena in memory of its own. What nobody has touched is not copied: those pages of the
  /// new one are never asked for either.
  func copied() -> Arena {
    let copy = Arena.allocated(header)
    let (from, to) = (memory, copy.memory)
    eachTouched { octets in
      (to + octets.lowerBound).copyMemory(from: from + octets.lowerBound, byteCount: octets.count)
    }
    copy.derive()
    return copy
  }

  /// The parts that may have been written, in octets from the start. Neighbours, routes, sockets
  /// and their blocks are used from below, buffers from above; both never beyond their peak.
  private func eachTouched(_ body: (Range<Int>) -> Void) {
    let layout = layout
    let state = tables.state.pointee
    func low<Element>(_ start: Int, _: Element.Type, _ count: Int32) {
      body(start..<start + Int(count) * MemoryLayout<Element>.stride)
    }
    func high(_ start: Int, _ stride: Int, _ pool: Pool) {
      body(start + Int(pool.total - pool.peakUsed) * stride..<start + Int(pool.total) * stride)
    }
    body(0..<layout.mbufFree)
    let free = MemoryLayout<Int32>.stride
    high(layout.mbufFree, free, state.mbufPool)
    high(layout.clusterFree, free, state.clusterPool)
    high(layout.clusterUse, MemoryLayout<ClusterUse>.stride, state.clusterPool)
    let classUses = Int(state.clusterPool.total) * MemoryLayout<ClusterUse>.stride
    body(layout.clusterUse + classUses..<layout.neighbours)
    low(layout.neighbours, Neighbour.self, state.neighbourCount)
    low(layout.routes, HostRoute.self, state.routeCount)
    low(layout.ways, Way.self, state.wayCount)
    low(layout.sockets, Socket.self, state.socketHigh)
    low(layout.pcbs, Inpcb.self, state.pcbHigh)
    low(layout.tcpcbs, Tcpcb.self, state.pcbHigh)
    if state.speaksSack { low(layout.sackBoards, SackBoard.self, state.pcbHigh) }
    high(layout.mbufs, Mbuf.stride, state.mbufPool)
    let clusterOctets = Int(BufferSize.cluster)
    high(layout.clusters, clusterOctets, state.clusterPool)
    body(layout.clusters + Int(state.clusterPool.total) * clusterOctets..<layout.end)
  }
}
