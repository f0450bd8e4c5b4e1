// Replays: a capture's frames at their times, from a station of their own.

import NetScript
import Testing

@testable import NetLab

/// A loader that has one capture, and nothing else.
private final class CaptureLoader: Loader {
  let octets: [UInt8]
  init(_ octets: [UInt8]) { self.octets = octets }

  func load(_ path: String, from importer: String) -> LoadedSource {
    path == "old.pcap"
      ? .found(name: path, octets: octets) : .missing(title: "no file `\(path)`", help: nil)
  }
}

/// A pcap in microseconds: a frame a second, `count` of them.
private func capture(_ count: Int) -> [UInt8] {
  func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (8 * $0) & 255) } }
  var file = word(0xA1B2_C3D4) + [2, 0, 4, 0] + word(0) + word(0) + word(65535) + word(1)
  for index in 0..<count {
    file += word(index) + word(0) + word(60) + word(60)
    file += [UInt8](repeating: 0xFF, count: 12) + [8, 6] + [UInt8](repeating: 0, count: 46)
  }
  return file
}

private func replay(_ text: String, _ octets: [UInt8] = capture(5)) -> [String] {
  let script = """
    case "c" {
        lan office { rate = 10Mbps }
        host b { stack = .none; nic eth0 { lan = office } }
    \(text)
    }
    """
  let planned = Planner.plan(
    name: "test.ns", octets: Array(script.utf8), loader: CaptureLoader(octets),
    options: PlanOptions())
  guard let plan = planned.runs.first else { return planned.diagnostics.map { $0.title } }
  let bench = Bench(plan)
  guard bench.prepare() else { return bench.diagnostics.map { "\($0.code): \($0.title)" } }
  bench.run()
  return bench.output.lines
}

@Suite("Replays")
struct ReplayTests {
  @Test("its frames cross the lan at their times, from when it starts")
  func times() {
    let lines = replay(
      """
          replay old { file = "old.pcap"; lan = office; starts = 100ms }
          on office.frame(e) { print e.at }
          run for 10s
          print old.frames, old.sent, old.drops, old.active, b.eth0.rx.frames
      """)
    #expect(lines == ["100ms", "1.1s", "2.1s", "3.1s", "4.1s", "5  5  0  false  5"])
  }

  @Test("it can be stopped, and begins from the start again")
  func stopping() {
    let lines = replay(
      """
          replay old { file = "old.pcap"; lan = office; active = false }
          at 1s { old.start() }
          at 2500ms { print old.sent; old.stop() }
          at 5s { old.active = true }
          run for 20s
          print old.sent, office.frames, b.eth0.rx.overruns
      """)
    #expect(lines == ["2", "5  7  0"])
  }

  @Test("a file that is no capture, or not there, is a mistake before time 0")
  func mistakes() {
    let text = "replay old { file = \"old.pcap\"; lan = office }\nrun for 1s"
    #expect(
      replay(text, [1, 2, 3])
        == [
          "N463: `old.pcap` is no capture that can be replayed: it has 3 octets: too few for any "
            + "capture"
        ])
    #expect(
      replay("replay old { file = \"new.pcap\"; lan = office }\nrun for 1s")
        == ["N463: no file `new.pcap`"])
    #expect(
      replay("replay old { file = 3; lan = office }\nrun for 1s")
        == ["N210: `file` is the name of a file, but 3 is a bare number"])
    #expect(
      replay("replay old { lan = office }\nrun for 1s") == ["N207: `file` of `old` is not set"])
  }
}
