// What Tab finds: the world's names with their values, the language's words, what a field takes.

import NetScript
import Testing

@testable import NetLab

@Suite("Completion")
struct CompletionTests {
  private func names(_ bench: Workbench, _ text: String) -> [String] {
    bench.completion(of: text).candidates.map(\.text)
  }

  /// A single candidate with its suffix.
  private func whole(_ bench: Workbench, _ text: String) -> String? {
    let completion = bench.completion(of: text)
    let octets = Array(text.utf8.prefix(completion.start))
    return completion.replacements(from: 0, in: text, before: "").first
      .map { completion.candidates.count == 1 ? $0 : "\(completion.candidates.count) of them" }
      ?? String(decoding: octets, as: UTF8.self)
  }

  @Test("behaviour 9: an empty line begins with a statement, a kind or what is in the world")
  func beginnings() throws {
    let bench = try openWorkbench()
    let all = names(bench, "")
    for name in ["run", "show", "let", "host", "bulk", "server", "ftp", "office", "policies"] {
      #expect(all.contains(name), "\(name) in \(all)")
    }
    #expect(all == all.sorted() && !all.contains("sqrt"))
    #expect(names(bench, "print sq") == ["sqrt"])
    #expect(names(bench, "run ") == ["for", "until"])
    #expect(names(bench, "expect al").contains("always"))
  }

  @Test("behaviour 9: below a path stands what the world and the schema know, with its value")
  func members() throws {
    let bench = try openWorkbench()
    let host = names(bench, "print server.")
    for name in ["eth0", "pool", "tcp", "cpu", "rx", "network", "tick", "console"] {
      #expect(host.contains(name), "\(name) in \(host)")
    }
    func note(_ text: String) -> String? { bench.completion(of: text).candidates.first?.note }
    #expect(note("print server.pool.clusters.tota") == "40")
    #expect(note("server.tcp.keepid") == "2h")
    #expect(names(bench, "ftp.wr") == ["write", "writer"])
    #expect(names(bench, "policies.rec") == ["receiver_first"])
    #expect(names(bench, "on server.pool.").contains("wait"))
    #expect(!names(bench, "on server.pool.").contains("bytes"))
    #expect(names(bench, "server.nothing.") == [] && names(bench, "f(1).") == [])
    _ = bench.type("run for 5ms")
    for path in ["server.pool.clusters.peak", "server.eth0.rx.posted"] {
      #expect(note(path) == bench.type(path).value)
    }
  }

  @Test("behaviour 9: after `policy `, after `:`, after `=`: what may stand there")
  func places() throws {
    let bench = try openWorkbench()
    let policies = names(bench, "policy ")
    #expect(policies.contains("policies.receiver_first") && !policies.contains("server"))
    #expect(names(bench, "server.pool.allocator = ") == policies)
    #expect(names(bench, "server.eth0.up = ") == ["false", "true"])
    #expect(names(bench, "server.eth0.refill = .re") == ["retry", "reuse"])
    #expect(names(bench, "server.pool.held[.snd") == ["sndbuf"])
    #expect(names(bench, "host a : presets.rtems4") == ["rtems46"])
    #expect(names(bench, "host a {\n  nic eth0 { lan = off") == ["office"])
    #expect(names(bench, "host a { nic eth0 { rx_").first == "rx_ring")
    #expect(names(bench, "on ").contains("server.pool.wait"))
  }

  @Test("behaviour 10: names of a moment ago are there, and names of another moment are not")
  func moments() throws {
    let bench = try openWorkbench()
    #expect(names(bench, "print lim") == [])
    _ = bench.type("let limit = 3")
    #expect(names(bench, "print lim") == ["limit"])
    _ = bench.type("run for 5ms")
    _ = bench.undo()
    _ = bench.undo()
    #expect(names(bench, "print lim") == [])
    _ = bench.type("fn inner() { let hidden = 1 }")
    #expect(names(bench, "print hidd") == [] && whole(bench, "inn") == "inner(")
  }

  @Test("behaviour 11: one candidate has the suffix that suits what it is")
  func suffixes() throws {
    let bench = try openWorkbench()
    let expected = [
      "sho": "show ", "serv": "server.", "server.tcp.keepid": "server.tcp.keepidle = ",
      "print server.tcp.keepid": "print server.tcp.keepidle ", "print stall": "print stalled(",
      "server.pool.clusters.fr": "server.pool.clusters.free ",
      "server.tcp.con": "server.tcp.conn[", "n": "n = ",
    ]
    for (text, want) in expected.sorted(by: { $0.key < $1.key }) {
      #expect(whole(bench, text) == want)
    }
  }

  @Test("behaviour 12: after a number come units, and those of the field where that is known")
  func units() throws {
    let bench = try openWorkbench()
    let all = names(bench, "print 10")
    for unit in ["ms", "s", "KiB", "Mbps", "min"] { #expect(all.contains(unit)) }
    #expect(names(bench, "print 10K") == ["KB", "KiB"])
    let times = names(bench, "run for 10")
    #expect(times.contains("ms") && !times.contains("KiB"))
    #expect(names(bench, "server.tcp.keepidle = 1.5m") == ["min", "ms"])
    #expect(names(bench, "print eth0").isEmpty && names(bench, "print ftp.writer[1").count > 5)
  }

  @Test("behaviour 13: nothing is completed in a text or a comment")
  func texts() throws {
    let bench = try openWorkbench()
    for text in [
      "print \"serv", "# serv", "print 1 # serv", "print \"\"\"\nserv", "print r\"serv",
      "print \"{serv", "print \"a\"",
    ] {
      #expect(names(bench, text) == [], "\(text)")
    }
    #expect(names(bench, "# serv\nserv") == ["server"])
    #expect(names(bench, "print \"a\", serv") == ["server"])
  }

  @Test("behaviour 14: of a thousand hosts only those that fit are looked at closely")
  func thousandHosts() throws {
    let text = """
      for floor in 1..5 {
          lan office[floor] { rate = 10Mbps }
          for i in 1..200 { host peer[200 * floor + i] { nic eth0 { lan = office[floor] } } }
      }
      host server { nic eth0 { lan = office[1] } }
      run for 1s

      """
    let bench = try openWorkbench(text)
    let clock = ContinuousClock()
    var slowest = Duration.zero
    for text in ["", "p", "print server.tcp.", "peer[277].eth0.rx.", "on ", "print 10"] {
      var count = 0
      let time = clock.measure { count = bench.completion(of: text).candidates.count }
      #expect(count > 0, "\(text)")
      slowest = max(slowest, time)
    }
    print("completion with 1,000 hosts: \(slowest) at most")
    #expect(names(bench, "peer[277].eth0.rx.").contains("posted"))
    #expect(names(bench, "peer[7777].").isEmpty)
  }

  @Test("looking changes nothing: the same deeds lead to the same digest")
  func pure() throws {
    let plain = try openWorkbench()
    let watched = try openWorkbench()
    for line in ["run for 20ms", "server.tcp.keepidle = 30s", "run for 20ms"] {
      _ = plain.type(line)
      for text in ["server.tcp.", "server.pool.clusters.", "server.eth0.tx.", "on ", "client."] {
        _ = watched.completion(of: text)
      }
      _ = watched.type(line)
      _ = watched.back()
      _ = watched.go(to: .event(watched.moment.event + 1))
    }
    _ = plain.back()
    _ = plain.go(to: .event(plain.moment.event + 1))
    #expect(plain.digest == watched.digest)
  }

  @Test("any beginning of any script can be asked about")
  func everywhere() throws {
    let bench = try openWorkbench()
    let octets = Array(dryLab.utf8)
    for count in 0...octets.count {
      let completion = bench.completion(of: String(decoding: octets[..<count], as: UTF8.self))
      #expect(completion.start <= count)
    }
    for text in ["}", "]", ").", ".", "..", "a.b[", "[].", "1.", "1..", "\u{0}", "é.", "{.{.{"] {
      _ = bench.completion(of: text)
    }
  }
}
