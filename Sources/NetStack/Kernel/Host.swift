// One host's network kernel as a value: frames, calls and timer expiries in; effects out by the
// context.

import Wire

// Sendable although the arena is a class: it is copied before a write when somebody else holds it.
public struct Host: @unchecked Sendable {
  public private(set) var arena: Arena
  /// The arena's own, one step nearer.
  private(set) var tables: UnsafePointer<ArenaTables>

  /// A kernel after `bsd_init`: pools threaded, interfaces attached and not yet up.
  ///
  /// - Parameter seed: the tick-based pseudo-random of the boot, for `tcp_iss`.
  public init(_ configuration: HostConfiguration, seed: UInt32) {
    arena = Arena.make(configuration)
    tables = arena.tables
    initializeArena(arena.memory, arena.layout, configuration, seed: seed)
  }

  /// Runs `body` on a view of the kernel. The arena is copied first when a checkpoint shares it.
  @inline(__always)
  mutating func enter<Result>(
    _ context: inout Context, _ body: (borrowing Kernel) -> Result
  ) -> Result {
    if !isKnownUniquelyReferenced(&arena) { unshare() }
    return withUnsafeMutablePointer(to: &context) { context in
      let kernel = Kernel(tables, context)
      let result = body(kernel)
      kernel.leave()
      return result
    }
  }

  @inline(never)
  private mutating func unshare() {
    arena = arena.copied()
    tables = arena.tables
  }

  /// Reads without a context; nothing may be changed through the view.
  public func inspect<Result>(_ body: (borrowing Kernel) -> Result) -> Result {
    body(Kernel(tables, Kernel.nobody))
  }
}

/// `bsd_init`: both free lists are stacks in ascending order, so the first allocation returns the
/// highest buffer. Neither they nor the clusters' records are written before they are used: of ten
/// thousand hosts each would have touched them for nothing.
private func initializeArena(
  _ memory: UnsafeMutableRawPointer, _ layout: ArenaLayout, _ configuration: HostConfiguration,
  seed: UInt32
) {
  var state = KernelState()
  state.mbufPool.total = configuration.mbufs
  state.mbufPool.free = configuration.mbufs
  state.clusterPool.total = configuration.clusters
  state.clusterPool.free = configuration.clusters
  state.costs = configuration.costs
  state.tunables = configuration.tunables
  state.tickNanoseconds = configuration.tick.nanoseconds
  state.speaksSack = configuration.sack
  state.slowBeatNanoseconds = configuration.slowBeat.nanoseconds
  state.beginBeats(all: configuration.runsEveryTick)
  state.classCount = Int32(configuration.classes.count)
  state.sendClass = configuration.sendClass
  state.interfaceCount = Int32(configuration.interfaces.count)
  state.issBase = seed
  state.issSecret = seed
  state.listenDrops.random = seed & 0xFFFF
  (memory + ArenaLayout.state).initializeMemory(as: KernelState.self, to: state)

  let classSlots = initializeClasses(memory, layout, configuration)
  let hash = (memory + layout.hash).assumingMemoryBound(to: Int32.self)
  for index in 0..<layout.chains { hash[index] = -1 }
  (memory + layout.neighbourHash).initializeMemory(
    as: Int32.self, repeating: 0, count: layout.chains)

  initializeInterfaces(
    memory, layout, configuration, firstSlot: configuration.clusters + classSlots)
}

/// Interfaces with empty rings, each ring behind the last; lo0 stands behind them all.
private func initializeInterfaces(
  _ memory: UnsafeMutableRawPointer, _ layout: ArenaLayout, _ configuration: HostConfiguration,
  firstSlot: Int32
) {
  let interfaces = (memory + ArenaLayout.interfaces).assumingMemoryBound(to: Ifnet.self)
  let rxRing = (memory + layout.rxRing).assumingMemoryBound(to: ReceiveDescriptor.self)
  let txRing = (memory + layout.txRing).assumingMemoryBound(to: TransmitDescriptor.self)
  var rxBase = 0
  var txBase = 0
  var slots = firstSlot
  for (index, one) in configuration.interfaces.enumerated() {
    var interface = Ifnet()
    interface.address = one.address
    interface.prefixLength = one.prefixLength
    interface.mask = IPv4Address.mask(prefixLength: Int(one.prefixLength)).rawValue
    interface.mac = one.mac
    interface.mtu = one.mtu
    interface.queueLimit = one.queueLimit
    interface.policy = one.policy
    interface.refillCost = one.refillCost
    precondition(one.sources.count <= SizeClass.limit, "an interface has too many sources")
    for (place, source) in one.sources.enumerated() { interface.sources[place] = source }
    interface.sourceCount = Int32(one.sources.count)
    interface.credits = one.credits
    interface.creditsFree = one.credits
    if !one.zeroCopy { interface.memory = slots }
    slots += Int32(one.slots)
    interface.rxBase = Int32(rxBase)
    interface.rxCount = one.receiveRing
    interface.txBase = Int32(txBase)
    interface.txCount = one.transmitRing
    interfaces[index] = interface
    for _ in 0..<one.receiveRing {
      rxRing[rxBase] = ReceiveDescriptor()
      rxBase += 1
    }
    for _ in 0..<one.transmitRing {
      txRing[txBase] = TransmitDescriptor()
      txBase += 1
    }
  }
  interfaces[configuration.interfaces.count] = .loopback
  initializeAddresses(memory, layout, configuration)
}

private func initializeAddresses(
  _ memory: UnsafeMutableRawPointer, _ layout: ArenaLayout, _ configuration: HostConfiguration
) {
  if layout.addressSlots == 0 { return }
  let table = AddressTable(
    entries: (memory + layout.addresses).initializeMemory(
      as: AddressEntry.self, repeating: AddressEntry(), count: layout.addressSlots),
    slots: layout.addressSlots)
  for (index, one) in configuration.interfaces.enumerated() {
    let network = one.address.masked(by: .mask(prefixLength: Int(one.prefixLength)))
    table.add(one.address.rawValue, AddressEntry.own, interface: Int32(index))
    table.add(network.rawValue, one.prefixLength, interface: Int32(index))
  }
}

/// Free lists of the size classes.
///
/// - Returns: slots of 2 KiB that they take behind the clusters.
private func initializeClasses(
  _ memory: UnsafeMutableRawPointer, _ layout: ArenaLayout, _ configuration: HostConfiguration
) -> Int32 {
  precondition(configuration.classes.count <= SizeClass.limit, "a host has too many classes")
  let pools = (memory + layout.classPools).assumingMemoryBound(to: ClassPool.self)
  let free = (memory + layout.classFree).assumingMemoryBound(to: Int32.self)
  let clusterUse = (memory + layout.clusterUse).assumingMemoryBound(to: ClusterUse.self)
  var slot = configuration.clusters
  var base: Int32 = 0
  for (index, one) in configuration.classes.enumerated() {
    var pool = ClassPool(octets: one.octets, first: slot, freeBase: base)
    pool.pool.total = one.count
    pool.pool.free = one.count
    pools[index] = pool
    for number in 0..<one.count {
      free[Int(base + number)] = slot
      clusterUse[Int(slot)] = ClusterUse()
      slot += one.slots
    }
    base += one.count
  }
  return slot - configuration.clusters
}
