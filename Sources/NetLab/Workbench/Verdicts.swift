// What is told about expectations and wedged hosts while somebody drives the bench.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// An expectation is decided; one that failed halts the run.
  func tellVerdict(_ verdict: Verdict, _ site: StatementSite, _ detail: [String]) {
    guard isDriven, phase >= .run else { return }
    if verdict == .fail { isHalted = true }
    let name = verdictName(site)
    switch verdict {
    case .pass: lookout.tell("ok  \(name)", .good)
    case .fail: lookout.tell("FAIL \(name)", .bad)
    case .vacuous: lookout.tell("VACUOUS \(name)", .wait)
    case .open: lookout.tell("OPEN \(name)", .wait)
    }
    for line in detail { lookout.tell("   " + line, verdict == .fail ? .bad : .event) }
  }

  /// Its label, or what it claims and where.
  private func verdictName(_ site: StatementSite) -> String {
    let file = program.files[site.span.file]
    let text = site.label ?? "`\(file.text(site.claimSpan))`"
    return file.name.hasPrefix("line ") ? text : "\(text)  (\(file.name):\(line(of: site.span)))"
  }

  /// Those typed at the prompt that nothing has decided: so much of the time was checked.
  func tellStanding(from first: Int, since start: Instant) {
    for index in watch.expectations.indices.dropFirst(first) {
      let judgement = watch.expectations[index].judgement
      guard judgement.verdict == nil, judgement.modal == .always || judgement.modal == .never
      else { continue }
      let opens = max(judgement.opens, start)
      guard simulation.now >= opens, opens < judgement.closes else { continue }
      let checked = min(simulation.now, judgement.closes) - opens
      let passed = simulation.now - start
      lookout.tell(
        "ok  \(verdictName(watch.texts[index].site))   \(moment(.zero + checked))"
          + " of \(moment(.zero + passed)) checked", .good)
    }
  }

  /// A host that has become wedged is named once.
  func tellWedged() {
    guard isBuilt, !lookout.isQuiet else { return }
    var wedged: [NodeID] = []
    for station in stations.records where oracleWedged(station.node, on: station.host) {
      wedged.append(station.node)
    }
    for host in wedged where !lookout.wedged.contains(host) {
      lookout.tell("wedged: \(path(of: host)) (type `why \(path(of: host))`)", .loss)
    }
    lookout.wedged = wedged
  }
}
