// What may be said when: declarations, measurements, structure, `run`.

import NetScript
import Testing

@testable import NetLab

private let lab = """
      lan office { rate = 10Mbps }
      host server { nic eth0 { lan = office } }
      host client { nic eth0 { lan = office } }

  """

private func inCase(_ text: String) -> String {
  "case \"c\" {\n\(lab)\(text)\n}\n"
}

@Suite("Phases")
struct PhaseTests {
  @Test("a measurement cannot be read before anything is built")
  func early() {
    let trial = trial(inCase("if server.pool.clusters.free > 3 { fail \"no\" }\nrun for 1s"))
    #expect(
      trial.mistakes == [
        "N301: `server.pool.clusters.free` is a measurement, and nothing is built yet"
      ])
  }

  @Test("a structural field cannot change after time 0")
  func structural() {
    let trial = trial(inCase("run for 1s\nserver.eth0.rx_ring = 16"))
    #expect(trial.fault == "N304: `rx_ring` is structural and cannot change after time 0")
  }

  @Test("a live field can")
  func live() {
    let trial = trial(inCase("run for 1s\nserver.tcp.keepidle = 30s\nrun for 1s"))
    #expect(trial.fault == nil)
    #expect(trial.read("server.tcp.keepidle") == "30s")
    #expect(trial.bench?.simulation.hosts[0].state.tunables.keepIdleTicks == 60)
  }

  @Test("nothing can be declared after the first run")
  func declared() {
    let trial = trial(inCase("run for 1s\nhost late { nic eth0 { lan = office } }"))
    #expect(trial.fault == "N304: `host` cannot be declared after the first `run`")
  }

  @Test("a variant lets no time pass")
  func variants() {
    let trial = trial(inCase("variant \"v\" { run for 1s }\nrun for 1s"))
    #expect(trial.mistakes == ["N305: `run` inside a variant"])
  }

  @Test("`run` may stand in loops and in functions that a case calls")
  func loops() {
    let trial = trial(
      "fn later(t) { run for t }\n" + inCase("for i in 1..3 { later(1s) }\nrun for 500ms"))
    #expect(trial.fault == nil)
    #expect(trial.bench?.simulation.now.nanoseconds == 3_500_000_000)
  }

  @Test("`run until` ends when its condition holds")
  func until() {
    let trial = trial(
      inCase(
        "ping probe { from = client; to = server; interval = 200ms }\n"
          + "run until probe.answered == 4 within 1min"))
    #expect(trial.fault == nil)
    #expect(trial.read("probe.answered") == "4")
    #expect((trial.bench?.simulation.now.nanoseconds ?? 0) < 1_000_000_000)
  }

  @Test("sleeping in a case is refused")
  func sleeping() {
    let trial = trial(inCase("run for 1s\nsleep(1s)"))
    #expect(trial.fault == "N404: `sleep` would wait here, and only a task can wait")
  }
}

@Suite("Fields")
struct FieldTests {
  @Test("a misspelt field is told with the nearest one")
  func misspelt() {
    let trial = trial(inCase("server.tcp.keep_idle = 30s\nrun for 1s"))
    #expect(
      trial.rendered == """
        error N201: no `keep_idle` in `server.tcp`                          test.ns:5:12
          5 | server.tcp.keep_idle = 30s
            |            ^^^^^^^^^   help: did you mean `keepidle` (time before the first \
        probe, now 2h)?

        """)
  }

  @Test("a bare number is no time")
  func bare() {
    let trial = trial(inCase("server.tcp.keepidle = 30\nrun for 1s"))
    #expect(trial.mistakes == ["N210: `keepidle` is a time, but 30 is a bare number"])
    #expect(trial.diagnostics.first?.help?.hasPrefix("`30s`") == true)
  }

  @Test("memory must be whole buffers")
  func whole() {
    let trial = trial(inCase("server.pool.clusters = 100000B\nrun for 1s"))
    #expect(
      trial.mistakes == ["N221: 100000B is not a whole number of 2KiB clusters (48.83)"])
  }

  @Test("every wrong field is told at once")
  func all() {
    let trial = trial(
      inCase("server.tcp.keepidl = 30s\nserver.eth0.rx_rin = 3\nserver.sok.max = 1KiB\nrun for 1s"))
    #expect(trial.mistakes.count == 3)
  }

  @Test("a name that nothing declares is told with what there is")
  func undeclared() {
    let trial = trial(inCase("sever.tcp.keepidle = 30s\nrun for 1s"))
    #expect(trial.mistakes == ["N202: nothing named `sever` in this world"])
    #expect(trial.diagnostics.first?.help?.hasPrefix("did you mean `server`?") == true)
  }

  @Test("traffic whose ends share no lan is refused")
  func reach() {
    let trial = trial(
      inCase(
        "lan other { rate = 10Mbps }\nhost far { nic eth0 { lan = other } }\n"
          + "ping probe { from = far; to = server }\nrun for 1s"))
    #expect(
      trial.mistakes == ["N225: `probe` cannot reach: `far` and `server` share no lan"])
  }

  @Test("a kind that nobody wrote, a task without main, a lan without a rate")
  func others() {
    #expect(
      trial("case \"c\" { hosst a { } }").mistakes == ["N203: there is no kind `hosst`"])
    #expect(
      trial(inCase("task idle { host = server }\nrun for 1s")).mistakes
        == ["N206: task `idle` has no `main`"])
    #expect(
      trial("case \"c\" { lan a { } }").mistakes == ["N207: `rate` of `a` is not set"])
  }

  @Test("later layers win: preset, block, path, variant, --set")
  func layers() {
    let text = """
      import "std/presets"
      case "c" {
          lan office { rate = 10Mbps }
          host server : presets.rtems46 {
              nic eth0 { lan = office; rx_ring = 8 }
              pool { clusters = 50 }
          }
          server.tcp.keepcnt = 3
          server.tcp.keepcnt = 4
          variant "plain" { }
          variant "more" { server.tcp.keepcnt = 5; server.pool.clusters = 60 }
          variant "most" : "more" { server.tcp.keepcnt = 6 }
          run for 1s
      }
      """
    let plain = trial(text)
    #expect(plain.mistakes == [] && plain.fault == nil)
    #expect(plain.read("server.tcp.keepcnt") == "4")
    #expect(plain.read("server.pool.clusters.total") == "50")
    #expect(plain.read("server.pool.mbufs.total") == "512")
    #expect(trial(text, run: 1).read("server.tcp.keepcnt") == "5")
    let most = trial(text, run: 2)
    #expect(most.read("server.tcp.keepcnt") == "6")
    #expect(most.read("server.pool.clusters.total") == "60")
    var options = PlanOptions()
    options.settings = [(name: "server.tcp.keepcnt", text: "7")]
    #expect(trial(text, run: 2, options: options).read("server.tcp.keepcnt") == "7")
  }

  @Test("addresses count media and hosts in order of declaration")
  func addresses() {
    let trial = trial(
      inCase(
        "link wire { rate = 1Gbps }\nhost far { nic a { lan = wire }; nic b { lan = office } }\n"
          + "run for 1s"))
    #expect(trial.mistakes == [])
    #expect(trial.read("server.eth0.address") == "10.0.1.1")
    #expect(trial.read("client.eth0.address") == "10.0.1.2")
    #expect(trial.read("far.a.address") == "10.0.2.1")
    #expect(trial.read("far.b.address") == "10.0.1.3")
    #expect(trial.read("far.b.mac") == "02:00:00:00:01:03")
  }

  @Test("a param takes values of its annotation's type, else of its default's dimension")
  func paramTypes() {
    func mistakes(_ params: String, _ variant: String) -> [String] {
      trial(params + "\n" + inCase("variant \"v\" { \(variant) }\nrun for 1s")).mistakes
    }
    #expect(mistakes("param n: Count = 1", "n = 5").isEmpty)
    #expect(mistakes("param n: Count = 1", "n = 2s") == ["N210: `n` is a Count, and 2s is a Time"])
    #expect(
      mistakes("param chunk = 300B", "chunk = 5")
        == ["N210: `chunk` is a Data (its default is 300B), and 5 is an Int"])
    #expect(mistakes("param size = .endless", "size = 5MB").isEmpty)
    #expect(mistakes("param chunk: Data = 300B", "chunk = none").isEmpty)
  }

  @Test("a parameter of a kind takes values of its annotation's type")
  func kindTypes() {
    func mistakes(_ block: String) -> [String] {
      let kind = "kind thing(n: Count = 3, b: Bool = true, to: Node = none, t: Time = 1s) { }\n"
      return trial(kind + inCase("thing x { \(block) }\nrun for 1s")).mistakes
    }
    #expect(mistakes("n = 4; b = false; to = server; t = exponential(2s)").isEmpty)
    #expect(mistakes("n = 3s") == ["N210: `n` is a Count, but 3s is a Time"])
    #expect(mistakes("b = 1") == ["N210: `b` is a Bool, but 1 is an Int"])
    #expect(mistakes("to = 4") == ["N210: `to` is a Node, but 4 is an Int"])
    #expect(mistakes("t = 4") == ["N210: `t` is a time, but 4 is a bare number"])
  }
}
