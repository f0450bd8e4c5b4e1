// What is told about expectations and wedged hosts while somebody drives the bench.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// An expectation is decided. One that failed halts the run: but what somebody types runs on
  /// where only the file expected something else.
  func tellVerdict(_ verdict: Verdict, _ site: StatementSite, _ detail: [String]) {
    if verdict == .fail, plan.endsAtFailure, ending == nil {
      hasFailed = true
      ending = .stopped
    }
    guard isDriven, phase >= .run else { return }
    if verdict == .fail, lookout.isOfFile || isTyped(site) { isHalted = true }
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
    return isTyped(site) ? text : "\(text)  (\(file.name):\(line(of: site.span)))"
  }

  private func isTyped(_ site: StatementSite) -> Bool {
    program.files[site.span.file].name.hasPrefix("line ")
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
    let wedged = wedgedHosts
    for host in wedged where !lookout.wedged.contains(host) {
      let name = path(of: host)
      lookout.tell("wedged: \(name) (type `why \(name)` or `cause(\(name))`)", .loss)
    }
    lookout.wedged = wedged
  }

  /// Hosts that nobody but a person can make move again.
  var wedgedHosts: [NodeID] {
    guard isBuilt else { return [] }
    return stations.records.filter { oracleWedged($0.node, on: $0.host) }.map { $0.node }
  }
}

extension Workbench {
  /// What comes next, as lines of events name it; nil when nothing is scheduled.
  public var nextWord: String? {
    bench.simulation.upcoming(1).first.map { bench.line(ahead: $0.event, at: $0.at).word }
  }

  /// Names of hosts that are wedged now.
  public var wedgedHosts: [String] { bench.wedgedHosts.map { bench.path(of: $0) } }
}
