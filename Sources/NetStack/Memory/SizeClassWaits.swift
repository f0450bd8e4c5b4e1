// Waiting for a buffer of a size class, as m_clalloc waits for a cluster: m_getjcl with M_WAITOK.
//
// The wait is that of the host's pool: a poll at each tick, or a release wakes. Whoever waits is
// counted by class and in all, so that a host without such waiters asks one question.

/// What a waiter wants: an mbuf, a cluster, or a buffer of a size class.
public struct BufferKind: Equatable, Sendable {
  /// 0 and 1 are the classes of the BSD pool, and a size class is its number and 1.
  public let number: Int

  public init(_ bufferClass: BufferClass) { number = Int(bufferClass.rawValue) }
  public init(sizeClass: UInt8) { number = Int(sizeClass) + 1 }

  public static let count = 2 + SizeClass.limit
  /// nil for a size class.
  public var bufferClass: BufferClass? {
    number < 2 ? BufferClass(rawValue: UInt8(number)) : nil
  }
  /// The place of a size class from 0 on.
  var place: Int { number - 2 }
}

extension Wait {
  /// What it is for, where that is a buffer.
  public var kind: BufferKind? {
    switch self {
    case .buffer(let bufferClass, _, _): BufferKind(bufferClass)
    case .sized(let sizeClass, _, _): BufferKind(sizeClass: sizeClass)
    default: nil
    }
  }

  /// Who waits, and for which socket.
  public var asker: (who: Requester, socket: Int32)? {
    switch self {
    case .buffer(_, let who, let socket), .sized(_, let who, let socket): (who, socket)
    default: nil
    }
  }
}

extension Host {
  public func pool(_ kind: BufferKind) -> Pool {
    if let bufferClass = kind.bufferClass { return pool(bufferClass) }
    return inspect { $0.classPools[kind.place].pool }
  }

  /// The number of a size class among the simulation's further pools; -1 for the BSD pool.
  public func poolNumber(_ kind: BufferKind) -> Int32 {
    kind.bufferClass == nil ? inspect { $0.classPools[kind.place].number } : -1
  }
}

extension Kernel {
  /// m_getjcl with M_WAITOK: false sends the task into the wait.
  func classGetOrWait(
    _ sizeClass: UInt8, for index: Int32, _ who: Requester, at site: AllocationSite,
    socket: Int32
  ) -> Bool {
    let place = classPool(sizeClass)
    let asker = grantee(who, at: site, socket)
    if mayTake(place, asker, mayWait: true) {
      popClass(sizeClass, for: index, asker, mayWait: true)
      return true
    }
    if place.pointee.pool.free == 0 {
      drain()
      if place.pointee.pool.free > 0 {
        popClass(sizeClass, for: index, asker, mayWait: true)
        return true
      }
    }
    beginWait(place)
    return false
  }

  /// What a poll has just found, the semaphore held since.
  func popPolled(
    _ sizeClass: UInt8, for index: Int32, _ who: Requester, at site: AllocationSite,
    socket: Int32
  ) {
    popClass(sizeClass, for: index, grantee(who, at: site, socket), mayWait: true)
  }

  private func beginWait(_ place: UnsafeMutablePointer<ClassPool>) {
    place.pointee.pool.waits &+= 1
    place.pointee.pool.waiters &+= 1
    state.pointee.classWaiters &+= 1
    state.pointee.releaseLook.insert(.waiter)
    if place.pointee.pool.waiters == 1 {
      place.pointee.cause = cause(place.pointee.pool.free > 0 ? .policy : .none)
    }
    traceClass(.bufferWait, place)
  }

  /// Whether a task that waits for a buffer of a class gets one now: `pollSucceeds`.
  func classPollSucceeds(
    _ sizeClass: UInt8, _ who: Requester, socket: Int32, waited: TimeSpan
  ) -> Bool {
    let place = classPool(sizeClass)
    if place.pointee.pool.free == 0 { return false }
    if place.pointee.pool.allocator != .firstCome {
      let asker = grantee(who, at: .ofWait(who), socket)
      let request = request(place, asker, mayWait: true, waited: waited)
      guard context.pointee.policy?.decide(request) ?? .grant == .grant else {
        place.pointee.cause = cause(.policy)
        return false
      }
    }
    return true
  }

  /// The wait is left.
  func endClassWait(_ sizeClass: UInt8, isRefused: Bool) {
    let place = classPool(sizeClass)
    place.pointee.pool.waiters &-= 1
    state.pointee.classWaiters &-= 1
    forgetReleases()
    if isRefused { countDenied(place) }
  }

  /// Whether a class that somebody waits for has a free buffer.
  @inline(never)
  func hasClassForWaiter() -> Bool {
    for index in 0..<Int(state.pointee.classCount) {
      let pool = classPools[index].pool
      if pool.free > 0 && pool.waiters > 0 { return true }
    }
    return false
  }
}
