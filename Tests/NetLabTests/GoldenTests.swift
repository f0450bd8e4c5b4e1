// Scripts in Golden, each with what `netsh run` prints of it beside it: the mistakes of people who
// are new to the language, and the messages as they were drawn when it was designed.

import Testing

import struct Foundation.Data
import class Foundation.FileManager
import struct Foundation.URL

@Suite("Golden output")
struct GoldenTests {
  static func scripts(_ folder: String) -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(
      atPath: Golden.folder.appendingPathComponent(folder).path)
    return (names ?? []).filter { $0.hasSuffix(".ns") }.sorted().map { "\(folder)/\($0)" }
  }

  private func printed(_ path: String) throws -> Printed {
    let data = try Data(contentsOf: Golden.folder.appendingPathComponent(path))
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return Printed(String(decoding: data, as: UTF8.self), name: name)
  }

  private func compare(_ path: String, _ printed: Printed) throws {
    let beside = path.dropLast(3) + ".expected"
    #expect(try printed.text == Golden.expected(String(beside), update: printed.text))
  }

  @Test(
    "a new user's mistake is named, with the edit that mends it", arguments: scripts("Mistakes"))
  func mistakes(path: String) throws {
    let printed = try printed(path)
    #expect(!printed.codes.isEmpty)
    try compare(path, printed)
  }

  @Test("a message looks as it was drawn, or better", arguments: scripts("Drawn"))
  func drawn(path: String) throws { try compare(path, printed(path)) }

  @Test("there are the ten mistakes and as many of people who come from elsewhere")
  func count() {
    #expect(GoldenTests.scripts("Mistakes").count >= 20)
    #expect(GoldenTests.scripts("Drawn").count >= 8)
  }
}
