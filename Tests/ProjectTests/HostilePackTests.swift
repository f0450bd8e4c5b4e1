// Packs by somebody who means ill: well-formed, and each refused with its reason or bounded by a
// limit; none writes anything.

import Foundation
import Testing

@Suite("Hostile packs")
struct HostilePackTests {
  /// What came of a pack in a folder that has nothing but itself, before and after.
  private func verify(_ octets: [UInt8]) throws -> Netsh.Run {
    let folder = try TemporaryFolder()
    let pack = folder.path("pack.nscase")
    try Data(octets).write(to: URL(fileURLWithPath: pack))
    let run = try Netsh.run(["verify", pack], folder: folder.url)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path(""))
    #expect(left == ["pack.nscase"], "\(left)")
    return run
  }

  @Test("a pack forged with nothing wrong in it is read, so that what follows means something")
  func honest() throws {
    let run = try verify(ForgedPack().octets())
    #expect(run.status == 1 && run.errors.isEmpty, "\(run.errors)")
    #expect(run.output.hasPrefix("differs  c · seed 1\n   digest 0000000000000000 there"))
  }

  @Test(
    "a name that leads out of the pack, or two that are one elsewhere, are refused",
    arguments: [
      ("/etc/passwd", "outside"), ("../main.ns", "outside"), ("a/../../b.ns", "outside"),
      ("a//b.ns", "outside"), ("./a.ns", "outside"), ("a\\b.ns", "outside"), ("a/", "outside"),
      ("..", "outside"), ("", "outside"), ("a\u{0}b", "outside"), ("C:/a.ns", "outside"),
      ("a\u{1B}[2Jb", "outside"), ("main.ns", "twice"), ("MAIN.ns", "twice"), ("Main.NS", "twice"),
      ("MANIFEST.json", "twice"), ("manifest.json", "twice"),
    ])
  func names(name: String, reason: String) throws {
    let pack = ForgedPack([("main.ns", ForgedPack.script), (name, "let x = 1\n")])
    let run = try verify(pack.octets())
    #expect(run.status == 2 && run.output.isEmpty, "\(run.output)")
    #expect(run.errors.contains(reason), "\(run.errors)")
    #expect(!run.errors.contains("\u{1B}"), "a terminal obeys it")
  }

  @Test("an entry that the manifest does not list, or the other way round, is refused")
  func unlisted() throws {
    var more = ForgedPack()
    more.entries.append(ForgedPack.Entry(name: "more.ns", octets: []))
    var fewer = ForgedPack([("main.ns", ForgedPack.script), ("more.ns", "")])
    fewer.entries.removeLast()
    var other = ForgedPack([("main.ns", ForgedPack.script), ("more.ns", "")])
    other.entries.swapAt(0, 1)
    for pack in [more, fewer, other] {
      let run = try verify(pack.octets())
      #expect(run.status == 2 && run.errors.contains("are not those that it lists"))
    }
    var empty = ForgedPack()
    empty.entries = []
    empty.manifest = ForgedPack.manifest(of: [])
    #expect(try verify(empty.octets()).status == 2)
    var changed = ForgedPack()
    changed.entries[0].octets[0] ^= 1
    let run = try verify(changed.octets())
    #expect(run.status == 2 && run.errors.contains("main.ns was altered"), "\(run.errors)")
  }

  @Test("links, sizes that are claimed, and more entries than a zip can count are refused")
  func shapes() throws {
    let link = try verify(ForgedPack().octets(attributes: 0xA1FF_0000))
    #expect(link.status == 2 && link.errors.contains("is no pack"), "\(link.errors)")
    for count in [0, 1, 0x7FFF_FFFF, 0xFFFF_FFFF] {
      var pack = ForgedPack()
      pack.entries[0].claimedCount = count
      let run = try verify(pack.octets())
      #expect(run.status == 2 && run.errors.contains("is no pack"), "\(run.errors)")
    }
    var many = ForgedPack()
    many.entries += (0..<70_000).map { ForgedPack.Entry(name: "\($0)", octets: []) }
    let run = try verify(many.octets())
    #expect(run.status == 2 && run.errors.contains("more than"), "\(run.errors)")
    let long = try verify([UInt8](repeating: 0x50, count: (64 << 20) + 1))
    #expect(long.status == 2 && long.errors.contains("longer than 64 MiB"), "\(long.errors)")
  }

  @Test("another format is refused, another engine is named, and neither says what it likes")
  func engines() throws {
    let files = [(name: "main.ns", octets: Array(ForgedPack.script.utf8))]
    var pack = ForgedPack()
    pack.manifest = ForgedPack.manifest(of: files, format: "netsh case 2")
    let other = try verify(pack.octets())
    #expect(other.status == 2 && other.errors.contains("is a `netsh case 2`"), "\(other.errors)")
    pack.manifest = ForgedPack.manifest(of: files, engine: "netsh 9 \u{1B}[31m(engine x)")
    let run = try verify(pack.octets())
    #expect(run.status == 0, "the expectations hold: \(run.output)\(run.errors)")
    #expect(run.errors.contains("made by netsh 9") && !run.errors.contains("\u{1B}"))
    pack.manifest = ForgedPack.manifest(of: files, title: "c\nsame  another")
    let fake = try verify(pack.octets())
    #expect(!fake.output.contains("\nsame  another"), "\(fake.output)")
  }

  @Test(
    "numbers that no run has are refused, or do no harm",
    arguments: ["9223372036854775807", "4611686018427387904", "-9223372036854775808", "-1", "0"])
  func numbers(stride: String) throws {
    var pack = ForgedPack()
    let files = [(name: "main.ns", octets: Array(ForgedPack.script.utf8))]
    pack.manifest = ForgedPack.manifest(of: files, stride: stride)
    let run = try verify(pack.octets())
    #expect(run.status == 2 && run.errors.contains("no run"), "\(run.status) \(run.errors)")
  }

  @Test(
    "a script that would never end, or fill the memory, meets a limit",
    arguments: [
      "while true { }", "fn f(n) => 1 + f(n + 1)\nprint f(0)",
      "var l = []\nwhile true { l.push([l, l]) }", "var s = \"x\"\nwhile true { s = s + s }",
      "let l = range(0, 1_000_000_000_000)\nprint len(l)",
    ].filter { ExampleTests.isOptimised || $0 != "while true { }" })
  func bombs(body: String) throws {
    for script in ["case \"c\" {\n\(body)\nrun for 1s }\n", "\(body)\ncase \"c\" { run for 1s }\n"]
    {
      let run = try verify(ForgedPack(script).octets())
      #expect([1, 3, 4].contains(run.status), "\(run.status) \(run.output)\(run.errors)")
      #expect(!run.output.contains("same  "), "\(run.output)")
    }
  }

  @Test(
    "a pack's script reaches nothing of the machine that it is verified on",
    arguments: ["../near.ns", "near.ns", "/etc/passwd", "./../near.ns", "sub/../near.ns"])
  func files(path: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("near.ns", "let secret = 1\n")
    try folder.write("in/near.ns", "let secret = 1\n")
    let pack = folder.path("in/pack.nscase")
    for script in [
      "import \"\(path)\" as near\n" + ForgedPack.script,
      "case \"c\" { lan l { rate = 1Mbps }\nreplay r { file = \"\(path)\"; lan = l }\n"
        + "capture l \"\(path)\"\nexpect 1 == 1\nrun for 1s }\n",
    ] {
      try Data(ForgedPack(script).octets()).write(to: URL(fileURLWithPath: pack))
      let run = try Netsh.run(["verify", pack], folder: URL(fileURLWithPath: folder.path("in")))
      #expect([1, 3].contains(run.status), "\(run.status) \(run.errors)")
      #expect(!run.output.contains("same  ") && !run.errors.contains("secret"), "\(run.errors)")
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path("in")).sorted()
      #expect(left == ["near.ns", "pack.nscase"], "\(left)")
    }
  }

  @Test(
    "limits that would take more of the machine, or are none, are refused before anything runs",
    arguments: [
      ("heap", "1000GiB", "--limit heap=1000GiB"), ("cpu", "1e8s", "--limit cpu=1e8s"),
      ("steps", "9000000000000", "--limit steps=9000000000000"), ("nice", "1", "no limit 'nice'"),
      ("a\\u001b[2Jb", "1", "no limit"), ("heap", "; rm -r x", "no number"),
    ])
  func limits(name: String, value: String, reason: String) throws {
    var pack = ForgedPack()
    let limit =
      "  \"limits\" : [\n    {\n      \"name\" : \"\(name)\",\n"
      + "      \"value\" : \"\(value)\"\n    }\n  ],\n"
    pack.manifest = pack.manifest.replacingOccurrences(
      of: "  \"root\"", with: limit + "  \"root\"")
    let run = try verify(pack.octets())
    #expect(run.status == 2 && run.output.isEmpty, "\(run.output)")
    #expect(run.errors.contains(reason), "\(run.errors)")
    #expect(!run.errors.contains("\u{1B}"), "a terminal obeys it")
  }
}
