// Policies that a script wrote: what they are asked, what they may answer, what they see.

import NetScript
import NetSim
import NetStack
import Testing

@testable import NetLab

@Suite("Policies")
struct PolicyTests {
  private let firstCome = """
    policy mine {
        var asked = 0
        var given = 0
        on request(r) {
            asked += 1
            if r.free == 0 { return if r.may_wait then .wait else .deny }
            return .grant
        }
        on grant(r) { given += 1 }
    }
    """

  @Test("a policy that grants whatever is free runs as first come does")
  func likeFirstCome() {
    let plain = result("")
    let scripted = result("server.pool.allocator = mine", before: firstCome)
    #expect(scripted.faultText == nil)
    #expect(scripted.digest == plain.digest)
  }

  @Test("a policy that refuses everything leaves every ping unanswered")
  func refusing() {
    let before = "policy miser { on request(r) { return if r.may_wait then .wait else .deny } }"
    let run = result(
      "at 1s { server.pool.allocator = miser }\nexpect finally probe.answered < 8", before: before)
    #expect(run.faultText == nil)
    #expect(run.verdicts == ["pass"])
  }

  @Test("granting what is not there is N410, and so is letting wait who may not")
  func badAnswers() {
    let pool = "server.pool.mbufs.allocator = bad"
    let giving = result(pool, before: "policy bad { on request(r) { return 1 } }")
    #expect(giving.faultText?.hasPrefix("N410") == true)
    let waiting = result(
      pool, before: "policy bad { on request(r) { return if r.may_wait then .grant else .wait } }")
    #expect(waiting.faultText?.hasPrefix("N410") == true)
  }

  @Test("`on wake` with a polling pool is N411")
  func wake() {
    let trial = trial(
      """
      policy bad {
          on request(r) { return .grant }
          on wake(ws) { return ws[0] }
      }
      case "x" {
          host server { pool { allocator = bad } }
          run for 1s
      }
      """)
    #expect(trial.mistakes.contains { $0.hasPrefix("N411") })
  }

  @Test("a handler has its request and its variables, and nothing of the world")
  func sandbox() {
    let run = result(
      "server.pool.mbufs.allocator = nosy",
      before: """
        policy nosy { on request(r) { return if now > 0s then .grant else .grant } }
        """)
    #expect(run.faultText?.hasPrefix("N412") == true)
  }

  @Test("a policy's parameters are what its name was given, or their defaults")
  func parameters() {
    // Of 34 clusters 32 lie in the ring: 2 are free, and `keep` decides whether anybody gets one.
    let before = """
      policy sized(keep = 2) {
          on request(r) {
              if r.free <= keep { return if r.may_wait then .wait else .deny }
              return .grant
          }
      }
      """
    func answered(_ policy: String) -> [String] {
      result(
        """
        server.pool.clusters = 34
        server.eth0.rx_ring = 32
        server.pool.allocator = \(policy)
        """, before: before, run: "run for 3s\n print probe.answered > 10"
      ).lines
    }
    #expect(answered("sized(0)") == ["true"])
    #expect(answered("sized(2)") == ["false"])
    #expect(answered("sized") == ["false"])
  }

  @Test("`consult = .when_empty` asks only then, `.always` each time")
  func consult() {
    func verdict(_ policy: String) -> RunVerdict {
      result(
        "server.pool.allocator = \(policy)",
        before: """
          policy touchy(when = .when_empty) {
              consult = when
              on request(r) {
                  while r.free > 0 { }
                  return if r.may_wait then .wait else .deny
              }
          }
          """
      ).verdict
    }
    #expect(verdict("touchy") == .pass)
    #expect(verdict("touchy(.always)") == .limit)
  }

  @Test("each class of a pool has variables of its own")
  func variables() {
    let run = result(
      "server.pool.allocator = own\nserver.pool.mbufs.allocator = own",
      before: """
        policy own {
            var class = none
            on request(r) {
                if class == none { class = r.class }
                while class != r.class { }
                if r.free == 0 { return if r.may_wait then .wait else .deny }
                return .grant
            }
        }
        """)
    #expect(run.faultText == nil)
    #expect(run.verdict == .pass)
  }

  @Test("what comes back is told in the name that it was granted in, also to a policy set late")
  func balance() {
    // A release of what was never granted would find no count to take it from, and answer 7.
    let run = result(
      """
      bulk up { from = server; to = client; write = 300B }
      at 500ms { server.pool.allocator = books; server.pool.mbufs.allocator = books }
      """,
      before: """
        policy books {
            var out = [:]
            var wrong = 0
            on request(r) {
                if wrong > 0 { return 7 }
                if r.free == 0 { return if r.may_wait then .wait else .deny }
                return .grant
            }
            on grant(r) {
                let key = "{r.who} {r.task} {r.conn}"
                out[key] = out.get(key, 0) + 1
            }
            on release(r) {
                let key = "{r.who} {r.task} {r.conn}"
                if out.get(key, 0) == 0 { wrong += 1 }
                out[key] = out.get(key, 0) - 1
                if r.class != .clusters and r.class != .mbufs or r.want != 1 { wrong += 1 }
            }
        }
        """)
    #expect(run.faultText == nil)
    #expect(run.verdict == .pass)
  }

  @Test("a handler that loops for ever is cut off")
  func budget() {
    let run = result(
      "server.pool.mbufs.allocator = slow",
      before: "policy slow { on request(r) { while true { } } }")
    #expect(run.verdict == .limit)
  }

  @Test("a request that a handler keeps stays as it was")
  func keptRequests() {
    let run = result(
      "server.pool.mbufs.allocator = hoarder",
      before: """
        policy hoarder {
            var first = none
            on request(r) {
                if first == none { first = r }
                if first.free != r.free { return 7 }
                return .grant
            }
        }
        """)
    #expect(run.faultText == "N410: policy `hoarder` answered 7")
  }

  @Test("a question leaves a policy's variables as they were, whatever is collected meanwhile")
  func asked() throws {
    let trial = trial(
      """
      policy listing {
          var asked = [0, 0]
          on request(r) {
              asked[0] += 1
              asked = [asked[0], asked[1] + 1]
              for i in 1..40 { let s = "junk {i} {r.free} {r.waited} {r.total}" }
              if len(asked) != 2 or asked[0] != asked[1] { return 7 }
              return if asked[0] < 1000 then .grant else .wait
          }
      }
      case "c" {
          lan office { rate = 10Mbps }
          host server { nic eth0 { lan = office }; pool { allocator = listing } }
          run for 1s
      }
      """)
    let bench = try #require(trial.bench)
    let policies = try #require(bench.watch.policies)
    let request = AllocationRequest(
      at: .zero, host: 0, bufferClass: .clusters, who: .app, task: -1, socket: -1, free: 10,
      total: 64, mayWait: true, waited: .zero)
    for _ in 0..<2000 { #expect(policies.wouldGrant(request) == true) }
    // Asked in earnest it would stand in the way itself, had the questions counted.
    #expect(policies.decide(request) == .grant)
    #expect(policies.fault == nil)
  }
}
