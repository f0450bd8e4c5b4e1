// Frames of every length and content at every layer: a counter and a drop, never a trap, never a
// lost buffer. RFC 1122 §1.2.2. Each step of a case is followed by a walk over all buffers.

import Fuzzing
import NetStack
import Testing

struct FrameFuzzTests {
  private static let corpus = Corpus.files(in: "Tests/Corpus/frames")

  @Test("the corpus: what libFuzzer and we have found worth keeping")
  func kept() {
    #expect(Self.corpus.count >= 20)
    for steps in Self.corpus {
      var target = FrameTarget()
      #expect(target.run(steps) == nil)
    }
  }

  @Test("frames cut at each octet are counted, and lose nothing")
  func cut() {
    for steps in Self.corpus {
      guard let step = FrameMutator.steps(of: steps).last(where: { $0[0] & 0x7F < 2 }) else {
        continue
      }
      var target = FrameTarget()
      for count in 0..<min(step.count - 3, 70) {
        let cut = [step[0], UInt8(count >> 8), UInt8(count & 255)] + step[3..<3 + count]
        #expect(target.run(cut) == nil)
      }
    }
  }

  @Test("mutated frames, fragments and lying options end in counters")
  func mutated() {
    let run = FuzzRun("frames", corpus: Self.corpus) { _, random in
      var mutator = FrameMutator(random: random, corpus: Self.corpus)
      let steps = mutator.steps()
      var target = FrameTarget()
      return target.run(steps).map { "\($0): \(steps)" }
    }
    let outcome = run.run()
    print("fuzz frames: \(outcome.cases) cases")
    #expect(outcome.failure == nil)
    #expect(outcome.cases > 0)
  }
}
