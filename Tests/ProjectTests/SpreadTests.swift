// A study spread by GNU parallel over two pretend hosts: one refuses, one dies in the middle.

import Foundation
import Testing

@Suite("Studies on many machines")
struct SpreadTests {
  static let parallel = ["/usr/bin/parallel", "/usr/local/bin/parallel"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// In the place of ssh. `refuses` is never there; `dies` loses its first job half-way.
  private static let pretender = """
    #!/bin/sh
    while [ "${1#-}" != "$1" ]; do shift; done
    host=$1
    shift
    [ "$1" = "--" ] && shift
    [ "$host" = refuses ] && exit 255
    if mkdir died 2>/dev/null; then
      setsid sh -c "$*" &
      sleep 0.3
      kill -9 -- -$!
      exit 255
    fi
    exec sh -c "$*"
    """

  @Test(
    "all results are there in the end, once each, and the same as of one machine",
    .enabled(if: parallel != nil, "GNU parallel is not installed: scripts/setup brings it"))
  func spread() throws {
    let parallel = try #require(Self.parallel)
    let netsh = try #require(Netsh.executable).path
    let folder = try TemporaryFolder()
    let script = try folder.write("study.ns", SweepTests.study)
    let pretender = try folder.write("pretender", Self.pretender + "\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: pretender)
    let command = "\(netsh) sweep run \(script) --shard {}/4 --out \(folder.path("out"))"
    let words = [
      "--will-cite", "-S", "1/refuses,1/dies", "--retries", "5", command, ":::", "1", "2", "3", "4",
    ]
    let run = try Netsh.run(
      words, environment: ["PARALLEL_SSH": pretender, "HOME": folder.path(""), "SHELL": "/bin/sh"],
      executable: URL(fileURLWithPath: parallel), folder: URL(fileURLWithPath: folder.path("")))
    #expect(run.status == 0, "\(run.errors)\(run.output)")
    #expect(FileManager.default.fileExists(atPath: folder.path("died")))
    _ = try Netsh.run(["sweep", script, "--out", folder.path("whole")])
    let merged = try ["out", "whole"].map {
      try Netsh.run(["sweep", "merge", folder.path($0)]).output
    }
    #expect(merged[0] == merged[1] && merged[0].split(separator: "\n").count == 1 + 12)
  }
}
