// Putting a simulation together: links, hosts, their interfaces and daemons. Structure is fixed
// once the first event has run.

import NetStack
import Wire

/// A host as it is built.
public struct StationConfiguration: Sendable {
  /// nil: a station without a stack, whose programs send frames themselves.
  public var stack: HostConfiguration?
  public var tick = TimeSpan.milliseconds(10)
  /// Link and address of each interface, in order; with a stack those of `stack.interfaces`.
  public var attachments: [Attachment] = []
  public var networkPriority: Int32 = 100
  public var receivePriority: Int32 = 100
  public var transmitPriority: Int32 = 100
  /// Multiplies `compute`; the stack's own costs are already scaled. Parts per thousand.
  public var factorPermille: Int64 = 1000
  public var inheritsPriority = true
  /// Waits in the kernel give up the network semaphore whole, however often it was taken.
  public var releasesAll = false
  public var bootSeed: UInt32 = 1

  public struct Attachment: Sendable {
    public var link: Int32
    public var mac: MACAddress
    /// Of a station without a stack.
    public var address = IPv4Address.any
    public var answersARP = false
    public var inbox = 32
    /// Frames that such a station may have waiting for the medium.
    public var outbox = 32

    public init(link: Int32, mac: MACAddress) {
      self.link = link
      self.mac = mac
    }
  }

  public init() {}

  /// A host with a stack as it comes and one interface on `link`. The address names it on the
  /// wire too: 02:00 and its four octets.
  public init(_ address: IPv4Address, on link: Int32) {
    let mac = MACAddress(rawValue: 0x0200_0000_0000 + UInt64(address.rawValue))
    var host = HostConfiguration()
    host.interfaces = [InterfaceConfiguration(address: address, mac: mac)]
    stack = host
    attachments = [Attachment(link: link, mac: mac)]
  }
}

/// Where the parts of a host ended up.
public struct Station: Sendable {
  public var host: Int32
  public var networkTask: Int32 = -1
  public var receiveTasks: [Int32] = []
  public var transmitTasks: [Int32] = []
  public var ports: [Int32] = []
}

extension Simulation {
  public mutating func addLink(rate: Int64, delay: TimeSpan, isShared: Bool) -> Int32 {
    var configuration = LinkConfiguration(rate: rate, delay: delay)
    configuration.medium = isShared ? .shared : .pointToPoint
    return addLink(configuration)
  }

  public mutating func addLink(_ configuration: LinkConfiguration) -> Int32 {
    makeUnique()
    precondition(configuration.rate > 0, "a link without a rate")
    precondition(
      configuration.delay >= .zero && configuration.jitter >= .zero, "a link into the past")
    links.append(Link(configuration))
    return Int32(links.count - 1)
  }

  public mutating func addHost(
    _ configuration: StationConfiguration, _ context: inout Context
  ) -> Station {
    precondition(events == 0, "a host is added while the simulation runs")
    makeUnique()
    let host = Int32(processors.count)
    var processor = Processor()
    processor.tick = configuration.tick
    processor.factorPermille = configuration.factorPermille
    processor.network.inherits = configuration.inheritsPriority
    processor.network.releasesAll = configuration.releasesAll
    var station = Station(host: host)
    for (index, attachment) in configuration.attachments.enumerated() {
      let port = Int32(ports.count)
      let interface = configuration.stack == nil ? -1 : Int32(index)
      var end = Port(host: host, interface: interface, link: attachment.link, mac: attachment.mac)
      end.address = attachment.address
      end.answersARP = attachment.answersARP
      end.inboxLimit = attachment.inbox
      end.queueLimit = attachment.outbox
      end.lane = queue.addLane()
      let mtu = configuration.stack?.interfaces[index].mtu ?? 0
      end.sendsLong = mtu > Int32(EthernetLimits.maximumPayloadOctets)
      ports.append(end)
      precondition(
        links[Int(attachment.link)].medium != .pointToPoint
          || links[Int(attachment.link)].ports.count < 2,
        "a point-to-point link has two ends")
      links[Int(attachment.link)].ports.append(port)
      station.ports.append(port)
    }
    if let stack = configuration.stack {
      processor.stack = Int32(hosts.count)
      processor.firstPort = station.ports.first ?? 0
      processor.costs = stack.costs
      processor.waiting = stack.waiting
      processor.pollTicks = stack.pollTicks
      processor.messagePeriod = stack.messagePeriod
      processor.waitTimeout = stack.waitTimeout
      processor.runsEveryTick = stack.runsEveryTick
      hosts.append(Host(stack, seed: configuration.bootSeed))
    }
    processors.append(processor)
    hostTasks.append([])
    if configuration.stack != nil { addDaemons(&station, configuration, &context) }
    return station
  }

  /// "ntwk", then a receive and a transmit task for each interface, in RTEMS's order of creation.
  private mutating func addDaemons(
    _ station: inout Station, _ configuration: StationConfiguration, _ context: inout Context
  ) {
    let host = station.host
    station.networkTask = addDaemon(
      host, configuration.networkPriority, Machine(NetworkDaemon()))
    for index in 0..<Int32(station.ports.count) {
      station.receiveTasks.append(
        addDaemon(
          host, configuration.receivePriority, Machine(ReceiveDaemon(interface: index))))
      station.transmitTasks.append(
        addDaemon(
          host, configuration.transmitPriority, Machine(TransmitDaemon(interface: index))))
    }
    context.enter(host: host, task: -1, at: now)
    hosts[Int(processors[Int(host)].stack)].assign(
      networkTask: station.networkTask, receiveTasks: station.receiveTasks,
      transmitTasks: station.transmitTasks, &context)
  }

  private mutating func addDaemon(_ host: Int32, _ priority: Int32, _ machine: Machine) -> Int32 {
    var record = TaskRecord(host: host, priority: priority, isProgram: false)
    record.machine = machine
    record.needsLock = true
    let task = add(record)
    makeReady(task)
    return task
  }

  private mutating func add(_ record: TaskRecord) -> Int32 {
    let task = Int32(tasks.count)
    tasks.append(record)
    hostTasks[Int(record.host)].append(task)
    return task
  }

  /// A lock of a host's tasks; its number.
  public mutating func addLock(host: Int32, inherits: Bool) -> Int32 {
    makeUnique()
    var lock = Semaphore()
    lock.host = host
    lock.inherits = inherits
    locks.append(lock)
    return Int32(locks.count - 1)
  }

  /// Says who takes from a queue, before anybody has.
  public mutating func expectTakers(_ takers: [Int32], of queue: Int32) {
    makeUnique()
    queues[Int(queue)].takers = takers
  }

  public mutating func addQueue(host: Int32, capacity: Int32, whenFull: FullPolicy) -> Int32 {
    makeUnique()
    precondition(capacity > 0, "a queue without room")
    queues.append(TaskQueue(host: host, capacity: capacity, whenFull: whenFull))
    return Int32(queues.count - 1)
  }

  /// Gives a task a time slice, in ticks; 0: it runs until it blocks.
  public mutating func setTimeslice(_ ticks: Int32, of task: Int32) {
    makeUnique()
    tasks[Int(task)].timeslice = ticks
  }

  /// A task whose program the bench drives; dormant until `start`.
  public mutating func addProgram(host: Int32, priority: Int32) -> Int32 {
    makeUnique()
    return add(TaskRecord(host: host, priority: priority, isProgram: true))
  }
}
