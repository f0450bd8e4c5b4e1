// What the wait-for graph knows of silence: selects that nobody wakes, connections that nobody will
// acknowledge, stations to which nobody speaks; and of whom a script says that they take.

import NetScript
import NetStack
import Testing

@testable import NetLab

@Suite("Silence in the wait-for graph")
struct SilenceTests {
  private func select(_ sock: String, _ call: String) -> [String] {
    printed(
      """
      case "c" {
          lan office { rate = 10Mbps }
          host server {
              sock { \(sock) }
              nic eth0 { lan = office }
              task writer {
                  fn main() {
                      let s = socket(.tcp)
                      s.connect(client, 9)
                      s.setsockopt(.nonblock, true)
                      while not failed(s.write(4KiB)) { }
                      \(call)
                  }
              }
          }
          host client { nic eth0 { lan = office } }
          sink slow { host = client; tcp = 9; read = .never }
          run for 60s
          print wedged(server.writer), wedged(server)
          why server.writer
      }
      """)
  }

  @Test("PR 772: a select for writing that was not to be woken waits for good, and is told so")
  func deaf() {
    let lines = select("select_write = false", "select([], write = [s])")
    #expect(lines.first == "true  true")
    #expect(lines.contains { $0.contains("sleeps in select, for writing: nobody wakes it") })
  }

  @Test("one that is heard, has a timeout, or reads as well may go on")
  func heard() {
    for (sock, call) in [
      ("", "select([], write = [s])"), ("select_write = false", "select([s], write = [s])"),
      ("select_write = false", "select([], write = [s], timeout = 1h)"),
    ] {
      #expect(select(sock, call).first == "false  false", "\(sock) \(call)")
    }
  }

  /// A stack of a script's own, each packet of which waits for its answer.
  private func listener(_ rest: String) -> [String] {
    printed(
      """
      case "c" {
          lan office { rate = 10Mbps }
          host peer { nic eth0 { lan = office } }
          host board {
              stack = .none
              nic eth0 { lan = office }
              pool iob { count = 4 }
              var sent = []
              task app {
                  fn main() {
                      while true {
                          sent.push(iob.alloc())
                          let header = iob.alloc()
                          board.eth0.send(frame(.icmp, to = peer, len = 20B))
                          header.free()
                      }
                  }
              }
              task rx {
                  fn main() {
                      while true {
                          board.eth0.recv(fn(f) => f.proto == .icmp)
                          for b in sent { b.free() }
                          sent = []
                      }
                  }
              }
          }
          \(rest)
      }
      """)
  }

  @Test("who waits for a frame that only an answer could be, and can ask nobody, is no way out")
  func listens() {
    let lost = "at 20ms { office.fault = fn(f) => if f.proto == .icmp then .drop else .pass }"
    #expect(
      listener("\(lost)\nrun for 5s\nprint wedged(board), wedged(board.app), wedged(board.rx)")
        == ["true  true  false"])
    #expect(listener("run for 1s\nprint wedged(board), board.iob.free >= 0") == ["false  true"])
  }

  @Test("while anybody else may speak by itself it is one: whether it helps is not known")
  func speaks() {
    let lost = "at 20ms { office.fault = fn(f) => if f.proto == .icmp then .drop else .pass }"
    for other in [
      "chatter pcs { lan = office; rate = 1/s }",
      "task sleeper { host = peer; starts = 1s; fn main() { sleep(1h) } }",
      "host third { nic eth0 { lan = office } }\nping p { from = third; to = peer; starts = 1min }",
    ] {
      let lines = listener("\(lost)\n\(other)\nrun for 5s\nprint wedged(board)")
      #expect(lines == ["false"], "\(other)")
    }
  }

  @Test("a queue whose takers are named is known before anybody has taken from it")
  func takers() {
    func verdict(_ field: String) -> [String] {
      result(
        ofScript: """
          case "c" {
              host board {
                  stack = .none
                  lock a
                  task holder { fn main() { a.lock(); b.lock() } }
                  lock b
                  task drain { fn main() { b.lock(); sleep(1s); a.lock(); while true { q.get() } } }
                  queue q { capacity = 1; \(field) }
                  task source { fn main() { q.put(1); q.put(2) } }
              }
              expect eventually wedged(board.source) within 3s
              run for 5s
          }
          """
      ).verdicts
    }
    #expect(verdict("") == ["open"])
    #expect(verdict("takers = [drain]") == ["pass"])
  }

  @Test("an instance without tasks has work all the time: `stalled` asks its progress alone")
  func stalledWithoutTasks() {
    let run = result(
      ofScript: """
        kind meter(queue: Node) { fn progress() => queue.peak }
        case "c" {
            host board {
                stack = .none
                queue q { capacity = 9 }
                task source { fn main() { q.put(1); sleep(5s); q.put(2); sleep(1h) } }
            }
            meter m { queue = board.q }
            for t in [4s, 6s, 14s, 16s] { at t { print stalled(m, 10s) } }
            run for 20s
        }
        """)
    #expect(run.faultText == nil)
    #expect(run.lines == ["false", "false", "false", "true"])
  }

  @Test("LAST_ACK without a timer: what is held there comes back only if the peer speaks")
  func lastAck() {
    func comesBack(_ timer: String, after span: String) -> Bool? {
      let bench = trial(
        """
        case "c" {
            lan office { rate = 10Mbps }
            host server {
                tcp { timer { last_ack = \(timer) } }
                nic eth0 { lan = office }
                task leaver {
                    fn main() {
                        let l = socket(.tcp)
                        l.bind(9)
                        l.listen(1)
                        let s = l.accept()
                        s.read(1KiB)
                        sleep(1s)
                        s.write(1KiB)
                        s.close()
                    }
                }
            }
            host client {
                nic eth0 { lan = office }
                task caller {
                    fn main() { let s = socket(.tcp); s.connect(server, 9); s.close() }
                }
            }
            at 500ms { office.up = false }
            run for \(span)
        }
        """
      ).bench
      let releases = bench?.waitGraph(of: 0).releases(BufferClass.clusters)
      return releases?.first { $0.place == .sndbuf }?.isPossible
    }
    #expect(comesBack("true", after: "5s") == true)
    // The client waits in FIN_WAIT_2, and may be heard; later it knows of nothing any more.
    #expect(comesBack("false", after: "5s") == true)
    #expect(comesBack("false", after: "1h") == false)
  }
}
