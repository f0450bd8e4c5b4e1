// Random small labs around one server whose pool is scarce: writers, readers that are slow or
// asleep, datagrams, broadcasts, links that break, peers that fall silent, tunables and policies.
//
// Each lab is a script with two futures from `askedAt` on, as two variants. In both, what the
// oracle takes for granted comes true: links and peers heal, and whoever slept reads. In the first
// the sources go on, in the second they stop.

import Fuzzing
import NetStack

struct RandomLab {
  let seed: UInt64
  let askedAt: TimeSpan
  let text: String

  private static let moments: [Int64] = [2, 10, 40, 150, 700]

  /// - Parameter future: how long it goes on after it was asked.
  init(seed: UInt64, future: String) {
    self.seed = seed
    var random = CounterRandom(seed: seed)
    let asked = random.pick(RandomLab.moments)
    askedAt = .seconds(asked)
    var parts = [RandomLab.server(&random)]
    let peers = 1 + random.below(3)
    for index in 0..<peers { parts.append("host p\(index) { nic eth0 { lan = bench } }") }
    parts += RandomLab.traffic(&random, peers: peers)
    parts += RandomLab.trouble(&random, peers: peers, before: asked)
    let lines = parts.joined(separator: "\n").split(separator: "\n")
    text = """
      import "std/policies"
      case "random lab \(seed)" {
          param stops = false
          var awake = false
          lan bench { rate = \(random.pick(["1Mbps", "10Mbps"])) }
      \(lines.map { "    " + $0 }.joined(separator: "\n"))
          at \(asked)s + 1ms {
              awake = true
              bench.fault = none
      \((0..<peers).map { "        p\($0).eth0.rx.fault = none" }.joined(separator: "\n"))
              if stops { for s in sources { s.stop() } }
          }
          variant "go on" { }
          variant "stop" { stops = true }
          run for \(asked)s + \(future)
      }
      """
  }

  // MARK: the server

  private static let refills = [".wait", ".wait", ".wait", ".reuse", ".retry", ".abandon"]

  private static func server(_ random: inout CounterRandom) -> String {
    let ring = random.pick([2, 4, 8, 16])
    let clusters = ring + 1 + random.below(random.pick([3, 20, 60]))
    let mbufs = random.chance(15) ? clusters + 4 + random.below(30) : 512
    var lines = [
      "host server {",
      "    pool { clusters = \(clusters); mbufs = \(mbufs)"
        + "; waiting = \(random.pick([".poll", ".poll", ".fifo", ".priority", ".event"])) }",
      "    nic eth0 {", "        lan = bench; rx_ring = \(ring)",
      "        refill = \(random.pick(refills))",
      "        copybreak = \(random.pick(["0B", "0B", "0B", "64B", "100B"]))", "    }", "}",
    ]
    if random.chance(30) {
      lines += [
        "server.tcp.always_keepalive = true",
        "server.tcp.keepidle = \(random.pick(["10s", "1min", "2h"]))",
        "server.tcp.keepintvl = \(random.pick(["5s", "75s"]))",
      ]
    }
    if random.chance(35) { lines.append("server.tcp.drop_frees = true") }
    if random.chance(35) { lines.append("server.tcp.send_frees = true") }
    if random.chance(25) { lines.append("server.tcp.sndbuf = \(random.pick([4, 8, 32]))KiB") }
    if random.chance(25) { lines.append("server.udp.rcvbuf = \(random.pick([2, 8]))KiB") }
    if random.chance(30) {
      let policy = random.pick([
        "policies.receiver_first", "policies.receiver_first(.when_empty)",
        "policies.reserve(\(1 + random.below(6)))",
        "policies.per_socket_quota(\(2 + random.below(6)))",
      ])
      lines.append("server.pool.allocator = \(policy)")
    }
    return lines.joined(separator: "\n")
  }

  // MARK: who talks

  private static func traffic(_ random: inout CounterRandom, peers: Int) -> [String] {
    var parts: [String] = []
    var sources: [String] = []
    for index in 0..<(1 + random.below(3)) {
      let peer = random.below(peers)
      parts.append(writer(index, peer: peer, &random))
      parts.append(reader(index, host: "p\(peer)", isTCP: true, &random))
    }
    if random.chance(60) {
      parts.append("chatter noise { lan = bench; rate = \(random.pick([1, 5, 40]))/s; udp = 99 }")
      sources.append("noise")
    }
    if random.chance(50) {
      let from = random.below(peers)
      parts.append(
        "cbr feed { from = p\(from); to = server; udp = 99; size = \(random.pick([50, 200, 1400]))B"
          + "; rate = \(random.pick([1, 10, 50]))/s }")
      sources.append("feed")
    }
    if random.chance(60) { parts.append(reader(99, host: "server", isTCP: false, &random)) }
    parts.append("let sources = [\(sources.joined(separator: ", "))]")
    return parts
  }

  private static func writer(_ index: Int, peer: Int, _ random: inout CounterRandom) -> String {
    let size = random.pick(["40B", "130B", "300B", "600B", "2KiB", "5KiB"])
    let pause = random.pick(["", "", "sleep(50ms)", "sleep(1s)"])
    let after = random.pick(["s.close()", "s.close()", "return"])
    return """
      task w\(index) {
          host = server
          priority = \(random.pick([40, 100, 150]))
          fn main() {
              while true {
                  let s = socket(.tcp)
                  if not failed(s) {
                      let dialled = s.connect(p\(peer), \(20 + index))
                      var left = if failed(dialled) then 0 else \(random.pick([3, 1000, 1_000_000]))
                      while left > 0 {
                          left = if failed(s.write(\(size))) then 0 else left - 1
                          \(pause)
                      }
                      \(after)
                  }
                  sleep(2s)
              }
          }
      }
      """
  }

  private static func reader(
    _ index: Int, host: String, isTCP: Bool, _ random: inout CounterRandom
  ) -> String {
    let sleeps = random.pick([
      "", "", "sleep(20ms)", "sleep(3s)", "while not awake { sleep(1s) }",
      isTCP ? "" : "return",
    ])
    let reading =
      isTCP
      ? """
      s.listen(5)
      while true {
          let c = s.accept()
          var open = not failed(c)
          while open {
              \(sleeps)
              let got = c.read(8KiB)
              open = not failed(got) and got > 0B
          }
          if not failed(c) { c.close() }
      }
      """
      : """
      while true {
          \(sleeps)
          s.read(8KiB)
      }
      """
    return """
      task r\(index) {
          host = \(host)
          fn main() {
              let s = socket(\(isTCP ? ".tcp" : ".udp"))
              s.bind(\(isTCP ? 20 + index : 99))
      \(reading.split(separator: "\n").map { "        " + $0 }.joined(separator: "\n"))
          }
      }
      """
  }

  // MARK: what breaks

  private static func trouble(
    _ random: inout CounterRandom, peers: Int, before asked: Int64
  ) -> [String] {
    var parts: [String] = []
    if random.chance(35) {
      let begin = random.below(Int(asked) * 1000)
      let end = begin + random.pick([500, 5_000, 2_000_000])
      parts.append("at \(begin)ms { bench.fault = .drop }")
      if end < Int(asked) * 1000 { parts.append("at \(end)ms { bench.fault = none }") }
    }
    if random.chance(35) {
      let begin = random.below(Int(asked) * 1000)
      parts.append("at \(begin)ms { p\(random.below(peers)).eth0.rx.fault = .drop }")
    }
    return parts
  }
}
