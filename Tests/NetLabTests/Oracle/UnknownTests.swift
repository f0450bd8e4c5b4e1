// What cannot be known about a wait leaves verdicts on `wedged` open, and no others.

import NetScript
import Testing

@testable import NetLab

@Suite("What nobody can know")
struct UnknownTests {
  private func run(_ board: String, _ rest: String) -> RunResult {
    result(ofScript: onBoard(board, rest))
  }

  @Test("a queue that only hooks have filled: whether they do it again is not known")
  func hooks() {
    let run = run(
      """
      queue q { capacity = 4 }
      task worker { fn main() { while true { q.get() } } }
      """,
      """
      at 1s { board.q.put(1, wait = false) }
      expect never wedged(board.worker) as "never"
      expect always wedged(board.worker) after 2s as "always"
      expect eventually wedged(board.worker) within 5s as "eventually"
      expect finally wedged(board.worker) as "finally"
      expect never wedged(board) as "whoever idles is in no knot"
      run for 6s
      expect wedged(board.worker) as "now"
      """)
    #expect(run.faultText == nil)
    #expect(run.verdicts.filter { $0 == "open" }.count == 5)
    #expect(run.verdicts.filter { $0 == "pass" }.count == 1)
    let told = run.expectations.flatMap { $0.detail }.joined(separator: "\n")
    #expect(told.contains("nobody can know whether `board.worker` is wedged"))
    #expect(told.contains("from the script"))
  }

  @Test("a task that has moved since was not wedged")
  func hindsight() {
    let run = run(
      """
      queue q { capacity = 4 }
      task worker { fn main() { while true { q.get() } } }
      task source { fn main() { while true { sleep(1s); q.put(1) } } }
      """,
      """
      expect never wedged(board.worker)
      expect never wedged(board)
      run for 6s
      """)
    #expect(run.verdicts == ["pass", "pass"])
  }

  @Test("a buffer that the script holds outside of tasks may come back, or not")
  func buffers() {
    let run = run(
      """
      pool p { count = 1 }
      task t { starts = 1s; fn main() { p.alloc() } }
      """,
      """
      at 10ms { board.p.alloc(wait = false) }
      expect never wedged(board)
      expect never board.p.free > 1
      run for 6s
      """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["open", "pass"])
  }

  @Test("a knot of tasks is known, whoever else idles")
  func knots() {
    let run = run(
      """
      lock a
      lock b
      queue q { capacity = 1 }
      task idle { fn main() { q.get() } }
      task one { fn main() { a.lock(); sleep(1s); b.lock() } }
      task two { fn main() { b.lock(); sleep(1s); a.lock() } }
      """,
      """
      expect eventually wedged(board) within 2s
      expect never wedged(board) before 1s
      run for 6s
      """)
    #expect(run.verdicts == ["pass", "pass"])
  }
}
