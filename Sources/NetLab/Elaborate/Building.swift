// From the checked tree to a simulation: links, hosts, interfaces, tasks, in order of declaration.
//
// Addresses are 10.0.L.H/24 and 02:00:00:00:LL:HH: the L-th medium, the H-th host on it.

import NetScript
import NetSim
import NetStack
import Wire

extension Bench {
  func build() throws(RuntimeError) {
    precondition(stations.records.isEmpty, "built twice")
    if let choosing = plan.choosing {
      simulation.choose(by: choosing.strategy, preemptions: choosing.preemptions)
    }
    for id in declared {
      if case .builtin(let kind) = tree[id].role, kind == .lan || kind == .link {
        addLink(id, kind)
      }
    }
    checkEnds()
    guard diagnostics.isEmpty else { return }
    context.reserve(hosts: declared.count { tree[$0].role == .builtin(.host) })
    for id in declared where tree[id].role == .builtin(.host) { addHost(id) }
    for id in declared where tree[id].role == .builtin(.route) { addRoute(id) }
    for id in declared where tree[id].role == .builtin(.host) { setPublished(id) }
    for number in 1..<tree.count { setHost(of: NodeID(.tree, number)) }
    for id in declared where tree[id].role == .builtin(.task) { try addTask(id) }
    for id in declared where tree[id].role == .builtin(.replay) { addReplay(id) }
    for id in declared where tree[id].role == .builtin(.drill) { addDrill(id) }
    for id in declared {
      if tree[id].role == .builtin(.lock) { addLock(id) }
      if tree[id].role == .builtin(.queue) { addQueue(id) }
      if tree[id].role == .builtin(.bufferClass) { addPool(id) }
    }
    isBuilt = true
    for id in declared { setMedium(id) }
    for id in declared where tree[id].role == .builtin(.nic) {
      setOnFail(id)
      setAnswersARP(id)
    }
    try installAllocators()
    try installFaults()
    for record in programs.records where record.isActive { simulation.start(record.task) }
  }

  /// A point-to-point link has two ends, a LAN 254 addresses.
  private func checkEnds() {
    var ends = [Int](repeating: 0, count: stations.links.count)
    for id in declared where tree[id].role == .builtin(.nic) {
      guard let link = nodeField(id, .lan, [.lan, .link]), tree[link].object >= 0 else { continue }
      let place = Int(tree[link].object)
      ends[place] += 1
      let isShared = tree[link].role == .builtin(.lan)
      if ends[place] <= (isShared ? 254 : 2) { continue }
      guard let span = tree[id].span else { continue }
      diagnostics.append(
        Diagnostic(
          code: "N224",
          title: isShared
            ? "`\(path(of: link))` has no address left"
            : "`\(path(of: link))` has two ends already",
          at: span, help: isShared ? nil : "`lan` takes any number of hosts"))
    }
  }

  // MARK: Hosts

  private func addHost(_ id: NodeID) {
    var configuration = StationConfiguration()
    var record = StationRecord(node: id, host: -1, stack: -1)
    let hasStack = word(id, .stack) != .nothing
    var stack = HostConfiguration()
    for child in interfaces(of: id) {
      attach(child, &record, &configuration, &stack, hasStack: hasStack)
    }
    configuration.tick = TimeSpan(nanoseconds: number(id, .tick) ?? 10_000_000)
    var boot = RandomStream(seed: plan.seed, path: path(of: id), purpose: "boot")
    configuration.bootSeed = UInt32(truncatingIfNeeded: boot.next())
    if hasStack {
      for group in Schema.groups + [.rx, .tx, .ntwk, .network] { _ = implicit(group, in: id) }
      configure(&stack, of: id)
      stack.tick = configuration.tick
      stack.runsEveryTick = word(id, .ticks) == .all
      configuration.stack = stack
      configuration.receivePriority = priority(.rx, in: id)
      configuration.transmitPriority = priority(.tx, in: id)
      configuration.networkPriority = priority(.ntwk, in: id)
      if let lock = tree.child(words.symbol(.network), of: id) {
        configuration.inheritsPriority = flag(lock, .inherit)
        configuration.releasesAll = flag(lock, .unnest)
      }
    }
    if let cpu = tree.child(words.symbol(.cpu), of: id) {
      configuration.factorPermille = number(cpu, .factor) ?? 1000
    }
    let station = simulation.addHost(configuration, &context)
    record.host = station.host
    record.stack = simulation.processors[Int(station.host)].stack
    record.networkTask = station.networkTask
    for index in record.attachments.indices {
      record.attachments[index].port = station.ports[index]
    }
    finish(id, station, record)
  }

  private func attach(
    _ id: NodeID, _ record: inout StationRecord, _ configuration: inout StationConfiguration,
    _ stack: inout HostConfiguration, hasStack: Bool
  ) {
    guard let linkNode = nodeField(id, .lan, [.lan, .link]) else { return }
    let link = tree[linkNode].object
    stations.hostsOnLink[Int(link)] += 1
    let number = UInt8(truncatingIfNeeded: stations.hostsOnLink[Int(link)])
    let medium = link + 1
    let address = IPv4Address(
      10, UInt8(truncatingIfNeeded: medium >> 8), UInt8(truncatingIfNeeded: medium), number)
    let mac = MACAddress(
      rawValue: 0x0200_0000_0000 | UInt64(medium & 0xFFFF) << 8 | UInt64(number))
    stations.addresses[Int(link)].append((address, mac))
    var end = StationConfiguration.Attachment(link: link, mac: mac)
    end.address = address
    end.inbox = Int(clamping: self.number(id, .rxRing) ?? 32)
    end.outbox = Int(clamping: self.number(id, .txRing) ?? 32)
    configuration.attachments.append(end)
    var interface = InterfaceConfiguration(address: address, mac: mac)
    interface.receiveRing = Int32(clamping: self.number(id, .rxRing) ?? 32)
    interface.transmitRing = Int32(clamping: self.number(id, .txRing) ?? 32)
    interface.mtu = Int32(clamping: self.number(id, .mtu) ?? 1500)
    interface.policy = driverPolicy(of: id)
    interface.sources = sources(of: id, on: tree.owner(of: id))
    interface.zeroCopy = flag(id, .zeroCopy)
    interface.refillCost = TimeSpan(nanoseconds: self.number(id, .refillCost) ?? 0)
    interface.credits = transmitCount(id, .credits) ?? 0
    interface.queueLimit = transmitCount(id, .max) ?? 50
    let place = Int32(record.attachments.count)
    stack.interfaces.append(interface)
    record.attachments.append(
      Attachment(
        node: id, port: -1, interface: hasStack ? place : -1, link: link, address: address,
        mac: mac))
    tree[id].object = place
  }

  /// Writes into the tree where the host's parts are.
  private func finish(_ id: NodeID, _ station: Station, _ record: StationRecord) {
    precondition(Int(station.host) == stations.records.count, "stations out of order")
    stations.records.append(record)
    tree[id].host = station.host
    tree[id].object = station.host
    func register(_ task: Int32, _ word: Word) {
      guard let node = tree.child(words.symbol(word), of: id) else { return }
      while stations.tasks.count <= Int(task) { stations.tasks.append(.none) }
      stations.tasks[Int(task)] = node
      // rtems_bsdnet_newproc makes them without a slice; a host's own is for the others.
      setTimeslice(ownField(node, words.symbol(.timeslice))?.asBaseUnits ?? 0, of: task)
      if tree[node].object < 0 { tree[node].object = task }
    }
    for task in station.receiveTasks { register(task, .rx) }
    for task in station.transmitTasks { register(task, .tx) }
    if station.networkTask >= 0 { register(station.networkTask, .ntwk) }
    for attachment in record.attachments where !flag(attachment.node, .up) {
      simulation.setPort(attachment.port, isUp: false, &context)
    }
  }

  /// A node's host is that of the nearest host around it.
  private func setHost(of id: NodeID) {
    if tree[id].host >= 0 { return }
    let parent = tree[id].parent
    if parent != .none { tree[id].host = tree[parent].host }
  }

  private func priority(_ word: Word, in host: NodeID) -> Int32 {
    guard let task = tree.child(words.symbol(word), of: host) else { return 100 }
    return Int32(clamping: number(task, .priority) ?? 100)
  }

  // MARK: Programs

  private func addTask(_ id: NodeID) throws(RuntimeError) {
    guard let main = tree[id].members.first(where: { words.word($0.name) == .main }) else { return }
    guard let host = nodeField(id, .host, [.host]) else { return }
    let station = tree[host].host
    let priority = Int32(clamping: number(id, .priority) ?? 100)
    let task = simulation.addProgram(host: station, priority: priority)
    tree[id].host = station
    tree[id].object = task
    setTimeslice(
      ownField(id, words.symbol(.timeslice))?.asBaseUnits ?? number(host, .timeslice) ?? 0, of: task
    )
    while stations.tasks.count <= Int(task) { stations.tasks.append(.none) }
    stations.tasks[Int(task)] = id
    while programs.places.count <= Int(task) { programs.places.append(0) }
    var record = ProgramRecord(
      node: id, task: task, main: Int(main.pin),
      draws: RandomStream(seed: plan.seed, path: path(of: id), purpose: "draw"))
    record.cost = TimeSpan(nanoseconds: number(id, .cost) ?? 0)
    record.starts = Instant(nanoseconds: startTime(of: id))
    record.isActive = startsActive(id)
    programs.records.append(record)
    programs.places[Int(task)] = Int32(programs.records.count)
  }

  /// Whole ticks, rounded up.
  private func setTimeslice(_ span: Int64, of task: Int32) {
    let host = simulation.tasks[Int(task)].host
    let tick = simulation.processors[Int(host)].tick.nanoseconds
    let ticks = span <= 0 ? 0 : (span - 1) / tick + 1
    simulation.setTimeslice(Int32(clamping: ticks), of: task)
  }

  /// Its own `starts`, and those of the instances around it: the latest.
  func startTime(of id: NodeID) -> Int64 {
    var latest: Int64 = 0
    var at = id
    while at != .none {
      if let value = ownField(at, words.symbol(.starts))?.asBaseUnits {
        latest = max(latest, value)
      }
      at = tree.owner(of: at)
    }
    return latest
  }

  func startsActive(_ id: NodeID) -> Bool {
    var at = id
    while at != .none {
      if ownField(at, words.symbol(.active))?.asBool == false { return false }
      at = tree.owner(of: at)
    }
    return true
  }

  // MARK: Locks and queues

  /// `network` of a host with a stack is the engine's own.
  private func addLock(_ id: NodeID) {
    guard let host = nodeField(id, .host, [.host]), lockNumber(id) == nil else { return }
    tree[id].host = tree[host].host
    tree[id].object = simulation.addLock(host: tree[id].host, inherits: flag(id, .inherit))
  }

  private func addQueue(_ id: NodeID) {
    guard let host = nodeField(id, .host, [.host]) else { return }
    let whenFull: FullPolicy
    switch word(id, .full) {
    case .dropNew: whenFull = .dropNew
    case .dropOld: whenFull = .dropOld
    default: whenFull = .wait
    }
    tree[id].host = tree[host].host
    tree[id].object = simulation.addQueue(
      host: tree[id].host, capacity: Int32(clamping: number(id, .capacity) ?? 1),
      whenFull: whenFull)
    guard let takers = ownField(id, words.symbol(.takers)).flatMap({ vm.list($0) }) else { return }
    let tasks = takers.compactMap { $0.asNode.map { tree[NodeID(rawValue: $0)].object } }
    simulation.expectTakers(tasks.filter { $0 >= 0 }, of: tree[id].object)
  }

  /// A further pool, or a size class.
  private func addPool(_ id: NodeID) {
    guard let host = nodeField(id, .host, [.host]) else { return }
    let waiting: WaitingMode
    switch word(id, .waiting) {
    case .priority: waiting = .priority
    case .event: waiting = .event
    default: waiting = .fifo
    }
    let count = Int32(clamping: number(id, .count) ?? 1)
    tree[id].host = tree[host].host
    tree[id].object = simulation.addPool(host: tree[id].host, count: count, waiting: waiting)
    let last = programs.pools.last
    let first = last.map { $0.first + simulation.pools[Int($0.number)].buffers.count } ?? 0
    programs.pools.append(
      PoolHandle(
        node: id, number: tree[id].object, first: first, size: number(id, .size) ?? 0))
    installServes(id)
    installClass(id)
  }

  private func installAllocators() throws(RuntimeError) {
    for number in 1..<tree.count {
      let id = NodeID(.tree, number)
      let host = tree[id].host
      guard let field = tree[id].fields.first(where: { words.word($0.name) == .allocator }),
        host >= 0
      else { continue }
      if tree[id].role == .builtin(.bufferClass) {
        try install(policy: field.value, pool: id, at: field.span)
        continue
      }
      guard stations.records[Int(host)].stack >= 0 else { continue }
      switch tree[id].role {
      case .builtin(.pool):
        try install(policy: field.value, host: tree[id].host, .clusters, at: field.span)
      case .place(let word):
        try install(
          policy: field.value, host: tree[id].host, word == .mbufs ? .mbufs : .clusters,
          at: field.span)
      default: break
      }
    }
  }
}
