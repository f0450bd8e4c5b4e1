// A host's memory: one block that holds the kernel's record, its tables and its pools.
//
// Inside it only indices and offsets are kept, so that a copy of the block is a copy of the host.
// The free lists lie outside the pools: an untouched buffer stays an untouched page.

/// Where each table starts, in octets from the start of the block.
public struct ArenaLayout: Sendable {
  var state = 0
  var interfaces = 0
  var rxRing = 0
  var txRing = 0
  var neighbours = 0
  var routes = 0
  var hash = 0
  var mbufFree = 0
  var clusterFree = 0
  var clusterUse = 0
  var sockets = 0
  var pcbs = 0
  var tcpcbs = 0
  var mbufs = 0
  var clusters = 0
  var end = 0

  static let hashChains = 128
  static let routeLimit: Int32 = 256

  init(_ configuration: HostConfiguration) {
    var next = 0
    func table<Element>(_: Element.Type, _ count: Int) -> Int {
      let start = (next + 15) & ~15
      next = start + count * MemoryLayout<Element>.stride
      return start
    }
    let interfaces = configuration.interfaces
    state = table(KernelState.self, 1)
    self.interfaces = table(Ifnet.self, interfaces.count)
    rxRing = table(ReceiveDescriptor.self, interfaces.reduce(0) { $0 + Int($1.receiveRing) })
    txRing = table(TransmitDescriptor.self, interfaces.reduce(0) { $0 + Int($1.transmitRing) })
    hash = table(Int32.self, Self.hashChains)
    mbufFree = table(Int32.self, Int(configuration.mbufs))
    clusterFree = table(Int32.self, Int(configuration.clusters))
    clusterUse = table(ClusterUse.self, Int(configuration.clusters))
    neighbours = table(Neighbour.self, Int(configuration.neighbours))
    routes = table(HostRoute.self, Int(Self.routeLimit))
    sockets = table(Socket.self, Int(configuration.sockets))
    pcbs = table(Inpcb.self, Int(configuration.sockets))
    tcpcbs = table(Tcpcb.self, Int(configuration.sockets))
    mbufs = table(UInt8.self, Int(configuration.mbufs) * Mbuf.stride)
    next = (next + 63) & ~63
    clusters = table(UInt8.self, Int(configuration.clusters) * Int(BufferSize.cluster))
    end = next
  }
}

/// What the arena knows of itself.
public struct ArenaHeader {
  var layout: ArenaLayout
  var mbufs: Int32
  var clusters: Int32
  var sockets: Int32
  var neighbours: Int32
}

/// The only reference in engine state. `Host` copies it before a write when somebody else holds it.
public final class Arena: ManagedBuffer<ArenaHeader, UInt64> {
  static func make(_ configuration: HostConfiguration) -> Arena {
    let header = ArenaHeader(
      layout: ArenaLayout(configuration), mbufs: configuration.mbufs,
      clusters: configuration.clusters, sockets: configuration.sockets,
      neighbours: configuration.neighbours)
    let words = (header.layout.end + 7) / 8
    let buffer = Arena.create(minimumCapacity: words) { _ in header }
    return unsafeDowncast(buffer, to: Arena.self)
  }

  /// An equal arena in memory of its own.
  func copied() -> Arena {
    let words = (header.layout.end + 7) / 8
    let source = self
    let copy = Arena.create(minimumCapacity: words) { _ in source.header }
    copy.withUnsafeMutablePointerToElements { to in
      source.withUnsafeMutablePointerToElements { from in
        UnsafeMutableRawPointer(to).copyMemory(from: from, byteCount: words * 8)
      }
    }
    return unsafeDowncast(copy, to: Arena.self)
  }
}
