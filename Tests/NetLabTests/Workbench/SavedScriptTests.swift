// `:save`, `:load`, `:diff`: what was done as a script, a script as something done, two futures.

import NetScript
import NetStack
import Testing

@testable import NetLab

/// The digest at the end of a script's only run.
func digest(ofScript text: String) throws -> UInt64 {
  let planned = Planner.plan(
    name: "saved.ns", octets: Array(text.utf8), loader: TextLoader([:]), options: PlanOptions())
  try #require(planned.runs.count == 1, "\(planned.diagnostics.map(\.title)) \(text)")
  let bench = Bench(planned.runs[0])
  try #require(bench.prepare(), "\(bench.diagnostics.map(\.title)) \(text)")
  bench.run()
  #expect(bench.result.faultText == nil, "\(text)")
  return bench.result.digest
}

@Suite("Saved scripts")
struct SavedScriptTests {
  private func open(_ text: String = dryLab, _ change: (inout PlanOptions) -> Void) throws
    -> Workbench
  {
    var options = PlanOptions()
    change(&options)
    let opened = Workbench.open(
      name: "dry.ns", octets: Array(text.utf8), loader: TextLoader([:]), options: options)
    return try #require(opened.workbench, "\(opened.diagnostics.map(\.title))")
  }

  private func checkSaved(_ bench: Workbench) throws {
    let (script, reply) = bench.savedScript(as: "saved.ns")
    let text = try #require(script?.text, "\(reply.note ?? "") \(reply.diagnostics.map(\.title))")
    #expect(try digest(ofScript: text) == bench.digest, "\(text)")
  }

  @Test("what was done leads a script of its own to the same digest")
  func saves() throws {
    let bench = try openWorkbench(seed: 3)
    try checkSaved(bench)
    for line in [
      "run until server.pool.clusters.free == 0 within 5min", "let before = n",
      "server.pool.allocator = policies.receiver_first", "on server.pool.wait { n += 2 }",
      "policy none_left { on request(r) { return if r.free > 0 then .grant else .deny } }",
      "run for 5ms", "import \"std/lans\" as more", "step 17",
      "expect never wedged(server) as \"it\"", "run for 10ms; step 3 on office.frame",
      "for turn in 1..3 {\n  run for 1ms\n  print turn\n}",
    ] {
      let reply = bench.type(line)
      #expect(!reply.isMistake, "\(line) \(reply.diagnostics.map(\.title))")
      try checkSaved(bench)
    }
    let (script, _) = bench.savedScript(as: "saved.ns", beside: "there/saved.ns")
    #expect(script?.summary == "the world of dry.ns, 1 change, 1 expectation, 5 runs")
  }

  @Test("a `run` left at an event or a time is written as so many events, or so much time")
  func cuts() throws {
    let bench = try openWorkbench()
    _ = bench.type("run for 30ms")
    for event in [1, 97, 98, 99, 100, 131] as [Int64] {
      _ = bench.go(to: .event(event))
      try checkSaved(bench)
    }
    _ = bench.go(to: .instant(.zero + .microseconds(7_777)))
    _ = bench.type("n += 1")
    _ = bench.type("run for 1ms")
    try checkSaved(bench)
    _ = bench.type("run for 20ms; n = 3")
    _ = bench.back()
    try checkSaved(bench)
    _ = bench.goOn()
    try checkSaved(bench)
  }

  @Test("`:continue` is written as the file's own statements, as far as they went")
  func goesOn() throws {
    let bench = try openWorkbench()
    _ = bench.type("run for 50ms")
    _ = bench.goOn()
    try checkSaved(bench)
    _ = bench.type("server.tcp.keepidle = 30s")
    _ = bench.goOn()
    _ = bench.type("run for 10ms")
    try checkSaved(bench)
    _ = bench.go(to: .instant(.zero + .milliseconds(123)))
    try checkSaved(bench)
    _ = bench.go(to: .instant(.zero + .milliseconds(321)))
    try checkSaved(bench)
    let loop = try openWorkbench(
      dryLab.split(separator: "\n").prefix { !$0.contains("run for") }.joined(separator: "\n")
        + "\n    for turn in 1..3 { run for 10ms }\n}\n")
    _ = loop.goOn()
    #expect(loop.savedScript(as: "x.ns").reply.note?.contains("inside a loop") == true)
  }

  @Test("the run that was chosen is the one that is written: case, variant, params, seed, -e")
  func choices() throws {
    let text = """
      import "std/presets"
      param rate = 100/s
      case "other" { host a; run for 1s }
      # What it is about.
      case "own" {
          param write = 300B
          sweep write in [300B, 700B]
          lan office { rate = 10Mbps }
          host server : presets.rtems46 { nic eth0 { lan = office } }
          host client { nic eth0 { lan = office } }
          bulk ftp { from = server; to = client; write = write }
          chatter windows { lan = office; rate = rate }
          variant "few" { server.pool.clusters = 60; expect never server.tcp.drop.count > 0 }
          variant "slow" : "few" { rate = 20/s; server.tcp.keepidle = 30s }
          run for 1s
      }
      """
    for (variant, seed, statements) in [
      ("few", 1, []), ("slow", 7, ["let extra = 1"]), ("slow", 1, ["server.tcp.keepidle = 9s"]),
    ] as [(String, UInt64, [String])] {
      let bench = try open(text) { options in
        options.wantsCase = { $0 == "own" }
        options.wantsVariant = { $0 == variant }
        options.seeds = seed...seed
        options.settings = [("write", "555B")]
        options.statements = statements
      }
      _ = bench.type("run for 300ms")
      try checkSaved(bench)
    }
  }

  @Test("a script without a case, and a world without a script, are written too")
  func plain() throws {
    let script = try open(
      """
      lan office { rate = 10Mbps }
      host a { nic eth0 { lan = office } }
      host b { nic eth0 { lan = office } }
      bulk copy { from = a; to = b }
      run for 1s
      """
    ) { _ in }
    _ = script.type("run for 20ms")
    try checkSaved(script)
    let empty = try open("") { _ in }
    for line in [
      "import \"std/presets\"", "lan office { rate = 10Mbps }",
      "host a : presets.rtems46 { nic eth0 { lan = office } }",
      "host b { nic eth0 { lan = office } }", "bulk copy { from = a; to = b }", "run for 20ms",
    ] {
      let reply = empty.type(line)
      #expect(!reply.isMistake, "\(line) \(reply.diagnostics.map(\.title))")
    }
    #expect(empty.moment.event > 0)
    try checkSaved(empty)
  }

  @Test("what one file cannot say is refused, with the reason")
  func refusals() throws {
    let bench = try openWorkbench()
    _ = bench.type("let twice = 1")
    _ = bench.type("let twice = 2")
    let (script, reply) = bench.savedScript(as: "x.ns")
    #expect(script == nil && reply.note != nil && !reply.diagnostics.isEmpty)
    let faulty = try openWorkbench()
    _ = faulty.type("on server.pool.wait { print 1 / 0 }")
    _ = faulty.type("run for 1s")
    #expect(faulty.savedScript(as: "x.ns").reply.note?.contains("`:undo`") == true)
  }

  @Test("a script that is loaded gives its names; again, it tells what is new, changed and gone")
  func loads() throws {
    let bench = try openWorkbench()
    _ = bench.type("run for 5ms")
    let first = "let a = 1\nfn double(x) => x * 2\ncase \"own\" {\n  run for 1s\n}\nvar gone = 3\n"
    #expect(
      bench.load("fix.ns", Array(first.utf8)).lines == [
        "added: a, double, gone", "left out: 1 case, which `netsh fix.ns` runs",
      ])
    #expect(bench.type("double(a)").value == "2")
    let second = "let a = 5\nfn double(x) => x * 2\nvar more = 3\n"
    #expect(
      bench.load("fix.ns", Array(second.utf8)).lines == [
        "added: more", "changed: a", "removed: gone",
      ])
    #expect(bench.type("double(a)").value == "10")
    #expect(bench.load("fix.ns", Array(second.utf8)).lines == ["nothing has changed"])
    let wrong = bench.load("wrong.ns", Array("let b = 1\nlet c = nothing_at_all\n".utf8))
    #expect(wrong.isMistake && bench.type("b").isMistake)
    #expect(bench.undo().note == nil)
  }

  @Test("before time 0 a file that is loaded again takes the place of what it said before")
  func loadsStructure() throws {
    let empty = try open("") { _ in }
    let text = "lan office { rate = 10Mbps }\nhost a { nic eth0 { lan = office } }\n"
    #expect(empty.load("lab.ns", Array(text.utf8)).lines == ["added: office, a"])
    let more = text + "host b { nic eth0 { lan = office } }\n"
    #expect(empty.load("lab.ns", Array(more.utf8)).lines == ["added: b"])
    #expect(empty.type("b.eth0.up").value == "true")
    #expect(empty.load("lab.ns", Array(text.utf8)).lines == ["removed: b"])
    #expect(empty.type("b.eth0.up").isMistake)
  }

  @Test("two futures: what is set, what was counted, and the first event that differs")
  func differences() throws {
    let bench = try openWorkbench()
    _ = bench.type("run until server.pool.clusters.free == 0 within 5min")
    _ = bench.mark("brink")
    let brink = bench.moment.event
    _ = bench.fork("policy")
    _ = bench.type("server.pool.allocator = policies.receiver_first")
    _ = bench.type("run for 1s")
    _ = bench.go(toNamed: "main")
    _ = bench.type("run for 1s")
    let here = (bench.moment, bench.digest)
    let lines = bench.diff("main", "policy").lines
    #expect(bench.moment == here.0 && bench.digest == here.1)
    #expect(lines.contains { $0.contains("server.pool.allocator") }, "\(lines)")
    #expect(lines.contains { $0.contains("server.pool.clusters.waits") }, "\(lines)")
    let line = try #require(lines.first { $0.hasPrefix("first event that differs: #") })
    let event = try #require(Int64(line.split(separator: "#")[1]))
    #expect(event > brink)
    for (place, isSame) in [(event - 1, true), (event, false)] {
      var digests: [UInt64] = []
      for name in ["main", "policy"] {
        _ = bench.go(toNamed: name)
        _ = bench.go(to: .event(place))
        digests.append(bench.digest)
        _ = bench.undo()
      }
      #expect((digests[0] == digests[1]) == isSame, "\(place)")
    }
    #expect(bench.diff("brink", "policy").lines.last?.contains("the same up to") == true)
    #expect(bench.diff("policy").lines.last?.contains("the same up to") == true)
    #expect(bench.diff("pollicy").note?.contains("`policy`") == true)
  }
}
