// How many clusters a socket buffer can hold at most, by arithmetic.
//
// A socket buffer is charged for storage, 2,176 octets for each mbuf with its cluster, and for
// octets of data. Both bounds are looked at before a chunk goes in, and data in a cluster is never
// compressed into the one before it.

import NetStack

/// A bound, and the sum behind it with the numbers put in.
struct Bound: Equatable {
  var clusters: Int64
  var formula: String
  /// A policy gives less than there is room for.
  var isShare = false
}

/// The limits of a socket buffer.
struct SockbufLimits: Equatable {
  /// sb_hiwat and sb_mbmax.
  var hiwat: Int64
  var mbmax: Int64

  static let chargeOfCluster = Int64(BufferSize.mbuf + BufferSize.cluster)
  /// The name of a datagram's sender is an mbuf of its own.
  static let chargeOfDatagram = chargeOfCluster + Int64(BufferSize.mbuf)
  /// sizeof (struct sockaddr_in).
  static let name: Int64 = 16

  init(hiwat: Int64, mbmax: Int64) {
    self.hiwat = hiwat
    self.mbmax = mbmax
  }

  /// What sbreserve makes of so many octets.
  init(reserving octets: Int64, _ tunables: Tunables) {
    hiwat = octets
    mbmax = min(octets * Int64(tunables.bufferEfficiency), Int64(tunables.bufferMax))
  }

  /// Of a stream's send buffer, for writes of `octets` each; nil: of any size.
  ///
  /// - Parameter total: octets of all writes together, when they come to an end.
  func most(writing octets: Int64?, total: Int64? = nil) -> Bound {
    let write = octets ?? Int64(BufferSize.clusterThreshold)
    if write < Int64(BufferSize.clusterThreshold) {
      return Bound(clusters: 0, formula: "writes below 208B take mbufs alone")
    }
    var bound = write < 2256 ? whole(min(write, 2048)) : sliced(write)
    if let total { bound = ending(bound, write, total) }
    return bound
  }

  /// Each write takes one cluster, and goes in whole or waits. The first may be acknowledged all
  /// but an octet.
  private func whole(_ write: Int64) -> Bound {
    let octets = (hiwat + write - 1) / write
    let storage = (mbmax - write) / Self.chargeOfCluster + 1
    return Bound(
      clusters: max(min(octets, storage), 0),
      formula: "min(⌈\(hiwat)/\(write)⌉, ⌊\(mbmax - write)/\(Self.chargeOfCluster)⌋+1)")
  }

  /// A write is cut into chunks of 2,048, one for what room was left (it may be a single octet),
  /// and its tail: three for each full one where a write has one of these, else two, and a tail.
  private func sliced(_ write: Int64) -> Bound {
    let writes = hiwat / write + 1
    let octets: Int64
    let formula: String
    if write < 4096 {
      octets = 3 * writes + 2
      formula = "3 × (⌊\(hiwat)/\(write)⌋+1) + 2"
    } else {
      let full = hiwat / 2049 + 1
      octets = 2 * full + writes + 2
      formula = "2 × ⌊\(hiwat)/2049⌋ + ⌊\(hiwat)/\(write)⌋ + 5"
    }
    let storage = (mbmax + 2047) / 2048 + 1
    return Bound(
      clusters: min(octets, storage), formula: "min(\(formula), ⌈\(mbmax)/2048⌉+1)")
  }

  /// With an end there are no more than it takes, and the last write may be shorter.
  private func ending(_ bound: Bound, _ write: Int64, _ total: Int64) -> Bound {
    var bound = bound
    let tail = total % write
    let chunk = min(write, 2048)
    if write < 2256 && tail >= Int64(BufferSize.clusterThreshold) {
      let withTail = max((hiwat - 1 - tail) / chunk, 0) + 2
      if withTail > bound.clusters {
        bound = Bound(
          clusters: withTail, formula: "⌊(\(hiwat) - 1 - \(tail))/\(chunk)⌋+2")
      }
    }
    // Cut where room ended, a piece more for each full buffer: at most one a chunk.
    let pieces = (total + chunk - 1) / chunk
    let all = write <= 2048 ? pieces : 2 * pieces + total / write + 1
    if all < bound.clusters { bound = Bound(clusters: all, formula: "\(total)B take no more") }
    return bound
  }

  /// Of datagrams that nobody reads: the space is looked at before one is added.
  ///
  /// - Parameter copied: frames of so many octets and less come up without a cluster.
  func mostUnread(copied: Int64) -> Bound {
    let headers: Int64 = 42
    let octets = max(copied + 1 - headers, 0) + Self.name
    let byOctets = hiwat / octets
    let byStorage = (mbmax - octets) / Self.chargeOfDatagram + 1
    return Bound(
      clusters: max(min(byOctets, byStorage), 0),
      formula: "min(⌊\(hiwat)/\(octets)⌋, ⌊\(mbmax - octets)/\(Self.chargeOfDatagram)⌋+1)")
  }
}
