// A run as a state: engine, machine, programs, and what the verdicts still to come depend on.
//
// Who looks on is no part of it: what is printed, recorded, plotted or reported changes nothing.
// Not known, so that such a run is like no other: collectors, fault points, replays, drills, fields
// that were set since time 0, and hooks that count down.

import NetScript
import NetSim
import NetStack

extension Bench {
  /// Nil when the run is in a state that cannot be compared.
  ///
  /// - Parameter counts: what is only counted belongs to it.
  func stateHash(counts: Bool) -> UInt128? {
    if hasSetLive || watch.faults != nil || !watch.collectors.isEmpty || watch.countdown != nil
      || !watch.changes.isEmpty || !programs.replays.isEmpty || !programs.drills.isEmpty
      || !programs.requesters.isEmpty
      || !context.records.isEmpty
    {
      return nil
    }
    var hash = StateHash(counts: counts)
    simulation.addState(to: &hash)
    var machine = hash
    vm.forEachStateWord { machine.word($0) }
    hash = machine
    hash.add(isMidInstant, datagramCount)
    scriptDraws.addState(to: &hash)
    add(runRequest, to: &hash)
    for record in programs.records { add(record, to: &hash) }
    for socket in programs.sockets {
      hash.add(socket.host, socket.index, socket.generation, socket.kind)
    }
    addWatch(to: &hash)
    return hash.isUnknown ? nil : hash.value
  }

  private func add(_ request: RunRequest?, to hash: inout StateHash) {
    switch request {
    case nil: hash.add(0)
    case .until(let instant): hash.add(1, instant)
    case .predicate(let place, let limit): hash.add(2, place, limit)
    // The number of an event is no part of a state.
    case .events, .records: hash.refuse()
    }
  }

  private func add(_ record: ProgramRecord, to hash: inout StateHash) {
    // Which call follows is known to the step alone.
    if record.deferred != nil || record.transmission != nil { hash.refuse() }
    hash.add(record.form.rawValue, record.cost, record.starts, record.fiber == nil)
    record.draws.addState(to: &hash)
    hash.add(record.isActive, record.isStopping, record.startsAgain, record.isClosing)
    hash.add(record.askedOption.rawValue, record.socketKind, record.allocatesFrom)
    hash.add(record.allocates, record.selection.read, record.selection.write)
    guard let reception = record.reception else { return hash.add(-1) }
    hash.add(reception.port, reception.test, reception.tested, reception.deadline)
  }

  private func addWatch(to hash: inout StateHash) {
    for one in watch.expectations { one.judgement.addState(to: &hash) }
    for one in watch.whens { hash.add(one.observed, one.held, one.hook.isOver) }
    for one in watch.timers { hash.add(one.next, one.hook.isOver) }
    for one in watch.eventHooks { hash.add(one.hook.isOver) }
    for one in watch.conditions { hash.add(one.observed, one.task) }
    guard hash.counts else { return }
    for one in watch.eventCounters { hash.add(one.count, one.missed) }
    hash.add(progress.records.isEmpty)
    // When things last moved is remembered apart; without it no two runs are the same.
    if !progress.records.isEmpty { hash.refuse() }
  }
}
