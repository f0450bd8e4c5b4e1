// What `netsh run` prints of a script: diagnostics, faults, results. For golden files.

import NetScript
import NetSim
import NetStack

import struct Foundation.Data
import class Foundation.ProcessInfo
import struct Foundation.URL

@testable import NetLab

/// A script and what came of it. Its first line may say how it is started, as a user would:
/// `# netsh run --set gap=5s --limit steps=1000 --seed 7 -e 'pause'`.
struct Printed {
  /// All that is printed; without the last line of a run, whose digest changes with the engine.
  private(set) var text = ""
  /// Of everything that was found wrong, in order.
  private(set) var codes: [String] = []
  /// Whether a limit ended it.
  private(set) var isLimit = false

  /// Files that every script can import.
  static let files = [
    "lab.ns": "let size = 64\n", "my-lab.ns": "let size = 64\n",
    // A capture without a frame: its section header alone.
    "office.pcapng": "\n\r\r\n\u{1C}\0\0\0M<+\u{1A}\u{1}\0\0\0\0\0\0\0\0\0\0\0\u{1C}\0\0\0",
    "circle.ns": "import \"circle.ns\" as again\nlet size = again.size\n",
  ]

  init(_ script: String, name: String) {
    var options = PlanOptions()
    var cpu = Instant.never
    for word in Printed.words(script) { Printed.take(word, &options, &cpu) }
    let planned = Planner.plan(
      name: name, octets: Array(script.utf8), loader: TextLoader(Printed.files), options: options)
    let renderer = DiagnosticRenderer(planned.files)
    tell(planned.diagnostics + planned.warnings, renderer)
    for plan in planned.runs { run(plan, renderer, cpu: cpu) }
  }

  /// What is said about a packetdrill script; it is not run.
  init(drill script: String, name: String) {
    var files = SourceFiles()
    let file = files.add(name: name, text: script)
    let (_, diagnostics) = DrillParser.parse(files[file], defines: ["FreeBSD"])
    tell(diagnostics, DiagnosticRenderer(files))
  }

  private mutating func tell(_ diagnostics: [Diagnostic], _ renderer: DiagnosticRenderer) {
    for diagnostic in diagnostics {
      text += renderer.render(diagnostic)
      codes.append(diagnostic.code)
    }
  }

  private mutating func run(_ plan: RunPlan, _ renderer: DiagnosticRenderer, cpu: Instant) {
    let bench = Bench(plan)
    bench.attach(monitor: Stopwatch(cpu), sink: nil)
    if bench.prepare() { bench.run() }
    guard bench.diagnostics.isEmpty else { return tell(bench.diagnostics, renderer) }
    tell(bench.warnings, renderer)
    let result = bench.result
    if let fault = result.fault {
      isLimit = fault.error.isLimit
      codes.append(fault.error.code)
      if let diagnostic = fault.error.diagnostic {
        text += renderer.render(diagnostic, moment: fault.moment)
      } else {
        text += "error \(fault.error.code): \(fault.error.title) \(fault.moment)\n"
        if let help = fault.error.help { text += "help: \(help)\n" }
      }
    }
    for line in TextReport().lines(result).dropLast() { text += line + "\n" }
  }

  // MARK: How it is started

  private static func words(_ script: String) -> [(option: String, value: String)] {
    let line = script.prefix { $0 != "\n" }
    guard line.hasPrefix("# netsh run ") else { return [] }
    let words = line.split(separator: " ").dropFirst(3).map(String.init)
    return stride(from: 0, to: words.count - 1, by: 2).map { (words[$0], words[$0 + 1]) }
  }

  private static func take(
    _ word: (option: String, value: String), _ options: inout PlanOptions, _ cpu: inout Instant
  ) {
    let parts = word.value.split(separator: "=", maxSplits: 1).map(String.init)
    switch word.option {
    case "--set": options.settings.append((name: parts[0], text: parts[1]))
    case "--limit":
      let number = Int(parts[1].filter(\.isNumber)) ?? 1
      let unit = parts[1].hasSuffix("MiB") ? 1 << 20 : parts[1].hasSuffix("KiB") ? 1 << 10 : 1
      switch parts[0] {
      case "steps": options.limits.vm.steps = number
      case "frames": options.limits.vm.frames = number
      case "heap": options.limits.vm.heapOctets = number * unit
      case "hook_steps": options.limits.hookSteps = number
      case "handler_steps": options.limits.handlerSteps = number
      case "events": options.limits.events = Int64(number)
      case "samples": options.limits.samples = number
      case "output": options.limits.outputOctets = number * unit
      case "capture": options.limits.captureOctets = number * unit
      case "runs": options.limits.runs = number
      // No clock here: a second of simulated time stands for it.
      case "cpu": cpu = Instant(nanoseconds: 1_000_000_000)
      default: preconditionFailure("no limit `\(parts[0])`")
      }
    default: preconditionFailure("no option `\(word.option)`")
    }
  }

  /// Ends a run whose CPU time is up.
  private final class Stopwatch: RunMonitor {
    private let end: Instant
    init(_ end: Instant) { self.end = end }
    func pulse(now: Instant, events: Int64) -> RunOrder { now > end ? .outOfTime : .goOn }
  }
}

/// Texts beside the tests that printed output is compared with; UPDATE_GOLDEN=1 rewrites them.
enum Golden {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden")

  /// What stands there; after an update, what was put there.
  static func expected(_ name: String, update text: String) throws -> String {
    let file = folder.appendingPathComponent(name)
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      try Data(text.utf8).write(to: file)
    }
    return String(decoding: (try? Data(contentsOf: file)) ?? Data(), as: UTF8.self)
  }
}
