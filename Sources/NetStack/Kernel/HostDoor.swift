// The front door of a host: everything the simulation may ask of it.
//
// Calls and hardware in, effects out through the context. Nothing here is generic and nothing
// escapes.

import Wire

extension Host {
  // MARK: tasks

  /// Runs a task's routine to its next point. The caller holds the network semaphore for the task.
  public mutating func resume(
    _ machine: inout Machine, waited: TimeSpan, _ context: inout Context
  ) -> Step {
    context.waited = waited
    return enter(&context) { kernel in machine.resume(kernel) }
  }

  /// Notes in which sockets the task of the context is interested before it calls select.
  public mutating func mark(read: [Int32], write: [Int32], _ context: inout Context) {
    enter(&context) { kernel in
      let task = kernel.context.pointee.task
      for socket in read { kernel.sockbuf(socket, .receive).pointee.selector = task }
      let isHeard = kernel.state.pointee.tunables.selectsWriters
      if !isHeard && !write.isEmpty { kernel.state.pointee.hasDeafSelects = true }
      for socket in write {
        let sb = kernel.sockbuf(socket, .send)
        sb.pointee.selector = task
        if isHeard { sb.pointee.flags.remove(.deaf) } else { sb.pointee.flags.insert(.deaf) }
      }
    }
  }

  /// Somebody from outside resets a connection: its peer hears it, its owner's next call fails.
  /// What it held goes back, unless a task is inside a transfer.
  public mutating func abort(_ socket: Int32, _ context: inout Context) {
    enter(&context) { kernel in
      kernel.state.pointee.causes.ending = .deed
      kernel.resetFromOutside(socket)
      kernel.state.pointee.causes.ending = .none
    }
  }

  /// tcpdrop(8), sysctl_drop of FreeBSD's tcp_subr.c: a connection in TIME_WAIT goes without a
  /// word, any other as if it had been aborted.
  public mutating func drop(connection pcb: Int32, _ context: inout Context) {
    enter(&context) { kernel in
      kernel.state.pointee.causes.ending = .deed
      if kernel.tcpcbs[Int(pcb)].state == .timeWait {
        kernel.tcpClose(pcb)
      } else {
        kernel.tcpAbort(pcb)
      }
      kernel.state.pointee.causes.ending = .none
    }
  }

  /// A poll of m_mballoc or m_clalloc: whether the task's wait is over. Semaphore held.
  public mutating func poll(_ wait: Wait, waited: TimeSpan, _ context: inout Context) -> Bool {
    enter(&context) { kernel in
      if case .sized(let sizeClass, let who, let socket) = wait {
        let isFound = kernel.classPollSucceeds(sizeClass, who, socket: socket, waited: waited)
        if isFound { kernel.endClassWait(sizeClass, isRefused: false) }
        return isFound
      }
      guard case .buffer(let bufferClass, let who, let socket) = wait else {
        preconditionFailure("only waits for buffers are polled")
      }
      guard kernel.pollSucceeds(bufferClass, who, socket: socket, waited: waited) else {
        return false
      }
      kernel.endWait(bufferClass)
      return true
    }
  }

  /// A task has waited for a buffer as long as it may. Semaphore held.
  public mutating func refuse(_ wait: Wait, waited: TimeSpan, _ context: inout Context) {
    context.waited = waited
    enter(&context) { kernel in
      if case .sized(let sizeClass, _, _) = wait {
        return kernel.endClassWait(sizeClass, isRefused: true)
      }
      guard case .buffer(let bufferClass, let who, let socket) = wait else {
        preconditionFailure("only waits for buffers are refused")
      }
      kernel.endWait(bufferClass)
      kernel.countDenied(bufferClass, who, socket)
    }
  }

  /// Takes a task out of a wait whose time is up, and out of its routine, which is not resumed.
  public mutating func timeOut(_ wait: Wait, in machine: Machine, _ context: inout Context) {
    enter(&context) { kernel in kernel.cancel(wait, in: machine) }
  }

  // MARK: hardware

  /// A frame reaches an interface. True when that interrupts the processor.
  ///
  /// - Parameters:
  ///   - octets: those of it that have been written.
  ///   - frame: what `nextFrame` of another stack said of these very octets.
  public mutating func receive(
    _ octets: UnsafeRawPointer, _ frame: GatheredFrame, on interface: Int32,
    _ context: inout Context
  ) -> Bool {
    enter(&context) { kernel in kernel.hardwareReceive(octets, frame, on: interface) }
  }

  /// The same of octets that nobody knows anything of.
  public mutating func receive(
    _ frame: UnsafeRawBufferPointer, on interface: Int32, _ context: inout Context
  ) -> Bool {
    guard let octets = frame.baseAddress else { return false }
    return receive(octets, GatheredFrame(octetCount: frame.count), on: interface, &context)
  }

  /// A frame reaches an interface with a CRC that is wrong: the hardware counts it.
  public mutating func refuseDamaged(
    _ octets: Int, on interface: Int32, _ context: inout Context
  ) {
    enter(&context) { kernel in
      kernel.interfaces[Int(interface)].crcErrors &+= 1
      kernel.trace(.nicError, interface, Int64(octets), 0)
    }
  }

  /// The next frame to send, its octets gathered into `octets`; none has 0 of them.
  public mutating func nextFrame(
    on interface: Int32, into octets: UnsafeMutableRawPointer, _ context: inout Context
  ) -> GatheredFrame {
    enter(&context) { kernel in
      guard kernel.hasFrameForWire(interface) else { return GatheredFrame() }
      return kernel.frameForWire(interface, into: octets)
    }
  }

  public func hasFrame(on interface: Int32) -> Bool {
    inspect { kernel in kernel.hasFrameForWire(interface) }
  }

  /// The frame that was begun last is on the wire whole.
  ///
  /// - Returns: whether that interrupts the processor, and whether the ring has another.
  public mutating func sent(
    on interface: Int32, _ context: inout Context
  ) -> (interrupts: Bool, hasFrame: Bool) {
    enter(&context) { kernel in
      let interrupts = kernel.transmitted(interface)
      return (interrupts, kernel.hasFrameForWire(interface))
    }
  }

  /// The hardware refuses the frame that it was given last. True when that interrupts.
  public mutating func failed(on interface: Int32, _ context: inout Context) -> Bool {
    enter(&context) { kernel in kernel.transmitFailed(interface) }
  }

  /// What the driver does with a frame that the hardware refuses: keeps it for ever, or frees it.
  public mutating func setKeepsFailed(_ keeps: Bool, on interface: Int32, _ context: inout Context)
  {
    enter(&context) { kernel in kernel.interfaces[Int(interface)].keepsFailed = keeps }
  }

  /// Whether an interface answers ARP requests for its address.
  public mutating func setAnswersARP(
    _ answers: Bool, on interface: Int32, _ context: inout Context
  ) {
    enter(&context) { kernel in kernel.interfaces[Int(interface)].answersARP = answers }
  }

  // MARK: time

  /// That moment has come.
  public mutating func calloutFired(_ context: inout Context) {
    enter(&context) { kernel in kernel.calloutFired() }
  }

  // MARK: set-up and tuning

  /// Which tasks the kernel wakes: the network task, and two for each interface.
  public mutating func assign(
    networkTask: Int32, receiveTasks: [Int32], transmitTasks: [Int32], _ context: inout Context
  ) {
    enter(&context) { kernel in
      kernel.state.pointee.networkTask = networkTask
      for (index, task) in receiveTasks.enumerated() { kernel.interfaces[index].rxTask = task }
      for (index, task) in transmitTasks.enumerated() { kernel.interfaces[index].txTask = task }
    }
  }

  public mutating func setTunables(_ tunables: Tunables, _ context: inout Context) {
    enter(&context) { kernel in kernel.state.pointee.tunables = tunables }
  }

  public mutating func setAllocator(
    _ allocator: AllocatorKind, of bufferClass: BufferClass, _ context: inout Context
  ) {
    enter(&context) { kernel in
      kernel.state.pointee.causes[bufferClass] = kernel.cause(.deed)
      if bufferClass == .mbufs {
        kernel.state.pointee.mbufPool.allocator = allocator
      } else {
        kernel.state.pointee.clusterPool.allocator = allocator
      }
    }
  }

  /// Whether a fault point is asked before any buffer goes back.
  public mutating func setAsksRelease(_ asks: Bool, _ context: inout Context) {
    enter(&context) { kernel in
      if asks {
        kernel.state.pointee.releaseLook.insert(.fault)
      } else {
        kernel.state.pointee.releaseLook.remove(.fault)
      }
    }
  }

  public mutating func setDriver(
    _ policy: DriverPolicy, on interface: Int32, _ context: inout Context
  ) {
    enter(&context) { kernel in
      kernel.interfaces[Int(interface)].policy = policy
      if !policy.suspends { kernel.interfaces[Int(interface)].isSuspended = false }
    }
  }
}
