// Who talks in a soak's lab, and how badly.

extension SoakDrawing {
  /// Two hosts, in either order: of one medium, or of any two.
  private mutating func pair() -> (from: Int, to: Int) {
    let hosts = random.pick(media).hosts
    let from = random.pick(hosts)
    let others = forwards && random.chance(40) ? Array(nics.indices) : hosts
    let choices = others.filter { $0 != from }
    return (from, random.pick(choices))
  }

  mutating func source(_ number: Int) -> String {
    let (from, to) = pair()
    let ends = "from = h\(from); to = h\(to)"
    let port = 1000 + number
    switch random.below(10) {
    case 0, 1:
      let write = random.pick(["50B", "300B", "1024B", "3000B"])
      return
        "bulk s\(number) { \(ends); port = \(port); write = \(write)"
        + "; priority = \(random.pick([40, 100, 150])); sessions = \(1 + random.below(3)) }"
    case 2:
      return
        "rpc s\(number) { \(ends); port = \(port); rate = \(random.pick([1, 20, 200]))/s"
        + "; reuse = \(random.chance(60)); workers = \(1 + random.below(2)) }"
    case 3, 4: return datagrams(number, from, to)
    case 5:
      return
        "ping s\(number) { \(ends); interval = \(random.pick([20, 200, 900]))ms"
        + "; size = \(random.pick([56, 1400, 4000]))B }"
    case 6:
      let lans = media.indices.filter { media[$0].isLan }
      if lans.isEmpty { return slowReader(number, from, to) }
      return
        "chatter s\(number) { lan = m\(random.pick(lans)); rate = \(random.pick([5, 40, 300]))/s }"
    case 7: return options(number, from, to)
    case 8: return stations.isEmpty ? slowReader(number, from, to) : crafted(number)
    default: return slowReader(number, from, to)
    }
  }

  /// Some are longer than the path, and come in pieces.
  private mutating func datagrams(_ number: Int, _ from: Int, _ to: Int) -> String {
    let size = random.pick([20, 300, 1400, 2000, 5000, 9000])
    let rate = random.pick(size > 1400 ? [2, 20] : [5, 50, 500])
    let port = 2000 + number
    let reader =
      random.chance(60)
      ? "sink k\(number) { host = h\(to); udp = \(port); cost = \(random.pick(["0s", "3ms"])) }\n"
      : ""
    return reader
      + "cbr s\(number) { from = h\(from); to = h\(to); udp = \(port); size = \(size)B"
      + "; rate = \(rate)/s }"
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
                  if not failed(s) { \(random.pick(["s.close()", "s.abort()", "s.shutdown()"])) }
                  sleep(700ms)
              }
          }
      }
      task r\(number) {
          host = h\(to)
          fn main() {
              let door = listen(\(40 + number), backlog = \(random.pick([1, 5])))
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

  /// Every option of a socket and flag of a call, on connections that serve one request each.
  private mutating func options(_ number: Int, _ from: Int, _ to: Int) -> String {
    let option = [
      ".nodelay, true", ".nopush, true", ".noopt, true", ".maxseg, 200B", ".keepalive, true",
      ".linger, 0s", ".linger, 2s", ".sndbuf, 1KiB", ".sndlowat, 100B", ".sndtimeo, 300ms",
      ".nonblock, true", ".oobinline, true",
    ]
    return """
      task w\(number) {
          host = h\(from)
          fn main() {
              while true {
                  let s = socket(.tcp)
                  if not failed(s) {
                      s.setsockopt(\(random.pick(option)))
                      s.connect(h\(to), \(70 + number), timeout = 3s)
                      s.setsockopt(\(random.pick(option)))
                      s.write(\(random.pick([10, 900, 20_000]))B)
                      s.write(3B, oob = \(random.chance(50)))
                      s.write(400B, dontwait = \(random.chance(50)))
                      select([s], write = [s], timeout = 2s)
                      s.read(500B, peek = \(random.chance(50)), timeout = 1s)
                      s.read(500B, oob = \(random.chance(30)), timeout = 1s)
                      s.close()
                  }
                  sleep(\(random.pick([50, 700]))ms)
              }
          }
      }
      task r\(number) {
          host = h\(to)
          fn main() {
              let door = listen(\(70 + number), backlog = 2)
              while true {
                  let c = door.accept(timeout = 4s)
                  if not failed(c) {
                      c.setsockopt(\(random.pick(option)))
                      select([c], timeout = 1s)
                      c.read(300B, waitall = \(random.chance(50)), timeout = 2s)
                      c.write(\(random.pick([10, 3000]))B)
                      c.shutdown(\(random.pick([".read", ".write", ".both"])))
                      c.read(20KB, timeout = 2s)
                      c.close()
                  }
              }
          }
      }
      """
  }

  /// A server made by hand, whose window shuts for good, and a writer that fills it.
  private mutating func crafted(_ number: Int) -> String {
    let medium = random.pick(stations)
    let from = random.pick(media[medium].hosts)
    let window = random.pick(["16KiB", "fn(got) => max(3KiB - got, 0B)", "100B"])
    return """
      craft.rawserver q\(number) {
          host = x\(medium); port = \(90 + number)
          win = \(window); fin = \(random.pick([".ack", ".close", ".ignore"]))
      }
      task w\(number) {
          host = h\(from)
          fn main() {
              while true {
                  let s = socket(.tcp)
                  if not failed(s) {
                      s.connect(x\(medium), \(90 + number), timeout = 3s)
                      for turn in 1..20 { if failed(s.write(900B, timeout = 2s)) { break } }
                      s.close()
                  }
                  sleep(300ms)
              }
          }
      }
      """
  }

  /// Datagrams that come, and nobody who takes them.
  mutating func unreadSocket() -> String {
    let (from, to) = pair()
    return """
      task deaf { host = h\(to); fn main() { let s = patient_socket(.udp); s.bind(99) } }
      cbr feed { from = h\(from); to = h\(to); udp = 99; rate = 40/s
                 size = \(random.pick([100, 100, 2500]))B }
      """
  }
}
