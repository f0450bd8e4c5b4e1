// Measurements of connections and sockets: `tcp.conn[i].snd.cc`, `udp.sock[137].clusters`.
//
// `conn[i]` is a place in the list of live connections, oldest first; what an event or a selection
// names is the connection itself, by its serial number.

import NetScript
import NetSim
import NetStack
import Wire

extension Bench {
  /// `conn[2]`, `held[.ring]`, `cluster[5]`, `sock[137]`.
  func indexedPlace(
    _ id: NodeID, _ word: Word, _ index: Value, at span: SourceSpan
  ) throws(RuntimeError) -> Value {
    if word == .held {
      guard let symbol = index.asSymbol, let name = words.word(symbol),
        Schema.heldWords.contains(name)
      else {
        throw RuntimeError(
          "N201", "`held` has no \(vm.text(index))", at: span,
          help: "there are: " + listed(Schema.heldWords.map { "." + $0.rawValue }))
      }
      guard isBuilt else {
        throw RuntimeError(
          "N301", "`\(path(of: id))` is a measurement, and nothing is built yet", at: span)
      }
      return held(tree[id].parent, name) ?? .none
    }
    guard let number = index.asInt, number >= 0 else {
      throw RuntimeError("N422", "`\(path(of: id))` takes a number", at: span)
    }
    guard number <= Bench.lastIndex else {
      throw RuntimeError(
        "N423", "`\(path(of: id))[\(number)]`: the last index is \(Bench.lastIndex)", at: span)
    }
    let key = UInt64(id.rawValue) << 16 | UInt64(number)
    if let known = elementNodes[key] { return known.value }
    let made = tree.add(.place(word), parent: id, name: words.symbol(word), index: index)
    elementNodes[key] = made
    return made.value
  }

  /// Each index that is named makes a node, so there is an end to them: the number of ports.
  private static let lastIndex: Int64 = 65_535

  // MARK: Connections

  func connections(of id: NodeID) -> [Int32] {
    guard let station = station(of: id), station.stack >= 0 else { return [] }
    return simulation.hosts[Int(station.stack)].connections
  }

  /// The connection itself, the same node for as long as it is talked about.
  public func connectionNode(host: Int32, pcb: Int32) -> Value {
    guard host >= 0, pcb >= 0, stations.records[Int(host)].stack >= 0 else { return .none }
    let serial = simulation.hosts[Int(stations.records[Int(host)].stack)].pcb(pcb).serial
    let key = UInt64(UInt32(bitPattern: host)) << 32 | UInt64(UInt32(bitPattern: serial))
    if let known = connectionNodes[key] { return known.value }
    guard let tcp = implicit(.tcp, in: stations.records[Int(host)].node) else { return .none }
    let list = placeNode(.conn, of: tcp)
    let id = tree.add(
      .place(.conn), parent: list, name: words.symbol(.conn), index: .int(Int64(serial)))
    tree[id].object = serial
    connectionNodes[key] = id
    return id.value
  }

  /// The pcb behind `conn[i]` or a connection's own node; nil when it is no more.
  func pcb(of id: NodeID) -> Int32? {
    let live = connections(of: id)
    guard tree[id].object >= 0 else {
      guard let position = tree[id].index.asInt, position < Int64(live.count) else { return nil }
      return live[Int(position)]
    }
    guard let station = station(of: id) else { return nil }
    let stack = simulation.hosts[Int(station.stack)]
    return live.first { stack.pcb($0).serial == tree[id].object }
  }

  func measureConnection(_ id: NodeID, _ word: Word) -> Value? {
    switch word {
    case .snd, .rcv, .timer: return nil
    default: break
    }
    guard let stack = stack(of: id, .tcp) else { return nil }
    guard let pcb = pcb(of: id) else { return Value.none }
    let block = stack.tcpcb(pcb)
    let record = stack.pcb(pcb)
    switch word {
    case .state: return vm.symbol(block.state.name.lowercased())
    case .peer: return hostNode(record.remoteAddress)
    case .cwnd: return .data(octets: Int64(block.cwnd))
    case .ssthresh: return .data(octets: Int64(block.ssthresh))
    case .rto: return .time(nanoseconds: Int64(block.rxtcur) * stack.state.slowBeatNanoseconds)
    case .rxtshift: return .int(Int64(block.rxtshift))
    case .mss: return .data(octets: Int64(block.mss))
    case .queue, .pending:
      note(.socket, host: tree[id].host)
      guard record.socket >= 0 else { return Value.none }
      let socket = stack.socket(record.socket)
      return .int(Int64(word == .queue ? socket.completeCount : socket.incompleteCount))
    case .idle:
      note(.now)
      let tick = block.idleSinceTick
      let idle = tick * stack.state.slowBeatNanoseconds
      return .time(nanoseconds: max(0, observedNow.nanoseconds - idle))
    case .phase:
      let isSlow = block.cwnd <= block.ssthresh
      let isRecovering = block.flags.contains(.recovering)
      return vm.symbol(isRecovering ? "recovery" : isSlow ? "slow_start" : "avoidance")
    case .error:
      guard record.socket >= 0 else { return Value.none }
      return stack.socket(record.socket).error.map { vm.symbol($0.name) } ?? Value.none
    case .owner:
      guard record.socket >= 0 else { return Value.none }
      return taskNode(stack.socket(record.socket).owner)
    default: return nil
    }
  }

  func measureConnection(_ id: NodeID, _ place: Word, _ word: Word) -> Value? {
    guard let stack = stack(of: id, .socket) else { return nil }
    note(.tcp, host: tree[id].host)
    guard let pcb = pcb(of: id) else { return Value.none }
    let block = stack.tcpcb(pcb)
    if place == .timer {
      let timer: TCPTimer
      switch word {
      case .rexmt: timer = .rexmt
      case .persist: timer = .persist
      case .keep: timer = .keep
      case .msl2: timer = .msl2
      case .delack: timer = .delack
      default: return nil
      }
      guard let due = stack.expiry(of: timer, ofConnection: pcb) else { return Value.none }
      return .time(nanoseconds: due.nanoseconds)
    }
    let index = stack.pcb(pcb).socket
    guard index >= 0 else { return Value.none }
    let buffer = place == .snd ? stack.socket(index).snd : stack.socket(index).rcv
    switch (place, word) {
    case (_, .cc): return .data(octets: Int64(buffer.cc))
    case (_, .clusters): return .int(Int64(buffer.clusters))
    case (.snd, .wnd): return .data(octets: Int64(block.sndWnd))
    case (.rcv, .wnd): return .data(octets: Int64(block.rcvWnd))
    case (.rcv, .reass): return .int(Int64(block.reassemblyCount))
    case (.snd, .una): return .int(Int64(block.sndUna.rawValue))
    case (.snd, .nxt): return .int(Int64(block.sndNxt.rawValue))
    default: return nil
    }
  }

  // MARK: Datagram sockets

  func measureDatagramSocket(_ id: NodeID, _ word: Word) -> Value? {
    guard let stack = stack(of: id, .socket), let port = tree[id].index.asInt else { return nil }
    for index in 0..<stack.socketCount {
      let socket = stack.socket(index)
      guard socket.inUse, socket.kind == .datagram, socket.pcb >= 0,
        Int64(stack.pcb(socket.pcb).localPort) == port
      else { continue }
      switch word {
      case .cc: return .data(octets: Int64(socket.rcv.cc))
      case .clusters: return .int(Int64(socket.rcv.clusters))
      case .fullDrops: return .int(socket.fullDrops)
      default: return nil
      }
    }
    return Value.none
  }

  // MARK: Hosts by address

  /// The host that has an address, or the address as text.
  func hostNode(_ address: IPv4Address) -> Value {
    for station in stations.records {
      for attachment in station.attachments where attachment.address == address {
        return station.node.value
      }
    }
    return vm.makeString(address.description)
  }
}
