// Where a run stops when somebody sits in front of it: in a real terminal.

import Foundation
import Testing

@Suite(
  "Stopping", .serialized,
  .enabled(if: TerminalScreen.tmux != nil, TerminalScreen.isMissing))
struct StoppingTests {
  /// Lines that say the same as `wanted` at their beginning.
  private func count(_ screen: TerminalScreen, _ wanted: String) throws -> Int {
    try screen.lines.filter { $0.hasPrefix(wanted) }.count
  }

  @Test(
    "behaviour 23: Ctrl-C stops a run behind an event; time and number are told, and it goes on")
  func interrupt() throws {
    let screen = try TerminalScreen.session()
    try screen.enter("at 1s { print \"on its way\" }")
    try screen.enter("run for 10000h")
    // Not as it is typed.
    try screen.wait(until: "the run") { try $0.lines.contains { $0.hasPrefix("on its way") } }
    let pressed = Date()
    try screen.press("C-c")
    try screen.wait(for: "halted at ")
    #expect(Date().timeIntervalSince(pressed) < 5)
    try screen.press("C-c")
    try screen.press("C-c")
    let halted = try #require(try screen.lines.first { $0.hasPrefix("halted at ") })
    #expect(halted.contains("s, event "), "\(halted)")
    try screen.enter("print \"still here\"")
    try screen.wait(for: "still here")
    try screen.enter("step")
    try screen.wait(until: "a step") { try $0.lines.contains { $0.hasPrefix("   ") } }
    #expect(try screen.status == nil)
  }

  @Test(
    "behaviour 26: breakpoints are made, listed, counted, disabled, deleted; they have commands")
  func breakpoints() throws {
    let screen = try TerminalScreen.session()
    try screen.enter(":break on bench.frame if e.proto == .tcp after 2 do print \"seen at {now}\"")
    try screen.wait(for: "breakpoint 1: on bench.frame if")
    try screen.enter("run for 1s")
    try screen.wait(for: "seen at ")
    try screen.wait(for: "halted at ")
    try screen.enter(":break now >= 500ms once")
    try screen.enter(":break disable 1")
    try screen.wait(for: "met 3 times, disabled")
    try screen.enter("run for 1s")
    try screen.wait(for: "halted at 501.098ms, event ")
    try screen.enter(":break delete")
    try screen.wait(for: "no breakpoints")
  }

  @Test("behaviour 34: what `:every` prints comes while the world runs, and ends with Ctrl-C")
  func every() throws {
    let screen = try TerminalScreen.session()
    try screen.enter(":every 1s server.pool.clusters.total")
    try screen.enter("run for 10000h")
    try screen.wait(for: "server.pool.clusters.total  64")
    try screen.press("C-c")
    try screen.wait(for: "`:every` has ended")
    let told = try screen.lines.filter { $0.contains("clusters.total  64") }.count
    try screen.enter("run for 3s")
    try screen.enter("print \"done\"")
    try screen.wait(for: "done")
    #expect(try screen.lines.filter { $0.contains("clusters.total  64") }.count <= told)
  }
}
