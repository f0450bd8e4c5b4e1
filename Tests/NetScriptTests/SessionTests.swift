// Lines typed in front of a machine that runs.

import Testing

@testable import NetScript

/// A session over a plain script, and what its lines come to.
private final class Prompt {
  let session: Session
  let embedder = PlainEmbedder()
  let vm: VM
  var names: SessionNames
  var lines: [String] { embedder.lines }

  init(_ text: String = "", loader: any Loader = NoImports()) throws {
    let (result, session) = Session.begin(
      name: "file.ns", octets: Array(text.utf8), loader: loader)
    self.session = try #require(session, "\(result.diagnostics)")
    let program = try #require(result.program)
    vm = VM(program, embedder: embedder, growth: .session)
    embedder.vm = vm
    names = self.session.names(ofCase: nil)
    for index in program.modules.indices { try vm.runModule(index) }
  }

  /// The code of a line that is right.
  func compile(_ text: String) throws -> FunctionID {
    guard case .line(let line) = session.add(Array(text.utf8), after: names, to: vm) else {
      throw RuntimeError("N000", "a mistake in \(text)")
    }
    return line.main
  }

  /// The line's value as text, or the codes of its mistakes.
  func type(_ text: String) throws -> String {
    switch session.add(Array(text.utf8), after: names, to: vm) {
    case .mistakes(let mistakes): return mistakes.map(\.code).joined(separator: " ")
    case .line(let line):
      for index in line.modules { try vm.runModule(index) }
      names = line.names
      switch vm.resume(try vm.spawn(vm.closure(of: line.main))) {
      case .done(let value): return vm.text(value)
      case .failed(let fault): return "fault \(fault.code)"
      case .suspended: return "waits"
      }
    }
  }
}

@Suite("Sessions")
struct SessionTests {
  @Test("a line sees the variables and functions of the file, and those of the lines before")
  func seesNames() throws {
    let prompt = try Prompt("var n = 1\nlet step = 2\nfn twice(x) => x * 2\n")
    #expect(try prompt.type("n += step") == "none")
    #expect(try prompt.type("let m = twice(n)") == "none")
    #expect(try prompt.type("m + n") == "9")
    #expect(try prompt.type("fn more(x) => twice(x) + n") == "none")
    #expect(try prompt.type("n = 10") == "none")
    #expect(try prompt.type("more(1)") == "12")
  }

  @Test("a name declared again hides the old one, which older functions keep")
  func hides() throws {
    let prompt = try Prompt("let a = 1\nfn old() => a\n")
    #expect(try prompt.type("let a = a + 1") == "none")
    #expect(try prompt.type("[a, old()]") == "[2, 1]")
  }

  @Test("a wrong line changes nothing: not a name, not a constant, not a number")
  func wrongLine() throws {
    let prompt = try Prompt("var n = 1\n")
    #expect(try prompt.type("let s = \"text\"; fn f() => 3; n = 3s +").hasPrefix("N1"))
    #expect(try prompt.type("let s = \"text\"; n += 3s; case \"c\" {}").hasPrefix("N"))
    #expect(prompt.names.all == ["n"])
    #expect(try prompt.type("let s = \"text\"") == "none")
    #expect(try prompt.type("s") == "text")
    #expect(try prompt.type("n") == "1")
  }

  @Test("what plans runs stands in files")
  func fileWords() throws {
    let prompt = try Prompt()
    for text in ["case \"a\" {}", "param p = 1", "sweep seed in 1..2", "variant \"v\" {}"] {
      #expect(try prompt.type(text) == "N308", "\(text)")
    }
  }

  @Test("an import runs once, in front of the line that asks for it")
  func imports() throws {
    let loader = Shelf(["lib.ns": "print \"ran\"\nlet seven = 7\nfn add(x) => x + seven\n"])
    let prompt = try Prompt("", loader: loader)
    #expect(try prompt.type("import \"lib.ns\" as lib") == "none")
    #expect(try prompt.type("import \"lib.ns\" as again; again.add(1)") == "8")
    #expect(try prompt.type("lib.seven") == "7")
    #expect(try prompt.type("import \"none.ns\"; 1") == "N217")
    #expect(prompt.lines == ["ran"])
  }

  @Test("an import that is wrong is forgotten, and can be mended")
  func wrongImport() throws {
    let loader = Shelf(["lib.ns": "let a = \n"])
    let prompt = try Prompt("", loader: loader)
    #expect(try prompt.type("import \"lib.ns\"; 1").hasPrefix("N1"))
    loader.files["lib.ns"] = "let a = 4\n"
    #expect(try prompt.type("import \"lib.ns\"; lib.a") == "4")
  }

  @Test("a restored machine has the old values; later lines stay compiled and can run again")
  func restores() throws {
    let prompt = try Prompt("var n = 1\n")
    let before = prompt.vm.checkpoint()
    let names = prompt.names
    guard
      case .line(let line) = prompt.session.add(
        Array("let text = \"a text of its own {n}\"; n += 1; [text, \"{n}\"]".utf8),
        after: names, to: prompt.vm)
    else { Issue.record("no line"); return }
    func run() throws -> String {
      guard
        case .done(let value) = prompt.vm.resume(
          try prompt.vm.spawn(prompt.vm.closure(of: line.main)))
      else { return "?" }
      return prompt.vm.text(value)
    }
    let first = try run()
    #expect(first == "[\"a text of its own 1\", \"2\"]")
    #expect(try run() == "[\"a text of its own 2\", \"3\"]")
    prompt.vm.restore(before)
    #expect(try run() == first)
    prompt.vm.restore(before)
    #expect(try prompt.type("n") == "1")
  }

  @Test("a moment keeps no garbage, and the next collection comes when it would have come")
  func keepsNoGarbage() throws {
    let prompt = try Prompt(
      "var kept = []\nfn work() { for i in 1..2000 { kept = [i, \"text {i}\"] } }\n")
    let work = try prompt.compile("work()")
    let heap = prompt.vm.heap
    func inUse() -> Int { (1..<heap.slotCount).count { heap.slots[$0].kind != Slot.free } }
    func spent() throws -> [Int] {
      try (1...40).map { _ in
        _ = prompt.vm.resume(try prompt.vm.spawn(prompt.vm.closure(of: work)))
        return prompt.vm.heapOctets
      }
    }
    _ = try spent()
    let moment = prompt.vm.checkpoint()
    let before = inUse()
    let first = try spent()
    #expect(first.sorted() != first, "nothing was collected")
    prompt.vm.restore(moment)
    #expect(inUse() < before / 10)
    #expect(try spent() == first)
  }

  @Test("texts of a line are its own after going back beyond it, and forth again")
  func texts() throws {
    let prompt = try Prompt("var kept = []\n")
    let before = prompt.vm.checkpoint()
    let names = prompt.names
    #expect(try prompt.type("[\"the text of a line\", \"another\"]").contains("another"))
    guard
      case .line(let line) = prompt.session.add(
        Array("[\"behind it\"]".utf8), after: names, to: prompt.vm)
    else { Issue.record("no line"); return }
    let after = prompt.vm.checkpoint()
    prompt.vm.restore(before)
    #expect(try prompt.type("kept = [[\"what\", \"takes\"], [\"their\", \"place\"]]") != "")
    prompt.vm.restore(before)
    prompt.vm.restore(after)
    #expect(try prompt.type("\"the text of a line\"") == "the text of a line")
    guard
      case .done(let value) = prompt.vm.resume(
        try prompt.vm.spawn(prompt.vm.closure(of: line.main)))
    else { Issue.record("it did not run"); return }
    #expect(prompt.vm.text(value) == "[\"behind it\"]")
  }

  @Test("a thousand lines leave the machine in order")
  func manyLines() throws {
    let prompt = try Prompt("var sum = 0\n")
    for number in 1...1000 {
      #expect(try prompt.type("let v\(number) = \(number); sum += v\(number)") == "none")
    }
    #expect(try prompt.type("sum") == "500500")
  }

  @Test("records that a line's policy makes and those of the machine's own have one numbering")
  func shapes() throws {
    let prompt = try Prompt()
    let own = prompt.vm.shape([prompt.vm.intern("alpha"), prompt.vm.intern("beta")])
    #expect(
      try prompt.type("policy p(keep = 2) { consult = .always; on request(r) { return .grant } }")
        == "none")
    let record = prompt.vm.makeRecord(own, [.int(1), .int(2)])
    #expect(prompt.vm.fields(record).map { prompt.vm.symbols.name($0) } == ["alpha", "beta"])
    #expect(try prompt.type("let q = p(keep = 3); q") == "policy p")
  }
}

/// Files in memory.
private final class Shelf: Loader, @unchecked Sendable {
  var files: [String: String]
  init(_ files: [String: String]) { self.files = files }

  func load(_ path: String, from importer: String) -> LoadedSource {
    guard let text = files[path] else { return .missing(title: "no `\(path)`", help: nil) }
    return .found(name: path, octets: Array(text.utf8))
  }
}
