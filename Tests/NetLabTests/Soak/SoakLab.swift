// Random labs for the soak: several media, hosts of every preset on them, everything that talks,
// and whatever may break.
//
// RandomLab.swift, which the oracle is tried on, has one scarce server and futures that heal; here
// nothing has to heal. What a field may be set to stands in a table: a mechanism that is new is
// drawn when it has a row there.

import Fuzzing
import NetStack

struct SoakLab {
  let seed: UInt64
  let text: String

  init(seed: UInt64) {
    self.seed = seed
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
}

private struct SoakDrawing {
  /// Where the hosts of each medium are, by number; how many interfaces each has.
  private var media: [[Int]] = []
  private var nics: [Int] = []
  /// A station may be added: not to a link, which has two ends.
  private var lans: [Int] = []
  private var random: CounterRandom

  init(seed: UInt64) { random = CounterRandom(seed: seed) }

  mutating func draw() -> [String] {
    var parts = topology()
    for host in nics.indices { parts.append(contentsOf: tunables(of: host)) }
    for number in 0..<(2 + random.below(4)) { parts.append(source(number)) }
    if random.chance(60) { parts.append(unreadSocket()) }
    for _ in 0..<(1 + random.below(4)) { parts.append(trouble()) }
    return parts
  }

  // MARK: who is where

  private static let presets = [
    "rtems46", "rtems46", "bsd44", "freebsd22", "lwip_like", "peer", "linux_peer",
  ]

  /// One to three media, a LAN or a link each, in a row: each has a host in common with the last.
  private mutating func topology() -> [String] {
    var parts: [String] = []
    for medium in 0...random.below(3) {
      let isLan = random.chance(65)
      if isLan { lans.append(medium) }
      let rate = random.pick(["1Mbps", "10Mbps", "100Mbps"])
      let delay = random.pick(["0s", "50us", "2ms", "120ms"])
      parts.append("\(isLan ? "lan" : "link") m\(medium) { rate = \(rate); delay = \(delay) }")
      var hosts = medium == 0 ? [] : [nics.count - 1]
      for _ in hosts.count..<(isLan ? 2 + random.below(3) : 2) {
        hosts.append(nics.count)
        nics.append(0)
      }
      media.append(hosts)
    }
    for host in nics.indices { parts.append(self.host(host)) }
    return parts
  }

  private mutating func host(_ host: Int) -> String {
    var lines = ["host h\(host) : presets.\(random.pick(SoakDrawing.presets)) {"]
    var rings = 0
    for medium in media.indices where media[medium].contains(host) {
      let ring = random.pick([2, 4, 4, 8, 16])
      rings += ring
      lines += [
        "    nic eth\(nics[host]) {", "        lan = m\(medium); rx_ring = \(ring)",
        "        tx_ring = \(random.pick([4, 8, 32]))",
        "        refill = \(random.pick([".wait", ".wait", ".reuse", ".retry", ".abandon"]))",
        "        copybreak = \(random.pick(["0B", "0B", "64B", "100B"]))",
        "        zero_copy = \(random.chance(80))", "    }",
      ]
      nics[host] += 1
    }
    let clusters = rings + 2 + random.below(random.pick([4, 30, 100]))
    let waiting = random.pick([".poll", ".poll", ".fifo", ".priority", ".event"])
    lines += [
      "    pool { clusters = \(clusters); mbufs = \(clusters + random.pick([20, 60, 400]))"
        + "; waiting = \(waiting) }",
      "    ticks = \(random.pick([".needed", ".all"])); tick = \(random.pick(["1ms", "10ms"]))",
      "    timeslice = \(random.pick(["0s", "0s", "20ms"]))",
      "    network.unnest = \(random.chance(50))",
      "    network.inherit = \(random.chance(70))",
      "    cpu { factor = \(random.pick([0, 1, 1, 6])) }", "}",
    ]
    return lines.joined(separator: "\n")
  }

  // MARK: fields

  private static let settings = [
    "tcp.always_keepalive = true", "tcp.keepidle = 3s", "tcp.keepintvl = 1s",
    "tcp.drop_frees = true", "tcp.send_frees = true", "tcp.sndbuf = 4KiB", "tcp.sndbuf = 32KiB",
    "tcp.rcvbuf = 2KiB", "tcp.rfc1323 = false", "udp.rcvbuf = 2KiB", "sock.efficiency = 2",
    "pool.allocator = policies.receiver_first", "pool.allocator = policies.reserve(3)",
    "pool.allocator = policies.receiver_first(.when_empty)",
    "pool.allocator = policies.per_socket_quota(4)",
    "pool.fault = craft.chance(1%, .deny)", "pool.fault = craft.each(97, .deny)",
  ]

  private mutating func tunables(of host: Int) -> [String] {
    var lines: [String] = []
    for setting in SoakDrawing.settings where random.chance(8) {
      lines.append("h\(host).\(setting)")
    }
    return lines
  }

  // MARK: who talks

  /// Two hosts of one medium, in either order.
  private mutating func pair() -> (from: Int, to: Int) {
    let hosts = random.pick(media)
    let from = random.below(hosts.count)
    let step = 1 + random.below(hosts.count - 1)
    return (hosts[from], hosts[(from + step) % hosts.count])
  }

  private mutating func source(_ number: Int) -> String {
    let (from, to) = pair()
    let ends = "from = h\(from); to = h\(to)"
    let port = 1000 + number
    switch random.below(6) {
    case 0:
      let write = random.pick(["50B", "300B", "1024B", "3000B"])
      return
        "bulk s\(number) { \(ends); port = \(port); write = \(write)"
        + "; sessions = \(1 + random.below(3)) }"
    case 1:
      return "rpc s\(number) { \(ends); port = \(port); rate = \(random.pick([1, 20, 200]))/s }"
    case 2:
      let size = random.pick([20, 300, 1400])
      return
        "cbr s\(number) { \(ends); udp = \(port); size = \(size)B"
        + "; rate = \(random.pick([5, 50, 500]))/s }"
    case 3: return "ping s\(number) { \(ends); interval = \(random.pick([20, 200, 900]))ms }"
    case 4 where !lans.isEmpty:
      let medium = random.pick(lans)
      return "chatter s\(number) { lan = m\(medium); rate = \(random.pick([5, 40, 300]))/s }"
    default: return slowReader(number, from, to)
    }
  }

  /// A writer that the other side reads from now and then, with small calls.
  private mutating func slowReader(_ number: Int, _ from: Int, _ to: Int) -> String {
    let pause = random.pick(["", "sleep(30ms)", "sleep(2s)", "compute(5ms)"])
    return """
      task w\(number) {
          host = h\(from)
          priority = \(random.pick([40, 100, 150]))
          fn main() {
              while true {
                  let s = socket(.tcp)
                  if not failed(s) and not failed(s.connect(h\(to), \(40 + number), timeout = 5s)) {
                      for turn in 1..200 {
                          if failed(s.write(\(random.pick([40, 300, 5000]))B)) { break }
                      }
                  }
                  \(random.pick(["s.close()", "s.abort()", "s.shutdown()"]))
                  sleep(700ms)
              }
          }
      }
      task r\(number) {
          host = h\(to)
          fn main() {
              let door = socket(.tcp)
              door.bind(\(40 + number))
              door.listen(\(random.pick([1, 5])))
              while true {
                  let c = door.accept(timeout = 4s)
                  if not failed(c) {
                      for turn in 1..400 {
                          let got = c.read(\(random.pick([100, 4096]))B, timeout = 3s)
                          if failed(got) or got == 0B { break }
                          \(pause)
                      }
                      c.close()
                  }
              }
          }
      }
      """
  }

  /// Datagrams that come, and nobody who takes them.
  private mutating func unreadSocket() -> String {
    let (from, to) = pair()
    return """
      task deaf { host = h\(to); fn main() { let s = socket(.udp); s.bind(99) } }
      cbr feed { from = h\(from); to = h\(to); udp = 99; rate = 40/s; size = 100B }
      """
  }

  // MARK: what breaks

  private static let answers = [
    "craft.chance(2%)", "craft.chance(20%)", "craft.chance(3%, .dup)",
    "craft.chance(3%, .corrupt)", "craft.chance(5%, 3ms)", "craft.each(7)",
    "craft.chance(10%, 700ms)", ".drop",
  ]

  private mutating func trouble() -> String {
    let at = "at \(100 + random.below(15_000))ms"
    let later = "at \(3_000 + random.below(20_000))ms"
    let medium = random.below(media.count)
    let host = random.pick(media[medium])
    let nic = "h\(host).eth\(random.below(nics[host]))"
    switch random.below(6) {
    case 0: return "m\(medium).fault = \(random.pick(SoakDrawing.answers))"
    case 1:
      let answer = random.pick(SoakDrawing.answers)
      return "\(at) { m\(medium).fault = \(answer) }\n\(later) { m\(medium).fault = none }"
    case 2: return "\(at) { \(nic).\(random.pick(["rx", "tx"])).fault = .drop }"
    case 3: return "\(at) { \(nic).up = false }\n\(later) { \(nic).up = true }"
    case 4: return "\(at) { \(nic).up = false }"
    default: return "every \(200 + random.below(900))ms { \(nic).up = not \(nic).up }"
    }
  }
}
