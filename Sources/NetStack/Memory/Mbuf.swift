// The mbuf and the cluster's record, as they lie in a host's arena.
//
// 4.4BSD: sys/mbuf.h with MSIZE 128 and MCLBYTES 2048, a 32-bit target's sizes. Our header is wider
// than BSD's 20 octets (indices, place, holder); the octets it offers for data are BSD's.
// Left out on purpose: ext_free (no driver of ours lends memory), M_EOR and out-of-band data.

/// Sizes of the buffer layer, in octets. RTEMS 4.6, newlib's machine/param.h.
public enum BufferSize {
  /// MSIZE: what one mbuf counts in `sb_mbcnt`.
  public static let mbuf: Int32 = 128
  /// MCLBYTES.
  public static let cluster: Int32 = 2048
  /// MLEN: data in an mbuf without a packet header.
  public static let mbufData: Int32 = 108
  /// MHLEN: data in an mbuf with one.
  public static let headerData: Int32 = 100
  /// MINCLSIZE: from here on `sosend` takes a cluster.
  public static let clusterThreshold: Int32 = 208
  /// max_linkhdr: room kept in front of an IP header.
  public static let linkHeader: Int32 = 16
}

/// What an mbuf is used for: the rows of `netstat -m`.
public enum MbufType: UInt8, Sendable {
  case free = 0
  case data = 1
  case header = 2
  case socketName = 8
  case socketOptions = 10
  /// A datagram in reassembly: ipq.
  case fragmentTable = 11
}

/// An mbuf's header; `BufferSize.mbufData` octets follow it in the arena.
public struct Mbuf {
  /// The next mbuf of this packet or record; -1 at the end.
  var next: Int32 = -1
  /// The next packet of this queue; -1 at the end.
  var nextPacket: Int32 = -1
  /// First octet of data, from the start of the mbuf's own area or of its cluster.
  var offset: Int32 = 0
  var length: Int32 = 0
  /// The cluster that carries the data, or -1.
  var cluster: Int32 = -1
  /// m_pkthdr.len: octets of the whole packet; only of a packet's first mbuf.
  var packetLength: Int32 = 0
  /// Who holds it: a socket, a task or an interface, as `place` says.
  var holder: Int32 = -1
  /// The interface it was received on.
  var interface: Int16 = -1
  var type: MbufType = .free
  var place: Place = .hand
  var flags: MbufFlags = []
  /// How it was lost, when its place says that it is.
  var loss: Loss?
  /// Of its cluster: 0 for one of 2 KiB.
  var sizeClass: UInt8 = 0
  var grantee = Grantee()
  /// When it was taken from the free list, nanoseconds.
  var grantedAt: Int64 = 0

  static let headerOctets = 56
  /// Whole lines of a cache, so that the header lies in one.
  static let stride = (headerOctets + Int(BufferSize.mbufData) + 63) & ~63  // 192
}

/// M_PKTHDR, M_BCAST, M_MCAST, and what later BSDs have in csum_flags.
public struct MbufFlags: OptionSet, Sendable {
  public let rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
  public static let packetHeader = MbufFlags(rawValue: 0x2)
  public static let broadcast = MbufFlags(rawValue: 0x100)
  public static let multicast = MbufFlags(rawValue: 0x200)
  /// CSUM_DATA_VALID: a stack of ours took the segment's sum, and nothing has touched an octet
  /// since, so that to take it again could only give the same.
  public static let summed = MbufFlags(rawValue: 0x1000)
  // Of a packet's first mbuf: it has a buffer of the pool that serves such packets.
  static let ofReceived = MbufFlags(rawValue: 0x2000)
  static let ofSent = MbufFlags(rawValue: 0x4000)
  static let ofWaiting = MbufFlags(rawValue: 0x8000)
  static let uses: MbufFlags = [.ofReceived, .ofSent, .ofWaiting]
  /// What goes along when another mbuf is put in front of a packet.
  static let ofHead: MbufFlags = [.packetHeader, .ofReceived, .ofSent, .ofWaiting]
}

/// Who refers to a cluster, and from where. `mclrefcnt` split by place, so that a shared cluster
/// can be counted once without a walk.
public struct ClusterUse {
  /// References from places 0…7, one octet each; from places 8…10 in the second word.
  var low: UInt64 = 0
  var high: UInt64 = 0
  /// When it was taken from the free list, nanoseconds.
  var grantedAt: Int64 = 0
  var grantee = Grantee()
  /// 0 for 2 KiB; else the number of its class.
  var sizeClass: UInt8 = 0
  /// Which octet of the pattern stands first in it, or would: what data it carries is of that, from
  /// sosend or just as it came from there. -1: who knows.
  var pattern: Int16 = -1
  /// The sum of all references; 0 when free, 255 at most.
  var references: Int32 = 0
  /// How many of its octets are there: `Kernel.write(_:)`. Only one of 2 KiB lacks any.
  var written = Int16(BufferSize.cluster)
  /// To a whole line of a cache.
  private var rest: (UInt64, UInt64) = (0, 0)

  @inline(__always)
  var lacksOctets: Bool { written < BufferSize.cluster }

  @inline(__always)
  mutating func add(_ place: Place) {
    let bit = UInt64(place.rawValue) &* 8
    if bit < 64 { low &+= 1 &<< bit } else { high &+= 1 &<< bit }
    references &+= 1
  }

  @inline(__always)
  mutating func remove(_ place: Place) {
    let bit = UInt64(place.rawValue) &* 8
    if bit < 64 { low &-= 1 &<< bit } else { high &-= 1 &<< bit }
    references &-= 1
  }

  /// One reference, from there.
  @inline(__always)
  mutating func setOnly(_ place: Place) {
    let bit = UInt64(place.rawValue) &* 8
    low = bit < 64 ? 1 &<< bit : 0
    high = bit < 64 ? 0 : 1 &<< bit
    references = 1
  }

  /// The first place that holds it; only of a cluster that is not free.
  @inline(__always)
  var place: Place {
    let index = low != 0 ? low.trailingZeroBitCount >> 3 : 8 &+ high.trailingZeroBitCount >> 3
    return unsafeBitCast(UInt8(truncatingIfNeeded: index), to: Place.self)
  }
}
