// Why a buffer is given back, and the fault point that may keep it all the same: `pool.release`.
//
// Whoever frees says why. Nobody asks unless the point is filled; then a driver, a handler or an
// error path can be made to forget its buffer, one reason at a time. And while a task waits for a
// buffer it is noted who gives one back: Recovery.swift.

/// What became of the data, or of the packet, when its buffer was given back.
public enum ReleaseReason: UInt8, CaseIterable, Sendable {
  // What was meant to happen to it.
  case acked, read, sent, processed, answered, merged, closed
  // A queue, a buffer or a pool was full.
  case queueFull, socketFull, noBuffer, ringFull
  // The packet was not sound, or nobody's.
  case short, badChecksum, badHeader, fragment, noProtocol, notOurs, noPort, expired
  // What had come of a datagram: its time was up, or somebody needed the buffers.
  case fragmentTimeout, drained
  // It could not be sent.
  case noRoute, noAnswer, replaced, tooBig, notConnected
  // TCP did without it.
  case duplicate, outOfWindow, dropped, refused, pastClose
  case challengeSuppressed, reassemblyFull

  /// As scripts write it: `b.why == .queue_full`.
  public var name: String {
    switch self {
    case .acked: "acked"
    case .read: "read"
    case .sent: "sent"
    case .processed: "processed"
    case .answered: "answered"
    case .merged: "merged"
    case .closed: "closed"
    case .queueFull: "queue_full"
    case .socketFull: "socket_full"
    case .noBuffer: "no_buffer"
    case .ringFull: "ring_full"
    case .short: "short"
    case .badChecksum: "bad_checksum"
    case .badHeader: "bad_header"
    case .fragment: "fragment"
    case .noProtocol: "no_protocol"
    case .notOurs: "not_ours"
    case .noPort: "no_port"
    case .expired: "expired"
    case .fragmentTimeout: "fragment_timeout"
    case .drained: "drained"
    case .noRoute: "no_route"
    case .noAnswer: "no_answer"
    case .replaced: "replaced"
    case .tooBig: "too_big"
    case .notConnected: "not_connected"
    case .duplicate: "duplicate"
    case .outOfWindow: "out_of_window"
    case .dropped: "dropped"
    case .refused: "refused"
    case .pastClose: "past_close"
    case .challengeSuppressed: "challenge_suppressed"
    case .reassemblyFull: "reassembly_full"
    }
  }
}

/// How a buffer was lost: nobody refers to it, and it is not free.
public enum Loss: Equatable, Sendable {
  /// The fault point kept it when it was given back for this reason.
  case kept(ReleaseReason)
  /// tcp_usr_send returned EINVAL, and forgot the data.
  case unsent
  /// The hardware refused it, and the driver forgot the frame.
  case unreaped
}

/// An mbuf that is about to go back, with the cluster that it refers to if it has one.
public struct ReleasedBuffer: Sendable {
  public var host: Int32
  public var why: ReleaseReason
  public var bufferClass: BufferClass
  public var place: Place
  /// A socket, a task or an interface, as the place says.
  public var holder: Int32
  /// When it was taken, or the cluster that it refers to.
  public var grantedAt: Instant
}

extension Kernel {
  /// Tells and asks whoever looks. A buffer that a fault point keeps is out for good: nothing
  /// refers to it any more.
  @inline(never)
  func isKept(_ index: Int32, _ why: ReleaseReason) -> Bool {
    let isAsked = state.pointee.releaseLook.contains(.fault)
    if isAsked && faultKeeps(index, why) { return true }
    if state.pointee.releaseLook.contains(.waiter) { noteRelease(index, why) }
    if state.pointee.releaseLook.contains(.use) { giveUses(of: index, .uses) }
    return false
  }

  private func faultKeeps(_ index: Int32, _ why: ReleaseReason) -> Bool {
    guard let faults = context.pointee.faults else { return false }
    let m = mbuf(index)
    let cluster = Int(m.pointee.cluster)
    let buffer = ReleasedBuffer(
      host: context.pointee.host, why: why, bufferClass: cluster < 0 ? .mbufs : .clusters,
      place: m.pointee.place, holder: m.pointee.holder,
      grantedAt: Instant(
        nanoseconds: cluster < 0 ? m.pointee.grantedAt : clusterUse[cluster].grantedAt))
    guard faults.keeps(buffer, at: now) else { return false }
    m.pointee.next = -1
    m.pointee.nextPacket = -1
    leak(index, .kept(why))
    return true
  }
}
