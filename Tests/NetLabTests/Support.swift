// Runs scripts that stand in tests.

import NetScript
import NetSim
import Testing

@testable import NetLab

/// One run of a script's text, prepared and, if that found nothing wrong, run.
struct Trial {
  var bench: Bench?
  var diagnostics: [Diagnostic]
  var files: SourceFiles

  /// Every mistake as its code and title.
  var mistakes: [String] { diagnostics.map { "\($0.code): \($0.title)" } }

  /// Every mistake as it is printed.
  var rendered: String {
    let renderer = DiagnosticRenderer(files)
    return diagnostics.map { renderer.render($0) }.joined()
  }

  var fault: String? {
    if case .fault(let fault, _) = bench?.ending { return "\(fault.code): \(fault.title)" }
    return nil
  }

  /// A measurement, as text.
  func read(_ path: String) -> String {
    guard let bench else { return "no bench" }
    var value = Value.node(0)
    for (index, part) in path.split(separator: ".").enumerated() {
      let name = bench.vm.intern(String(part))
      let span = bench.program.root.span
      do throws(RuntimeError) {
        value =
          index == 0
          ? try bench.root(name, at: span) : try bench.member(of: value, name, at: span)
      } catch {
        return error.code
      }
    }
    return bench.vm.text(value)
  }
}

/// Strings by name, for imports.
final class TextLoader: Loader {
  let texts: [String: String]
  init(_ texts: [String: String]) { self.texts = texts }

  func load(_ path: String, from importer: String) -> LoadedSource {
    guard let text = texts[path] else { return .missing(title: "no file `\(path)`", help: nil) }
    return .found(name: path, octets: Array(text.utf8))
  }
}

/// Plans a script and takes one of its runs to the end.
func trial(
  _ text: String, run index: Int = 0, imports: [String: String] = [:],
  options: PlanOptions = PlanOptions()
) -> Trial {
  let planned = Planner.plan(
    name: "test.ns", octets: Array(text.utf8), loader: TextLoader(imports), options: options)
  guard planned.diagnostics.isEmpty, index < planned.runs.count else {
    return Trial(bench: nil, diagnostics: planned.diagnostics, files: planned.files)
  }
  let bench = Bench(planned.runs[index])
  if bench.prepare() && planned.runs[index].runs { bench.run() }
  return Trial(bench: bench, diagnostics: bench.diagnostics, files: planned.files)
}

/// A case with two hosts on a lan, and statements of a test's own.
func inLab(_ text: String) -> String {
  """
  case "c" {
      lan office { rate = 10Mbps }
      host server { nic eth0 { lan = office } }
      host client { nic eth0 { lan = office } }
  \(text)
  }
  """
}

/// A case in which one host pings another for a second, with a block of a test's own in `server`.
func inServer(_ block: String) -> String {
  """
  case "c" {
      lan office { rate = 10Mbps }
      host server { nic eth0 { lan = office }
  \(block) }
      host client { nic eth0 { lan = office } }
      ping probe { from = client; to = server; interval = 200ms }
      run for 1s
  }
  """
}
