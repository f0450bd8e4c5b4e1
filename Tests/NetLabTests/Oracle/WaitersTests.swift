// Who waits for a buffer, behind whom, and what for: `waiters`.

import NetLab
import Testing

@Suite("Waiters for buffers")
struct WaitersTests {
  @Test("waiters are those of the class that is asked about, and nobody when nothing is short")
  func waiters() {
    let run = result(
      HoldersTests.short,
      run: """
        expect len(waiters(server.pool)) == 0
        run until server.pool.clusters.waiters == 2 within 3s
        let all = waiters(server.pool)
        expect map(all, fn(w) => w.who) == [.app, .rx] as "at a tick the more urgent looks first"
        expect all[0].task == up.writer[1] and all[0].class == .clusters
        expect all[1].priority == 100
        expect len(waiters(server.pool.mbufs)) == 0
        expect len(waiters(server.pool.clusters)) == 2
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == Array(repeating: "pass", count: 6))
  }

  @Test("a waiter says who comes before it, who has most of it, and what it does with one")
  func behind() {
    let run = result(
      HoldersTests.short,
      run: """
        run for 1s
        let all = waiters(server.pool)
        expect all[0].behind == none and all[1].behind == up.writer[1]
        expect all[0].holder == "the receive ring" and all[1].holder == "the receive ring"
        expect all[0].then == "goes on with sosend"
        expect all[1].then == "refills its ring, passes the next frame up"
        print all
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == Array(repeating: "pass", count: 4))
    #expect(run.lines.count == 6 && run.lines.allSatisfy { $0.count <= 80 })
  }
}
