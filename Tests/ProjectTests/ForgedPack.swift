// Packs that no `netsh pack` would make: well-formed, their sums right, and with something else in
// them than they should have.

import Crypto
import Foundation

struct ForgedPack {
  struct Entry {
    var name: String
    var octets: [UInt8]
    /// What the zip says of them, if not the truth.
    var claimedCount: Int?
  }

  var entries: [Entry]
  /// Stands in the manifest's own words, its sum left out.
  var manifest: String

  static let script = "case \"c\" { expect 1 == 1\nrun for 1s }\n"

  /// An honest pack of some scripts, the first of which is the root.
  init(_ files: [(name: String, text: String)]) {
    entries = files.map { Entry(name: $0.name, octets: Array($0.text.utf8)) }
    manifest = ""
    manifest = Self.manifest(of: files.map { ($0.name, Array($0.text.utf8)) })
  }

  init(_ script: String = script) { self.init([("main.ns", script)]) }

  /// As `JSONEncoder` prints it, sorted and pretty.
  static func manifest(
    of files: [(name: String, octets: [UInt8])], engine: String = ForgedPack.engine,
    format: String = "netsh case 1", stride: String = "1", title: String = "c"
  ) -> String {
    let listed = files.map {
      "    {\n      \"name\" : \(quoted($0.name)),\n"
        + "      \"sha256\" : \"\(sha256($0.octets))\"\n    }"
    }.joined(separator: ",\n")
    return """
      {
        "engine" : \(quoted(engine)),
        "files" : [
      \(listed)
        ],
        "format" : \(quoted(format)),
        "root" : \(quoted(files.first?.name ?? "")),
        "runs" : [
          {
            "case" : \(quoted(title)),
            "digest" : "0000000000000000",
            "events" : 0,
            "expectations" : [
              {
                "text" : "expect 1 == 1",
                "verdict" : "pass"
              }
            ],
            "point" : [

            ],
            "seed" : 1,
            "stride" : \(stride),
            "trace" : "",
            "verdict" : "pass"
          }
        ],
        "settings" : [

        ],
        "statements" : [

        ],
        "strict" : false,
        "sum" : ""
      }

      """
  }

  static let engine: String = {
    let told = (try? Netsh.run(["--version"]))?.output ?? ""
    return told.trimmingCharacters(in: .newlines)
  }()

  private static func quoted(_ text: String) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
  }

  static func sha256(_ octets: [UInt8]) -> String {
    SHA256.hash(data: octets).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// The file. - Parameter attributes: of each entry in the directory; a link has some.
  func octets(attributes: UInt32 = 0) -> [UInt8] {
    let sum = Self.sha256(Array(manifest.utf8))
    let sealed = manifest.replacing("\"sum\" : \"\"", with: "\"sum\" : \"\(sum)\"")
    let all = [Entry(name: "MANIFEST.json", octets: Array(sealed.utf8))] + entries
    var (file, directory): ([UInt8], [UInt8]) = ([], [])
    for entry in all {
      let offset = file.count
      let count = entry.claimedCount ?? entry.octets.count
      let common =
        Self.number(20, 2) + Self.number(1 << 11, 2) + [0, 0, 0, 0] + Self.number(0x21, 2)
        + Self.number(Int(Self.checksum(entry.octets)), 4) + Self.number(count, 4)
        + Self.number(count, 4) + Self.number(entry.name.utf8.count, 2) + [0, 0]
      file += Array("PK\u{3}\u{4}".utf8) + common + Array(entry.name.utf8) + entry.octets
      directory += Array("PK\u{1}\u{2}".utf8) + Self.number(20, 2) + common
      directory += [UInt8](repeating: 0, count: 6) + Self.number(Int(attributes), 4)
      directory += Self.number(offset, 4) + Array(entry.name.utf8)
    }
    let start = file.count
    return file + directory + Array("PK\u{5}\u{6}".utf8) + [0, 0, 0, 0]
      + Self.number(all.count & 0xFFFF, 2) + Self.number(all.count & 0xFFFF, 2)
      + Self.number(directory.count, 4) + Self.number(start, 4) + [0, 0]
  }

  private static func number(_ number: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
    }
  }

  private static func checksum(_ octets: [UInt8]) -> UInt32 {
    ~octets.reduce(~0) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ ($0 >> 8) }
  }
}
