// Runs a case with a witness at one host and writes one of its connections.

import NetLab
import NetScript

struct ConnectionExport {
  private let options: RunOptions
  private let terminal: Terminal

  init(_ options: RunOptions, _ terminal: Terminal) {
    self.options = options
    self.terminal = terminal
  }

  /// - Throws: `Failure`; of a mistake in the script all has been told then.
  func text(host: String?, connection: Int?, port: UInt16?) throws -> String {
    let job = try job()
    let name = try host ?? onlyHost(job)
    let bench = Bench(job.plan)
    bench.witness(host: name)
    guard bench.prepare() else { throw Builder.mistaken(job, options, terminal) }
    bench.run()
    if case .fault(let fault, _)? = bench.ending {
      if let diagnostic = fault.diagnostic {
        terminal.tell(DiagnosticRenderer(job.files).render(diagnostic))
      }
      let message = fault.diagnostic == nil ? fault.title : ""
      throw Failure(fault.isLimit ? .limit : .scriptError, message)
    }
    guard let found = bench.witnessedConnections else {
      let names = bench.stackHosts.joined(separator: ", ")
      throw Failure(.usage, "there is no host '\(name)' with a stack; there are \(names).")
    }
    let number = try choice(of: found, connection, port, name)
    let export = bench.exportDrill(number)
    var comments = [job.plan.name, "\(name): \(found[number].title)"]
    if !export.notes.isEmpty { comments += ["", "What it cannot say:"] }
    for note in export.notes {
      let rows = note.folded(to: 74).split(separator: "\n")
      comments += rows.enumerated().map { ($0.offset == 0 ? "- " : "  ") + $0.element }
    }
    return export.script.text(comments: comments)
  }

  private func job() throws -> RunJob {
    let limits = try ChosenLimits(options.limits)
    let planned = planned(options.scripts[0], options, limits)
    let renderer = DiagnosticRenderer(planned.files)
    for diagnostic in planned.diagnostics + planned.warnings {
      terminal.tell(renderer.render(diagnostic))
    }
    guard planned.diagnostics.isEmpty else {
      throw Failure(planned.isLimit ? .limit : .scriptError)
    }
    let jobs = makeJobs(planned, cpuSeconds: limits.cpuSeconds)
    guard jobs.count == 1 else {
      let names = jobs.prefix(3).map(\.plan.name).joined(separator: "; ")
      throw Failure(
        .usage,
        jobs.isEmpty
          ? "no case or variant matches."
          : "export is about one run, and these are \(jobs.count): \(names)"
            + "\(jobs.count > 3 ? "; …" : ""). --case, --variant and --seed choose.")
    }
    return jobs[0]
  }

  private func onlyHost(_ job: RunJob) throws -> String {
    let bench = Bench(job.plan)
    guard bench.prepare() else { throw Builder.mistaken(job, options, terminal) }
    let hosts = bench.stackHosts
    guard hosts.count == 1 else {
      throw Failure(.usage, "--host chooses one of \(hosts.joined(separator: ", ")).")
    }
    return hosts[0]
  }

  private func choice(
    of found: [(title: String, ports: (UInt16, UInt16))], _ connection: Int?, _ port: UInt16?,
    _ host: String
  ) throws -> Int {
    if found.isEmpty { throw Failure(.usage, "'\(host)' had no connection.") }
    if let port {
      if let place = found.firstIndex(where: { $0.ports.0 == port || $0.ports.1 == port }) {
        return place
      }
    } else if let connection {
      if 1...found.count ~= connection { return connection - 1 }
    } else if found.count == 1 {
      return 0
    }
    for (place, one) in found.prefix(20).enumerated() {
      terminal.tell("\(place + 1)  \(one.title)\n")
    }
    if found.count > 20 { terminal.tell("… and \(found.count - 20) more\n") }
    throw Failure(
      .usage, "'\(host)' had these \(found.count): --connection or --port chooses one.")
  }
}
