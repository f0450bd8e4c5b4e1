// Functions of instances, called from outside: on the caller's fiber, with its right to wait.

import Testing

@testable import NetLab

private let machine = """
  kind machine(host: Node, pace = 10ms) {
      var work = 0
      fn do(what = 1, times = 1) {
          for i in 1..times { sleep(pace); work += what }
          return work
      }
  }
  """

private func onMachine(_ text: String) -> String {
  machine + "\n" + inLab("    machine m { host = server }\n\(text)\n    run for 1s")
}

@Suite("Functions of instances")
struct MethodTests {
  @Test("a task that calls one waits in it, and may name the arguments")
  func waits() {
    let trial = trial(
      onMachine(
        """
            task user {
                host = server
                var got = 0
                var at = 0s
                fn main() { got = m.do(times = 3, what = 5); at = now }
            }
        """))
    #expect(trial.mistakes == [] && trial.fault == nil)
    #expect(trial.read("user.got") == "15")
    #expect(trial.read("user.at") == "30ms")
    #expect(trial.read("m.work") == "15")
  }

  @Test("a hook may call one that does not wait, and is told of one that does")
  func hooks() {
    #expect(trial(onMachine("at 10ms { m.do(times = 0) }")).fault == nil)
    #expect(
      trial(onMachine("at 10ms { m.do() }")).fault
        == "N404: `sleep` would wait here, and only a task can wait")
  }

  @Test("wrong arguments are told by the function's own names")
  func arguments() {
    #expect(
      trial(onMachine("at 10ms { m.do(time = 3) }")).fault == "N425: `do` has no parameter `time`")
  }

  @Test("functions of a kind know what its loops and branches declare; a Node is found by its kind")
  func family() {
    let trial = trial(
      """
      kind shop(host: Node, tills = 2, open = true) {
          var sold = 0
          for i in 1..tills { till desk[i] { number = i } }
          if open { queue door { capacity = 9 } }
          fn sell() {
              for d in desk[*] { d.ring() }
              desk[1].ring()
              door.put(sold, wait = false)
          }
          fn note(n) { sold += n }
      }
      kind till(shop: Node, number = 0) { fn ring() { shop.note(number) } }

      """ + inLab("shop corner { host = server }\nat 10ms { corner.sell() }\nrun for 1s"))
    #expect(trial.mistakes == [] && trial.fault == nil)
    #expect(trial.read("corner.sold") == "4")
    #expect(trial.read("corner.door.len") == "1")
  }
}
