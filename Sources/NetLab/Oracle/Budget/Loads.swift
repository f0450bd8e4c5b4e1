// What instances say that they ask of a host: `fn load()` of their kinds, a list of maps.

import NetScript
import NetSim
import NetStack

/// One thing that puts clusters into the sockets of a host.
enum Load {
  /// Streams that are written to: how many, octets of a write (nil: any), of all writes of one
  /// (nil: without end).
  case writers(Int64?, write: Int64?, total: Int64?)
  /// A socket that takes what comes and is not read.
  case unreadStream
  case unreadDatagrams
  /// Datagrams that are sent, and lie in the transmit ring until something else is.
  case datagrams
  /// So many clusters in receive buffers, whatever happens.
  case received(Int64)
}

struct DeclaredLoad {
  /// Whose it is.
  var node: NodeID
  var host: Int32
  var load: Load
}

extension Bench {
  /// What all instances say of a host, in the order of their declaration.
  func declaredLoads(on host: Int32, at span: SourceSpan) throws(RuntimeError) -> [DeclaredLoad] {
    try declaredLoads(at: span).filter { $0.host == host }
  }

  /// What they say of all hosts.
  func declaredLoads(at span: SourceSpan) throws(RuntimeError) -> [DeclaredLoad] {
    var loads: [DeclaredLoad] = []
    for id in declared {
      guard case .instance = tree[id].role else { continue }
      for member in tree[id].members where name(member.name) == "load" {
        let value = try vm.call(vm.read(member.value), budget: plan.limits.hookSteps)
        guard let list = vm.list(value) else { throw noLoad(id, value, span) }
        for entry in list {
          guard let load = try load(entry, of: id, at: span) else { throw noLoad(id, entry, span) }
          loads.append(load)
        }
      }
    }
    return loads
  }

  private func load(
    _ entry: Value, of id: NodeID, at span: SourceSpan
  ) throws(RuntimeError) -> DeclaredLoad? {
    guard entry.tag == .map, let raw = field("host", of: entry)?.asNode else { return nil }
    let host = tree[NodeID(rawValue: raw)].host
    func octets(_ name: String) -> Int64? { field(name, of: entry).flatMap(octetCount) }
    if let writers = field("writers", of: entry) {
      let load = Load.writers(writers.asInt, write: octets("write"), total: octets("total"))
      return DeclaredLoad(node: id, host: host, load: load)
    }
    if let unread = field("unread", of: entry)?.asSymbol {
      let isStream = vm.symbols.name(unread) == "tcp"
      return DeclaredLoad(node: id, host: host, load: isStream ? .unreadStream : .unreadDatagrams)
    }
    if let received = field("received", of: entry)?.asInt {
      return DeclaredLoad(node: id, host: host, load: .received(received))
    }
    guard field("datagrams", of: entry) != nil else { return nil }
    return DeclaredLoad(node: id, host: host, load: .datagrams)
  }

  private func field(_ name: String, of map: Value) -> Value? {
    vm.mapValue(map, vm.symbol(name))
  }

  /// Whole octets of an amount of data; nil for a distribution, and for what has no end.
  private func octetCount(_ value: Value) -> Int64? {
    guard value.dimension == .data, let bits = vm.baseUnits(value, .data) else { return nil }
    return bits / 8
  }

  private func noLoad(_ id: NodeID, _ value: Value, _ span: SourceSpan) -> RuntimeError {
    RuntimeError(
      "N455", "`\(path(of: id)).load()` gives no list of loads, but \(vm.text(value))", at: span,
      help: "a list of maps: `[[.host: from, .writers: 1, .write: 300B]]`")
  }
}
