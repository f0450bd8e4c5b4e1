// The lab in which a packetdrill script is run: one host of a profile, one wire, one `drill`.
//
// It is a script like any other, so whoever wants to look closer has all of the bench. Compiled
// once for all the scripts that are run in it: the loader hands out the one whose turn it is.

import NetScript
import NetStack

/// Which stack a packetdrill script meets, and how strictly it is compared.
public struct DrillLab: Sendable {
  /// A preset of `std/presets`.
  public var profile: String
  public var strictness: DrillStrictness
  /// How long the stack's clocks have run when the script begins.
  public var phase: TimeSpan
  /// Packets that no line expects fail the script at its end.
  public var refusesRest: Bool
  /// What `#ifdef` finds defined.
  public var defines: [String]
  /// Its frames go to `DrillLab.captureName`.
  public var captures = false

  public init(
    profile: String = "freebsd", strictness: DrillStrictness = .strict, phase: TimeSpan = .zero,
    refusesRest: Bool = false, defines: [String] = ["FreeBSD"]
  ) {
    self.profile = profile
    self.strictness = strictness
    self.phase = phase
    self.refusesRest = refusesRest
    self.defines = defines
  }

  /// The name by which the lab asks for its script.
  public static let scriptName = "script.pkt"
  public static let captureName = "script.pcapng"

  /// - Parameter file: the name of the packetdrill script, as the lab is to write it.
  public func text(file: String = DrillLab.scriptName) -> String {
    """
    import "std/presets"
    lan wire { rate = 1000Gbps }
    host dut : presets.\(profile) {
        nic eth0 { lan = wire; refill = .reuse }
        pool { mbufs = 4096; clusters = 1024 }
        cpu { factor = 0 }
    }
    drill script {
        file = "\(file)"
        host = dut
        lan = wire
        starts = \(phase.nanoseconds / 1_000_000)ms
        strictness = .\(strictness.word.rawValue)
        trailing = \(!refusesRest)
        defines = [\(defines.map { ".\($0)" }.joined(separator: ", "))]
    }
    \(captures ? "capture wire \"\(DrillLab.captureName)\"" : "")
    run until script.finished
    expect script.passed

    """
  }

  /// Ready to run any script; nil when there is no such profile.
  public func prepared() -> PreparedDrillLab? {
    let loader = DrillLoader(name: "", octets: [])
    let planned = Planner.plan(
      name: "lab.ns", octets: Array(text().utf8), loader: loader, options: PlanOptions())
    guard let plan = planned.runs.first else { return nil }
    return PreparedDrillLab(plan: plan)
  }
}

public struct PreparedDrillLab: Sendable {
  let plan: RunPlan

  /// Runs a script from its begin to its end; nil when it has mistakes.
  ///
  /// - Parameters:
  ///   - monitor: may end it early; the outcome is then `running`.
  ///   - sink: takes its frames, when the lab captures them.
  public func run(
    name: String, octets: [UInt8], monitor: (any RunMonitor)? = nil,
    sink: (any OutputSink)? = nil
  ) -> DrillReport? {
    let bench = Bench(plan.reading(from: DrillLoader(name: name, octets: octets)))
    bench.attach(monitor: monitor, sink: sink)
    guard bench.prepare() else { return nil }
    bench.run()
    return bench.drills.first
  }
}

extension DrillStrictness {
  var word: Word {
    switch self {
    case .strict: .strict
    case .synOptions: .synOptions
    case .options: .options
    case .window: .window
    }
  }
}

/// Hands out one script.
final class DrillLoader: Loader {
  private let name: String
  private let octets: [UInt8]

  init(name: String, octets: [UInt8]) {
    self.name = name
    self.octets = octets
  }

  func load(_ path: String, from importer: String) -> LoadedSource {
    return .found(name: name, octets: octets)
  }
}
