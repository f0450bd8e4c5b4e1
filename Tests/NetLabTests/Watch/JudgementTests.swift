// The five words and their windows, on instants told one by one.

import NetLab
import NetStack
import Testing

@Suite("Judgement")
struct JudgementTests {
  /// Tells a machine what holds at some seconds, with its own deadlines in between, to the end.
  private func judge(
    _ judgement: Judgement, _ told: [(Int64, Bool)], consequence: [Int64] = [], end: Int64
  ) -> Judgement {
    var machine = judgement
    var now = Instant.zero
    let last = at(end)
    while true {
      let value = told.last { at($0.0) <= now }?.1 ?? false
      machine.look(at: now, value, consequence: consequence.contains { at($0) == now })
      var next = machine.deadline(after: now)
      for (second, _) in told where at(second) > now { next = min(next, at(second)) }
      for second in consequence where at(second) > now { next = min(next, at(second)) }
      if next > last { break }
      now = next
    }
    let value = told.last { at($0.0) <= last }?.1 ?? false
    machine.end(at: last, value)
    return machine
  }

  private func at(_ second: Int64) -> Instant { .zero + .seconds(second) }

  @Test("always passes when nothing breaks it and fails at the instant that does")
  func always() {
    #expect(judge(Judgement(.always), [(0, true)], end: 9).verdict == .pass)
    let broken = judge(Judgement(.always), [(0, true), (4, false), (5, true)], end: 9)
    #expect(broken.verdict == .fail && broken.decidedAt == at(4))
  }

  @Test("`after T` lets T in and `before T` keeps T out")
  func windowEdges() {
    let after = Judgement(.always, opens: at(4))
    #expect(judge(after, [(0, false), (4, true)], end: 9).verdict == .pass)
    #expect(judge(after, [(0, true), (4, false), (5, true)], end: 9).verdict == .fail)
    let before = Judgement(.always, closes: at(4))
    #expect(judge(before, [(0, true), (4, false)], end: 9).verdict == .pass)
    #expect(judge(before, [(0, true), (3, false), (4, true)], end: 9).verdict == .fail)
  }

  @Test("always over a window that never opens is vacuous")
  func emptyWindow() {
    #expect(judge(Judgement(.always, opens: at(20)), [(0, false)], end: 9).verdict == .vacuous)
    let crossed = Judgement(.always, opens: at(5), closes: at(5))
    #expect(judge(crossed, [(0, false)], end: 9).verdict == .vacuous)
  }

  @Test("eventually takes the last instant of `within` and not the one after")
  func within() {
    let machine = Judgement(.eventually, within: .seconds(5))
    let just = judge(machine, [(5, true)], end: 9)
    #expect(just.verdict == .pass && just.decidedAt == at(5))
    let late = judge(machine, [(6, true)], end: 9)
    #expect(late.verdict == .fail)
    #expect(late.decidedAt == at(5))
  }

  @Test("`within` counts from the opening of the window")
  func withinAfter() {
    let machine = Judgement(.eventually, opens: at(10), within: .seconds(5))
    #expect(judge(machine, [(14, true)], end: 30).verdict == .pass)
    #expect(judge(machine, [(2, true), (3, false)], end: 30).verdict == .fail)
    #expect(judge(machine, [(2, true), (3, false)], end: 12).verdict == .open)
  }

  @Test("eventually without a bound fails at the end of the run; before a bound it is open")
  func eventuallyAtTheEnd() {
    #expect(judge(Judgement(.eventually), [], end: 9).verdict == .fail)
    #expect(judge(Judgement(.eventually, within: .seconds(20)), [], end: 9).verdict == .open)
    #expect(judge(Judgement(.eventually, closes: at(20)), [], end: 9).verdict == .open)
    #expect(judge(Judgement(.eventually, opens: at(20)), [], end: 9).verdict == .open)
  }

  @Test("`eventually … for D` needs D without a break")
  func held() {
    let machine = Judgement(.eventually, within: .seconds(10), hold: .seconds(5))
    let broken = [(Int64(0), true), (4, false), (6, true)]
    let passed = judge(machine, broken, end: 20)
    #expect(passed.verdict == .pass && passed.decidedAt == at(11))
    #expect(judge(machine, [(11, true)], end: 30).verdict == .fail)
    #expect(judge(machine, [(8, true)], end: 12).verdict == .open)
    #expect(judge(machine, [(8, true), (12, false)], end: 30).verdict == .fail)
  }

  @Test("whenever wants its consequence at the same instant when no `within` is given")
  func sameInstant() {
    let machine = Judgement(.whenever)
    #expect(judge(machine, [(3, true)], consequence: [3], end: 9).verdict == .pass)
    let late = judge(machine, [(3, true)], consequence: [4], end: 9)
    #expect(late.verdict == .fail && late.decidedAt == at(3))
  }

  @Test("whenever is vacuous when never triggered, open when the run ends inside its window")
  func wheneverEnds() {
    let machine = Judgement(.whenever, within: .seconds(5))
    #expect(judge(machine, [], end: 9).verdict == .vacuous)
    #expect(judge(machine, [(7, true)], end: 9).verdict == .open)
    #expect(judge(machine, [(2, true)], consequence: [7], end: 9).verdict == .pass)
    let late = judge(machine, [(2, true)], consequence: [8], end: 9)
    #expect(late.verdict == .fail && late.decidedAt == at(7))
  }

  @Test("each rising edge is a trigger of its own, and the oldest sets the deadline")
  func triggers() {
    let machine = Judgement(.whenever, within: .seconds(5))
    let edges: [(Int64, Bool)] = [(1, true), (2, false), (4, true), (5, false)]
    let once = judge(machine, edges, consequence: [6], end: 20)
    #expect(once.verdict == .pass && once.triggers == 2)
    #expect(judge(machine, edges, consequence: [2], end: 20).verdict == .fail)
  }

  @Test("finally looks at the end and nowhere else")
  func finally() {
    #expect(judge(Judgement(.finally), [(0, false), (9, true)], end: 9).verdict == .pass)
    #expect(judge(Judgement(.finally), [(0, true), (9, false)], end: 9).verdict == .fail)
  }

  @Test("what cannot be known is open, whatever comes later")
  func unknown() {
    var machine = Judgement(.always)
    machine.giveUp(at: at(1))
    machine.look(at: at(2), false)
    machine.end(at: at(3))
    #expect(machine.verdict == .open)
  }

  @Test("an unknown answer decides nothing while time may tell, and leaves open what it decides")
  func unknownForAWhile() {
    func verdict(
      _ modal: Modal, _ looks: [(Int64, Bool, isUnknown: Bool)], within: TimeSpan? = nil
    ) -> Verdict? {
      var machine = Judgement(modal, within: within)
      for (time, property, isUnknown) in looks {
        machine.look(at: at(time), property, isUnknown: isUnknown)
      }
      machine.end(at: at(9), looks.last?.1 ?? false, isUnknown: looks.last?.isUnknown ?? false)
      return machine.verdict
    }
    // `never wedged`: what has moved since was not wedged.
    #expect(verdict(.never, [(0, true, true), (4, true, false)]) == .pass)
    #expect(verdict(.never, [(0, true, false), (4, true, true)]) == .open)
    #expect(verdict(.never, [(0, true, true), (4, false, false)]) == .fail)
    // `always wedged`: whether it was then, nobody can say later.
    #expect(verdict(.always, [(0, true, false), (4, false, true)]) == .open)
    #expect(verdict(.eventually, [(0, true, true), (4, false, false)]) == .fail)
    #expect(verdict(.eventually, [(0, true, true), (4, true, false)]) == .pass)
    #expect(verdict(.eventually, [(0, false, true), (9, false, true)]) == .open)
    #expect(verdict(.finally, [(9, false, true)]) == .open)
  }
}
