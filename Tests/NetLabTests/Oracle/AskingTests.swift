// Whoever asks changes nothing: the digest is the same, whatever is asked and whenever.

import NetLab
import Testing

@Suite("Asking")
struct AskingTests {
  private static let questions = [
    "wedged(server)", "stalled(ftp, 100ms)", "leaked(server)", "holders(server.pool)",
    "holders(server.pool.mbufs)", "waiters(server.pool)", "blame(server)", "leaks(server)",
    "baseline(server)", "diff(server)", "predict(server)", "cause(server)",
  ]

  private func digest(_ hooks: String) throws -> UInt64 {
    let run = result(ofScript: dryLab.replacing("var n = 0", with: "var n = 0\n\(hooks)"))
    #expect(run.faultText == nil)
    return run.digest
  }

  @Test("every question, before a wedge, at it and behind it", arguments: questions)
  func question(text: String) throws {
    let plain = try digest("")
    #expect(try digest("every 37ms { let answer = \(text) }") == plain)
    #expect(try digest("on server.pool.wait { let answer = \(text) }") == plain)
  }

  @Test("`why` of everything there is")
  func why() throws {
    let plain = try digest("")
    for place in ["server", "client", "ftp", "ftp.writer[1]", "windows"] {
      #expect(try digest("every 37ms { why \(place) }") == plain)
    }
  }
}
