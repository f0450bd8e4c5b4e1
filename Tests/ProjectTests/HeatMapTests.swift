// Maps of two params: what fails, and the frontier of what always passes.

import Foundation
import FoundationXML
import Testing

@Suite("Heat maps")
struct HeatMapTests {
  /// A pool has to be four times the load, and twice that for every second seed.
  private static let study = """
    param clusters = 8
    param load = 1
    case "a pool" {
        sweep clusters in [4, 8, 16, 32]
        sweep load in [1, 2, 4]
        run for 1s
        let wish = load * (if draw(uniform(0s, 1s)) < 500ms then 4 else 8)
        expect clusters >= wish
        let room = clusters - load
        report room
    }
    """

  @Test("a map shows which share of the seeds fails, and where all begin to pass")
  func letters() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("study.ns", Self.study + "\n")
    let run = try Netsh.run(["sweep", script, "--heat", "clusters,load", "--seed", "1..20"])
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(lines[0] == "a pool")
    #expect(lines[1].hasPrefix("  load against clusters:"))
    #expect(lines.count == 2 + 3 + 2 + 1, "\(run.output)")
    #expect(lines[2].hasPrefix("  4   #  #") && lines[2].hasSuffix("| ."), "\(run.output)")
    #expect(lines[3].contains("+--"), "\(run.output)")
    #expect(lines[4].hasPrefix("  2   #") && lines[4].hasSuffix("| .  ."), "\(run.output)")
    #expect(lines[7] == "      4  8 16 32", "\(run.output)")
  }

  @Test("a column's values stand in the squares, if somebody asks for them")
  func values() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("study.ns", Self.study + "\n")
    let run = try Netsh.run(["sweep", script, "--heat", "load,clusters", "--of", "room"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("31 30 28"), "\(run.output)")
    let none = try Netsh.run(["sweep", script, "--heat", "load,clusters", "--of", "rooms"])
    #expect(none.status == 2 && none.errors.contains("no report has a column `rooms`"))
  }

  @Test("a map is drawn as SVG, with the frontier as a line; each other param has a map of its own")
  func picture() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("study.ns", Self.study + "\n")
    let two = try folder.write(
      "two.ns", "param big = false\nsweep big in [false, true]\n" + Self.study + "\n")
    for (file, count) in [(script, 1), (two, 2)] {
      let svg = folder.path("map.svg")
      let run = try Netsh.run(
        ["sweep", file, "--heat", "clusters,load", "--seed", "1..5", "--svg", svg])
      #expect(run.status == 0, "\(run.errors)")
      let text = try String(contentsOfFile: svg, encoding: .utf8)
      let parser = XMLParser(data: Data(text.utf8))
      #expect(parser.parse(), "\(String(describing: parser.parserError))")
      #expect(text.components(separatedBy: "stroke-linecap=\"square\"").count == 1 + count)
      #expect(text.components(separatedBy: ">5/5<").count > count)
    }
  }

  @Test("a param that is not swept, or a picture without a map, is refused before anything runs")
  func refused() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("study.ns", Self.study + "\n")
    for pair in ["clusters", "clusters,", ",load", "clusters,clusters", "a,b,c"] {
      #expect(try Netsh.run(["sweep", script, "--heat", pair]).status == 2, "\(pair)")
    }
    let other = try Netsh.run(["sweep", script, "--heat", "clusters,size"])
    #expect(other.status == 2 && other.errors.contains("sweeps no `size`"), "\(other.errors)")
    let svg = try Netsh.run(["sweep", script, "--svg", folder.path("map.svg")])
    #expect(svg.status == 2 && svg.errors.contains("--heat"), "\(svg.errors)")
  }
}
