// What an observer may read of a host: values, copied out.

import Wire

extension Host {
  public var state: KernelState { inspect { $0.state.pointee } }
  public func pool(_ bufferClass: BufferClass) -> Pool {
    inspect { kernel in
      bufferClass == .mbufs ? kernel.state.pointee.mbufPool : kernel.state.pointee.clusterPool
    }
  }
  public func held(_ bufferClass: BufferClass) -> PlaceCounts {
    inspect { kernel in
      bufferClass == .mbufs ? kernel.state.pointee.heldMbufs : kernel.state.pointee.heldClusters
    }
  }
  public var statistics: Statistics { inspect { $0.state.pointee.statistics } }
  public func interface(_ index: Int32) -> Ifnet { inspect { $0.interfaces[Int(index)] } }
  public func socket(_ index: Int32) -> Socket { inspect { $0.sockets[Int(index)] } }
  public func pcb(_ index: Int32) -> Inpcb { inspect { $0.pcbs[Int(index)] } }
  public func tcpcb(_ index: Int32) -> Tcpcb { inspect { $0.tcpcbs[Int(index)] } }
  /// Whether a descriptor still refers to this incarnation of a socket.
  public func isOpen(_ index: Int32, generation: UInt32) -> Bool {
    let socket = tables.pointee.sockets + Int(index)
    return socket.pointee.hasDescriptor && socket.pointee.generation == generation
  }
  public func isReadable(_ index: Int32) -> Bool { inspect { $0.isReadable(index) } }
  public func isWritable(_ index: Int32) -> Bool { inspect { $0.isWritable(index) } }
  public var interfaceCount: Int32 { inspect { $0.state.pointee.interfaceCount } }
  /// Whether a class that somebody polls for has a free buffer.
  public var hasBufferForWaiter: Bool {
    inspect { kernel in
      let state = kernel.state
      return state.pointee.mbufPool.free > 0 && state.pointee.mbufPool.waiters > 0
        || state.pointee.clusterPool.free > 0 && state.pointee.clusterPool.waiters > 0
        || state.pointee.classWaiters > 0 && kernel.hasClassForWaiter()
    }
  }
  public var socketCount: Int32 { inspect { $0.state.pointee.socketHigh } }

  /// TCP connections that have a pcb, oldest first.
  public var connections: [Int32] {
    inspect { kernel in
      var found: [Int32] = []
      var index = kernel.state.pointee.pcbList
      while index >= 0 {
        if kernel.pcbs[Int(index)].kind == .stream { found.append(index) }
        index = kernel.pcbs[Int(index)].listNext
      }
      return found.reversed()
    }
  }

  /// Whether a timer of its protocols will send something: TCP's, or that of fragments.
  public var sendsByItself: Bool {
    if state.isReassembling { return true }
    for pcb in connections {
      let tcb = tcpcb(pcb)
      let armed = [TCPTimer.rexmt, .persist, .delack].contains { tcb.expiry(of: $0) != nil }
      if armed || tcb.flags.contains(.delayedAck) { return true }
      let keeps =
        state.tunables.alwaysKeepalive || tcb.state < .established
        || socket(self.pcb(pcb).socket).options.contains(.keepalive)
      if keeps && tcb.expiry(of: .keep) != nil { return true }
    }
    return false
  }

  /// Whether something can end the select of a task: a socket that it reads, or one that it writes
  /// to and whose send buffer wakes it (`select_write`).
  public func isHeard(selectOf task: Int32) -> Bool {
    inspect { kernel in
      for index in 0..<Int(kernel.state.pointee.socketHigh) where kernel.sockets[index].inUse {
        if kernel.sockets[index].rcv.selector == task { return true }
        let snd = kernel.sockets[index].snd
        if snd.selector == task && !snd.flags.contains(.deaf) { return true }
      }
      return false
    }
  }

  /// The serial number of the connection that was opened last.
  public var lastSerial: Int32 { inspect { $0.state.pointee.pcbSerial } }

  public func cluster(_ index: Int32) -> (
    place: Place?, references: Int32, holder: Int32, since: Instant
  ) {
    inspect { kernel in
      let pool = kernel.state.pointee.clusterPool
      if index < pool.total - pool.peakUsed { return (nil, 0, -1, .zero) }  // never taken
      let use = kernel.clusterUse[Int(index)]
      let isHeld = use.references > 0
      return (
        isHeld ? use.place : nil, use.references, isHeld ? kernel.holder(ofCluster: index) : -1,
        Instant(nanoseconds: use.grantedAt)
      )
    }
  }

  /// Shows the request behind each buffer of a class that is out: a policy that comes late learns
  /// of them.
  public func forEachGrant(
    of bufferClass: BufferClass, _ context: inout Context, _ body: (AllocationRequest) -> Void
  ) {
    withUnsafeMutablePointer(to: &context) { context in
      let kernel = Kernel(tables, context)
      if bufferClass == .clusters {
        let pool = kernel.state.pointee.clusterPool
        for index in Int(pool.total - pool.peakUsed)..<Int(pool.total)
        where kernel.clusterUse[index].references > 0 {
          body(kernel.grant(.clusters, kernel.clusterUse[index].grantee))
        }
        return
      }
      let pool = kernel.state.pointee.mbufPool
      let first = Int(pool.total - pool.peakUsed)
      var isFree = [Bool](repeating: false, count: Int(pool.peakUsed))
      for slot in first..<max(first, Int(pool.free)) {
        isFree[Int(kernel.mbufFree[slot]) - first] = true
      }
      for index in isFree.indices where !isFree[index] {
        body(kernel.grant(.mbufs, kernel.mbuf(Int32(first + index)).pointee.grantee))
      }
    }
  }

  /// Frames that lie filled in an interface's receive ring, oldest first; read in place.
  public func forEachCaptiveFrame(
    on interface: Int32, _ body: (UnsafeRawBufferPointer) -> Void
  ) {
    inspect { kernel in
      let ifnet = kernel.interfaces + Int(interface)
      var isRest = false
      for step in 0..<ifnet.pointee.rxCount {
        let index = (ifnet.pointee.rxNext + step) % ifnet.pointee.rxCount
        let descriptor = kernel.rxRing[Int(ifnet.pointee.rxBase + index)]
        let holds = descriptor.mbuf >= 0 || ifnet.pointee.copies
        if !holds || descriptor.isEmpty { continue }
        // Of a frame in several descriptors the first has what is asked for.
        defer { isRest = descriptor.isContinued }
        if isRest { continue }
        kernel.withFrame(in: descriptor, body)
      }
    }
  }

  /// When a timer of a connection fires.
  public func expiry(of timer: TCPTimer, ofConnection pcb: Int32) -> Instant? {
    inspect { kernel in
      let tick = kernel.tcpcbs[Int(pcb)][timer]
      return tick < 0 ? nil : kernel.instant(ofSlowTick: tick)
    }
  }

  /// Whether clusters plainly come back: free ones that whoever comes first may take, some in a
  /// queue that the network task drains, some in the transmit ring while a timer will send, or some
  /// that an acknowledgment releases while the receive tasks work.
  ///
  /// - Parameter moves: whether a task goes on by itself.
  public func isPlainlyMoving(_ moves: (Int32) -> Bool) -> Bool {
    inspect { kernel in
      let state = kernel.state
      if kernel.hasAbandonedRing || kernel.state.pointee.hasDeafSelects { return false }
      if state.pointee.mbufPool.waiters > 0 || state.pointee.classWaiters > 0 { return false }
      let pool = state.pointee.clusterPool
      if pool.free > 0 && pool.allocator == .firstCome { return true }
      let held = state.pointee.heldClusters
      if held[.ipq] + held[.arpq] + held[.ifq] > 0 { return true }
      let receives = kernel.receives(moves)
      if receives && held[.arphold] > 0 { return true }
      if !receives && held[.txring] == 0 { return false }
      var pcb = state.pointee.pcbList
      while pcb >= 0 {
        let tcb = kernel.tcpcbs + Int(pcb)
        let isArmed = tcb.pointee[.rexmt] >= 0 || tcb.pointee[.persist] >= 0
        let socket = kernel.pcbs[Int(pcb)].socket
        let isEmptied = receives && socket >= 0 && kernel.sockets[Int(socket)].snd.clusters > 0
        if isArmed && (held[.txring] > 0 || isEmptied) { return true }
        pcb = kernel.pcbs[Int(pcb)].listNext
      }
      return false
    }
  }

  /// Whether a driver takes nothing in for want of a cluster, though no task of it waits for one;
  /// or some select for writing was not to be woken.
  public var mayBeDeaf: Bool {
    inspect { kernel in
      if kernel.state.pointee.hasDeafSelects { return true }
      for index in 0..<Int(kernel.state.pointee.interfaceCount) {
        let interface = kernel.interfaces + index
        if interface.pointee.isStuck || kernel.transmitsNever(Int32(index)) { return true }
        let isEmpty = !kernel.hasCluster(for: Int32(index))
        switch interface.pointee.refill {
        case .wait: continue
        case .reuse: if isEmpty { return true }
        case .retry:
          let isDry = interface.pointee.rxPosted == 0 || interface.pointee.keepsFrames
          if isEmpty && isDry { return true }
        case .abandon: if isEmpty || interface.pointee.isAbandoned { return true }
        }
      }
      return false
    }
  }

  /// Whether the receive rings could be filled up now.
  public var hasBufferForRing: Bool {
    inspect { kernel in
      if kernel.state.pointee.classCount == 0 {
        return kernel.state.pointee.mbufPool.free > 0 && kernel.state.pointee.clusterPool.free > 0
      }
      for index in 0..<kernel.state.pointee.interfaceCount where kernel.hasBuffer(for: index) {
        return true
      }
      return false
    }
  }

  /// Whether the receive task of a polling driver would find a frame.
  public func hasFrameToPoll(on interface: Int32) -> Bool {
    inspect { $0.nextFrameIsFilled(interface) }
  }

  /// Whether it would find one, or could fill its ring up, on any interface.
  public var hasPollWork: Bool {
    inspect { kernel in
      for index in 0..<kernel.state.pointee.interfaceCount {
        if kernel.nextFrameIsFilled(index) { return true }
        if kernel.hasEmptyDescriptors(index) && kernel.hasBuffer(for: index) { return true }
      }
      return false
    }
  }

  /// Who is known, or asked for, on the networks of the interfaces.
  public var neighbours: [Neighbour] {
    inspect { kernel in
      (0..<Int(kernel.state.pointee.neighbourCount)).map { kernel.neighbours[$0] }
    }
  }

  /// Neighbours that have been asked for and have not answered.
  public var unresolvedNeighbours: Int32 {
    inspect { kernel in
      var count: Int32 = 0
      for index in 0..<Int(kernel.state.pointee.neighbourCount)
      where !kernel.neighbours[index].isResolved
        && (kernel.neighbours[index].asked > 0 || kernel.neighbours[index].isRejected)
      {
        count += 1
      }
      return count
    }
  }

  /// Whether some stream has data that its peer has not acknowledged, or not seen.
  public var hasDataToSend: Bool {
    inspect { kernel in
      for index in 0..<Int(kernel.state.pointee.socketHigh)
      where kernel.sockets[index].inUse && kernel.sockets[index].snd.cc > 0 {
        return true
      }
      return false
    }
  }

  /// When a stream's data last moved: acknowledged, or taken by its reader.
  public var progressAt: Instant { inspect { $0.state.pointee.progressAt } }

  /// How many clusters of a stream's send buffer an acknowledgment of `octets` more would release.
  public func clustersReleased(ofSend socket: Int32, byAcknowledging octets: Int32) -> Int32 {
    inspect { kernel in
      var left = octets
      var count: Int32 = 0
      var index = kernel.sockets[Int(socket)].snd.head
      while index >= 0 && kernel.mbuf(index).pointee.length <= left {
        left -= kernel.mbuf(index).pointee.length
        if kernel.mbuf(index).pointee.cluster >= 0 { count += 1 }
        index = kernel.mbuf(index).pointee.next
      }
      return count
    }
  }
}

extension Kernel {
  /// A ring full of frames at which nobody looks, hardware that nobody tells to go on, or a
  /// transmit task that waits for an interrupt which nothing will cause.
  fileprivate var hasAbandonedRing: Bool {
    for index in 0..<state.pointee.interfaceCount {
      let interface = interfaces + Int(index)
      if interface.pointee.isAbandoned || interface.pointee.isStuck { return true }
      if transmitsNever(index) { return true }
    }
    return false
  }

  /// The transmit task wants more descriptors, and the hardware has nothing to send.
  func transmitsNever(_ interface: Int32) -> Bool {
    let ifnet = interfaces + Int(interface)
    return ifnet.pointee.isActive && ifnet.pointee.txInterruptEnabled
      && !hasFrameForWire(interface)
  }

  /// Whether the receive task of every interface goes on by itself.
  fileprivate func receives(_ moves: (Int32) -> Bool) -> Bool {
    for index in 0..<Int(state.pointee.interfaceCount) {
      if interfaces[index].refill != .wait || !moves(interfaces[index].rxTask) { return false }
    }
    return state.pointee.interfaceCount > 0
  }
}
