// What a pack says of itself: the text beside its files that a person can read.

import Foundation
import NetSim

struct PackManifest: Codable, Equatable, Sendable {
  static let name = "MANIFEST.json"
  static let format = "netsh case 1"

  struct File: Codable, Equatable, Sendable {
    var name: String
    var sha256: String
  }
  /// What a run came to.
  struct Run: Codable, Equatable, Sendable {
    struct Expectation: Codable, Equatable, Sendable {
      var text: String
      var verdict: String
    }
    var `case`: String
    var variant: String?
    var point: [StudyLine.Setting]
    var seed: UInt64
    var verdict: String
    var expectations: [Expectation]
    var events: Int64
    var digest: String
    /// Digests at every `stride` events, behind each other.
    var stride: Int64
    var trace: String
  }

  var format = PackManifest.format
  var engine: String
  var root: String
  var files: [File]
  var casePattern: String?
  var variantPattern: String?
  var firstSeed: UInt64?
  var lastSeed: UInt64?
  var settings: [StudyLine.Setting]
  var statements: [String]
  var schedule: String?
  /// Other than usual; nil when none is.
  var limits: [StudyLine.Setting]?
  var strict: Bool
  var runs: [Run]
  /// Of all of this with nothing here.
  var sum = ""

  static var engine: String { "netsh \(Netsh.version) (engine \(EngineDigest.text))" }

  /// More events than any run may have, and no number whose multiples overflow.
  static let longestStride: Int64 = 1 << 32

  /// Whether a file of this name lies in the pack, whoever unpacks it and where.
  static func isPlain(_ name: String) -> Bool {
    let names = name.split(separator: "/", omittingEmptySubsequences: false)
    return names.allSatisfy { $0 != "" && $0 != "." && $0 != ".." }
      && !name.contains { $0 == "\\" || $0 == ":" } && name == name.harmless
  }

  static func sha256(_ octets: [UInt8]) -> String { RunKey.sha256(octets) }

  /// The text, with its sum.
  func text() throws -> [UInt8] {
    var sealed = self
    sealed.sum = ""
    sealed.sum = Self.sha256(try sealed.plainText())
    return try sealed.plainText()
  }

  private func plainText() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
  }

  /// Nil when it is no manifest, or not the one that was written.
  init?(octets: [UInt8]) {
    guard let manifest = try? JSONDecoder().decode(PackManifest.self, from: Data(octets)),
      let text = try? manifest.text(), text == octets
    else { return nil }
    self = manifest
  }

  init(options: RunOptions, root: String, files: [File], runs: [Run]) {
    engine = Self.engine
    self.root = root
    self.files = files
    casePattern = options.casePattern
    variantPattern = options.variantPattern
    firstSeed = options.seeds?.lowerBound
    lastSeed = options.seeds?.upperBound
    settings = options.settings.map { StudyLine.Setting(name: $0.name, value: $0.value) }
    statements = options.statements
    schedule = options.schedule?.text
    let chosen = options.limits.map { StudyLine.Setting(name: $0.name, value: $0.value) }
    limits = chosen.isEmpty ? nil : chosen
    strict = options.strict
    self.runs = runs
  }

  /// What the command line said where the pack was made.
  func options(script: ScriptFile) -> RunOptions {
    var options = RunOptions()
    options.scripts = [script]
    options.casePattern = casePattern
    options.variantPattern = variantPattern
    if let firstSeed, let lastSeed, firstSeed <= lastSeed { options.seeds = firstSeed...lastSeed }
    options.settings = settings.map { NamedValue(name: $0.name, value: $0.value) }
    options.statements = statements
    options.schedule = schedule.flatMap { Schedule($0) }
    options.limits = (limits ?? []).map { NamedValue(name: $0.name, value: $0.value) }
    options.strict = strict
    return options
  }
}
