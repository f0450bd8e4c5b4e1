// The digest of a run at regular events: enough to say, somewhere else, where another run begins to
// differ.

import NetScript
import NetSim
import NetStack

public struct TraceSamples: Equatable, Sendable {
  /// Events from one sample to the next.
  public var stride: Int64
  public var digests: [UInt64]
  /// As many are kept, or up to twice as many.
  public static let least = 256

  public init(stride: Int64 = 1, digests: [UInt64] = []) {
    self.stride = stride
    self.digests = digests
  }

  fileprivate mutating func add(_ digest: UInt64) {
    digests.append(digest)
    guard digests.count >= 2 * Self.least else { return }
    // The second, the fourth …: those of twice the stride.
    digests = digests.indices.filter { $0 % 2 == 1 }.map { digests[$0] }
    stride *= 2
  }

  /// The events between which two runs part; nil when all that both have is the same.
  public func part(from other: TraceSamples) -> ClosedRange<Int64>? {
    guard stride == other.stride else { return nil }
    for (place, (mine, others)) in zip(digests, other.digests).enumerated() where mine != others {
      return Int64(place) * stride + 1...Int64(place + 1) * stride
    }
    return nil
  }
}

extension Bench {
  /// Runs to the end and takes samples on the way.
  ///
  /// - Parameter stride: of samples that somebody else took; nil chooses one.
  public func run(samplingEvery stride: Int64? = nil) -> TraceSamples {
    var samples = TraceSamples(stride: stride ?? 1)
    while !run(until: Halt(event: simulation.events + samples.stride)) {
      if stride == nil {
        samples.add(context.digest.value)
      } else {
        samples.digests.append(context.digest.value)
      }
    }
    return samples
  }
}
