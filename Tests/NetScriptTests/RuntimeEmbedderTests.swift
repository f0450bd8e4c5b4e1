// The contract with an embedder.

import NetScript
import Testing

@Suite("the embedder's contract")
struct RuntimeEmbedderTests {
  @Test("a declaration block sets fields of the node it describes")
  func declarations() throws {
    let (bench, vm) = try start(
      """
      preset small { mbufs = 4 }
      fn lab(n = 2) {
          host server : small { nic eth0 { rx_ring = 32; tx { credits = n } }; rate = n * 1Mbps }
          for i in 1..n { host peer[i] { } }
          server.tcp.keepidle = 30s
      }
      lab()
      print server.pool.free
      """)
    defer { withExtendedLifetime(bench) {} }
    try vm.runModule(0)
    #expect(
      bench.log == [
        "host server", "server.mbufs = 4", "nic server.eth0", "server.eth0.rx_ring = 32",
        "tx server.eth0.tx", "server.eth0.tx.credits = 2", "server.rate = 2Mbps",
        "host peer[1]", "host peer[2]", "server.tcp.keepidle = 30s", "server.pool.free",
      ])
  }

  @Test("a kind's parameters are read live and its variables are bound")
  func kinds() throws {
    let (bench, vm) = try start(
      """
      kind beacon(to, rate = 10/s, count = 2) {
          var sent = 0B
          fn speed() => rate
          fn bump() { sent += 300B; return sent }
          for i in 1..count { task app[i] { priority = 40; fn main() { print to, sent } } }
      }
      beacon b { to = server; rate = 5/s }
      print b.speed(), b.bump(), b.sent
      b.rate = 7/s
      print b.speed()
      """)
    defer { withExtendedLifetime(bench) {} }
    try vm.runModule(0)
    #expect(
      bench.log == [
        "beacon b", "b.to = server", "b.rate = 5/s", "task b.app[1]", "b.app.priority = 40",
        "task b.app[2]", "b.app.priority = 40", "5/s  300B  300B", "b.rate = 7/s", "7/s",
      ])
    let kind = vm.program.kinds[0]
    #expect(kind.parameters[2].structuralUse != nil)
    #expect(kind.parameters[1].structuralUse == nil)
    let main = try #require(bench.members["b.app.main"])
    let fiber = try vm.spawn(main)
    guard case .done = vm.resume(fiber) else {
      Issue.record("main did not end")
      return
    }
    #expect(bench.log.last == "server  300B")
  }

  @Test("a fiber resumes a million times without growing the heap")
  func resumes() throws {
    let (bench, vm) = try start(
      """
      fn main() {
          var n = 0B
          let s = socket
          while true { let r = s.write(300B); if failed(r) { return n }; n += r }
      }
      main
      """)
    defer { withExtendedLifetime(bench) {} }
    let main = try vm.call(vm.closure(of: vm.program.root.main), budget: 100)
    vm.stepsLeft = .max
    let fiber = try vm.spawn(main)
    _ = vm.resume(fiber)
    let before = vm.heapOctets
    for _ in 0..<100_000 {
      guard case .suspended = vm.resume(fiber, with: .data(octets: 300)) else {
        Issue.record("the fiber ended")
        return
      }
    }
    #expect(vm.heapOctets == before)
    guard case .done(let total) = vm.resume(fiber, with: vm.symbol("ECONNRESET")) else {
      Issue.record("the fiber went on")
      return
    }
    #expect(vm.text(total) == "30000000B")
  }

  @Test("an error that nobody looked at names its call")
  func errorOrigin() throws {
    let (bench, vm) = try start(
      "fn main() { let s = socket; let r = s.write(300B, timeout = 2s); return r + 1B }\nmain")
    defer { withExtendedLifetime(bench) {} }
    let main = try vm.call(vm.closure(of: vm.program.root.main), budget: 100)
    let fiber = try vm.spawn(main)
    _ = vm.resume(fiber)
    guard case .failed(let error) = vm.resume(fiber, with: vm.symbol("ENOBUFS")) else {
      Issue.record("no fault")
      return
    }
    #expect(error.code == "N405")
    #expect(error.title == "`s.write` gave ENOBUFS and nobody looked")
    #expect(error.origin != nil)
  }

  @Test("a call that would wait is refused where nothing may wait")
  func noWaiting() throws {
    let (bench, vm) = try start("let f = fn() => wait_for(3, timeout = 1s)\nf")
    defer { withExtendedLifetime(bench) {} }
    let function = try vm.call(vm.closure(of: vm.program.root.main), budget: 100)
    #expect(throws: RuntimeError.self) { try vm.call(function, budget: 100) }
  }

  @Test("cases, params, variants and sweeps become templates")
  func templates() throws {
    let (bench, vm) = try start(
      """
      param chunk = 2KiB where chunk > 0B
      case "wedge" {
          param noise = 40/s
          sweep seed in 1..3
          let well = fn() => chunk
          host server { }
          variant "small" { chunk = 300B; server.x = 1; expect never server.bad as "good" }
          variant "both" : "small" { noise = 5/s }
          on server.pool.grant(r) if r.waited > 0s { print r, well() }
          run for 2min
          print chunk, noise
      }
      """)
    defer { withExtendedLifetime(bench) {} }
    try vm.runModule(0)
    let program = vm.program
    let template = program.root.cases[0]
    #expect(program.root.params[0].name == "chunk")
    #expect(template.variants.map { $0.title } == ["small", "both"])
    #expect(template.variants[1].bases == ["small"])
    #expect(template.variants[0].overrides[0].name == "chunk")
    #expect(template.sweeps[0].axes[0].name == "seed")
    let small = template.variants[0]
    vm.setGlobal(
      small.overrides[0].global,
      try vm.call(vm.closure(of: small.overrides[0].value), budget: 100))
    for param in template.params { try vm.prepare(param) }
    let fiber = try vm.spawn(vm.closure(of: template.body))
    guard case .suspended = vm.resume(fiber) else {
      Issue.record("the case did not stop at run")
      return
    }
    _ = try vm.call(vm.closure(of: small.setup), budget: 100)
    _ = try vm.call(vm.closure(of: small.observers), budget: 100)
    _ = try vm.call(bench.hooks[0], .node(1), budget: 100)
    _ = vm.resume(fiber)
    #expect(
      bench.log == [
        "host server", "on 3 1", "run 2min", "server.x = 1", "expect server.bad good",
        "server  300B", "300B  40/s",
      ])
  }

  @Test("every statement of the bench reaches it in order, with what it says")
  func statements() throws {
    let (bench, vm) = try start(
      """
      fn all(server) {
          record server.a, server.b every 1s as "r"
          plot server.a
          report server.a, 3 as "t"
          capture server.eth0 "f.pcapng"
          show server.a
          why server
          pause
          stop
          step
          step 5 on server.pool.*
          step on server.tcp.conn[2].drop
          expect server.a == 1
          expect always server.a within 5s
          expect finally server.a
          expect whenever server.a then server.b within 1s
          expect eventually server.a for 1s after 2s
          on server.*[*](e) { print e }
          once when server.a { print 1 }
          every 1s if server.b { print 2 }
          at 5s { print 3 }
      }
      all(server)
      """)
    defer { withExtendedLifetime(bench) {} }
    try vm.runModule(0)
    let words = bench.log.map { line in line.prefix { $0.isLetter } }
    #expect(
      words == [
        "record", "plot", "report", "capture", "show", "why", "pause", "stop", "step", "step",
        "step", "expectNow", "expectAlways", "expectFinally", "expectWhenever", "expect", "on",
        "hookWhen", "hookEvery", "hookAt",
      ])
  }

  @Test("values go in and out by the machine's own calls")
  func values() throws {
    let (bench, vm) = try start("print 1")
    defer { withExtendedLifetime(bench) {} }
    let text = vm.makeString("a text that is longer than one slot of the heap can hold")
    let list = vm.makeList([.int(1), text, .none])
    let map = vm.makeMap([(vm.makeString("k"), list), (.int(2), .bool(true))])
    let pin = vm.pin(map)
    #expect(vm.string(text)?.hasPrefix("a text") == true && vm.string(list) == nil)
    #expect(vm.list(list)?.count == 3 && vm.listCount(list) == 3 && vm.listCount(map) == nil)
    #expect(vm.map(map)?.count == 2 && vm.map(list) == nil)
    #expect(vm.mapValue(map, .int(2)).map { vm.text($0) } == "true")
    #expect(vm.mapValue(map, .int(3)) == nil && vm.mapValue(list, .int(1)) == nil)
    #expect(vm.elements(list)?.count == 3 && vm.elements(map) == nil)
    #expect(vm.text(vm.pinned(pin)).contains("\"k\": [1, "))
    vm.unpin(pin)
    #expect(vm.pin(.int(7)) == pin, "a place that is free is taken again")
  }

  @Test("a method that the machine calls may not wait, and a library function may be one")
  func nestedCalls() throws {
    let (bench, vm) = try start("let f = fn(x) => wait_for(x)\nlet g = [len, sqrt, wait_for, f]\ng")
    defer { withExtendedLifetime(bench) {} }
    let list = try vm.call(vm.closure(of: vm.program.root.main), budget: 100)
    _ = vm.pin(list)
    #expect(try vm.call(vm.listElement(list, 0), vm.makeString("abc"), budget: 100) == 3)
    #expect(vm.arity(vm.listElement(list, 3)) == 1...1 && vm.arity(.none) == nil)
    for place in [2, 3] {
      #expect(throws: RuntimeError.self) {
        try vm.call(vm.listElement(list, place), .int(1), budget: 100)
      }
    }
    #expect(throws: RuntimeError.self) { try vm.call(.int(1), budget: 100) }
  }

  @Test("a policy instance has its own variables")
  func policies() throws {
    let (bench, vm) = try start(
      """
      policy reserve(keep = 4, quota = 12) {
          consult = .when_empty
          var held = 0
          on request(r) { held += 1; return if held > keep then .deny else .grant }
      }
      [reserve, reserve(1), reserve(quota = 2, keep = 0)]
      """)
    defer { withExtendedLifetime(bench) {} }
    let list = try vm.call(vm.closure(of: vm.program.root.main), budget: 100)
    _ = vm.pin(list)
    var answers: [String] = []
    for index in 0..<3 {
      let instance = try vm.instantiate(vm.listElement(list, index))
      let request = try #require(vm.field(instance, vm.intern("request")))
      _ = try vm.call(request, .int(1), budget: 100)
      answers.append(vm.text(try vm.call(request, .int(1), budget: 100)))
      #expect(vm.field(instance, vm.intern("consult")).map { vm.text($0) } == ".when_empty")
    }
    #expect(answers == [".grant", ".deny", ".deny"])
  }

  @Test("records made for a handler are collected between its calls")
  func handlerGarbage() throws {
    let (bench, vm) = try start("fn(r) => r.free")
    defer { withExtendedLifetime(bench) {} }
    let handler = try vm.call(vm.closure(of: vm.program.root.main), budget: 100)
    _ = vm.pin(handler)
    let shape = vm.shape([vm.intern("who"), vm.intern("free")])
    for round in 0..<100_000 {
      let record = vm.makeRecord(shape) { fields in
        fields[0] = .none
        fields[1] = .int(round)
      }
      let answer = try vm.call(handler, record, budget: 100)
      try #require(answer.asInt == Int64(round))
    }
    #expect(vm.heapOctets < 2 << 20)
  }
}
