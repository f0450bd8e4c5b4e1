// N312: a pool that what was declared can exhaust is told before the run.

import Testing

@testable import NetLab

@Suite("Pools that can run out")
struct BudgetWarningTests {
  /// Titles and helps of the warnings of a case with a pool of 64.
  private func warnings(_ text: String, clusters: Int = 64) -> [String] {
    let trial = trial(
      inLab("server.pool.clusters = \(clusters)\n\(text)\nrun for 1ms"))
    #expect(trial.fault == nil && trial.diagnostics.isEmpty)
    return trial.bench!.warnings.flatMap { ["\($0.code): \($0.title)", $0.help ?? ""] }
  }

  private let small = "bulk up { from = server; to = client; write = 300B }"

  @Test("the sum is told with a pool that is always enough, and with that nothing is told")
  func enough() {
    #expect(
      warnings(small) == [
        "N312: `server`'s pool can run out: 91 of 64 clusters",
        "`server.pool.clusters = 91` is always enough; `print budget(server)`",
      ])
    #expect(warnings(small, clusters: 90).count == 2)
    #expect(warnings(small, clusters: 91).isEmpty)
  }

  @Test(
    "nothing is told of what is safe, not known, or not declared",
    arguments: [
      "bulk up { from = server; to = client; write = 1KiB }",
      "sink deaf { host = server; tcp = 7; read = .never }",
      "rpc calls { from = client; to = server; timeout = 1s }",
      "bulk up { from = server; to = client; write = 300B }\nserver.eth0.refill = .abandon",
      "task own { host = server; fn main() { sleep(1s) } }", "",
    ])
  func silent(text: String) { #expect(warnings(text).isEmpty) }

  @Test(
    "nothing is told to a script that looks for it itself",
    arguments: ["expect eventually wedged(server)", "at 0s { print budget(server) }"])
  func known(text: String) { #expect(warnings(small + "\n" + text).isEmpty) }

  @Test("a host that only receives, and one that only sends datagrams, count too")
  func others() {
    #expect(
      warnings("sink deaf { host = server; udp = 7; read = .never }").first
        == "N312: `server`'s pool can run out: 162 of 64 clusters")
    #expect(
      warnings("cbr feed { from = server; to = client; size = 300B }", clusters: 40).first
        == "N312: `server`'s pool can run out: 48 of 40 clusters")
    #expect(warnings("cbr feed { from = server; to = client; size = 300B }").isEmpty)
  }

  @Test("a policy's share that is unsafe with any pool is no matter of its size")
  func share() {
    let trial = trial(
      "import \"std/policies\"\n"
        + inLab(
          "server.pool.clusters = 64\nserver.pool.allocator = policies.per_socket_quota(16)\n"
            + small + "\nrun for 1ms"))
    #expect(trial.bench?.warnings.isEmpty == true && trial.fault == nil)
  }

  @Test("a load that cannot be read is no matter of the warning")
  func broken() {
    let trial = trial(
      "kind own(on: Node) { fn load() => 3 }\n" + inLab("own mine { on = server }\nrun for 1ms"))
    #expect(trial.bench?.warnings.isEmpty == true && trial.fault == nil)
  }
}
