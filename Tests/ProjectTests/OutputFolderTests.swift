// `--out`: a folder for each run, nothing mixed, nothing begun that cannot be ended.

import Foundation
import Testing

@Suite("Output folders")
struct OutputFolderTests {
  private let lab = "lan l { rate = 10Mbps }\nrecord l.frames as \"r\"\n"

  @Test("points of a sweep and cases of two files have folders of their own")
  func apart() throws {
    try inFolder { folder in
      let swept = "param n = 1\ncase \"s\" { \(lab) sweep n in [1, 2]\nrun for 1ms }"
      try swept.write(to: folder.appendingPathComponent("a.ns"), atomically: true, encoding: .utf8)
      let plain = "case \"p\" { \(lab) run for 1ms }"
      try plain.write(to: folder.appendingPathComponent("b.ns"), atomically: true, encoding: .utf8)
      let out = folder.appendingPathComponent("out").path
      let run = try Netsh.run(
        ["run", "--out", out] + ["a.ns", "b.ns"].map { folder.appendingPathComponent($0).path })
      #expect(run.status == 0, "\(run.errors)")
      let files = (FileManager.default.enumerator(atPath: out)?.compactMap { $0 as? String } ?? [])
        .filter { $0.hasSuffix(".csv") }.sorted()
      #expect(files == ["p/r.csv", "s/point-1/r.csv", "s/point-2/r.csv"])
    }
  }

  @Test("where no folder can be made the run does not begin")
  func unusable() throws {
    try inFolder { folder in
      let script = folder.appendingPathComponent("a.ns").path
      try "print 1\n".write(toFile: script, atomically: true, encoding: .utf8)
      let run = try Netsh.run(["run", "--out", script + "/below", script])
      #expect(run.status == 2 && run.output.isEmpty)
      #expect(run.errors == "netsh: \(script): is no folder.\n")
    }
  }

  private func inFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }
}
