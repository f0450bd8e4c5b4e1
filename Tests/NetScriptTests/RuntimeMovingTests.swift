// Values that go from one machine to another, and machines that go back to a moment.

import Testing

@testable import NetScript

@Suite("values between machines, and machines in time")
struct RuntimeMovingTests {
  /// A machine and what its script's last expression is.
  private func machine(_ text: String) throws -> (Bench, VM, Value) {
    let (bench, vm) = try start(text)
    let value = try vm.call(vm.closure(of: vm.program.root.main), budget: 10_000)
    _ = vm.pin(value)
    return (bench, vm, value)
  }

  @Test("a value is the same in another machine, and its own there")
  func moved() throws {
    let text = """
      [1, 2.5, true, none, .word, 5ms, 64KiB, 1/min, 33%, "short", [[:], [], ["k": [1]]],
       "a text that is longer than one slot of the heap can hold", 1..9 by 2, uniform(1s, 3s)]
      """
    let (bench, vm, value) = try machine(text)
    let (otherBench, other, _) = try machine("let word = 1\n.other")
    try withExtendedLifetime((bench, otherBench)) {
      let copy = try #require(other.adopt(value, from: vm))
      #expect(other.text(copy) == vm.text(value))
      let back = try #require(vm.adopt(copy, from: other))
      #expect(vm.text(back) == vm.text(value))
    }
  }

  @Test("what has code or a place in a world stays where it is, also within a list or a map")
  func unmoved() throws {
    let (bench, vm, value) = try machine(
      """
      policy p() { on request(r) { return r } }
      [fn() => 1, len, server, p, [[server]], ["k": server], const(server)]
      """)
    let (otherBench, other, _) = try machine("none")
    withExtendedLifetime((bench, otherBench)) {
      for element in vm.list(value) ?? [] { #expect(other.adopt(element, from: vm) == nil) }
      #expect(other.adopt(value, from: vm) == nil)
    }
  }

  @Test("a value deeper than a hundred lists, or with more parts than anybody types, stays too")
  func large() throws {
    let (bench, vm, _) = try machine("none")
    let (otherBench, other, _) = try machine("none")
    withExtendedLifetime((bench, otherBench)) {
      var deep = Value.int(1)
      for _ in 0..<90 { deep = vm.makeList([deep]) }
      #expect(other.adopt(deep, from: vm).map { other.text($0) } == vm.text(deep))
      for _ in 0..<20 { deep = vm.makeList([deep]) }
      #expect(other.adopt(deep, from: vm) == nil)
      let long = vm.makeList([Value](repeating: .int(1), count: 99_000))
      #expect(other.adopt(long, from: vm).flatMap { other.listCount($0) } == 99_000)
      #expect(other.adopt(vm.makeList([long, long]), from: vm) == nil)
    }
  }

  @Test("a machine that goes back does again what it did, in fibers that had ended since too")
  func back() throws {
    let (bench, vm) = try start(
      """
      var seen = []
      var names = ["first": "x".pad(100)]
      let half = 1 / 3
      fn main(start) {
          var text = "a text that grows: "
          for i in start..100 {
              text += "{i} "
              seen.push([i, text])
              names["{i}"] = half * i
              server.write(1B)
          }
          return len(text)
      }
      main
      """)
    defer { withExtendedLifetime(bench) {} }
    let main = try vm.call(vm.closure(of: vm.program.root.main), budget: 10_000)
    _ = vm.pin(main)
    vm.stepsLeft = 100_000
    func state() -> String {
      vm.program.globalNames.indices.map {
        vm.text(vm.global(GlobalID(rawValue: UInt32($0))))
      }.joined(separator: "\n")
    }
    let fiber = try vm.spawn(main, arguments: [.int(1)])
    for _ in 0..<20 { _ = vm.resume(fiber) }
    let checkpoint = vm.checkpoint()
    let before = state()
    var ends: [String] = []
    for _ in 0..<2 {
      let late = try vm.spawn(main, arguments: [.int(90)])
      _ = vm.resume(late)
      var progress = vm.resume(fiber)
      while case .suspended = progress { progress = vm.resume(fiber) }
      guard case .done(let length) = progress else {
        Issue.record("the fiber failed")
        return
      }
      ends.append("\(vm.text(length)) \(vm.stepsLeft) \(state())")
      vm.restore(checkpoint)
      #expect(state() == before)
    }
    #expect(ends[0] == ends[1])
    #expect(before.contains("a text that grows: 1 2 3 ") && !before.contains("98"))
  }
}
