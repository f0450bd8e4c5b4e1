// Where the bench tells the witness of frames, records and calls.

import NetScript
import NetSim
import NetStack
import Wire

extension Bench {
  /// Before `prepare`: the TCP of a host, by its path, is taken down for `exportDrill`.
  public func witness(host name: String) { witness = Witness(host: name) }

  /// Time 0: the host's media are looked at. Without such a host there is nothing to see.
  func beginWitnessing() {
    guard let witness else { return }
    for station in stations.records
    where station.stack >= 0 && path(of: station.node) == witness.name {
      witness.host = station.host
      witness.sysctls = sysctlCommands(of: station.node)
      witness.settings = settingsWithoutSysctl(of: station.node)
      for attachment in station.attachments where attachment.link >= 0 {
        context.observedLinks |= Context.bit(attachment.link)
      }
    }
  }

  /// One of the frames that were seen since the last look.
  func witnessFrame(_ frame: ObservedFrame) {
    guard let witness, simulation.ports[Int(frame.port)].host == witness.host else { return }
    guard witness.segments.count < plan.limits.samples else {
      witness.isFull = true
      return
    }
    context.frames.octets.withUnsafeBytes { octets in
      witness.note(UnsafeRawBufferPointer(rebasing: octets[frame.octets]), frame)
    }
  }

  /// What the engine has left behind since the last look. A program that goes on in the same step
  /// looks first.
  func witnessRecords() {
    guard let witness else { return }
    while witness.taken < context.records.count {
      let record = context.records[witness.taken]
      witness.taken += 1
      guard record.host == witness.host else { continue }
      switch record.kind {
      case .tcpIn, .tcpOut:
        witness.noteRecord(record)
        if SegmentEvent(record).flags.contains(.syn) { witnessOpening(record, witness) }
      case .taskBlock, .taskWake: witnessWait(record, witness)
      default: break
      }
    }
  }

  /// A SYN of ours: which socket is behind it.
  private func witnessOpening(_ record: TraceRecord, _ witness: Witness) {
    guard record.kind == .tcpOut, record.object >= 0 else { return }
    let stack = stations.records[Int(witness.host)].stack
    let socket = simulation.hosts[Int(stack)].pcb(record.object).socket
    if socket >= 0 { _ = witnessedSocket(socket, witness) }
  }

  /// The socket as it is now, with its connection where that is known.
  private func witnessedSocket(_ index: Int32, _ witness: Witness) -> Int {
    let host = simulation.hosts[Int(stations.records[Int(witness.host)].stack)]
    let socket = host.socket(index)
    let place = witness.socket(index, socket.generation)
    guard socket.pcb >= 0, witness.sockets[place].start == nil else { return place }
    let (pcb, block) = (host.pcb(socket.pcb), host.tcpcb(socket.pcb))
    guard pcb.remotePort != 0, block.state != .closed else { return place }
    witness.sockets[place].start = block.iss
    witness.sockets[place].ports = (pcb.localPort, pcb.remotePort)
    return place
  }

  // MARK: calls

  /// A task asks for something; of sockets that are no streams nobody hears.
  func witnessCall(_ step: ProgramStep, task: Int32) {
    guard let witness, simulation.tasks[Int(task)].host == witness.host else { return }
    witnessRecords()
    let call: Call
    switch step {
    case .call(let asked, _): call = asked
    case .write(let socket, let text, let flags, _):
      call = .write(socket, octets: Int32(text.count), flags: flags)
    default: return
    }
    guard let index = call.stream else { return }
    let host = simulation.hosts[Int(stations.records[Int(witness.host)].stack)]
    guard host.socket(index).kind == .stream else { return }
    let socket = witnessedSocket(index, witness)
    while witness.open.count <= Int(task) { witness.open.append(-1) }
    witness.open[Int(task)] = witness.calls.count
    witness.calls.append(
      WitnessedCall(
        task: task, socket: socket, call: call, began: witness.stamp(simulation.now)))
  }

  /// The call of a task is over.
  func witnessResult(task: Int32) {
    guard let witness, Int(task) < witness.open.count, witness.open[Int(task)] >= 0 else { return }
    witnessRecords()
    let place = witness.open[Int(task)]
    witness.open[Int(task)] = -1
    let result = simulation.tasks[Int(task)].result
    witness.calls[place].ended = witness.stamp(simulation.now)
    witness.calls[place].result = result
    if case .socket(let index) = result {
      let accepted = witnessedSocket(index, witness)
      witness.sockets[accepted].listener = witness.calls[place].socket
      witness.calls[place].accepted = accepted
    } else {
      let index = witness.sockets[witness.calls[place].socket].index
      let host = simulation.hosts[Int(stations.records[Int(witness.host)].stack)]
      let generation = witness.sockets[witness.calls[place].socket].generation
      if host.socket(index).generation == generation { _ = witnessedSocket(index, witness) }
    }
  }

  /// A task with a call in progress begins to wait, or has waited enough.
  private func witnessWait(_ record: TraceRecord, _ witness: Witness) {
    let task = Int(record.object)
    guard task < witness.open.count, witness.open[task] >= 0 else { return }
    let place = witness.open[task]
    if record.kind == .taskBlock {
      switch simulation.tasks[task].wait {
      case .buffer, .sized: witness.calls[place].waitsForBuffer = true
      case .socketSpace, .socketData, .connection, .acceptQueue, .lingering:
        witness.calls[place].waitedForPeer = witness.stamp(record.at)
      default: break
      }
    } else if witness.calls[place].waitsForBuffer {
      witness.calls[place].waitsForBuffer = false
      witness.calls[place].gotBuffer = witness.stamp(record.at)
    }
  }
}

extension Call {
  /// The socket of a call that a packetdrill script could make, too.
  fileprivate var stream: Int32? {
    switch self {
    case .bind(let socket, _), .listen(let socket, _), .connect(let socket, _, _),
      .accept(let socket), .write(let socket, _, _), .read(let socket, _, _),
      .readLine(let socket), .setOption(let socket, _, _), .getOption(let socket, _),
      .shutdown(let socket, _), .close(let socket), .abort(let socket):
      socket
    case .socket, .sendTo, .receiveFrom, .select: nil
    }
  }
}
