// Random labs for the soak: several media, hosts of every preset on them, everything that talks,
// and whatever may break.
//
// RandomLab.swift, which the oracle is tried on, has one scarce server and futures that heal; here
// nothing has to heal. What a field may be set to stands in a table (SoakFields.swift): a mechanism
// that is new is drawn when it has a row there. SoakTraffic.swift has who talks, SoakTrouble.swift
// what breaks.

import Fuzzing

struct SoakLab {
  let name: String
  let text: String
  /// Where the checkpoints are taken.
  let seed: UInt64

  init(seed: UInt64) {
    self.seed = seed
    name = "lab \(seed)"
    var drawing = SoakDrawing(seed: seed)
    let lines = drawing.draw().joined(separator: "\n").split(separator: "\n")
    text = """
      import "std/presets"
      import "std/policies"
      import "std/craft"
      case "soak \(seed)" {
      \(lines.map { "    " + $0 }.joined(separator: "\n"))
          run for \(8 + Int(seed % 5) * 8)s
      }
      """
  }

  /// A lab that was kept as it was drawn, because it found something.
  init(name: String, text: String) {
    self.name = name
    self.text = text
    seed = 1
  }
}

/// A row of hosts and media between them: each medium has one host in common with the one before.
struct SoakDrawing {
  struct Medium {
    var isLan: Bool
    var isSwitched = false
    /// By number. The first is also the last of the medium before.
    var hosts: [Int] = []
  }
  var media: [Medium] = []
  /// How many interfaces each host has.
  var nics: [Int] = []
  /// Stations without a stack, by medium.
  var stations: [Int] = []
  /// Whether the hosts on two media pass packets on, and the others know.
  var forwards = false
  var random: CounterRandom

  init(seed: UInt64) { random = CounterRandom(seed: seed) }

  mutating func draw() -> [String] {
    var parts = topology()
    for host in nics.indices { parts.append(contentsOf: settings(of: host)) }
    for number in 0..<(2 + random.below(5)) { parts.append(source(number)) }
    if random.chance(60) { parts.append(unreadSocket()) }
    for _ in 0..<(1 + random.below(4)) { parts.append(trouble()) }
    return parts
  }

  // MARK: who is where

  private mutating func topology() -> [String] {
    var parts: [String] = []
    for number in 0...random.below(3) {
      var medium = Medium(isLan: random.chance(65))
      var hosts = number == 0 ? [] : [nics.count - 1]
      for _ in hosts.count..<(medium.isLan ? 2 + random.below(3) : 2) {
        hosts.append(nics.count)
        nics.append(0)
      }
      medium.hosts = hosts
      parts.append(declaration(of: &medium, number))
      media.append(medium)
    }
    forwards = random.chance(80)
    for host in nics.indices { parts.append(self.host(host)) }
    for medium in media.indices where media[medium].isLan && random.chance(25) {
      stations.append(medium)
      parts.append("host x\(medium) { stack = .none; nic eth0 { lan = m\(medium) } }")
    }
    return parts
  }

  private mutating func declaration(of medium: inout Medium, _ number: Int) -> String {
    var text = "\(medium.isLan ? "lan" : "link") m\(number) {"
    text += " rate = \(random.pick(["1Mbps", "10Mbps", "100Mbps"]))"
    text += "; delay = \(random.pick(["0s", "50us", "2ms", "120ms"]))"
    text += random.pick(["", "", "; jitter = 3ms", "; jitter = 30ms; ordered = false"])
    if medium.isLan, random.chance(40) {
      medium.isSwitched = true
      text += "; medium = .switched; learns = \(random.chance(70))"
      text += "; queue { max = \(random.pick([2, 8, 64])) }"
    }
    return text + " }"
  }

  private mutating func host(_ host: Int) -> String {
    var lines = ["host h\(host) : presets.\(random.pick(Self.presets)) {"]
    var rings = 0
    var pages = false
    for medium in media.indices where media[medium].hosts.contains(host) {
      let ring = random.pick([2, 4, 4, 8, 16])
      rings += ring
      lines += nic(host, medium, ring, &pages)
      nics[host] += 1
    }
    // Half of the hosts have enough, so that those who have not meet somebody who goes on.
    let isAmple = random.chance(50)
    let clusters = rings + (isAmple ? 200 : 2 + random.below(random.pick([4, 30, 100])))
    let mbufs = clusters + (isAmple ? 900 : random.pick([20, 60, 400]))
    lines += [
      "    pool {", "        clusters = \(clusters); mbufs = \(mbufs)",
      "        waiting = \(random.pick([".poll", ".poll", ".fifo", ".priority", ".event"]))",
      random.chance(15) ? "        wait_timeout = \(random.pick(["20ms", "2s"]))" : "",
      pages ? "        class page { size = 4KiB; count = \(2 + random.below(20)) }" : "",
      "    }",
    ]
    lines += self.lines(of: Self.hostFields, "    ")
    lines += ["    cpu {"] + self.lines(of: Self.cpuFields, "        ") + ["    }"]
    if nics[host] > 1 && forwards { lines.append("    ip { forwarding = true }") }
    if forwards { lines += routes(of: host) }
    return (lines + ["}"]).filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private mutating func nic(
    _ host: Int, _ medium: Int, _ ring: Int, _ pages: inout Bool
  ) -> [String] {
    let refill = random.pick([".wait", ".wait", ".reuse", ".retry", ".abandon"])
    let copies = random.chance(20)
    var lines = [
      "    nic eth\(nics[host]) {", "        lan = m\(medium); rx_ring = \(ring)",
      "        refill = \(refill); zero_copy = \(!copies)",
    ]
    if !copies && refill != ".wait" && random.chance(25) {
      pages = true
      lines.append("        refill_from = [.page, .clusters]")
    }
    if random.chance(50) {
      lines += self.lines(of: Self.nicFields, "        ")
      lines += ["        tx {"] + self.lines(of: Self.txFields, "            ") + ["        }"]
    }
    return lines + ["    }"]
  }

  /// To each medium that the host is not on: over the end of its own that lies towards it.
  private func routes(of host: Int) -> [String] {
    let own = media.indices.filter { media[$0].hosts.contains(host) }
    guard let first = own.first, let last = own.last else { return [] }
    return media.indices.filter { !own.contains($0) }.map { medium in
      let gate = medium < first ? media[first].hosts[0] : media[last].hosts.last ?? 0
      return "    route to\(medium) { to = m\(medium); via = h\(gate) }"
    }
  }
}
