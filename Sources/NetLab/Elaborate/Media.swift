// LANs and links: how they are built, and what of them may change while time passes.

import NetScript
import NetSim
import NetStack

extension Bench {
  func addLink(_ id: NodeID, _ kind: Word) {
    var link = LinkConfiguration(
      rate: number(id, .rate) ?? 1, delay: TimeSpan(nanoseconds: number(id, .delay) ?? 0))
    link.jitter = TimeSpan(nanoseconds: number(id, .jitter) ?? 0)
    link.keepsOrder = flag(id, .ordered)
    link.draws = RandomStream(seed: plan.seed, path: path(of: id), purpose: "jitter")
    if kind == .link {
      link.medium = .pointToPoint
    } else {
      link.medium = word(id, .medium) == .switched ? .switched : .shared
      link.learns = flag(id, .learns)
      link.outputQueue = Int(clamping: number(placeNode(.queue, of: id), .max) ?? 64)
    }
    tree[id].object = simulation.addLink(link)
    stations.links.append(id)
    stations.hostsOnLink.append(0)
    stations.addresses.append([])
  }

  /// What has to be told to a medium whose stations are there.
  func setMedium(_ id: NodeID) {
    guard case .builtin(let kind) = tree[id].role, kind == .lan || kind == .link else { return }
    simulation.setLink(tree[id].object, isUp: flag(id, .up))
    setPartition(id)
  }

  /// By port of a LAN the list that its host stands in; those in none have one of their own.
  func setPartition(_ lan: NodeID) {
    guard tree[lan].role == .builtin(.lan) else { return }
    let lists = ownField(lan, words.symbol(.partition)).flatMap { vm.list($0) } ?? []
    let ports = simulation.links[Int(tree[lan].object)].ports
    simulation.partition(
      tree[lan].object,
      groups: ports.map { port in
        let host = simulation.ports[Int(port)].host
        let group = lists.firstIndex { list in
          vm.list(list)?.contains { tree[NodeID(rawValue: $0.asNode ?? 0)].host == host } ?? false
        }
        return Int32(group ?? lists.count)
      })
  }
}
