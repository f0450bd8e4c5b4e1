// The order of a script's runs.

import NetScript
import Testing

@testable import NetLab

@Suite("Sweep points")
struct SweepPointTests {
  private let text = """
    param a = 1
    param b = "x"
    case "c" {
        sweep a in [1, 2]
        sweep b in ["x", "y"], seed in [7, 9]
        lan office { rate = 10Mbps }
        variant "one" { office.rate = 1Mbps }
        variant "two" { sweep a2 in [3, 4] }
        run for 1s
    }
    """

  private func names(_ text: String, _ set: (inout PlanOptions) -> Void = { _ in }) -> [String] {
    var options = PlanOptions()
    set(&options)
    let planned = Planner.plan(
      name: "test.ns", octets: Array(text.utf8), loader: TextLoader([:]), options: options)
    #expect(planned.diagnostics.isEmpty)
    #expect(planned.runs.map(\.name) == planned.runs.indices.map { planned.runs[$0].name })
    #expect(
      planned.runs.indices.filter { planned.runs[$0].isFirstOfVariant } == planned.runs.firsts)
    return planned.runs.map { String($0.name.dropFirst("c · ".count)) }
  }

  private var plain: String {
    text.split(separator: "\n").filter { !$0.contains("variant") }.joined(separator: "\n")
  }

  @Test("the last sweep moves fastest, and axes of one sweep together")
  func product() {
    #expect(
      names(plain) == [
        "a = 1 · b = x · seed 7", "a = 1 · b = y · seed 9",
        "a = 2 · b = x · seed 7", "a = 2 · b = y · seed 9",
      ])
  }

  @Test("seeds of the command line come instead, at each point")
  func seeds() {
    let names = names(plain) { $0.seeds = 3...4 }
    #expect(
      names == [
        "a = 1 · b = x · seed 3", "a = 1 · b = x · seed 4",
        "a = 1 · b = y · seed 3", "a = 1 · b = y · seed 4",
        "a = 2 · b = x · seed 3", "a = 2 · b = x · seed 4",
        "a = 2 · b = y · seed 3", "a = 2 · b = y · seed 4",
      ])
  }

  @Test("a sweep of which the command line says every value stays at one point")
  func replaced() {
    let one = names(plain) { $0.settings = [(name: "a", text: "5")] }
    #expect(one == ["b = x · seed 7", "b = y · seed 9"])
    let both = names(plain) {
      $0.settings = [(name: "b", text: "\"z\"")]
      $0.seeds = 2...2
    }
    #expect(both == ["a = 1 · seed 2", "a = 2 · seed 2"])
  }

  @Test("each variant has all points, and its own sweeps move fastest")
  func variants() {
    let own = text.replacing("param a", with: "param a2 = 0\nparam a")
    let names = names(own) { $0.seeds = 1...1 }
    #expect(names.count == 4 + 8)
    #expect(names[0] == "variant \"one\" · a = 1 · b = x · seed 1")
    #expect(names[4] == "variant \"two\" · a = 1 · b = x · a2 = 3 · seed 1")
    #expect(names[5] == "variant \"two\" · a = 1 · b = x · a2 = 4 · seed 1")
  }
}
