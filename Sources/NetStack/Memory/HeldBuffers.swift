// Every buffer of a class that is out, as an observer sees it: where it lies, who took it, where
// and when, and how much of it is used.

/// One buffer that is not free.
public struct HeldBuffer: Sendable {
  public var place: Place
  /// A socket, a task or an interface, as the place says; -1 in a queue of the host's.
  public var holder: Int32
  /// The task in whose context it was taken, and the socket it was for; -1 for none.
  public var task: Int32
  public var socket: Int32
  /// Whether that socket is still there.
  public var socketLives: Bool
  public var site: AllocationSite
  public var since: Instant
  /// Octets of data in it; of an mbuf with a cluster: in the mbuf itself, none.
  public var payload: Int32
  public var loss: Loss?
}

extension Host {
  /// All of them, in the order of their numbers.
  public func heldBuffers(_ bufferClass: BufferClass) -> [HeldBuffer] {
    inspect { bufferClass == .mbufs ? $0.heldMbufs() : $0.heldClusters(of: 0) }
  }

  /// Those of a size class, by its place from 0 on.
  public func heldBuffers(ofClass index: Int32) -> [HeldBuffer] {
    inspect { $0.heldClusters(of: UInt8(index + 1)) }
  }
}

extension Kernel {
  fileprivate func heldMbufs() -> [HeldBuffer] {
    var found: [HeldBuffer] = []
    forEachHeldMbuf { index in
      let m = mbuf(index).pointee
      found.append(
        HeldBuffer(
          place: m.place, holder: m.holder, task: m.grantee.task, socket: m.grantee.socket,
          socketLives: lives(m.grantee), site: m.grantee.site,
          since: Instant(nanoseconds: m.grantedAt),
          payload: m.cluster < 0 ? m.length : 0, loss: m.loss))
    }
    return found
  }

  /// A cluster counts where its first holder has it; the mbufs that refer to it from there say
  /// who that is, and what is in it.
  fileprivate func heldClusters(of sizeClass: UInt8) -> [HeldBuffer] {
    let slots = clusterSlots(of: sizeClass)
    let most = sizeClass == 0 ? BufferSize.cluster : classOctets(sizeClass)
    let total = walkedSlots
    var holders = [Int32](repeating: -1, count: total)
    var payloads = [Int32](repeating: 0, count: total)
    var losses = [Loss?](repeating: nil, count: total)
    forEachHeldMbuf { index in
      let m = mbuf(index).pointee
      let cluster = Int(m.cluster)
      guard cluster >= 0, m.sizeClass == sizeClass, clusterUse[cluster].place == m.place else {
        return
      }
      holders[cluster] = m.holder
      payloads[cluster] += m.length
      losses[cluster] = m.loss
    }
    forEachFilledDescriptor { index, octets in
      let cluster = Int(mbuf(index).pointee.cluster)
      if cluster >= 0 && mbuf(index).pointee.sizeClass == sizeClass { payloads[cluster] = octets }
    }
    var found: [HeldBuffer] = []
    for index in slots where clusterUse[index].references > 0 {
      let use = clusterUse[index]
      // Two copies of one octet in a ring are one octet in the cluster.
      let payload = min(payloads[index], most)
      found.append(
        HeldBuffer(
          place: use.place, holder: holders[index], task: use.grantee.task,
          socket: use.grantee.socket, socketLives: lives(use.grantee), site: use.grantee.site,
          since: Instant(nanoseconds: use.grantedAt), payload: payload, loss: losses[index]))
    }
    return found
  }

  /// Whom a cluster counts for: the first mbuf says it that refers to it from where it counts.
  func holder(ofCluster cluster: Int32) -> Int32 {
    let place = clusterUse[Int(cluster)].place
    var found: Int32 = -1
    forEachHeldMbuf { index in
      let m = mbuf(index).pointee
      if found < 0 && m.cluster == cluster && m.place == place { found = m.holder }
    }
    return found
  }

  private func lives(_ grantee: Grantee) -> Bool {
    guard grantee.socket >= 0 else { return false }
    let socket = sockets[Int(grantee.socket)]
    return socket.inUse && UInt16(truncatingIfNeeded: socket.generation) == grantee.incarnation
  }

  /// Shows the number of each mbuf that is not free. What was never in use has no type yet.
  private func forEachHeldMbuf(_ body: (Int32) -> Void) {
    let pool = state.pointee.mbufPool
    for index in (pool.total - pool.peakUsed)..<pool.total
    where mbuf(index).pointee.type != .free {
      body(index)
    }
  }

  /// A frame that the hardware has put into a ring: its length is not yet the mbuf's.
  private func forEachFilledDescriptor(_ body: (_ mbuf: Int32, _ octets: Int32) -> Void) {
    for interface in 0..<Int(state.pointee.interfaceCount) {
      let ifnet = interfaces[interface]
      for slot in 0..<Int(ifnet.rxCount) {
        let descriptor = rxRing[Int(ifnet.rxBase) + slot]
        if descriptor.mbuf >= 0 && !descriptor.isEmpty {
          body(descriptor.mbuf, descriptor.length)
        }
      }
    }
  }
}
