// Runs a case between two hosts that ping each other, with statements of the test's own.

import NetScript
import NetStack
import Testing

@testable import NetLab

/// Files in memory.
final class MemorySink: OutputSink {
  private(set) var files: [(name: String, octets: [UInt8])] = []

  func append(_ octets: [UInt8], to file: String) {
    for index in files.indices where files[index].name == file {
      files[index].octets += octets
      return
    }
    files.append((file, octets))
  }

  func octets(_ name: String) -> [UInt8]? { files.first { $0.name == name }?.octets }
}

/// The result of a case: 15 pings in 3 s, 200 ms apart, and the statements given.
func result(
  _ statements: String, before: String = "", sink: MemorySink? = nil, run: String = "run for 3s",
  limits: RunLimits = RunLimits()
) -> RunResult {
  let text = """
    \(before)
    case "ping" {
        lan office { rate = 10Mbps; delay = 50us }
        host server { nic eth0 { lan = office } }
        host client { nic eth0 { lan = office } }
        ping probe { from = client; to = server; interval = 200ms }
        \(statements.split(separator: "\n").joined(separator: "\n    "))
        \(run)
    }
    """
  return result(ofScript: text, sink: sink, limits: limits)
}

func result(
  ofScript text: String, sink: MemorySink? = nil, limits: RunLimits = RunLimits(),
  run index: Int = 0
) -> RunResult {
  var options = PlanOptions()
  options.limits = limits
  let planned = Planner.plan(
    name: "test.ns", octets: Array(text.utf8), loader: NoImports(), options: options)
  guard planned.diagnostics.isEmpty, index < planned.runs.count else {
    let renderer = DiagnosticRenderer(planned.files)
    Issue.record("\(planned.diagnostics.map { renderer.render($0) }.joined())")
    return RunResult(title: "")
  }
  let bench = Bench(planned.runs[index])
  bench.output.sink = sink
  if bench.prepare() { bench.run() }
  let renderer = DiagnosticRenderer(planned.files)
  for diagnostic in bench.diagnostics { Issue.record("\(renderer.render(diagnostic))") }
  return bench.result
}

extension RunResult {
  var verdicts: [String] { expectations.map(\.verdict.word) }
  var faultText: String? { fault.map { "\($0.error.code): \($0.error.title)" } }
}
