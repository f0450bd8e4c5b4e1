// `netstat -r`: networks of the interfaces, routes with gateways, and every host that is known.
//
// Flags as 4.4BSD prints them (usr.bin/netstat/route.c): U up, G by a gateway, H one host, R
// rejected, D by a redirect, C clones, L has a link address, S declared, W cloned.

import NetScript
import NetSim
import NetStack
import Wire

/// A line in the making, and what it is sorted by: the order of the radix tree.
private struct RouteLine {
  var address: IPv4Address
  var prefixLength: Int
  var gateway: String
  var flags: String
  var interface: Int32
  var expires = Instant.never
}

extension Bench {
  func routeRecords(_ host: Host, _ station: StationRecord) -> Value {
    var lines = networkLines(host, station) + neighbourLines(host)
    for way in host.ways {
      lines.append(
        RouteLine(
          address: way.destination, prefixLength: Int(way.prefixLength),
          gateway: way.gateway.description,
          flags: "UG" + (way.isHost ? "H" : "") + (way.isDynamic ? "D" : "S"),
          interface: way.interface))
    }
    lines += clonedLines(host)
    lines.sort {
      $0.address == $1.address
        ? $0.prefixLength < $1.prefixLength : $0.address.rawValue < $1.address.rawValue
    }
    return records(.routes, lines.map { row(of: $0, station) })
  }

  private func networkLines(_ host: Host, _ station: StationRecord) -> [RouteLine] {
    let loopback = IPv4Address(127, 0, 0, 1)
    var lines = [
      RouteLine(
        address: loopback, prefixLength: 32, gateway: loopback.description, flags: "UH",
        interface: -1)
    ]
    for attachment in station.attachments where attachment.interface >= 0 {
      let ifnet = host.interface(attachment.interface)
      let length = Int(ifnet.prefixLength)
      lines.append(
        RouteLine(
          address: ifnet.address.masked(by: .mask(prefixLength: length)), prefixLength: length,
          gateway: Self.link(attachment.interface), flags: "UC",
          interface: attachment.interface))
    }
    return lines
  }

  /// Who is known on a link; while nothing is asked about one that did not answer, it is rejected.
  private func neighbourLines(_ host: Host) -> [RouteLine] {
    host.neighbours.map { neighbour -> RouteLine in
      let interface = Int32(neighbour.interface)
      let isRejected = !neighbour.isResolved && neighbour.expires > observedNow
      return RouteLine(
        address: neighbour.address, prefixLength: 32,
        gateway: neighbour.isResolved ? Self.colons(neighbour.mac) : Self.link(interface),
        flags: isRejected ? "UHRLW" : "UHLW", interface: interface, expires: neighbour.expires)
    }
  }

  /// What connections and routers have left of hosts behind gateways. A neighbour's is in its line.
  private func clonedLines(_ host: Host) -> [RouteLine] {
    var lines: [RouteLine] = []
    for route in host.hostRoutes {
      let expires = route.mtu > 0 ? max(route.mtuExpires, route.expires) : route.expires
      guard expires > observedNow, let way = host.way(to: route.address) else { continue }
      // A route to that host alone keeps its metrics itself.
      if way.isHost { continue }
      lines.append(
        RouteLine(
          address: route.address, prefixLength: 32, gateway: way.gateway.description,
          flags: "UGHW", interface: way.interface, expires: expires))
    }
    return lines
  }

  private func row(of line: RouteLine, _ station: StationRecord) -> [Value] {
    let isHost = line.prefixLength == 32
    let destination =
      line.prefixLength == 0
      ? "default"
      : isHost ? line.address.description : Self.network(line.address, line.prefixLength)
    let attachment = station.attachments.first { $0.interface == line.interface }
    let netif = attachment.map { name(tree[$0.node].name) } ?? "lo0"
    return [
      text(destination), text(line.gateway), text(line.flags), text(netif),
      remaining(line.expires),
    ]
  }

  private static func link(_ interface: Int32) -> String { "link#\(interface + 1)" }

  /// Nothing for what does not expire, or has.
  func remaining(_ expires: Instant) -> Value {
    expires == .never || expires <= observedNow
      ? .none : .time(nanoseconds: (expires - observedNow).nanoseconds)
  }
}
