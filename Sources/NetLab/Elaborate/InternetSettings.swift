// Fields of `ip`, `arp` and `udp` in the engine's units, and routes over other hosts.

import NetScript
import NetSim
import NetStack
import Wire

/// `10.0.2.0/24`, `10.0.2.7`, `default`.
struct Network: Equatable {
  var address = IPv4Address.any
  var prefixLength: Int32 = 0

  init(_ address: IPv4Address, prefixLength: Int32) {
    self.address = address
    self.prefixLength = prefixLength
  }

  init?(_ text: String) {
    if text == "default" { return }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let address = IPv4Address(parsing: String(parts[0])) else {
      return nil
    }
    self.address = address
    prefixLength = 32
    if parts.count == 1 { return }
    guard let length = Int32(parts[1]), (0...32).contains(length) else { return nil }
    prefixLength = length
  }
}

extension Bench {
  func internetRules(of host: NodeID) -> InternetRules {
    let (ip, arp) = (group(.ip, of: host), group(.arp, of: host))
    let frag = placeNode(.frag, of: ip)
    func span(_ id: NodeID, _ word: Word) -> TimeSpan {
      TimeSpan(nanoseconds: number(id, word) ?? 0)
    }
    func count(_ id: NodeID, _ word: Word, _ usual: Int32) -> Int32 {
      number(id, word).map { Int32(clamping: $0) } ?? usual
    }
    var rules = InternetRules()
    rules.forwards = flag(ip, .forwarding)
    rules.timeToLive = UInt8(clamping: number(ip, .ttl) ?? 64)
    rules.followsSourceRoutes = flag(ip, .sourceroute)
    rules.sendsRedirects = flag(ip, .redirects)
    rules.takesRedirects = rules.sendsRedirects
    rules.routeExpiry = span(ip, .rtexpire)
    rules.answersBroadcastEcho = flag(ip, .bmcastecho)
    rules.answersMask = flag(ip, .maskrepl)
    rules.errorLimit = count(ip, .icmpLimit, 0)
    rules.reportsProtocol = flag(ip, .protoUnreach)
    rules.queueLimit = count(placeNode(.queue, of: ip), .max, 50)
    rules.fragmentQueues = count(frag, .cap, -1)
    rules.fragmentHold = span(frag, .hold)
    rules.fragmentsPerQueue = count(frag, .fragments, 0)
    rules.reportsFragmentTimeout = flag(frag, .report)
    rules.arpLifetime = span(arp, .lifetime)
    rules.arpPrune = span(arp, .prune)
    rules.arpDown = span(arp, .down)
    rules.arpTries = count(arp, .tries, 5)
    rules.arpHold = count(arp, .hold, 1)
    rules.arpHoldTimeout = span(arp, .holdTimeout)
    rules.arpFreesHeld = flag(arp, .freesHeld)
    rules.proxiesAll = flag(arp, .proxyall)
    if let network = network(of: arp, .publish) {
      rules.published = network.address.masked(
        by: .mask(prefixLength: Int(network.prefixLength)))
      rules.publishedLength = network.prefixLength
    }
    rules.arpQueueLimit = count(placeNode(.queue, of: arp), .max, 50)
    rules.udpChecksum = flag(group(.udp, of: host), .checksum)
    return rules
  }

  /// Whom a host answers for may have got an address after it.
  func setPublished(_ id: NodeID) {
    guard network(of: group(.arp, of: id), .publish) != nil, let station = station(of: id),
      station.stack >= 0
    else { return }
    simulation.tune(host: station.host, tunables(of: id), &context)
  }

  // MARK: Routes

  func checkRoute(_ id: NodeID) {
    guard let via = nodeField(id, .via, [.host]), let span = tree[id].span else { return }
    let near = links(of: tree[id].parent)
    if links(of: via).contains(where: { near.contains($0) }) { return }
    diagnostics.append(
      Diagnostic(
        code: "N226",
        title: "`\(path(of: via))` is no neighbour of `\(path(of: tree[id].parent))`", at: span,
        help: "the first hop of a route is a host on a lan or link in common"))
  }

  func addRoute(_ id: NodeID) {
    guard let station = station(of: tree[id].parent), station.stack >= 0,
      let via = nodeField(id, .via, [.host]), let gateway = address(of: via, nearTo: station)
    else { return }
    let target = network(of: id, .to) ?? Network(.any, prefixLength: 0)
    _ = simulation.addRoute(
      host: station.host, to: target.address, prefixLength: target.prefixLength, by: gateway,
      &context)
  }

  private func address(of host: NodeID, nearTo station: StationRecord) -> IPv4Address? {
    guard let target = self.station(of: host) else { return nil }
    for own in station.attachments {
      for other in target.attachments where other.link == own.link { return other.address }
    }
    return nil
  }

  /// What a field names: a medium, a host, or text; nil where it is unset.
  private func network(of id: NodeID, _ word: Word) -> Network? {
    guard let value = ownField(id, words.symbol(word)) else { return nil }
    if let text = vm.string(value), let network = Network(text) { return network }
    guard let node = nodeField(id, word, [.lan, .link, .host]) else { return nil }
    if tree[node].role == .builtin(.host) {
      let address = self.station(of: node)?.attachments.first?.address ?? .any
      return Network(address, prefixLength: 32)
    }
    let medium = tree[node].object + 1
    return Network(
      IPv4Address(
        10, UInt8(truncatingIfNeeded: medium >> 8), UInt8(truncatingIfNeeded: medium), 0),
      prefixLength: 24)
  }
}
