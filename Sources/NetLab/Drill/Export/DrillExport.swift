// A connection that was witnessed, as a packetdrill script from the point of view of its host.
//
// Numbers are relative to each side's first, times absolute; second 0 of the script is a whole
// second of the run, so that beats of 200 and 500 ms fall as they fell.

import NetScript
import NetSim
import NetStack
import Wire

/// A script, and what of the run it cannot say.
public struct DrillExport: Sendable {
  public var script: DrillScript
  public var notes: [String]
}

extension Bench {
  /// The connections of the host that `witness` named, each in a few words; nil without that host.
  public var witnessedConnections: [(title: String, ports: (UInt16, UInt16))]? {
    guard let witness, witness.host >= 0 else { return nil }
    return witness.connections.map { connection in
      let arrow = witness.isOpenedHere(connection) ? ">" : "<"
      let title =
        "\(connection.local).\(connection.localPort) \(arrow) \(connection.remote)"
        + ".\(connection.remotePort) from \(moment(connection.began)), "
        + "\(Spelling.grouped(Int64(connection.segments))) segments"
      return (title, (connection.localPort, connection.remotePort))
    }
  }

  /// Paths of the hosts that could be witnessed.
  public var stackHosts: [String] {
    stations.records.filter { $0.stack >= 0 }.map { path(of: $0.node) }
  }

  /// One of `witnessedConnections`, by its place, after the run.
  public func exportDrill(_ number: Int) -> DrillExport {
    guard let witness else { preconditionFailure("nobody was witnessed") }
    var exporter = DrillExporter(witness, number)
    exporter.buffered = buffered(of: exporter.socket, witness)
    exporter.addSegments()
    exporter.addErrors()
    exporter.addCalls()
    exporter.addSettings()
    var export = exporter.export()
    export.script.options = options(of: witness.connections[number], witness)
    if witness.isFull {
      export.notes.append("the run went on: `--limit samples=…` keeps more of it")
    }
    return export
  }

  /// Octets that its writes have put into a socket so far; nil where nobody knows any more.
  private func buffered(of place: Int?, _ witness: Witness) -> Int? {
    guard let place else { return nil }
    let host = simulation.hosts[Int(stations.records[Int(witness.host)].stack)]
    let known = witness.sockets[place]
    let socket = host.socket(known.index)
    guard socket.generation == known.generation, socket.pcb >= 0 else { return nil }
    let block = host.tcpcb(socket.pcb)
    return max(block.sndUna - block.iss - 1, 0) + Int(socket.snd.cc)
  }

  private func options(
    of connection: WitnessedConnection, _ witness: Witness
  ) -> DrillOptions {
    var options = DrillOptions()
    options.localAddress = connection.local
    options.remoteAddress = connection.remote
    let station = stations.records[Int(witness.host)]
    for attachment in station.attachments where attachment.address == connection.local {
      let interface = simulation.hosts[Int(station.stack)].interface(attachment.interface)
      options.mtu = interface.mtu
      options.prefixLength = interface.prefixLength
    }
    // What the host computes takes no time elsewhere, and its tasks wake at its ticks.
    let tick = simulation.processors[Int(witness.host)].tick
    options.tolerance = max(options.tolerance, tick + tick)
    return options
  }
}

extension Witness {
  /// The first segment of a connection was its host's.
  func isOpenedHere(_ connection: WitnessedConnection) -> Bool {
    let first = segments.first {
      connections[$0.connection].localPort == connection.localPort
        && connections[$0.connection].remotePort == connection.remotePort
        && connections[$0.connection].began == connection.began
    }
    return first.map { !$0.isInbound } ?? false
  }
}

/// Puts a script together: what was seen goes in with its place in the run, and is sorted.
struct DrillExporter {
  let witness: Witness
  let number: Int
  let connection: WitnessedConnection
  /// The connection's own socket and the one that listened, where tasks had them.
  let socket: Int?
  let listener: Int?
  let isOpenedHere: Bool
  /// Second 0 of the script.
  let base: Instant
  /// The connection's count of its first segment, with T/TCP.
  var count: UInt32?
  /// See `Bench.buffered`.
  var buffered: Int?
  private var entries: [(order: Int, isBehind: Bool, event: DrillEvent)] = []
  private(set) var notes: [String] = []

  init(_ witness: Witness, _ number: Int) {
    self.witness = witness
    self.number = number
    let connection = witness.connections[number]
    self.connection = connection
    isOpenedHere = witness.isOpenedHere(connection)
    let socket = witness.sockets.firstIndex {
      $0.start == connection.localStart && $0.ports.local == connection.localPort
        && $0.ports.remote == connection.remotePort
    }
    self.socket = socket
    let door = socket.map { witness.sockets[$0].listener } ?? -1
    listener = door >= 0 ? door : isOpenedHere ? nil : witness.door(connection.localPort)
    let second: Int64 = 1_000_000_000
    base = Instant(nanoseconds: connection.began.nanoseconds / second * second)
  }

  // MARK: The timeline

  /// A span for what stands in no file.
  static let nowhere = SourceSpan(file: SourceFileID(rawValue: 0), start: 0, end: 0)

  /// Whole microseconds, as packetdrill counts; what was there before stands at 0.
  func time(_ instant: Instant) -> TimeSpan {
    let span = max(instant - base, .zero)
    return .microseconds(span.nanoseconds / 1000)
  }

  /// - Parameter isBehind: right behind what else was seen there, a segment for one.
  mutating func add(
    _ action: DrillAction, at stamp: Stamp, isBehind: Bool = false, until: Stamp? = nil
  ) {
    let began = time(stamp.at)
    let time: DrillTime =
      until.map { .blocking(began, until: self.time($0.at), isRelative: false) } ?? .absolute(began)
    entries.append(
      (stamp.order, isBehind, DrillEvent(time: time, action: action, span: Self.nowhere)))
  }

  mutating func note(_ text: String) {
    if !notes.contains(text) { notes.append(text) }
  }

  /// In front of everything: the host is as it was.
  mutating func addSettings() {
    let first = Stamp(order: -1, at: base)
    for command in witness.sysctls { add(.command(command), at: first) }
    guard !witness.settings.isEmpty else { return }
    note("settings without a sysctl: " + witness.settings.joined(separator: ", "))
  }

  func export() -> DrillExport {
    var script = DrillScript()
    let sorted = entries.enumerated().sorted { first, second in
      let (left, right) = (first.element, second.element)
      if left.order != right.order { return left.order < right.order }
      if left.isBehind != right.isBehind { return right.isBehind }
      return first.offset < second.offset
    }
    script.events = sorted.map { $0.element.event }
    return DrillExport(script: script, notes: notes)
  }
}

extension Witness {
  /// The socket that listened at a port.
  fileprivate func door(_ port: UInt16) -> Int? {
    for call in calls {
      if case .bind(_, let bound) = call.call, bound == port,
        calls.contains(where: { $0.socket == call.socket && $0.call.isListen })
      {
        return call.socket
      }
    }
    return nil
  }
}

extension Call {
  fileprivate var isListen: Bool {
    if case .listen = self { return true }
    return false
  }
}
