// Whether sides of a host are as they were: one number each, cheap enough to compare after every
// event.

extension Host {
  /// Equal as long as no buffer was asked for, given, returned or moved from place to place.
  // Mutating only so that nobody makes a copy, and with it counts a reference, to ask.
  public mutating func poolFingerprint() -> UInt64 {
    inspect { kernel in
      let state = kernel.state
      var mark = mix(state.pointee.clusterPool, 0x9E37_79B9_7F4A_7C15)
      mark = mix(state.pointee.mbufPool, mark)
      for index in 0..<Place.count {
        let held = UInt64(UInt32(bitPattern: state.pointee.heldClusters.words[index])) << 32
        mark = mix(held | UInt64(UInt32(bitPattern: state.pointee.heldMbufs.words[index])), mark)
      }
      return kernel.mixClasses(mark)
    }
  }

  /// The sum of all that is counted when something goes wrong: a sound run leaves it alone, and it
  /// only grows.
  public var lossCount: Int64 {
    inspect { kernel in
      let state = kernel.state
      let counted = state.pointee.statistics
      var sum = state.pointee.ipQueue.drops &+ state.pointee.arpQueue.drops
      sum &+= counted.ip.badSum &+ counted.udp.badSum &+ counted.tcpBadSum
      sum &+= counted.udp.noPort &+ counted.udp.fullSocket
      sum &+= counted.ip.fragmentsDropped &+ counted.ip.fragmentTimeouts
      sum &+= counted.tcpRetransmits &+ counted.tcpRexmtTimeouts &+ counted.tcpDrops
      sum &+= counted.tcpDuplicates &+ counted.tcpOutOfOrder
      sum &+= state.pointee.clusterPool.denied &+ state.pointee.clusterPool.waits
      sum &+= state.pointee.mbufPool.denied &+ state.pointee.mbufPool.waits
      for index in 0..<Int(state.pointee.interfaceCount) {
        let interface = kernel.interfaces + index
        sum &+= interface.pointee.overruns &+ interface.pointee.queueDrops
        sum &+= interface.pointee.refillDrops &+ interface.pointee.refillWaits
        sum &+= interface.pointee.ringDrops
        sum &+= interface.pointee.crcErrors &+ interface.pointee.tooLong
      }
      return sum
    }
  }

  /// Equal as long as nothing has happened that could let a waiting task go on or keep it from
  /// that. Frames that are lost in hardware change none of it.
  public var waitFingerprint: UInt64 {
    inspect { kernel in
      let state = kernel.state
      let statistics = state.pointee.statistics
      var mark = mix(state.pointee.clusterPool, 0xD6E8_FEB8_6659_FD93)
      mark = mix(state.pointee.mbufPool, mark)
      let segments = statistics.tcpDrops &+ statistics.tcpIn &+ statistics.tcpOut
      mark = mix(UInt64(bitPattern: segments &+ statistics.tcpRexmtTimeouts), mark)
      let queues = Int64(state.pointee.ipQueue.length) << 32
      mark = mix(UInt64(bitPattern: queues | Int64(state.pointee.arpQueue.length)), mark)
      for index in 0..<Int(state.pointee.interfaceCount) {
        let isStuck = kernel.transmitsNever(Int32(index)) ? UInt64(1) << 50 : 0
        mark = mix(kernel.interfaces[index].refillMark | isStuck, mark)
      }
      return mix(state.pointee.tunables.dropFrees ? 1 : 2, kernel.mixClasses(mark))
    }
  }
}

extension Kernel {
  @inline(__always)
  fileprivate func mixClasses(_ mark: UInt64) -> UInt64 {
    var mark = mark
    for index in 0..<Int(state.pointee.classCount) {
      mark = mix(classPools[index].pool, mark)
    }
    return mark
  }
}

extension Ifnet {
  /// What decides whether frames get through this interface's driver.
  fileprivate var refillMark: UInt64 {
    var rule = UInt64(refill.rawValue) | UInt64(UInt32(bitPattern: copybreak)) << 8
    if isStuck { rule |= 1 << 49 }
    switch refill {
    case .wait, .reuse: return rule
    case .retry: return rule | (rxPosted == 0 ? 1 << 48 : 0)
    case .abandon: return rule | (isAbandoned ? 1 << 48 : 0)
    }
  }
}

/// The counters of a pool only grow, so their sum moves with each of them.
private func mix(_ pool: Pool, _ mark: UInt64) -> UInt64 {
  let counted = pool.grants &+ pool.releases &+ pool.waits &+ pool.denied &+ pool.exhausted
  let now = Int64(pool.free) << 32 | Int64(pool.waiters)
  return mix(UInt64(bitPattern: now), mix(UInt64(bitPattern: counted), mark))
}

func mix(_ word: UInt64, _ mark: UInt64) -> UInt64 {
  let product = (mark ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
  return product.high ^ product.low
}
