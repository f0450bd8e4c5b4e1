// The search for a value, with a table in the place of runs.

import NetScript
import Testing

@testable import NetLab

@Suite("Frontier")
struct FrontierTests {
  /// What a search came to, and which questions it took.
  private struct Course {
    var answer = Frontier.Answer()
    var asked: [Frontier.Query] = []
    var batches = 0

    init(_ frontier: Frontier, _ holds: (Frontier.Query) -> Bool) {
      var frontier = frontier
      while true {
        let queries = frontier.next()
        if queries.isEmpty { break }
        batches += 1
        asked += queries
        for query in queries { frontier.tell(query, holds: holds(query)) }
      }
      answer = frontier.answer ?? Frontier.Answer()
    }
  }

  private func frontier(
    _ goal: SearchQuestion.Goal = .least, in range: ClosedRange<Int64> = 1...4096,
    from start: Int64 = 64, seeds: Int = 10, width: Int = 2
  ) -> Frontier {
    Frontier(
      goal, in: range, from: start, seeds: (1...UInt64(seeds)).map { $0 }, width: width)
  }

  /// Each seed has a threshold of its own.
  private func threshold(_ seed: UInt64) -> Int64 { 80 + Int64(seed * 7 % 11) }

  @Test(
    "the least value with which every seed holds is found from below, from above and from there",
    arguments: [1, 40, 64, 89, 90, 91, 400, 4096], [1, 2, 3, 8])
  func exact(start: Int64, width: Int) {
    let course = Course(frontier(from: start, width: width)) {
      $0.value >= threshold($0.seed)
    }
    #expect(course.answer.value == 90 && course.answer.isMonotone)
    #expect(course.answer.failure == Frontier.Query(value: 89, seed: 3))
    #expect(course.answer.triedBefore.contains(74) && course.answer.triedBeyond.contains(91))
    #expect(Set(course.asked).count == course.asked.count, "nothing is asked twice")
  }

  @Test("a hundred seeds take fewer than two hundred runs that hold")
  func cost() {
    for width in [1, 2, 4] {
      let course = Course(frontier(seeds: 100, width: width)) {
        $0.value >= threshold($0.seed)
      }
      #expect(course.answer.value == 90)
      let held = course.asked.count { $0.value >= threshold($0.seed) }
      #expect(held < 260, "\(held) of \(course.asked.count) with \(width) at a time")
    }
  }

  @Test("batches are as wide as there are cores, or wider")
  func width() {
    let course = Course(frontier(seeds: 100, width: 4)) { $0.value >= threshold($0.seed) }
    #expect(course.asked.count >= 4 * course.batches)
  }

  @Test("the greatest value is found as the least one is")
  func greatest() {
    let course = Course(frontier(.greatest, in: 0...1000, from: 10)) {
      $0.value <= 100 - threshold($0.seed)
    }
    #expect(course.answer.value == 10 && course.answer.isMonotone)
    #expect(course.answer.failure == Frontier.Query(value: 11, seed: 3))
  }

  @Test("where all values hold it is the first one, and nothing fails")
  func all() {
    let course = Course(frontier(in: 33...400)) { _ in true }
    #expect(course.answer.value == 33 && course.answer.failure == nil)
    #expect(course.answer.triedBefore == [])
  }

  @Test("where none holds the end of the range is named, with a seed")
  func none() {
    let course = Course(frontier(in: 33...400)) { $0.seed != 5 }
    #expect(course.answer.value == nil)
    #expect(course.answer.failure == Frontier.Query(value: 400, seed: 5))
  }

  @Test("a hole beyond the answer raises it; what lies before is told")
  func hole() {
    let course = Course(frontier()) { query in
      query.value >= threshold(query.seed) && query.value != 93
    }
    #expect(course.answer.value == 94 && !course.answer.isMonotone)
    #expect(course.answer.failure?.value == 93)
    #expect(course.answer.exceptions == [90, 91, 92])
  }

  @Test("an island before the answer is told")
  func island() {
    let course = Course(frontier()) { $0.value >= threshold($0.seed) || $0.value == 76 }
    #expect(course.answer.value == 90)
    #expect(course.answer.exceptions == [76])
  }

  @Test("a seed that holds lower and fails higher is found by the last round over all seeds")
  func seeds() {
    let course = Course(frontier(seeds: 3)) { query in
      switch query.seed {
      case 1: query.value >= 70
      case 2: (60...74).contains(query.value) || query.value >= 88
      default: query.value >= 80
      }
    }
    #expect(course.answer.value == 88)
    #expect(course.answer.failure == Frontier.Query(value: 87, seed: 2))
  }

  @Test("without order a search ends all the same, and says that there is none")
  func disorder() {
    let course = Course(frontier(in: 1...1000, seeds: 1)) { $0.value % 3 != 0 }
    #expect(course.answer.value != nil && !course.answer.isMonotone)
    #expect(course.answer.exceptions.count <= 8 && course.answer.hasMore)
    #expect(course.asked.count < 400)
  }

  @Test("what is known so far can be asked at any time")
  func standing() {
    var frontier = frontier(seeds: 4)
    var candidates: [Int64] = []
    while true {
      let queries = frontier.next()
      if queries.isEmpty { break }
      for query in queries {
        frontier.tell(query, holds: query.value >= threshold(query.seed))
      }
      let standing = frontier.standing
      guard let candidate = standing.candidate else { continue }
      #expect(standing.failure.map { $0.value < candidate } ?? true)
      candidates.append(candidate)
    }
    #expect(candidates == candidates.sorted() && candidates.last == 90)
    #expect(frontier.standing.held == 4)
  }

  @Test("ends of the number line do not overflow")
  func ends() {
    let least = Course(frontier(in: .min ... .max, from: 0, seeds: 1)) { $0.value >= 1 << 59 }
    #expect(least.answer.value == 1 << 59)
    let none = Course(frontier(in: .min ... .max, from: 0, seeds: 1)) { _ in false }
    #expect(none.answer.value == nil)
  }
}
