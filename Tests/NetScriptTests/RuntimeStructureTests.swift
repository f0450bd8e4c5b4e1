// Presets, kinds, policies, variants and preludes: what a script builds beside its values.

import NetScript
import Testing

@Suite("structure in a script")
struct RuntimeStructureTests {
  /// Runs all modules and says what the bench was asked.
  private func log(
    _ text: String, files: [String: String] = [:], prelude: [String] = [],
    names: CheckerNames = CheckerNames()
  ) throws -> [String] {
    let (bench, vm) = try start(text, files: files, prelude: prelude, names: names)
    return try withExtendedLifetime(bench) {
      for index in vm.program.modules.indices { try vm.runModule(index) }
      return bench.log
    }
  }

  /// What a file of nothing but a list of functions and policies comes to.
  private func values(_ text: String) throws -> (Bench, VM, [Value]) {
    let (bench, vm) = try start(text)
    let list = try vm.call(vm.closure(of: vm.program.root.main), budget: 1000)
    _ = vm.pin(list)
    return (bench, vm, vm.list(list) ?? [])
  }

  @Test("a preset begins with what its base sets")
  func presets() throws {
    let log = try log(
      """
      preset small { mbufs = 4; rate = 1 }
      preset tiny : small { mbufs = 2 }
      host server : tiny { rate = 3 }
      """)
    #expect(
      log == [
        "host server", "server.mbufs = 4", "server.rate = 1", "server.mbufs = 2", "server.rate = 3",
      ])
  }

  @Test("elements and methods of a node are the bench's, also through a variable")
  func nodes() throws {
    let log = try log(
      """
      fn all(host) {
          var it = host.queue
          it.push(3)
          it[2] = 5
          for part in host.ports { print part }
      }
      all(server)
      server.slots[1] = 7
      """)
    #expect(
      log == [
        "server.queue.push(1)", "server.queue[2] set", "server.ports[0]", "server.ports[1]",
        "server.slots[1] set",
      ])
  }

  @Test("a function of a kind sets the kind's own fields by their names")
  func kindFields() throws {
    let (bench, vm) = try start(
      """
      kind probe(gap = 1s) { fn later() { starts = 3s; active = false; gap = 2s } }
      probe p { }
      p.later()
      print p.gap
      """)
    try withExtendedLifetime(bench) { try vm.runModule(0) }
    #expect(
      bench.log == ["probe p", "p.starts = 3s", "p.active = false", "p.gap = 2s", "2s"])
  }

  @Test("names that earlier lines of a session declared are the bench's")
  func session() throws {
    let names = CheckerNames(sessionNames: ["earlier": true, "fixed": false])
    let (bench, vm) = try start("print earlier", names: names)
    try withExtendedLifetime(bench) { try vm.runModule(0) }
    #expect(bench.log == ["earlier"])
    let refused = Script.compile(
      "fixed = 3", loader: NoImports(), vocabulary: Vocabulary(names: names))
    #expect(refused.diagnostics.map(\.code) == ["N208"])
  }

  // MARK: Policies

  @Test("a policy's block reckons first; a handler runs where its condition holds")
  func handlers() throws {
    let (bench, vm, policies) = try values(
      """
      policy keep(most = 3) {
          var room = 1
          room = room + most
          limit = room * 2
          on request(r) if r > room { return .deny }
      }
      [keep(), keep(1), keep(most = 0)]
      """)
    defer { withExtendedLifetime(bench) {} }
    var answers: [String] = []
    for policy in policies {
      let instance = try vm.instantiate(policy)
      let request = try #require(vm.field(instance, vm.intern("request")))
      let limit = try #require(vm.field(instance, vm.intern("limit")))
      for number in [1, 2, 5] {
        answers.append(vm.text(try vm.call(request, .int(number), budget: 100)))
      }
      answers.append(vm.text(limit))
    }
    #expect(
      answers == [
        "none", "none", ".deny", "8", "none", "none", ".deny", "4", "none", ".deny", ".deny", "2",
      ])
    #expect(vm.text(policies[0]) == "policy keep")
    #expect(vm.policyTemplate(policies[0]) == 0 && vm.policyTemplate(.int(1)) == nil)
    #expect(vm.field(.int(1), vm.intern("request")) == nil)
    #expect(throws: RuntimeError.self) { try vm.instantiate(.int(3)) }
  }

  @Test(
    "a policy's arguments are its parameters, each at most once",
    arguments: [
      ("p(1, 2, 3)", "`keep` takes 1 to 2 arguments, not 3"),
      ("p(1, none_such = 2)", "policy `keep` has no parameter `none_such`"),
    ])
  func arguments(_ call: String, _ title: String) throws {
    let (bench, vm) = try start(
      "policy keep(most, of = 9) { on request(r) { return r + most + of } }\nlet p = keep\n" + call)
    let error = #expect(throws: RuntimeError.self) {
      try withExtendedLifetime(bench) { try vm.runModule(0) }
    }
    #expect(error?.title == title)
  }

  @Test("a policy without a value for a parameter cannot be used")
  func missing() throws {
    let (bench, vm, policies) = try values(
      "policy keep(most) { on request(r) { return r + most } }\n[keep]")
    let error = #expect(throws: RuntimeError.self) {
      try withExtendedLifetime(bench) { try vm.instantiate(policies[0]) }
    }
    #expect(error?.title == "policy `keep` needs `most`")
  }

  // MARK: Records

  @Test("a record's fields are read and called; another name is told those that there are")
  func records() throws {
    let (bench, vm, functions) = try values(
      """
      [fn(r) => r.twice(4) + r.base, fn(x) => x * 2, fn(r) => r.nothing, fn(r) => r.nothing(1),
       fn(r) { let f = fn() => r; return f().base }]
      """)
    defer { withExtendedLifetime(bench) {} }
    let shape = vm.shape([vm.intern("base"), vm.intern("twice")])
    let record = vm.makeRecord(shape, [.int(10), functions[1]])
    _ = vm.pin(record)
    #expect(try vm.call(functions[0], record, budget: 100) == 18)
    #expect(try vm.call(functions[4], record, budget: 100) == 10)
    for place in [2, 3] {
      let error = #expect(throws: RuntimeError.self) {
        try vm.call(functions[place], record, budget: 100)
      }
      #expect(error?.title == "a Record has no `nothing`")
      #expect(error?.help == "fields here: base twice")
    }
    #expect(vm.mayKeepArgument(functions[4]) && !vm.mayKeepArgument(functions[2]))
    #expect(vm.mayKeepArgument(.int(1)))
  }

  @Test("a function is called with as many arguments as it takes")
  func counts() throws {
    let (bench, vm, functions) = try values("[fn(a, b = 5) => a * 10 + b]")
    defer { withExtendedLifetime(bench) {} }
    #expect(try vm.call(functions[0], arguments: [.int(1), .int(2)], budget: 100) == 12)
    #expect(try vm.call(functions[0], arguments: [.int(1)], budget: 100) == 15)
    #expect(throws: RuntimeError.self) { try vm.call(functions[0], arguments: [], budget: 100) }
    let fiber = try vm.spawn(functions[0], arguments: [.int(3), .int(4)])
    guard case .done(let result) = vm.resume(fiber) else {
      Issue.record("the function did not end")
      return
    }
    #expect(result == 34)
    #expect(throws: RuntimeError.self) { try vm.spawn(.int(3)) }
  }

  // MARK: Variants and preludes

  @Test("a variant sets params of its case and of other files, and variables of its own")
  func variants() throws {
    let (bench, vm) = try start(
      """
      import "lab.ns"
      case "c" {
          param size = 1
          variant "v" {
              var turns = 1
              turns = turns + 1
              size = 5
              lab.gap = 2s
              server.x = turns
          }
      }
      """, files: ["lab.ns": "param gap = 1s\nvar total = 0"])
    defer { withExtendedLifetime(bench) {} }
    let variant = try #require(vm.program.root.cases.first?.variants.first)
    #expect(variant.overrides.map(\.name) == ["size", "gap"])
    _ = try vm.call(vm.closure(of: variant.setup), budget: 100)
    #expect(bench.log == ["server.x = 2"])
    let result = Script.compile(
      "import \"lab.ns\"\ncase \"c\" { variant \"v\" { lab.total = 3 } }",
      loader: Texts(["lab.ns": "var total = 0"]))
    #expect(result.diagnostics.map(\.code) == ["N306"])
  }

  @Test("kinds and functions of a prelude are there without an import, for every file")
  func preludes() throws {
    let prelude = "kind probe(n = 1) { }\nfn twice(x) => x * 2\n"
    let log = try log(
      "import \"lab.ns\"\nprobe p { n = twice(2) }\nprint lab.size",
      files: [
        "prelude.ns": prelude, "lab.ns": "let size = twice(21)",
      ], prelude: ["prelude.ns"], names: CheckerNames(kinds: ["host"]))
    #expect(log == ["probe p", "p.n = 4", "42"])
  }
}
