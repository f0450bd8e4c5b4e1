// The packetdrill scripts of Tests/Packetdrill: what no public suite covers.
//
// Each names in its head the rule that it holds to, works out its times, and says which profiles
// have that rule. All pass strictly, with nothing left over, at any phase of the host's clock.

import Foundation
import NetStack
import Testing

@testable import NetLab

/// One of them.
struct OwnScript: Sendable, CustomTestStringConvertible {
  let name: String
  let octets: [UInt8]
  let profiles: [String]
  var testDescription: String { name }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Packetdrill")

  static let all: [OwnScript] = {
    let names = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String] ?? []
    return names.filter { $0.hasSuffix(".pkt") }.sorted().compactMap { name in
      let file = folder.appendingPathComponent(name)
      guard let data = try? Data(contentsOf: file) else { return nil }
      let text = String(decoding: data, as: UTF8.self)
      let line = text.split(separator: "\n").first { $0.hasPrefix("// Profiles: ") }
      let profiles = line?.dropFirst(13).split(separator: " ").map { String($0) } ?? []
      return OwnScript(name: name, octets: Array(data), profiles: profiles)
    }
  }()
}

@Suite("Own packetdrill scripts")
struct OwnScriptTests {
  @Test("there are scripts, and each names its profiles")
  func all() {
    #expect(OwnScript.all.count >= 22)
    for script in OwnScript.all { #expect(!script.profiles.isEmpty, "\(script.name)") }
  }

  @Test("a script passes strictly at four phases of the clock", arguments: OwnScript.all)
  func passes(script: OwnScript) throws {
    for profile in script.profiles {
      for phase: Int64 in [0, 50, 137, 499] {
        let lab = DrillLab(profile: profile, phase: .milliseconds(phase), refusesRest: true)
        let prepared = try #require(lab.prepared())
        let report = try #require(prepared.run(name: script.name, octets: script.octets))
        if report.outcome.isPassed { continue }
        Issue.record("\(profile), clock at \(phase) ms: \(Self.text(report))")
      }
    }
  }

  private static func text(_ report: DrillReport) -> String {
    switch report.outcome {
    case .running, .passed: return "not over"
    case .unsupported(let what, let span):
      return "line \(report.file.line(at: span.start)): unsupported: \(what)"
    case .failed(let failure):
      let packets = [failure.expected?.text, failure.actual?.text].compactMap { $0 }
      return "line \(report.file.line(at: failure.span.start)): \(failure.title) "
        + packets.joined(separator: " | ")
    }
  }
}
