// The views that people know from BSD and RTEMS: `netstat -m -an -s -i -r`, `arp -a` and
// rtems_bsdnet_show_mbuf_stats.
//
// Each is a list of records that a script can go through; `show` prints it as the original does
// (ViewText.swift), whatever part of the list it is given.

import NetScript
import NetSim
import NetStack
import Wire

/// A view by what its records have in them: `show` knows it by that.
enum View: CaseIterable {
  case counters, memory, mbufStatistics, sockets, interfaces, routes, neighbours

  var fields: [String] {
    switch self {
    case .counters: ["protocol", "name", "count", "second", "depth", "text"]
    case .memory: ["name", "count", "total", "text"]
    case .mbufStatistics: ["name", "value"]
    case .sockets: ["proto", "recv_q", "send_q", "local", "foreign", "state"]
    case .interfaces:
      [
        "name", "mtu", "network", "address", "ipkts", "ierrs", "opkts", "oerrs", "coll", "drops",
      ]
    case .routes: ["destination", "gateway", "flags", "netif", "expire"]
    case .neighbours: ["host", "address", "mac", "netif", "expire"]
    }
  }

  /// The letter of netstat, for those that it shows.
  init?(option: String) {
    switch option {
    case "s": self = .counters
    case "m": self = .memory
    case "an": self = .sockets
    case "i": self = .interfaces
    case "r": self = .routes
    default: return nil
    }
  }
}

extension Bench {
  /// `netstat(server, .s)`, `arp_table(server)`, `mbuf_stats(server)`.
  func view(
    _ function: NativeFunction, of id: NodeID, _ option: Value, at span: SourceSpan
  ) throws(RuntimeError) -> Value {
    guard let station = station(of: id), station.stack >= 0 else {
      throw RuntimeError(
        "N211", "`\(function.name)` asks about a host with a stack", at: span,
        help: "`\(function.name)(server\(function == .netstat ? ", .s" : ""))`")
    }
    note(.anything)
    note(.now)
    let host = simulation.hosts[Int(station.stack)]
    switch function {
    case .arpTable: return neighbourRecords(host, station)
    case .mbufStats: return mbufStatisticsRecords(host)
    default: break
    }
    let letters = option.asSymbol.map { name($0) } ?? ""
    guard let view = View(option: letters) else {
      throw RuntimeError(
        "N201", "`netstat` has no \(vm.text(option))", at: span, help: "there are: .m .an .s .i .r")
    }
    switch view {
    case .counters: return counterRecords(host)
    case .memory: return memoryRecords(host)
    case .sockets: return socketRecords(host)
    case .interfaces: return interfaceRecords(host, station)
    default: return routeRecords(host, station)
    }
  }

  func records(_ view: View, _ rows: [[Value]]) -> Value {
    let shape = vm.shape(view.fields.map(vm.intern))
    return vm.makeList(rows.map { vm.makeRecord(shape, $0) })
  }

  func text(_ text: String) -> Value { vm.makeString(text) }

  // MARK: netstat -s, netstat -m, show_mbuf_stats

  private func counterRecords(_ host: Host) -> Value {
    let statistics = host.state.statistics
    return records(
      .counters,
      CounterLine.all(statistics).map { counter -> [Value] in
        [
          vm.symbol(counter.group), text(counter.name), .int(counter.count),
          counter.second.map { .int($0) } ?? .none, .int(Int64(counter.depth)),
          text(counter.text),
        ]
      })
  }

  private func memoryRecords(_ host: Host) -> Value {
    records(
      .memory,
      MemoryLine.all(host.state).map { line -> [Value] in
        [
          text(line.name), .int(line.count), line.total.map { .int($0) } ?? .none, text(line.text),
        ]
      })
  }

  private func mbufStatisticsRecords(_ host: Host) -> Value {
    records(
      .mbufStatistics,
      MbufStatistics.all(host.state).map { one -> [Value] in [text(one.name), .int(one.value)] })
  }

  // MARK: netstat -an

  /// TCP, then UDP, then raw sockets, each the newest first: the order of in_pcb's list.
  private func socketRecords(_ host: Host) -> Value {
    var rows: [(kind: SocketKind, serial: Int32, pcb: Int32)] = []
    for pcb in host.connections { rows.append((.stream, host.pcb(pcb).serial, pcb)) }
    for index in 0..<host.socketCount {
      let socket = host.socket(index)
      guard socket.inUse, socket.kind != .stream, socket.pcb >= 0 else { continue }
      rows.append((socket.kind, host.pcb(socket.pcb).serial, socket.pcb))
    }
    rows.sort {
      $0.kind == $1.kind ? $0.serial > $1.serial : $0.kind.rawValue < $1.kind.rawValue
    }
    return records(.sockets, rows.map { socketRow(host, $0.pcb) })
  }

  private func socketRow(_ host: Host, _ index: Int32) -> [Value] {
    let pcb = host.pcb(index)
    let socket = pcb.socket >= 0 ? host.socket(pcb.socket) : nil
    let word: String
    switch pcb.kind {
    case .stream: word = "tcp"
    case .datagram: word = "udp"
    case .icmp: word = "icmp"
    case .raw: word = "raw"
    }
    return [
      vm.symbol(word),
      .data(octets: Int64(socket?.rcv.cc ?? 0)), .data(octets: Int64(socket?.snd.cc ?? 0)),
      text(endpoint(pcb.localAddress, pcb.localPort)),
      text(endpoint(pcb.remoteAddress, pcb.remotePort)),
      pcb.kind == .stream ? vm.symbol(host.tcpcb(index).state.name.lowercased()) : .none,
    ]
  }

  /// `10.0.1.2.20`; a star for what is open.
  private func endpoint(_ address: IPv4Address, _ port: UInt16) -> String {
    (address == .any ? "*" : address.description) + "." + (port == 0 ? "*" : "\(port)")
  }

  // MARK: netstat -i, netstat -r, arp -a

  /// Two lines an interface, as netstat has them: its own address, and that of IP.
  private func interfaceRecords(_ host: Host, _ station: StationRecord) -> Value {
    var rows: [[Value]] = []
    for attachment in station.attachments where attachment.interface >= 0 {
      let ifnet = host.interface(attachment.interface)
      let port = simulation.ports[Int(attachment.port)]
      let counters: [Value] = [
        ifnet.framesIn, ifnet.refillDrops + ifnet.crcErrors + ifnet.tooLong,
        port.framesOut, ifnet.txFails, 0, ifnet.queueDrops,
      ].map { .int($0) }
      let name = text(self.name(tree[attachment.node].name))
      let network = Self.network(ifnet.address, Int(ifnet.prefixLength))
      for (network, address) in [
        ("<Link>", Self.dotted(ifnet.mac)), (network, ifnet.address.description),
      ] {
        let head: [Value] = [name, .int(Int64(ifnet.mtu)), text(network), text(address)]
        rows.append(head + counters)
      }
    }
    return records(.interfaces, rows)
  }

  private func neighbourRecords(_ host: Host, _ station: StationRecord) -> Value {
    records(
      .neighbours,
      host.neighbours.map { neighbour -> [Value] in
        let attachment = station.attachments.first {
          $0.interface == Int32(neighbour.interface)
        }
        let known = hostNode(neighbour.address)
        return [
          known.asNode == nil ? .none : known, text(neighbour.address.description),
          neighbour.isResolved ? text(Self.colons(neighbour.mac)) : .none,
          attachment.map { text(name(tree[$0.node].name)) } ?? .none,
          remaining(neighbour.expires),
        ]
      })
  }

  /// `10.0.1`: netstat leaves out the octets that a prefix does not reach.
  static func network(_ address: IPv4Address, _ prefixLength: Int) -> String {
    let network = address.masked(by: IPv4Address.mask(prefixLength: prefixLength)).rawValue
    let octets = max(1, (prefixLength + 7) / 8)
    let parts = (0..<octets).map { "\(network >> UInt32(24 - 8 * $0) & 0xFF)" }
    return parts.joined(separator: ".")
  }

  /// `2.0.0.0.1.1`, as netstat -i writes it; `2:0:0:0:1:1`, as arp does.
  private static func dotted(_ mac: MACAddress) -> String { written(mac, ".") }
  static func colons(_ mac: MACAddress) -> String { written(mac, ":") }

  private static func written(_ mac: MACAddress, _ separator: String) -> String {
    let octets = (0..<6).map { String(mac.rawValue >> UInt64(40 - 8 * $0) & 0xFF, radix: 16) }
    return octets.joined(separator: separator)
  }
}
