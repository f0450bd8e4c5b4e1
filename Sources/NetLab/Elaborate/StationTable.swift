// Where the tree's things ended up in the simulation.

import NetScript
import NetSim
import NetStack
import Wire

/// One interface of a station.
struct Attachment {
  var node: NodeID
  var port: Int32
  /// Number of the interface in the host's stack; -1 without a stack.
  var interface: Int32
  var link: Int32
  var address: IPv4Address
  var mac: MACAddress
}

struct StationRecord {
  var node: NodeID
  /// Number in `Simulation.processors`.
  var host: Int32
  /// Number in `Simulation.hosts`, or -1.
  var stack: Int32
  var attachments: [Attachment] = []
  var networkTask: Int32 = -1
}

struct StationTable {
  /// By host number.
  var records: [StationRecord] = []
  /// Nodes of the links, by link number.
  var links: [NodeID] = []
  /// Hosts on each link so far: the last part of the next address.
  var hostsOnLink: [Int] = []
  /// Who is reached how on each link, in the order of declaration.
  var addresses: [[(ip: IPv4Address, mac: MACAddress)]] = []
  /// Nodes of all tasks, the engine's own included, by task number.
  var tasks: [NodeID] = []
}
