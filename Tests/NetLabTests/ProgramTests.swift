// Tasks: sockets, errors as values, timeouts, starting and stopping; seeds and sweeps.

import NetScript
import Testing

@testable import NetLab

@Suite("Programs")
struct ProgramTests {
  @Test("a bulk upload arrives whole and ends")
  func upload() {
    let trial = trial(
      inLab("bulk ftp { from = server; to = client; size = 100KiB; write = 300B }\nrun for 10s"))
    #expect(trial.mistakes == [] && trial.fault == nil)
    #expect(trial.read("ftp.sent") == "102400B")
    #expect(trial.read("ftp.end.received") == "102400B")
    #expect(trial.read("ftp.errors") == "0")
  }

  @Test("what a task changes after a wait is the variable as it is then")
  func changesAfterWait() {
    let trial = trial(
      inLab(
        """
        var list = []
        var map = ["a": 1]
        var total = 1
        var rows = [[0], [0]]
        task slow {
            host = server
            fn late(value) { sleep(1s); return value }
            fn main() {
                list.push(late(9)); total += late(10)
                map["b"] = late(2); map["a"] += late(5); rows[0].push(late(7))
            }
        }
        task quick {
            host = client
            var seen = ""
            fn main() {
                sleep(500ms); list = [1]
                sleep(1s); total = 100
                sleep(1s); map["c"] = 3
                sleep(1s); map["a"] = 10
                sleep(1s); rows[1] = [8]
                sleep(1s)
                seen = "{list} {total} {map} {rows}"
            }
        }
        run for 10s
        """))
    #expect(trial.mistakes == [] && trial.fault == nil)
    #expect(trial.read("quick.seen") == #"[1, 9] 110 ["a": 15, "c": 3, "b": 2] [[0, 7], [8]]"#)
  }

  @Test("datagrams keep their bounds, and tell who sent them")
  func datagrams() {
    let trial = trial(
      inLab(
        """
            task reader {
                host = server
                var got = []
                var sender = none
                fn main() {
                    let s = socket(.udp)
                    s.bind(99)
                    for i in 1..2 {
                        let r = s.recvfrom(2KiB)
                        got = got + [r.size]
                        sender = r.from
                    }
                }
            }
            task writer {
                host = client
                fn main() {
                    let s = socket(.udp)
                    s.sendto(server, 99, 100B)
                    sleep(1s)
                    s.sendto(server, 99, 7B)
                }
            }
            run for 5s
        """))
    #expect(trial.mistakes == [] && trial.fault == nil)
    #expect(trial.read("reader.got") == "[100B, 7B]")
    #expect(trial.read("reader.sender") == "client")
  }

  @Test("errors are values: refused, timed out")
  func errors() {
    let trial = trial(
      inLab(
        """
            task caller {
                host = client
                var refused = none
                var late = none
                fn main() {
                    let s = socket(.tcp)
                    refused = s.connect(server, 9)
                    let u = socket(.udp)
                    u.bind(5)
                    late = u.read(1KiB, timeout = 300ms)
                }
            }
            run for 5s
        """))
    #expect(trial.mistakes == [] && trial.fault == nil)
    #expect(trial.read("caller.refused") == "ECONNREFUSED")
    #expect(trial.read("caller.late") == "EAGAIN")
  }

  @Test("a task starts when `starts` says, and stop and start act at once")
  func starting() {
    let trial = trial(
      inLab(
        """
            ping probe { from = client; to = server; interval = 1s; starts = 10s }
            run for 9s
            let before = probe.answered
            run for 4500ms
            let first = probe.answered
            probe.stop()
            run for 10s
            let still = probe.answered
            probe.start()
            run for 2500ms
            if before != 0 or first != 4 or still != 4 or probe.answered != 7 {
                fail "{before} {first} {still} {probe.answered}"
            }
        """))
    #expect(trial.mistakes == [] && trial.fault == nil)
    #expect(trial.read("probe.answered") == "7")
  }

  @Test("a condition of before stop() ends no wait of after start()")
  func staleCondition() {
    let trial = trial(
      inLab(
        """
            var go = false
            var runs = 0
            task waiter {
                host = client
                fn main() {
                    runs += 1
                    if runs == 1 { wait(fn() => go) }
                    let in_time = wait(fn() => now > 100s, timeout = 5s)
                    print "{in_time} {now}"
                }
            }
            at 1s { waiter.stop() }
            at 2s { waiter.start() }
            at 4s { go = true }
            run for 30s
        """))
    #expect(trial.mistakes == [] && trial.fault == nil)
    #expect(trial.bench?.output.lines == ["false 7s"])
  }

  @Test("a task that is stopped while it pays for a call does not make the call")
  func stoppedBeforeCall() {
    let trial = trial(
      inLab(
        """
            task sender {
                host = client
                cost = 1s
                fn main() {
                    let s = socket(.udp)
                    while true { s.sendto(server, 9, 10B) }
                }
            }
            at 1500ms { sender.stop() }
            run for 5s
        """))
    #expect(trial.mistakes == [] && trial.fault == nil)
    #expect(trial.read("office.frames") == "0")
  }

  @Test("a predicate that is over leaves its place to the next one")
  func predicatesAreReleased() {
    let trial = trial(
      inLab(
        """
            task waiter {
                host = client
                var until = 0s
                fn main() {
                    while true {
                        until += 1ms
                        let next = until
                        wait(fn() => now >= next)
                        wait(fn() => false, timeout = 1us)
                    }
                }
            }
            for i in 1..20 {
                expect now < 1h
                run until now >= i * 10ms
            }
        """))
    #expect(trial.mistakes == [] && trial.fault == nil)
    #expect((trial.bench?.watch.observed.count ?? 99) <= 3)
  }

  @Test("chatter reaches every station, with sound checksums")
  func chatter() {
    let trial = trial(
      inLab("chatter pcs { lan = office; rate = 100/s }\nrun for 10s"))
    #expect(trial.mistakes == [] && trial.fault == nil)
    let count = Int(trial.read("pcs.frames")) ?? 0
    #expect(count > 900 && count < 1100)
    #expect(trial.read("server.udp.stats.received") == "\(count)")
    #expect(trial.read("server.udp.stats.bad_checksums") == "0")
  }

  @Test("the same seed gives the same run; another seed another")
  func determinism() {
    let text = inLab(
      """
          chatter pcs { lan = office; rate = 100/s }
          bulk ftp { from = server; to = client; write = 300B }
          sweep seed in [1, 1, 2]
          run for 2s
      """)
    let digests = (0..<3).map { trial(text, run: $0).bench?.context.digest.value ?? 0 }
    #expect(digests[0] == digests[1])
    #expect(digests[0] != digests[2])
  }

  @Test("params: default, variant, sweep, --set")
  func params() {
    let text = """
      param n = 1 where n < 10
      param m = 5
      case "c" {
          sweep n in [2, 3]
          variant "a" { }
          variant "b" { m = 6 }
          print "{n} {m}"
      }
      """
    func value(_ run: Int, _ options: PlanOptions = PlanOptions()) -> String {
      let trial = trial(text, run: run, options: options)
      guard let bench = trial.bench else { return trial.rendered }
      let values = bench.program.root.params.map { bench.vm.text(bench.vm.global($0.global)) }
      return values.joined(separator: " ")
    }
    #expect((0..<4).map { value($0) } == ["2 5", "3 5", "2 6", "3 6"])
    var options = PlanOptions()
    options.settings = [(name: "n", text: "7")]
    #expect(value(1, options) == "7 6")
    #expect(value(2, options) == "", "a param that --set fixes is not swept")
    options.settings = [(name: "n", text: "70")]
    #expect(trial(text, options: options).mistakes == ["N423: n = 70 is not allowed"])
    options.settings = [(name: "k", text: "1")]
    #expect(trial(text, options: options).mistakes == ["N202: `--set k`: there is no such param"])
  }

  @Test(
    "a sweep over nothing is told, whatever the nothing is",
    arguments: ["3..1", "[]", "1..<1"])
  func emptySweep(values: String) {
    let trial = trial("param n = 1\ncase \"c\" { sweep n in \(values); run for 1s }")
    #expect(trial.mistakes == ["N423: there is no value in the sweep of `n`"])
    let seeds = inLab("sweep seed in 5..4")
    #expect(NetLabTests.trial(seeds).mistakes == ["N423: there is no value in the sweep of `seed`"])
  }

  @Test("a sweep may depend on a param, as the variant and --set leave it")
  func sweepOverParam() {
    let text = """
      param whole = false
      param n = 0
      case "c" { sweep n in if whole then 1..10 else [3, 4] }
      """
    func count(_ options: PlanOptions) -> Int {
      Planner.plan(
        name: "t.ns", octets: Array(text.utf8), loader: NoImports(), options: options
      ).runs.count
    }
    var options = PlanOptions()
    #expect(count(options) == 2)
    options.settings = [(name: "whole", text: "true")]
    #expect(count(options) == 10)
  }

  @Test("a count of events that only the end asks for has counted from time 0")
  func lateCount() {
    let trial = trial(
      inLab("ping probe { from = client; to = server }\nrun for 5s\nprint office.frame.count"))
    #expect(trial.mistakes == [] && trial.fault == nil)
    #expect(trial.read("office.frame.count") == trial.read("office.frames"))
  }

  @Test("statements of -e stand in each case before its first run, and move no line of the file")
  func additions() {
    var options = PlanOptions()
    options.statements = ["let a = 1  # a comment", "print a + 1; at 0s { print \"at 0\" }"]
    for run in ["run for 1s", "go()"] {
      let text = """
        fn go() { run for 1s }
        case "c" {
            \(run)
            expect 1 == 2
        }
        """
      let trial = trial(text, options: options)
      #expect(trial.rendered == "" && trial.bench?.output.lines.first == "2")
      #expect(trial.bench?.result.expectations.first?.line == 4)
    }
    options.statements = ["let a = ", "print b"]
    let wrong = trial("run for 1s", options: options)
    #expect(wrong.rendered.contains("-e:1:"))
  }

  @Test("--seed replaces a sweep over seeds")
  func seeds() {
    let text = "case \"c\" { sweep seed in 1..20 }"
    var options = PlanOptions()
    func plans(_ options: PlanOptions) -> [UInt64] {
      Planner.plan(
        name: "t.ns", octets: Array(text.utf8), loader: NoImports(), options: options
      ).runs.map(\.seed)
    }
    #expect(plans(options) == Array(1...20))
    options.seeds = 7...8
    #expect(plans(options) == [7, 8])
  }
}
