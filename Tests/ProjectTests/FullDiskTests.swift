// Disks that are full, and files that may not grow: a clear sentence, no half file, and the same
// command goes on later.

import Foundation
import Testing

@Suite("Full disks")
struct FullDiskTests {
  /// A shell with a small file system of its own on /mnt, where the system lets anyone have that.
  static let hasSmallDisk: Bool = {
    let shell = URL(fileURLWithPath: "/bin/sh")
    let words = ["-c", "unshare -Urm sh -c 'mount -t tmpfs -o size=64k none /mnt'"]
    return (try? Netsh.run(words, executable: shell))?.status == 0
  }()

  private static let study = """
    param n = 1
    case "c" {
        sweep n in 1..12
        lan wire { rate = 10Mbps }
        host a { nic eth0 { lan = wire } }
        host b { nic eth0 { lan = wire } }
        ping probe { from = a; to = b; interval = 10ms }
        capture a.eth0 "frames.pcapng"
        run for 500ms
        report probe.answered, n, n * 2, n * 3, n * 4, n * 5, n * 6, n * 7, n * 8, n * 9
    }

    """

  /// Runs a shell's lines with `$netsh` and `$study` in them. What they print is the answer.
  private func shell(_ lines: String, _ folder: TemporaryFolder, small: Bool) throws -> Netsh.Run {
    let study = try folder.write("study.ns", Self.study)
    let body = try folder.write("body.sh", (small ? "cd /mnt\n" : "") + lines)
    let netsh = try #require(Netsh.executable).path
    let mount = "mount -t tmpfs -o size=80k none /mnt && sh \(body)"
    let words = small ? ["-c", "unshare -Urm sh -c '\(mount)'"] : [body]
    return try Netsh.run(
      words, environment: ["netsh": netsh, "study": study],
      executable: URL(fileURLWithPath: "/bin/sh"), folder: folder.url)
  }

  /// Names of files in `ls -A` that are none of ours.
  private func strays(_ output: String) -> [Substring] {
    output.split(separator: "\n").filter { $0.hasPrefix("left ") }
      .flatMap { $0.dropFirst(5).split(separator: " ") }
      .filter { !$0.hasSuffix(".json") && $0 != "plan.ndjson" && $0 != "ballast" }
  }

  @Test(
    "a sweep into a full disk says so once, leaves no half file, and goes on when there is room",
    .enabled(if: hasSmallDisk, "no file system of one's own here"))
  func sweep() throws {
    let folder = try TemporaryFolder()
    let run = try shell(
      """
      mkdir out
      head -c 56k /dev/zero > ballast
      $netsh sweep $study --out out > /dev/null; echo status $?
      for file in out/*.json; do tail -c 2 $file | grep -q '}' || echo half $file; done
      echo left $(ls -A out)
      rm ballast
      $netsh sweep $study --out out > /dev/null; echo status $?
      $netsh sweep merge out | wc -l
      """, folder, small: true)
    #expect(run.output.hasPrefix("status 2\n"), "\(run.output)\(run.errors)")
    let said = run.errors.components(separatedBy: "out: the disk is full.").count - 1
    #expect(said == 1, "\(run.errors)")
    #expect(run.errors.contains("the same command goes on from here"), "\(run.errors)")
    #expect(!run.output.contains("half ") && strays(run.output).isEmpty, "\(run.output)")
    #expect(run.output.hasSuffix("status 0\n13\n"), "\(run.output)\(run.errors)")
  }

  @Test(
    "merge, pack and run write all of a file or none of it, and what was there before stays",
    .enabled(if: hasSmallDisk, "no file system of one's own here"))
  func others() throws {
    let folder = try TemporaryFolder()
    let run = try shell(
      """
      $netsh sweep $study --out $HOME/out > /dev/null
      for file in a.csv a.jsonl a.db a.nscase; do echo before > $file; done
      head -c 1M /dev/zero > ballast 2> /dev/null
      $netsh sweep merge $HOME/out --csv a.csv; echo status $?
      $netsh sweep merge $HOME/out --jsonl a.jsonl; echo status $?
      $netsh sweep merge $HOME/out --sqlite a.db; echo status $?
      $netsh pack $study -o a.nscase > /dev/null; echo status $?
      $netsh run $study --out runs > /dev/null 2> $HOME/errors; echo status $?
      cat a.csv a.jsonl a.db a.nscase
      echo left $(ls -A | grep -v '^a[.]') $(find runs -type f)
      grep -c 'the disk is full' $HOME/errors
      """.replacing("$HOME", with: folder.path("")), folder, small: true)
    let told = run.output.split(separator: "\n")
    #expect(told.prefix(5).allSatisfy { $0 == "status 2" }, "\(run.output)\(run.errors)")
    #expect(told.dropFirst(5).prefix(4).allSatisfy { $0 == "before" }, "\(run.output)")
    #expect(strays(run.output).filter { $0 != "runs" }.isEmpty, "\(run.output)")
    for name in ["a.csv", "a.jsonl", "a.db", "a.nscase"] {
      #expect(run.errors.contains("\(name): the disk is full."), "\(run.errors)")
    }
    #expect(told.last != "0", "\(run.output)")
  }

  @Test("a file that may not grow so long is told, and nothing of it is left")
  func quota() throws {
    let folder = try TemporaryFolder()
    let run = try shell(
      """
      (ulimit -f 1
      $netsh sweep $study --out out > /dev/null; echo status $?
      $netsh pack $study -o a.nscase > /dev/null; echo status $?
      $netsh run $study --out runs > /dev/null; echo status $?)
      echo left $(ls -A out) $(find runs -type f) $(ls | grep nscase)
      $netsh sweep $study --out out > /dev/null; echo status $?
      """, folder, small: false)
    let told = run.output.split(separator: "\n")
    #expect(told.prefix(3).allSatisfy { $0 == "status 2" }, "\(run.output)\(run.errors)")
    #expect(strays(run.output).isEmpty, "\(run.output)")
    #expect(run.errors.contains("is longer than a file may be here"), "\(run.errors)")
    #expect(told.last == "status 0", "\(run.output)\(run.errors)")
  }

  @Test("output nobody takes is told, too", arguments: ["sweep merge out", "sweep plan $study"])
  func output(words: String) throws {
    guard Self.isDevice("/dev/full") else { return }
    let folder = try TemporaryFolder()
    let run = try shell(
      "$netsh sweep $study --out out > /dev/null\n$netsh \(words) > /dev/full; echo status $?\n",
      folder, small: false)
    #expect(run.output == "status 2\n", "\(run.output)")
    #expect(run.errors.contains("standard output cannot be written"), "\(run.errors)")
  }

  @Test("a device is written to and never replaced by a file")
  func device() throws {
    guard Self.isDevice("/dev/full") else { return }
    let folder = try TemporaryFolder()
    let link = folder.path("device.csv")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/full")
    let run = try shell(
      """
      $netsh sweep $study --out out > /dev/null
      $netsh sweep merge out --csv \(link); echo status $?
      $netsh pack $study -o /dev/full > /dev/null; echo status $?
      """, folder, small: false)
    #expect(run.output == "status 2\nstatus 2\n", "\(run.output)")
    #expect(run.errors.contains("device.csv: the disk is full."), "\(run.errors)")
    #expect(run.errors.contains("/dev/full: the disk is full."), "\(run.errors)")
    #expect(Self.isDevice("/dev/full") && Self.isDevice(link))
  }

  private static func isDevice(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFCHR
  }
}
