// `netsh -i FILE` with lines from a pipe: the session of the baseline, and its manners.

import Testing

@Suite("Prompt")
struct PromptTests {
  private func session(_ lines: String, _ words: [String] = []) throws -> Netsh.Run {
    try Netsh.run(["-i", "examples/torre-2004/baseline.ns"] + words, input: lines)
  }

  @Test("the story of the baseline: the brink, why, back, a policy, and it survives")
  func story() throws {
    let run = try session(
      """
      run until server.pool.clusters.free == 0 within 5min
      :mark brink
      run for 20ms
      why server
      server.pool.held[.sndbuf]
      :goto brink
      import "fix2.ns" as two
      server.pool.allocator = two.receiver_first
      expect never stalled(server, 3s) as "survives"
      run for 10s
      wedged(server)
      :back 3
      :undo
      now
      :goto #318
      :continue now

      """)
    #expect(run.status == 3)
    #expect(run.errors == "netsh: it is written :continue\n")
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(lines.first == "74.075ms  the last cluster is gone")
    for line in ["33", "at 74.075ms, event 138", "false", "10.074s", "at 177.844ms, event 318"] {
      #expect(lines.contains { $0.contains(line) }, "\(line) in \(run.output)")
    }
    #expect(lines.contains { $0.hasPrefix("WEDGED: a knot of 2 tasks around 64 clusters") })
  }

  @Test("what names files beside the script is not saved elsewhere, and the line to type is told")
  func savedElsewhere() throws {
    let run = try session("import \"fix2.ns\" as two\n:save /nowhere/other.ns\n")
    #expect(run.status == 3)
    #expect(run.errors.contains("must stand there: `:save examples/torre-2004/other.ns`"))
  }

  @Test("a pipe ends at its first mistake, and nothing but results is printed")
  func mistake() throws {
    let run = try session("server.pool.clusters.total\n  server.pol\nprint 1\n")
    #expect(run.status == 3 && run.output == "64\n")
    #expect(run.errors.hasPrefix("error N201: ") || run.errors.hasPrefix("error N202: "))
    #expect(run.errors.contains("line 2:1:10"))
  }

  @Test("lines go on until their brackets close; commands may be shortened")
  func lines() throws {
    let run = try session("for i in 1..3 {\n  print i * 2\n}\n:ba\n:q\nprint 9\n")
    #expect(run.status == 0 && run.output == "2\n4\n6\nat 0s, event 0\n")
    #expect(try session(":").status == 3)
    #expect(try session(":nonsense\n").errors.hasPrefix("netsh: there is no command"))
  }

  @Test("-i takes one file or none")
  func file() throws {
    #expect(try Netsh.run(["run", "-i", "-"], input: "").status == 2)
    #expect(try Netsh.run(["run", "-i", "-e", "var n = 3"], input: "n\n").output == "3\n")
    #expect(try session("", ["--case", "nothing"]).status == 2)
  }

  @Test("behaviour 39: netsh alone reads statements from a pipe, to the first mistake")
  func alone() throws {
    let lines = "lan l { rate = 1Mbps }\nhost a { nic e { lan = l } }\nx\na.e.rx_ring\n"
    let strict = try Netsh.run([], input: lines)
    #expect(strict.status == 3 && strict.output.isEmpty && strict.errors.contains("N202"))
    let lenient = try Netsh.run(["--keep-going"], input: lines)
    #expect(lenient.status == 3 && !lenient.output.isEmpty)
  }
}
