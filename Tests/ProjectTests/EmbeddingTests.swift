// The programs of examples/embedding, built and run: modules of this package in other hands.

import Testing

@Suite("Embedding")
struct EmbeddingTests {
  @Test("a program gives its scripts functions of its own: the thermostat")
  func thermostat() throws {
    let program = try #require(Netsh.product("thermostat"))
    let run = try Netsh.run([], executable: program)
    #expect(run.status == 0 && run.errors.isEmpty)
    #expect(
      run.output == """
        hour 0: valve at 100%
        hour 1: valve at 100%
        hour 2: valve at 40%
        hour 3: valve at 40%
        hour 4: valve at 0%

        """)
  }

  @Test("a program drives the engine without the language: the echo")
  func echo() throws {
    let program = try #require(Netsh.product("echo"))
    let run = try Netsh.run([], executable: program)
    #expect(run.status == 0 && run.errors.isEmpty)
    // Two ARP frames and two echoes, each until its last octet (the gap comes after it), and four
    // propagation delays: 2 × 57.6 us + 2 × 88 us + 4 × 50 us.
    let answer = run.output.split(separator: "\n").last ?? ""
    #expect(answer.hasPrefix("491200 ns: "), "\(run.output)")
    #expect(answer.hasSuffix("from: 10.0.1.2, port: 0)"), "\(run.output)")
  }
}
