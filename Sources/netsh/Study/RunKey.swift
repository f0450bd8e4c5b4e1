// What makes a run this run and no other, as sixteen digits: the same wherever the script lies.

import Crypto
import Foundation
import NetLab
import NetScript

/// The id of a run: what it reads, what it is given, and what runs it.
struct RunKey: Hashable, Sendable {
  var text: String

  /// - Parameter closure: of the script and all that it imports, see `closure(of:)`.
  init(_ plan: RunPlan, closure: String) {
    var parts = ["netsh run 1", EngineDigest.text, closure, plan.caseTitle ?? ""]
    parts.append(plan.variant?.title ?? "")
    for position in plan.sweepPositions { parts.append("\(position.sweep):\(position.position)") }
    for one in plan.point { parts.append("\(one.name)=\(one.text)") }
    for setting in plan.settings { parts.append("\(setting.name)=\(setting.text)") }
    parts += plan.options.statements
    parts.append("\(plan.seed)")
    text = String(RunKey.digest(parts).prefix(16))
  }

  /// The digest of all files of a script, by their names as seen from its folder.
  static func closure(of files: SourceFiles, root: String) -> String {
    let folder = (root as NSString).deletingLastPathComponent
    var parts: [String] = []
    for file in files.files {
      let isBelow = !folder.isEmpty && file.name.hasPrefix(folder + "/")
      parts.append(isBelow ? String(file.name.dropFirst(folder.count + 1)) : file.name)
      parts.append(sha256(file.octets))
    }
    return digest(parts)
  }

  /// Each part with its length, so that none can run into the next.
  private static func digest(_ parts: [String]) -> String {
    var octets: [UInt8] = []
    for part in parts {
      octets += "\(part.utf8.count):".utf8
      octets += part.utf8
    }
    return sha256(octets)
  }

  static func sha256(_ octets: [UInt8]) -> String { hexadecimal(SHA256.hash(data: octets)) }

  private static let digits = Array("0123456789abcdef".utf8)

  private static func hexadecimal(_ octets: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    for octet in octets {
      text.append(digits[Int(octet >> 4)])
      text.append(digits[Int(octet & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
