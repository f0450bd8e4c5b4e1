// `:every D EXPR`: a value that is printed at regular times while the world runs.
//
// The run halts there and goes on; a halt is exact and changes nothing.

import NetScript
import NetSim
import NetStack

extension Workbench {
  /// Ctrl-C ends what is printed and drawn by itself.
  func endEveries() {
    if !bench.lookout.everies.isEmpty { bench.lookout.tell("`:every` has ended", .stop) }
    if bench.lookout.live != nil { bench.lookout.tell("`:plot live` has ended", .stop) }
    (bench.lookout.everies, bench.lookout.live) = ([], nil)
  }
}

/// What is printed, and when next.
struct Every {
  var interval: TimeSpan
  var next: Instant
  var question: Question
}

extension Lookout {
  /// When something is printed or drawn next.
  var nextTurn: Instant { everies.reduce(live?.next ?? .never) { min($0, $1.next) } }
}

extension Bench {
  /// All of this instant is done: those whose turn it is are printed.
  func tellEveries() {
    for index in lookout.everies.indices where lookout.everies[index].next <= simulation.now {
      let every = lookout.everies[index]
      lookout.everies[index].next = simulation.now + every.interval
      let value: String
      do throws(RuntimeError) {
        value = vm.text(try answer(every.question))
      } catch { value = error.title }
      lookout.tell("  \(moment(simulation.now))  \(every.question.text)  \(value)", .event)
    }
  }

  /// After going back or on without it: the next turn is one interval from here.
  func renewEveries() {
    for index in lookout.everies.indices {
      lookout.everies[index].next = simulation.now + lookout.everies[index].interval
    }
  }
}
