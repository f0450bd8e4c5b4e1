// Challenges that the limit holds back (RFC 5961 §7), and a path that forgets their segments.

import Testing

@testable import NetLab

@Suite("A challenge that is held back")
struct ChallengeLeakTests {
  /// A connection whose peer sends a SYN `pace` times a second, for ten seconds from 1 s on.
  private func lines(pace: Int, _ release: String, _ asked: String) -> [String] {
    printed(
      """
      import "std/presets"
      import "std/craft"
      case "challenges" {
          lan bench { rate = 100Mbps }
          host server : presets.bsd44 {
              pool { mbufs = 512; release = \(release) }
              nic eth0 { lan = bench; copybreak = 100B }
              tcp { challenge_limit = 5/s }
          }
          sink web { host = server; tcp = 80 }
          host stranger { stack = .none; nic eth0 { lan = bench } }
          craft.rawtcp c { host = stranger; to = server }
          task poke {
              host = stranger
              fn main() {
                  if not c.connect() { fail "no handshake" }
                  sleep(1005ms - now)
                  for _ in 1..(10 * \(pace)) { c.send(flags = "S"); sleep(1s / \(pace)) }
              }
          }
          run for 12s
          let told = server.tcp.stats.challenges
          let held = server.tcp.stats.challenges_suppressed
          print \(asked)
      }
      """)
  }

  private let forgets = "fn(b) => if b.why == .challenge_suppressed then .leak else .free"

  @Test("five a second are sent; each further one that is forgotten is an mbuf, and nobody's")
  func slope() {
    #expect(
      lines(pace: 20, forgets, "told, held, leaked(server), server.pool.mbufs.held[.leaked]")
        == ["50  150  150  150"])
    #expect(
      lines(pace: 20, forgets, "leaks(server)[0].why, leaks(server)[0].by, leaks(server)[0].class")
        == [".challenge_suppressed  pool.release  .mbufs"])
  }

  @Test("at the limit nothing is held back, and a path that frees loses nothing above it")
  func cured() {
    #expect(lines(pace: 5, forgets, "told, held, leaked(server)") == ["50  0  0"])
    #expect(lines(pace: 20, ".free", "told, held, leaked(server)") == ["50  150  0"])
  }
}
