// `expect`: what a case claims, and the verdict on it.

import NetScript
import NetSim
import NetStack

struct Expectation {
  var judgement: Judgement
  /// Places among the observed; the consequence's is -1 when there is none.
  var property: Int
  var consequence: Int
  /// When it must look although nothing has changed.
  var deadline: Instant

  /// What holds at an instant.
  mutating func look(at now: Instant, _ holds: Bool, consequence: Bool, isUnknown: Bool) {
    if judgement.stays(holds, isUnknown: isUnknown) { return }
    judgement.look(at: now, holds, consequence: consequence, isUnknown: isUnknown)
    deadline = judgement.deadline(after: now)
  }
}

/// What is said about it. Apart, so that a look copies no texts.
struct ExpectationText {
  var site: StatementSite
  var detail: [String] = []
  var shape: FailureShape?
}

/// A plain expectation that stands before the first `run`: judged at the end of elaboration.
struct EarlyExpectation {
  var property: Int
  var site: StatementSite
  var isInVariant: Bool
}

/// A plain expectation, judged where it stands.
struct PlainVerdict {
  var site: StatementSite
  var verdict: Verdict
  var at: Instant
  var detail: [String]
  var shape: FailureShape?
}

extension Bench {
  func addExpectation(_ site: StatementSite, _ operands: Arguments) throws(RuntimeError) {
    let property = addObserved(operands[0], at: site.span)
    if case .expectNow = site.kind {
      guard watch.hasBegun else {
        watch.early.append(
          EarlyExpectation(property: property, site: site, isInVariant: activity == .variant))
        return
      }
      try judgeNow(property, site)
      return releaseObserved(property)
    }
    let judgement = try judgement(site, operands)
    let consequence = operands[1].isNone ? -1 : addObserved(operands[1], at: site.span)
    if let global = site.seen {
      watch.observed[property].seen = watch.seen.count
      watch.seen.append(SeenValues(global: global))
    }
    watch.expectations.append(
      Expectation(
        judgement: judgement, property: property, consequence: consequence,
        deadline: judgement.modal == .finally ? .never : judgement.opens))
    watch.texts.append(ExpectationText(site: site))
    askForLook()
  }

  private func judgement(
    _ site: StatementSite, _ operands: Arguments
  ) throws(RuntimeError) -> Judgement {
    let modal: Modal
    switch site.kind {
    case .expectAlways: modal = .always
    case .expectNever: modal = .never
    case .expectEventually: modal = .eventually
    case .expectWhenever: modal = .whenever
    default: modal = .finally
    }
    let within = try optionalDuration(operands[2], of: "`within`", site)
    let hold = try optionalDuration(operands[3], of: "`for`", site)
    let after = try optionalDuration(operands[4], of: "`after`", site)
    let before = try optionalDuration(operands[5], of: "`before`", site)
    return Judgement(
      modal, opens: max(simulation.now, .zero + (after ?? .zero)),
      closes: before.map { Instant.zero + $0 } ?? .never, within: within, hold: hold)
  }

  // MARK: Looking

  func lookAtExpectations() throws(RuntimeError) {
    let now = simulation.now
    for index in watch.expectations.indices {
      guard watch.expectations[index].judgement.wants(now) else { continue }
      let property = watch.expectations[index].property
      let changed = hasChanged(property)
      if changed || now >= watch.expectations[index].deadline || isStale(property)
        || waitsForNews(index)
      {
        try look(atExpectation: index, hasChanged: changed)
      }
    }
  }

  /// Whether a consequence is asked for, and may have another answer than before.
  @inline(__always)
  private func waitsForNews(_ index: Int) -> Bool {
    let consequence = watch.expectations[index].consequence
    if consequence < 0 { return false }
    let isAsked =
      watch.expectations[index].judgement.triggeredAt != nil
      || watch.observed[watch.expectations[index].property].value.asBool == true
    return isAsked && isStale(consequence)
  }

  private func look(atExpectation index: Int, hasChanged: Bool) throws(RuntimeError) {
    let now = simulation.now
    let place = watch.expectations[index].property
    var property = try holds(place, hasChanged: hasChanged)
    var unknown = watch.observed[place].unknown
    if watch.expectations[index].judgement.modal == .never { property = !property }
    var consequence = false
    let second = watch.expectations[index].consequence
    if second >= 0, property || watch.expectations[index].judgement.triggeredAt != nil {
      consequence = try holds(second)
      unknown = unknown ?? watch.observed[second].unknown
    }
    watch.expectations[index].look(
      at: now, property, consequence: consequence, isUnknown: unknown != nil)
    if let verdict = watch.expectations[index].judgement.verdict {
      try decided(index, verdict, unknown)
    }
  }

  /// It has its verdict, which is told.
  private func decided(
    _ index: Int, _ verdict: Verdict, _ unknown: Int32?
  ) throws(RuntimeError) {
    let now = simulation.now
    if verdict == .fail {
      watch.texts[index].detail = try failure(
        watch.expectations[index], watch.texts[index].site, at: now)
      watch.texts[index].shape = failureShape(watch.texts[index].site)
    } else if verdict == .open {
      watch.texts[index].detail = unknownDetail(unknown, at: now)
    }
    tellVerdict(verdict, watch.texts[index].site, watch.texts[index].detail)
    if plan.endsWhenDecided, isDecided, ending == nil { ending = .stopped }
  }

  /// Whether one of the command line's expectations has failed, or all are decided.
  private var isDecided: Bool {
    var isDecided = true
    for (index, one) in watch.expectations.enumerated() {
      let file = watch.texts[index].site.span.file
      guard program.files[file].name == Addition.option else { continue }
      if one.judgement.verdict == .fail { return true }
      if one.judgement.verdict == nil { isDecided = false }
    }
    return isDecided
  }

  /// What could not be known, and so left a verdict open.
  private func unknownDetail(_ waiter: Int32?, at now: Instant) -> [String] {
    guard let waiter, waiter >= 0 else { return [] }
    let task = path(of: stations.tasks[Int(waiter)])
    return [
      "at \(moment(now)) nobody can know whether `\(task)` is wedged: it "
        + (outsideText(waiter) ?? "waits") + ", and who else would end that"
    ]
  }

  // MARK: In place

  private func judgeNow(_ property: Int, _ site: StatementSite) throws(RuntimeError) {
    let holds = try holds(property)
    let unknown = watch.observed[property].unknown
    let verdict: Verdict = unknown != nil ? .open : holds ? .pass : .fail
    var detail = unknownDetail(unknown, at: simulation.now)
    if verdict == .fail {
      detail = ["at \(moment(simulation.now)): \(valuesText(site))"]
      detail += try whyLines(site)
    }
    let shape = verdict == .fail ? failureShape(site) : nil
    output.plain.append(
      PlainVerdict(
        site: site, verdict: verdict, at: simulation.now, detail: detail, shape: shape))
    tellVerdict(verdict, site, detail)
  }

  /// At the end of elaboration. A variant is compared by what happens, not by how it begins (N309).
  func judgeEarlyExpectations() throws(RuntimeError) {
    let early = watch.early
    watch.early.removeAll()
    for one in early {
      try judgeNow(one.property, one.site)
      if one.isInVariant && !watch.observed[one.property].reads.isMeasurementFree {
        throw RuntimeError(
          "N309", "a plain `expect` in a variant reads a measurement", at: one.site.span,
          help: "`expect always …`, `expect finally …`, or move it behind the case's `run`")
      }
      releaseObserved(one.property)
    }
  }

  // MARK: The end

  /// The case is over: open windows and `finally`.
  func finishWatching() {
    let now = simulation.now
    for index in watch.expectations.indices {
      var one = watch.expectations[index]
      guard one.judgement.verdict == nil else { continue }
      // A run that broke off has not shown that something never comes, or always holds.
      if hasBrokenOff {
        one.judgement.giveUp(at: now)
        watch.expectations[index] = one
        watch.texts[index].detail = ["the run broke off at \(moment(now))"]
        continue
      }
      var property = false
      if one.judgement.modal == .finally {
        do throws(RuntimeError) {
          property = try holds(one.property)
        } catch {
          if ending == nil { ending = .fault(error, at: now) }
        }
      }
      let unknown = unknown(for: one)
      one.judgement.end(at: now, property, isUnknown: unknown != nil)
      watch.expectations[index] = one
      watch.texts[index].detail =
        one.judgement.verdict == .open && unknown != nil
        ? unknownDetail(unknown, at: now) : endDetail(one, watch.texts[index].site, at: now)
      if one.judgement.verdict == .fail {
        watch.texts[index].shape = failureShape(watch.texts[index].site)
      }
    }
    finishWatches()
    finishOutput()
  }

  /// What was unknown when it was last asked.
  private func unknown(for one: Expectation) -> Int32? {
    if let unknown = watch.observed[one.property].unknown { return unknown }
    return one.consequence < 0 ? nil : watch.observed[one.consequence].unknown
  }

  private var hasBrokenOff: Bool {
    switch ending {
    case .fault, .interrupted: return true
    case .stopped: return hasFailed
    case .none, .failed: return false
    }
  }
}

extension ReadSet {
  /// Whether only variables, counts of events and the clock were read.
  fileprivate var isMeasurementFree: Bool {
    aspects & ~(Aspect.variables.bit | Aspect.counters.bit | Aspect.now.bit) == 0
  }
}
