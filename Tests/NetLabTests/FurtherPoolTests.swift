// Further pools and size classes: taking, waiting, giving back, and the knots that come of it.

import NetLab
import Testing

@Suite("Further pools")
struct FurtherPoolTests {
  private func run(_ host: String, _ rest: String, before: String = "") -> RunResult {
    result(
      ofScript: """
        \(before)
        case "pool" {
            host h { stack = .none
                \(host)
            }
            \(rest)
        }
        """)
  }

  @Test("buffers go out one by one, come back, and are counted; none is there twice")
  func counting() {
    let run = run(
      """
      pool p { count = 3; size = 64B }
      task t {
          var kept = []
          var last = none
          fn main() {
              for i in 1..3 { kept.push(p.alloc()) }
              last = p.alloc(wait = false)
              sleep(1s)
              kept[1].free()
          }
      }
      """,
      """
      run for 500ms
      expect h.p.total == 3 and h.p.free == 0 and h.p.used == 3 and h.p.bytes == 192B
      expect h.t.last == .ENOBUFS and h.p.denied == 1
      let kept = h.t.kept
      expect kept[0] != kept[1] and kept[0].size == 64B and kept[0].owner == h.t
      run for 1s
      expect h.p.free == 1 and h.p.peak == 3 and h.p.free_bytes == 64B
      """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == Array(repeating: "pass", count: 4))
  }

  @Test("several at once, all or none: a list, and a wait until there are as many")
  func several() {
    let run = run(
      """
      pool p { count = 5 }
      task holder {
          var got = none
          fn main() { got = p.alloc(count = 3); sleep(2s); for b in got { b.free(); sleep(1s) } }
      }
      task many {
          starts = 1s
          var none_left = none
          var got = none
          var at = none
          fn main() {
              none_left = p.alloc(count = 4, wait = false)
              got = p.alloc(count = 4)
              at = now
              sleep(1h)
          }
      }
      task behind { starts = 1500ms; var at = none; fn main() { p.alloc(); at = now; sleep(1h) } }
      task single { fn main() { let l = p.alloc(count = 1); l[0].free() } }
      """,
      """
      run for 500ms
      expect len(h.holder.got) == 3 and h.p.free == 2 and h.holder.got[0].owner == h.holder
      run for 1200ms
      expect h.many.none_left == .ENOBUFS and h.p.waiters == 2 as "those behind wait too"
      run for 5s
      expect h.many.at == 3s and h.behind.at == 4s and h.p.free == 0 and len(h.many.got) == 4
      expect not failed(h.many.got) and h.many.got[3].owner == h.many
      """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["pass", "pass", "pass", "pass"])
  }

  @Test("who waits for more than can come back is in a knot, and more than there are is a mistake")
  func tooMany() {
    let knot = run(
      """
      pool p { count = 3 }
      task hoarder { fn main() { p.alloc(); let rest = p.alloc(count = 3); rest[0].free() } }
      """, "run for 1s\nexpect wedged(h.hoarder)")
    #expect(knot.faultText == nil)
    #expect(knot.verdicts == ["pass"])
    let fault = run(
      "pool p { count = 3 }\ntask t { fn main() { p.alloc(count = 4) } }", "run for 1s")
    #expect(fault.faultText?.contains("N422: `count` is 1 to 3, not 4") == true)
  }

  @Test("a release hands its buffer to whoever the pool's order names")
  func order() {
    func order(_ field: String, before: String = "") -> [String] {
      run(
        """
        pool p { count = 1; \(field) }
        var order = []
        for i in 1..3 {
            task w[i] {
                priority = [40, 60, 20][i - 1]
                fn main() { sleep(i * 1s); let b = p.alloc(); order.push(i); b.free() }
            }
        }
        task holder { fn main() { let b = p.alloc(); sleep(5s); b.free() } }
        """, "run for 10s\nprint h.order", before: before
      ).lines
    }
    #expect(order("") == ["[1, 2, 3]"])
    #expect(order("waiting = .priority") == ["[3, 1, 2]"])
    let last = "policy last { on wake(ws) { return ws.last() } }"
    #expect(order("waiting = .event; allocator = last", before: last) == ["[3, 2, 1]"])
  }

  @Test("a timeout ends a wait with ENOBUFS, and its place in the line is gone")
  func timeout() {
    let run = run(
      """
      pool p { count = 1 }
      task holder { fn main() { let b = p.alloc(); sleep(5s); b.free() } }
      task w {
          var got = none
          var at = none
          fn main() { sleep(1s); got = p.alloc(timeout = 2s); at = now }
      }
      """,
      "run for 4s\nexpect h.w.got == .ENOBUFS and h.w.at == 3s and h.p.waiters == 0\n"
        + "run for 2s\nexpect h.p.free == 1")
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["pass", "pass"])
  }

  @Test("a policy governs a further pool, its requests have the pool's name as their class")
  func policy() {
    let run = run(
      """
      pool p { count = 4; allocator = keeping(2) }
      task plain { var got = []; fn main() { for i in 1..4 { got.push(p.alloc(wait = false)) } } }
      task vital { role = .vital; var got = []
          fn main() { sleep(1s); for i in 1..4 { got.push(p.alloc(wait = false)) } } }
      """,
      """
      run for 2s
      expect count(h.plain.got, fn(b) => failed(b)) == 2
      expect count(h.vital.got, fn(b) => failed(b)) == 2
      """,
      before: """
        policy keeping(n) {
            on request(r) {
                if r.class != .p or r.total != 4 { return 7 }
                let may = r.free > 0 and (r.who == .vital or r.free > n)
                return if may then .grant else if r.may_wait then .wait else .deny
            }
        }
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["pass", "pass"])
  }

  @Test("a call says in whose name it asks; the policy hears it, also when the buffer comes back")
  func requesters() {
    let run = run(
      """
      pool p { count = 8; allocator = policies.per_socket_quota(2) }
      pool r { count = 2; allocator = policies.reserve(keep = 1, role = .tx) }
      queue a { capacity = 1 }
      queue b { capacity = 1 }
      task t {
          var got = []
          fn main() {
              let first = p.alloc(wait = false, conn = a)
              for place in [a, a, b] { got.push(failed(p.alloc(wait = false, conn = place))) }
              first.free()
              got.push(failed(p.alloc(wait = false, conn = a)))
              for who in [.rx, .rx, .tx] { got.push(failed(r.alloc(wait = false, who = who))) }
          }
      }
      """,
      """
      run for 1s
      expect h.t.got == [false, true, false, false, false, true, false]
      """, before: "import \"std/policies\"")
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["pass"])
  }

  @Test("in whose name: a symbol, and a place")
  func wrongRequesters() {
    func fault(_ call: String) -> String? {
      run("pool p { count = 1 }\ntask t { fn main() { p.alloc(\(call)) } }", "run for 1s").faultText
    }
    #expect(fault("who = 3")?.contains("N422: `who` is a symbol, not 3") == true)
    #expect(fault("conn = .a")?.contains("N422: `conn` is a place, not .a") == true)
  }

  @Test("who frees waits: the buffers behind its own later work are a knot")
  func knot() {
    let lab = """
      pool tx { count = 2; size = 27B }
      queue work { capacity = 8 }
      var flying = []
      task serial {
          var done = 0
          fn main() { while true { let job = work.get(); job(); done += 1 } }
      }
      task radio { priority = 20; fn main() { while true { sleep(1s); work.put(complete) } } }
      fn complete() { if len(flying) > 0 { flying[0].free(); flying = flying.drop(1) } }
      fn notify() { let b = tx.alloc(\u{1}); if not failed(b) { flying.push(b) } }
      """
    func verdicts(_ argument: String, _ expectations: String) -> [String] {
      let run = run(
        lab.replacing("\u{1}", with: argument),
        "at 500ms { for i in 1..4 { h.work.put(h.notify, wait = false) } }\nrun for 10s\n"
          + expectations)
      #expect(run.faultText == nil)
      return run.verdicts
    }
    let stuck = """
      expect wedged(h) and wedged(h.serial)
      expect h.serial.waiting_for == h.tx and h.work.len > 0
      """
    #expect(verdicts("", stuck) == ["pass", "pass"])
    #expect(verdicts("timeout = 1s", "expect not wedged(h) and h.serial.done > 5") == ["pass"])
  }

  @Test("a buffer in a queue comes back from whoever takes from that")
  func queued() {
    let lab = """
      pool iob { count = 6 }
      queue writes { capacity = 100 }
      task app { priority = 90; fn main() { while true { writes.put(iob.alloc()) } } }
      task driver {
          var frames = 0
          fn main() {
              while true {
                  let data = writes.get()
                  let head = iob.alloc(\u{1})
                  if failed(head) { data.free(); sleep(1ms); continue }
                  sleep(1ms)
                  head.free()
                  data.free()
                  frames += 1
              }
          }
      }
      """
    let stuck = run(
      lab.replacing("\u{1}", with: ""),
      """
      run for 5s
      expect wedged(h) and h.writes.len == 5
      print holders(h.iob)
      print map(waiters(h.iob), fn(w) => w.task)
      why h
      """)
    #expect(stuck.faultText == nil)
    #expect(stuck.verdicts == ["pass"])
    let holders = stuck.lines.prefix(while: { !$0.hasPrefix("[") })
    #expect(holders.contains { $0.contains("h.writes") && $0.contains(".queue") })
    #expect(holders.contains { $0.contains("driver") && $0.contains(".hand") })
    #expect(stuck.lines.contains("[h.app, h.driver]") || stuck.lines.contains("[h.driver, h.app]"))
    #expect(stuck.lines.contains { $0.contains("waits for a buffer of `h.iob`: 5 in `h.writes`") })
    let dropping = run(
      lab.replacing("\u{1}", with: "wait = false"), "run for 5s\nexpect not wedged(h)")
    #expect(dropping.verdicts == ["pass"])
  }

  @Test("a sleeping holder, or one that has once freed another's buffer, is a way out")
  func waysOut() {
    let run = run(
      """
      pool p { count = 1 }
      var b = none
      task holder { fn main() { b = p.alloc(); sleep(1h); b.free() } }
      task waiter { fn main() { sleep(1s); p.alloc(); p.alloc() } }
      task other { fn main() { sleep(2s); b.free(); sleep(2s) } }
      """,
      """
      run for 1500ms
      expect not wedged(h.waiter) as "the holder sleeps"
      run for 1s
      expect not wedged(h.waiter) as "another freed it, and sleeps"
      run for 5s
      expect wedged(h.waiter) as "it waits for itself; who freed once has ended"
      """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["pass", "pass", "pass"])
  }

  @Test("a buffer that is free already cannot be freed: N451")
  func freedTwice() {
    let run = run(
      "pool p { count = 2 }\ntask t { fn main() { let b = p.alloc(); b.free(); b.free() } }",
      "run for 1s")
    #expect(run.faultText?.hasPrefix("N451") == true)
  }

  @Test("a class stands in a host's pool, and a host with a stack may have both")
  func classes() {
    let run = result(
      ofScript: """
        case "classes" {
            lan office { rate = 10Mbps }
            host server {
                pool { clusters = 64; class jumbo { size = 9KiB; count = 4 } }
                pool spare { count = 2 }
                nic eth0 { lan = office }
                task t { var b = none; fn main() { b = server.pool.jumbo.alloc(); spare.alloc() } }
            }
            run for 1s
            expect server.pool.jumbo.free == 3 and server.spare.used == 1
            expect server.pool.clusters.total == 64 and server.t.b.size == 9KiB
        }
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["pass", "pass"])
  }

  @Test("a pool that serves sockets is a shortage of its own, and conserved")
  func sockets() {
    let run = result(
      ofScript: """
        case "c" {
            lan office { rate = 10Mbps }
            host server {
                nic eth0 { lan = office }
                pool socks { count = 3; serves = [.socket] }
                task t {
                    var last = none
                    fn main() {
                        let a = socket(.udp)
                        let b = socket(.udp)
                        let c = socket(.tcp)
                        last = socket(.tcp)
                        sleep(1s)
                        a.close()
                        sleep(1s)
                        last = socket(.icmp)
                    }
                }
            }
            on server.socks.deny(e) { print e.pool, e.class, e.task, e.free }
            run for 500ms
            expect server.socks.free == 0 and server.socks.peak == 3 and server.t.last == .ENOBUFS
            expect server.socks.denied == 1 and server.socks.exhausted.count == 1
            let rows = holders(server.socks)
            expect len(rows) == 3 and rows[0].count == 1
            expect rows[0].until == "server.t closes it" and rows[2].until.contains("CLOSED")
            run for 1s
            expect server.socks.free == 1
            run for 1s
            expect server.socks.free == 0 and not failed(server.t.last)
        }
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == Array(repeating: "pass", count: 6))
    #expect(run.lines == ["server.socks  .socks  server.t  0"])
  }

  @Test("a connection that finds no socket is not accepted, and clusters are none of its business")
  func connections() {
    let run = result(
      ofScript: """
        case "c" {
            lan office { rate = 10Mbps }
            host server {
                nic eth0 { lan = office }
                pool socks { count = 2; serves = [.socket] }
                sink web { tcp = 80 }
            }
            host client {
                nic eth0 { lan = office }
                task dial {
                    var outcome = []
                    fn main() {
                        for i in 1..2 {
                            let s = socket(.tcp)
                            outcome.push(s.connect(server, 80, timeout = 5s))
                        }
                    }
                }
            }
            run for 10s
            expect len(client.dial.outcome) == 2 and client.dial.outcome[0] == none
            expect failed(client.dial.outcome[1]) and server.socks.denied > 0
            expect server.pool.clusters.free > 900
        }
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["pass", "pass", "pass"])
  }

  @Test("a pool that serves ARP bounds the packets that are held")
  func held() {
    let run = result(
      ofScript: """
        case "c" {
            lan office { rate = 10Mbps }
            host node { nic eth0 { lan = office }; pool parked { count = 1; serves = [.arp] } }
            host dead[1] { stack = .none; nic eth0 { lan = office; answers_arp = false } }
            host dead[2] { stack = .none; nic eth0 { lan = office; answers_arp = false } }
            host alive { nic eth0 { lan = office } }
            ping one { from = node; to = dead[1] }
            ping two { from = node; to = dead[2]; starts = 100ms }
            expect always node.pool.mbufs.held[.arphold] <= 2
            run for 3s
            expect node.parked.used == 1 and node.parked.denied > 0
        }
        """)
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["pass", "pass"])
  }

  @Test("what a pool cannot do is refused")
  func refused() {
    func mistakes(_ text: String) -> [String] {
      trial("case \"c\" { \(text); run for 1s }").mistakes
    }
    #expect(
      mistakes("host h { pool p { count = 2; serves = [.app] } }").first?.hasPrefix("N452") == true)
    #expect(
      mistakes("host h { stack = .none; pool p { count = 2; serves = [.socket] } }").first?
        .hasPrefix("N452") == true)
    #expect(
      mistakes(
        "host h { pool p { count = 2; serves = [.arp] }; pool q { count = 2; serves = [.arp] } }"
      ).first?.hasPrefix("N454") == true)
    #expect(
      mistakes("host h { pool p { count = 2; serves = .arp } }").first?.hasPrefix("N210") == true)
    #expect(mistakes("host h { pool p { } }").first?.hasPrefix("N207") == true)
    #expect(mistakes("host h { class p { count = 1 } }").first?.hasPrefix("N203") == true)
    #expect(
      mistakes("host h { pool p { count = 1; waiting = .poll } }").first?.hasPrefix("N210") == true)
  }
}
