// Clusters of further sizes: FreeBSD's page and 9 KiB clusters, or memory of a driver's own.
//
// A buffer of such a class is a cluster that takes several slots of 2 KiB in the arena, known by
// the first of them; all that is said of clusters holds for it. What is apart are the counters:
// each class has a pool of its own. Whoever may wait for one: SizeClassWaits.swift.

/// A class as it is built.
public struct SizeClass: Equatable, Sendable {
  /// Octets of one buffer.
  public var octets: Int32
  public var count: Int32

  public init(octets: Int32, count: Int32) {
    self.octets = octets
    self.count = count
  }

  /// The most of them that a host may have besides its clusters of 2 KiB.
  public static let limit = 4

  /// Slots of 2 KiB that one buffer takes.
  var slots: Int32 { (octets &+ BufferSize.cluster &- 1) / BufferSize.cluster }
}

/// A class while the host runs.
public struct ClassPool: Sendable {
  public internal(set) var pool = Pool()
  public internal(set) var held = PlaceCounts()
  public internal(set) var octets: Int32
  /// Its number among the simulation's further pools, for policies and for the trace.
  public internal(set) var number: Int32 = -1
  /// Its first slot, and where its free list begins.
  var first: Int32
  var freeBase: Int32
  /// Who gave a buffer back for which somebody waits.
  var cause = Cause()
}

extension Kernel {
  func classPool(_ sizeClass: UInt8) -> UnsafeMutablePointer<ClassPool> {
    classPools + (Int(sizeClass) &- 1)
  }

  /// Octets of a buffer that an mbuf refers to.
  @inline(never)
  func classOctets(_ sizeClass: UInt8) -> Int32 { classPool(sizeClass).pointee.octets }

  /// MCLGET of a class with M_DONTWAIT: false leaves the mbuf as it was.
  func classGet(
    _ sizeClass: UInt8, for index: Int32, _ who: Requester, at site: AllocationSite,
    socket: Int32 = -1
  ) -> Bool {
    let place = classPool(sizeClass)
    let asker = grantee(who, at: site, socket)
    guard mayTake(place, asker, mayWait: false) else {
      countDenied(place)
      return false
    }
    popClass(sizeClass, for: index, asker, mayWait: false)
    return true
  }

  /// A request is refused, or has waited too long.
  func countDenied(_ place: UnsafeMutablePointer<ClassPool>) {
    place.pointee.pool.refuse(at: now)
    traceClass(.bufferDeny, place)
  }

  /// Takes the buffer that a check or a poll has just found.
  func popClass(_ sizeClass: UInt8, for index: Int32, _ asker: Grantee, mayWait: Bool) {
    let place = classPool(sizeClass)
    precondition(place.pointee.pool.free > 0, "a buffer is taken from an empty size class")
    place.pointee.pool.free &-= 1
    let free = place.pointee.pool.free
    let cluster = classFree[Int(place.pointee.freeBase &+ free)]
    let m = mbuf(index)
    m.pointee.cluster = cluster
    m.pointee.sizeClass = sizeClass
    m.pointee.offset = 0
    var use = ClusterUse()
    use.grantedAt = now.nanoseconds
    use.grantee = asker
    use.sizeClass = sizeClass
    use.add(m.pointee.place)
    clusterUse[Int(cluster)] = use
    place.pointee.held[m.pointee.place] &+= 1
    place.pointee.pool.grants &+= 1
    place.pointee.pool.grantedAt = now
    let used = place.pointee.pool.total &- free
    place.pointee.pool.peakUsed = max(place.pointee.pool.peakUsed, used)
    traceClass(
      .bufferGrant, place, waited: mayWait ? context.pointee.waited : .zero)
    if free == 0 {
      place.pointee.pool.exhausted &+= 1
      traceClass(.bufferExhausted, place)
    }
    if place.pointee.pool.allocator != .firstCome {
      context.pointee.policy?.granted(
        request(place, asker, mayWait: mayWait, waited: context.pointee.waited))
    }
  }

  func mayTake(
    _ place: UnsafeMutablePointer<ClassPool>, _ asker: Grantee, mayWait: Bool
  ) -> Bool {
    let isFree = place.pointee.pool.free > 0
    switch place.pointee.pool.allocator {
    case .firstCome: return isFree
    case .scriptWhenEmpty where isFree: return true
    case .scriptWhenEmpty, .scriptAlways:
      let request = request(place, asker, mayWait: mayWait, waited: .zero)
      let decision = context.pointee.policy?.decide(request) ?? .grant
      return decision == .grant && isFree
    }
  }

  func request(
    _ place: UnsafeMutablePointer<ClassPool>, _ asker: Grantee, mayWait: Bool, waited: TimeSpan
  ) -> AllocationRequest {
    var request = AllocationRequest(
      at: now, host: context.pointee.host, bufferClass: .clusters, who: asker.who,
      site: asker.site, task: asker.task, socket: asker.socket, free: place.pointee.pool.free,
      total: place.pointee.pool.total, mayWait: mayWait, waited: waited)
    request.pool = place.pointee.number
    return request
  }

  /// Nobody refers to it any more.
  @inline(never)
  func classFree(_ cluster: Int32, countedAt counted: Place) {
    let use = clusterUse + Int(cluster)
    let place = classPool(use.pointee.sizeClass)
    place.pointee.held[counted] &-= 1
    classFree[Int(place.pointee.freeBase &+ place.pointee.pool.free)] = cluster
    place.pointee.pool.free &+= 1
    place.pointee.pool.releases &+= 1
    traceClass(.bufferRelease, place)
    if place.pointee.pool.allocator != .firstCome {
      context.pointee.policy?.released(
        request(place, use.pointee.grantee, mayWait: false, waited: .zero))
    }
  }

  /// Its first holder has changed.
  @inline(never)
  func classRecount(_ use: UnsafeMutablePointer<ClusterUse>, from old: Place) {
    let place = classPool(use.pointee.sizeClass)
    place.pointee.held[old] &-= 1
    place.pointee.held[use.pointee.place] &+= 1
  }

  func traceClass(
    _ kind: TraceKind, _ place: UnsafeMutablePointer<ClassPool>, waited: TimeSpan = .zero
  ) {
    context.pointee.traceBuffer(
      kind, pool: place.pointee.number, free: place.pointee.pool.free,
      task: context.pointee.task, waited: waited)
  }

  /// The law of conservation, for each class.
  @inline(never)
  func checkClasses() {
    for index in 0..<Int(state.pointee.classCount) {
      let place = classPools + index
      precondition(
        place.pointee.held.total &+ place.pointee.pool.free == place.pointee.pool.total,
        "buffers of a size class are not conserved")
    }
  }

  /// Slots at which a cluster of this class begins; 0 is 2 KiB, of those what has been in use.
  func clusterSlots(of sizeClass: UInt8) -> StrideTo<Int> {
    if sizeClass == 0 {
      let pool = state.pointee.clusterPool
      return stride(from: Int(pool.total - pool.peakUsed), to: Int(pool.total), by: 1)
    }
    let pool = classPool(sizeClass).pointee
    let slots = SizeClass(octets: pool.octets, count: pool.pool.total).slots
    return stride(
      from: Int(pool.first), to: Int(pool.first + pool.pool.total * slots),
      by: Int(slots))
  }

  /// The end of the slots of clusters, those of all classes included.
  var walkedSlots: Int {
    var end = Int(state.pointee.clusterPool.total)
    for index in 0..<Int(state.pointee.classCount) {
      let pool = classPools[index]
      let slots = SizeClass(octets: pool.octets, count: pool.pool.total).slots
      end = max(end, Int(pool.first + pool.pool.total * slots))
    }
    return end
  }

  // MARK: the receive ring

  /// A cluster for an mbuf of the ring, from the first of the interface's sources that has one. A
  /// source that had none is not searched again before the next tick.
  func sourceGet(_ fresh: Int32, on interface: Int32) -> Bool {
    let ifnet = interfaces + Int(interface)
    let tick = now.nanoseconds / state.pointee.tickNanoseconds
    for index in 0..<Int(ifnet.pointee.sourceCount) {
      if ifnet.pointee.sourceFailedAt[index] == tick { continue }
      if index > 0 { owe(ifnet.pointee.refillCost.nanoseconds) }
      let source = ifnet.pointee.sources[index]
      let isHad =
        source == 0
        ? mclGet(fresh, .rx, at: .refill) : classGet(source, for: fresh, .rx, at: .refill)
      if isHad { return true }
      ifnet.pointee.sourceFailedAt[index] = tick
    }
    return false
  }

  /// Whether an interface's ring could be given a buffer now.
  func hasBuffer(for interface: Int32) -> Bool {
    state.pointee.mbufPool.free > 0 && hasCluster(for: interface)
  }

  /// The same but for the mbuf.
  func hasCluster(for interface: Int32) -> Bool {
    let ifnet = interfaces + Int(interface)
    if ifnet.pointee.sourceCount == 0 { return state.pointee.clusterPool.free > 0 }
    for index in 0..<Int(ifnet.pointee.sourceCount) {
      let source = ifnet.pointee.sources[index]
      let pool = source == 0 ? state.pointee.clusterPool : classPool(source).pointee.pool
      if pool.free > 0 { return true }
    }
    return false
  }
}

extension Host {
  /// Whether an interface's ring could be given a cluster, of whatever size.
  public func hasCluster(for interface: Int32) -> Bool {
    inspect { $0.hasCluster(for: interface) }
  }

  public var classCount: Int32 { inspect { $0.state.pointee.classCount } }

  /// A size class, by its place from 0 on.
  public func sizeClass(_ index: Int32) -> ClassPool { inspect { $0.classPools[Int(index)] } }

  /// The size class that a further pool of the simulation is.
  public func sizeClass(pool number: Int32) -> ClassPool? {
    inspect { kernel in
      for index in 0..<Int(kernel.state.pointee.classCount)
      where kernel.classPools[index].number == number {
        return kernel.classPools[index]
      }
      return nil
    }
  }

  /// Says which further pool of the simulation a class is.
  public mutating func name(sizeClass index: Int32, pool number: Int32, _ context: inout Context) {
    enter(&context) { $0.classPools[Int(index)].number = number }
  }

  public mutating func setAllocator(
    _ allocator: AllocatorKind, ofPool number: Int32, _ context: inout Context
  ) {
    enter(&context) { kernel in
      for index in 0..<Int(kernel.state.pointee.classCount)
      where kernel.classPools[index].number == number {
        kernel.classPools[index].pool.allocator = allocator
      }
    }
  }
}
