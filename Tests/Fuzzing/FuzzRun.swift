// Runs cases for a while. Whatever ends the process, a trap or a case that does not end, the case
// can be had again: its input lies in a file, and its number and seed are printed.
//
// NETSCRIPT_FUZZ_SECONDS says how long each fuzzer runs (30, and 5 in a debug build, which has a
// tenth of the speed), NETSCRIPT_FUZZ_SEED where the numbers begin (1), NETSCRIPT_FUZZ_INPUT names
// a file that is to be the only case, run with the numbers of that seed.

import Foundation
import Synchronization

public struct FuzzRun: Sendable {
  /// What a case came to, if it is not as it should be.
  public typealias Body = @Sendable (_ input: [UInt8], _ random: inout CounterRandom) -> String?

  public struct Outcome: Sendable {
    public var cases = 0
    /// The first failure, with what is needed to have it again.
    public var failure: String?
  }

  private let name: String
  private let corpus: [[UInt8]]
  private let body: Body
  private static let environment = ProcessInfo.processInfo.environment
  /// A case takes milliseconds; this long on a busy machine it is not ending.
  private static let patience = Duration.seconds(120)

  public init(_ name: String, corpus: [[UInt8]], body: @escaping Body) {
    self.name = name
    self.corpus = corpus
    self.body = body
  }

  #if DEBUG
    private static let usualSeconds = 5.0
  #else
    private static let usualSeconds = 30.0
  #endif

  /// Runs for its time. On a thread of its own: scripts take native stack.
  public func run() -> Outcome {
    let asked = Self.environment["NETSCRIPT_FUZZ_SECONDS"].flatMap(Double.init)
    let seconds = asked ?? Self.usualSeconds
    let first = Self.environment["NETSCRIPT_FUZZ_SEED"].flatMap(UInt64.init) ?? 1
    let done = DispatchSemaphore(value: 0)
    let box = Box()
    let thread = Thread {
      let outcome = loop(seconds: seconds, first: first)
      box.outcome.withLock { $0 = outcome }
      done.signal()
    }
    thread.stackSize = 64 << 20
    thread.start()
    done.wait()
    return box.outcome.withLock { $0 }
  }

  private final class Box: Sendable {
    let outcome = Mutex(Outcome())
  }

  private func loop(seconds: Double, first: UInt64) -> Outcome {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("netscript-fuzz-\(name)-\(ProcessInfo.processInfo.processIdentifier)")
    defer { try? FileManager.default.removeItem(at: file) }
    let watch = Watch(patience: Self.patience)
    defer { watch.end() }
    var outcome = Outcome()
    if let path = Self.environment["NETSCRIPT_FUZZ_INPUT"] {
      var random = CounterRandom(seed: first ^ 0x5EED)
      outcome.failure = body([UInt8](FileManager.default.contents(atPath: path) ?? Data()), &random)
      outcome.cases = 1
      return outcome
    }
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      let seed = first &+ UInt64(outcome.cases)
      var mutator = Mutator(seed: seed, corpus: corpus)
      let input = mutator.input()
      let message = "fuzz \(name): seed \(seed), input in \(file.path)"
      try? Data(input).write(to: file)
      watch.begin(message)
      var random = CounterRandom(seed: seed ^ 0x5EED)
      let complaint = body(input, &random)
      outcome.cases += 1
      if let complaint {
        let text = String(decoding: input, as: UTF8.self)
        outcome.failure = "\(message)\n\(complaint)\n--- input\n\(text)\n---"
        return outcome
      }
    }
    return outcome
  }
}

/// Says which case was running when the process is ended by a signal or must be ended.
private final class Watch: Sendable {
  private struct State {
    var message = ""
    var began = ContinuousClock.now
    var isOver = false
  }
  private let state: Mutex<State>
  private let slot: Int

  init(patience: Duration) {
    state = Mutex(State())
    slot = Slots.take()
    let thread = Thread { [self] in
      while true {
        Thread.sleep(forTimeInterval: 0.5)
        let (isOver, message, began) = state.withLock { ($0.isOver, $0.message, $0.began) }
        if isOver { return }
        if ContinuousClock.now - began > patience {
          FileHandle.standardError.write(Data("\n\(message): does not end\n".utf8))
          abort()
        }
      }
    }
    thread.start()
  }

  func begin(_ message: String) {
    state.withLock {
      $0.message = message
      $0.began = ContinuousClock.now
    }
    Slots.set(slot, "\n" + message + "\n")
  }

  func end() {
    state.withLock { $0.isOver = true }
    Slots.set(slot, "")
  }
}

/// Texts that a signal handler may write: in memory that does not move.
private enum Slots {
  private static let count = 4
  private static let length = 500
  nonisolated(unsafe) private static let texts = UnsafeMutablePointer<UInt8>
    .allocate(capacity: count * length)
  nonisolated(unsafe) private static let lengths = UnsafeMutablePointer<Int>
    .allocate(capacity: count)
  private static let next = Mutex(0)

  static func take() -> Int {
    next.withLock { next in
      if next == 0 {
        lengths.initialize(repeating: 0, count: count)
        for signalNumber in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE] {
          signal(signalNumber) { number in
            Slots.write()
            signal(number, SIG_DFL)
          }
        }
      }
      next += 1
      return (next - 1) % count
    }
  }

  static func set(_ slot: Int, _ text: String) {
    lengths[slot] = 0
    var place = slot * length
    for octet in text.utf8.prefix(length) {
      texts[place] = octet
      place += 1
    }
    lengths[slot] = place - slot * length
  }

  static func write() {
    for slot in 0..<count where lengths[slot] > 0 {
      _ = Foundation.write(2, texts + slot * length, lengths[slot])
    }
  }
}
