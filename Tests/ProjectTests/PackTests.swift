// Cases that travel: packed here, verified there, and refused when anything of them was altered.

import Foundation
import Testing

@Suite("Packs")
struct PackTests {
  private static let lab = """
    import "parts/near.ns" as near
    param clusters = 64
    case "a transfer" {
        near.lab(clusters)
        sweep clusters in [64, 96]
        expect never leaked(server) > 0
        run for 500ms
        report ftp.sent
        variant "small writes" { ftp.write = 300B }
        variant "large writes" { ftp.write = 2KiB }
    }
    """
  private static let near = """
    fn lab(clusters) {
        lan wire { rate = 10Mbps }
        host server { pool { clusters = clusters }; nic eth0 { lan = wire } }
        host client { nic eth0 { lan = wire } }
        bulk ftp { from = server; to = client }
    }
    """

  private func packed(_ folder: TemporaryFolder) throws -> String {
    try folder.write("lab/parts/near.ns", Self.near + "\n")
    let script = try folder.write("lab/main.ns", Self.lab + "\n")
    let pack = folder.path("lab.nscase")
    let run = try Netsh.run(["pack", script, "-o", pack])
    #expect(run.status == 0 && run.output == "netsh verify \(pack)\n", "\(run.errors)")
    return pack
  }

  @Test("a pack has the script, its imports and a manifest, in a zip; and the same one each time")
  func content() throws {
    let folder = try TemporaryFolder()
    let pack = try packed(folder)
    let first = try Data(contentsOf: URL(fileURLWithPath: pack))
    #expect(try Data(contentsOf: URL(fileURLWithPath: packed(folder))) == first)
    let text = String(decoding: first, as: UTF8.self)
    #expect(text.hasPrefix("PK\u{3}\u{4}"))
    for part in ["MANIFEST.json", "parts/near.ns", Self.lab, "\"verdict\" : \"pass\""] {
      #expect(text.contains(part), "\(part)")
    }
    #expect(!text.contains(folder.path("")), "a pack tells nothing of where it was made")
  }

  @Test("verify runs it in memory, beside nothing else, and finds the same")
  func verified() throws {
    let folder = try TemporaryFolder()
    let pack = try packed(folder)
    try FileManager.default.removeItem(atPath: folder.path("lab"))
    let empty = URL(fileURLWithPath: folder.path("empty"))
    try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
    let run = try Netsh.run(["verify", pack], folder: empty)
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    #expect(
      run.output.split(separator: "\n").contains(
        "same  a transfer · variant \"small writes\" · clusters = 96 · seed 1"), "\(run.output)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: empty.path).isEmpty)
  }

  @Test("a capture that a run replays travels along, also in a minimal pack")
  func captures() throws {
    let folder = try TemporaryFolder()
    let first = try folder.write(
      "lab/first.ns",
      """
      lan wire { rate = 10Mbps }
      host a { nic eth0 { lan = wire } }
      host b { nic eth0 { lan = wire } }
      ping probe { from = a; to = b; interval = 100ms }
      capture wire "frames.pcapng"
      run for 1s

      """)
    let made = try Netsh.run(["run", first, "--out", folder.path("lab/out")])
    #expect(made.status == 0, "\(made.errors)")
    let script = try folder.write(
      "lab/again.ns",
      """
      # The same frames once more.
      case "again" {
          lan wire { rate = 10Mbps }
          host c { nic eth0 { lan = wire } }
          replay old { file = "out/frames.pcapng"; lan = wire }
          run for 2s
          expect wire.frames > 0
      }

      """)
    for more in [[], ["--minimal"]] {
      let pack = folder.path("again.nscase")
      let run = try Netsh.run(["pack", script, "-o", pack] + more)
      #expect(run.status == 0, "\(run.errors)")
      let elsewhere = URL(fileURLWithPath: folder.path("empty"))
      try FileManager.default.createDirectory(at: elsewhere, withIntermediateDirectories: true)
      let verified = try Netsh.run(["verify", pack], folder: elsewhere)
      #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
    }
  }

  @Test("a pack of the release build is verified by this one, and the other way round")
  func builds() throws {
    guard let other = ProcessInfo.processInfo.environment["NETSH_RELEASE"] else { return }
    let folder = try TemporaryFolder()
    let pack = try packed(folder)
    let release = URL(fileURLWithPath: other)
    #expect(try Netsh.run(["verify", pack], executable: release).status == 0)
    let back = folder.path("back.nscase")
    let words = ["pack", folder.path("lab/main.ns"), "-o", back]
    #expect(try Netsh.run(words, executable: release).status == 0)
    #expect(try Netsh.run(["verify", back]).status == 0)
  }

  @Test("two hundred packs, each altered in one place, are all refused, and nothing is written")
  func altered() throws {
    let folder = try TemporaryFolder()
    let octets = [UInt8](try Data(contentsOf: URL(fileURLWithPath: packed(folder))))
    var random = SystemlessRandom(seed: 2004)
    var packs: [String] = []
    for number in 0..<200 {
      var other = octets
      let place = Int(random.next() % UInt64(octets.count))
      switch number % 4 {
      case 0: other[place] ^= 1 << UInt8(random.next() % 8)
      case 1: other.remove(at: place)
      case 2: other.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
      default: other = Array(other[..<place])
      }
      let path = folder.path("altered-\(number).nscase")
      try Data(other).write(to: URL(fileURLWithPath: path))
      packs.append(path)
    }
    for pack in packs {
      let run = try Netsh.run(["verify", pack])
      #expect(run.status == 2 && run.output.isEmpty, "\(pack): \(run.output)")
      #expect(run.errors.contains("altered") || run.errors.contains("is no pack"), "\(run.errors)")
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path(""))
    #expect(left.count == 200 + 2, "the packs, the lab and the first pack")
  }

  @Test("a minimal pack has no comments and nothing that no run needs, and its runs are the same")
  func minimal() throws {
    let folder = try TemporaryFolder()
    try folder.write("lab/parts/near.ns", Self.near + "\nfn far() => 1\n")
    let text = """
      # Of no use to anybody else.
      import "std/policies"
      fn idle() => clusters
      \(Self.lab)
      case "another" { run for 1s }

      """
    let script = try folder.write("lab/main.ns", text)
    var runs: [String] = []
    for words in [[], ["--minimal"]] {
      let pack = folder.path("pack\(words.count).nscase")
      let choice = ["--case", "a transfer", "--variant", "small*"]
      let run = try Netsh.run(["pack", script, "-o", pack] + choice + words)
      #expect(run.status == 0, "\(run.errors)")
      #expect(try Netsh.run(["verify", pack]).status == 0)
      let content = String(
        decoding: try Data(contentsOf: URL(fileURLWithPath: pack)), as: UTF8.self)
      for part in ["Of no use", "policies", "idle", "far", "another", "large writes"] {
        #expect(content.contains(part) == words.isEmpty, "\(part)")
      }
      let start = try #require(content.range(of: "\"runs\" : ["))
      let end = try #require(content.range(of: "\"settings\""))
      runs.append(String(content[start.lowerBound..<end.lowerBound]))
    }
    #expect(runs[0] == runs[1] && runs[0].contains("digest"))
  }

  @Test("limits travel with a pack: what raises one counts when its reader allows it")
  func limits() throws {
    let folder = try TemporaryFolder()
    let text = "case \"c\" { var all = []\nfor n in 1..100 { all.push(n) }\nrun for 1s }\n"
    let script = try folder.write("c.ns", text)
    let pack = folder.path("c.nscase")
    let raised = ["--limit", "heap=512MiB"]
    let packed = try Netsh.run(["pack", script, "-o", pack, "--limit", "steps=10000"] + raised)
    #expect(packed.status == 0, "\(packed.errors)")
    #expect(packed.output == "netsh verify --limit heap=512MiB \(pack)\n")
    let refused = try Netsh.run(["verify", pack])
    #expect(refused.status == 2 && refused.output.isEmpty)
    #expect(refused.errors.contains("netsh verify --limit heap=512MiB \(pack)"))
    #expect(try Netsh.run(["verify", pack] + raised).status == 0)
  }

  @Test("what is no pack is refused with a sentence")
  func refused() throws {
    let folder = try TemporaryFolder()
    for (name, text) in [("empty", ""), ("text", "hello"), ("zip", "PK\u{5}\u{6}")] {
      let run = try Netsh.run(["verify", try folder.write(name, text)])
      #expect(run.status == 2 && run.errors.contains("is no pack of netsh, or was altered."))
    }
    let none = try Netsh.run(["verify", folder.path("nowhere")])
    #expect(none.status == 2 && none.errors.contains("cannot be read"))
    let mistake = try folder.write("wrong.ns", "case \"x\" { host a { nicc e { } }\nrun for 1s }\n")
    let output = folder.path("wrong.nscase")
    #expect(try Netsh.run(["pack", mistake, "-o", output]).status == 3)
    #expect(!FileManager.default.fileExists(atPath: output))
  }

  @Test(
    "every example packs and verifies",
    .enabled(if: ExampleTests.isOptimised, "each runs twice"),
    arguments: Project.paths(under: "examples").filter {
      $0.hasSuffix(".ns") && !$0.hasPrefix("examples/bench") && !$0.hasPrefix("examples/torre")
        && !$0.hasPrefix("examples/matrix")
    })
  func examples(path: String) throws {
    let folder = try TemporaryFolder()
    let pack = folder.path("example.nscase")
    let script = Project.root.appendingPathComponent(path).path
    let run = try Netsh.run(["pack", script, "-o", pack])
    #expect(run.status == 0, "\(run.errors)")
    let verified = try Netsh.run(["verify", pack])
    #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
  }
}

/// splitmix64: the same alterations each time.
private struct SystemlessRandom {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
