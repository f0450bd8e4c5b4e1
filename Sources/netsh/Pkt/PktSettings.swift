// Which stack packetdrill scripts meet, and how they are judged.

import NetLab
import NetScript
import NetStack

struct PktSettings: Sendable {
  var profile = "freebsd"
  /// A script has to pass at this level.
  var strictness = DrillStrictness.strict
  /// Milliseconds for which the stack's clocks have run.
  var phases = [0]
  var refusesRest = false
  var defines: [String] = []

  static let profiles = ["freebsd", "freebsd22", "bsd44", "rtems46", "linux"]

  func lab(_ strictness: DrillStrictness, phase: Int) -> DrillLab {
    DrillLab(
      profile: profile == "linux" ? "linux_peer" : profile, strictness: strictness,
      phase: .milliseconds(Int64(phase)), refusesRest: refusesRest, defines: names)
  }

  /// What `#ifdef` knows: what was asked for, or the system that the profile stands for.
  var names: [String] {
    if !defines.isEmpty { return defines }
    return profile == "linux" ? ["Linux"] : profile == "rtems46" ? ["RTEMS"] : ["FreeBSD"]
  }

  /// The options with which one script fails again.
  var words: [String] {
    let usual = PktSettings()
    var words: [String] = []
    if profile != usual.profile { words += ["--profile", profile] }
    if strictness != usual.strictness { words += ["--strictness", strictness.name] }
    if phases != usual.phases {
      words += ["--phase", phases.map(String.init).joined(separator: ",")]
    }
    for name in defines { words += ["--define", name] }
    if refusesRest { words.append("--trailing") }
    return words
  }

  // MARK: As typed

  static func profile(_ name: String) throws -> String {
    if profiles.contains(name) { return name }
    let near = Spelling.nearest(to: name, among: profiles)
    throw Failure(
      .usage, "--profile: there is no '\(name)'" + (near.map { "; did you mean \($0)?" } ?? "."))
  }

  static func phases(_ text: String) throws -> [Int] {
    let phases = text.split(separator: ",").compactMap { Int($0) }
    let isWhole = phases.count == text.count { $0 == "," } + 1
    guard isWhole, phases.allSatisfy({ (0..<1_000_000).contains($0) }) else {
      throw Failure(.usage, "--phase takes milliseconds with commas between, not '\(text)'.")
    }
    return phases
  }

  /// Of `--define`.
  static func name(_ text: String) throws -> String {
    let isName = text.utf8.allSatisfy { octet in
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet) || octet == UInt8(ascii: "_")
        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(octet | 0x20)
    }
    guard isName, text.first.map({ !$0.isNumber }) ?? false else {
      throw Failure(.usage, "--define takes a name, not '\(text)'.")
    }
    return text
  }
}
