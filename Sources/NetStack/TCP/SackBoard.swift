// What a connection that speaks SACK remembers, in memory of a fixed size: which ranges of what it
// sent have arrived, and which of what it received it has to tell.
//
// RFC 2018 (reports), RFC 2883 (duplicates), RFC 6675 §2, §4 (the scoreboard, pipe, what is lost).
// FreeBSD keeps up to 128 holes in a zone of their own; here 32 ranges have their place, and one
// more is forgotten: it costs a segment sent in vain, as if its report had been lost.

import Wire

struct SackBoard {
  static let rangeLimit = 32

  // MARK: of what was sent

  /// Ranges above SND.UNA that have arrived: in order, apart from each other.
  private(set) var ranges: InlineArray<32, TCPSackBlock> = .init(repeating: TCPSackBlock())
  private(set) var count = 0
  /// HighRxt: what is below has been sent again in this recovery.
  var highRxt = SequenceNumber(0)
  /// RescueRxt: one segment of the tail may be sent again once SND.UNA is beyond this.
  var rescueRxt = SequenceNumber(0)

  // MARK: of what was received

  /// What waits for a gap to fill: the range that grew last comes first. RFC 2018 §4.
  var reports = TCPSackBlocks()
  /// What has come twice, until it is told. RFC 2883 §4.
  var duplicate: TCPSackBlock?

  /// Adds a range, merged with those that it touches.
  ///
  /// - Returns: octets that nothing was known of; nil when there is no place for one more range.
  mutating func add(_ block: TCPSackBlock) -> Int? {
    var first = 0
    while first < count && ranges[first].end < block.start { first += 1 }
    var merged = block
    var known = 0
    var after = first
    while after < count && ranges[after].start <= block.end {
      known += ranges[after].length
      merged.start = SequenceNumber.earlier(merged.start, ranges[after].start)
      merged.end = SequenceNumber.later(merged.end, ranges[after].end)
      after += 1
    }
    if after == first {
      if count == Self.rangeLimit { return nil }
      for index in stride(from: count, to: first, by: -1) { ranges[index] = ranges[index - 1] }
      count += 1
    } else {
      remove(from: first + 1, to: after)
    }
    ranges[first] = merged
    return merged.length - known
  }

  /// What is acknowledged needs no range any more.
  mutating func forget(below sequence: SequenceNumber) {
    var gone = 0
    while gone < count && ranges[gone].end <= sequence { gone += 1 }
    remove(from: 0, to: gone)
    highRxt = SequenceNumber.later(highRxt, sequence)
  }

  /// After a timeout the receiver may have thrown away what it had reported. RFC 2018 §8.
  mutating func forgetAll() { count = 0 }

  private mutating func remove(from first: Int, to after: Int) {
    if after <= first { return }
    for index in after..<max(count, after) { ranges[first + index - after] = ranges[index] }
    count -= after - first
  }

  // MARK: questions. RFC 6675 §4

  /// IsLost: enough has arrived behind the hole in front of range `index`.
  func isLost(before index: Int, _ loss: SackLoss) -> Bool {
    if count - index >= loss.ranges { return true }
    var octets = 0
    for later in index..<count { octets += ranges[later].length }
    return octets > loss.octets
  }

  /// SetPipe: octets that are thought to be on their way.
  func pipe(from una: SequenceNumber, to max: SequenceNumber, _ loss: SackLoss) -> Int {
    var octets = 0
    var edge = una
    for index in 0..<count {
      let start = ranges[index].start
      if !isLost(before: index, loss) { octets += start - edge }
      octets += again(from: edge, to: start)
      edge = ranges[index].end
    }
    return octets + (max - edge) + again(from: edge, to: max)
  }

  /// How much of a hole has been sent again.
  private func again(from start: SequenceNumber, to end: SequenceNumber) -> Int {
    let upTo = SequenceNumber.earlier(end, highRxt)
    return upTo > start ? upTo - start : 0
  }

  /// The first octets that have neither arrived nor been sent again, below what has arrived.
  func firstHole(from una: SequenceNumber) -> (block: TCPSackBlock, index: Int)? {
    var edge = una
    for index in 0..<count {
      let start = SequenceNumber.later(edge, highRxt)
      if start < ranges[index].start {
        return (TCPSackBlock(start, ranges[index].start), index)
      }
      edge = ranges[index].end
    }
    return nil
  }

  /// The last octets that have not arrived.
  func lastHole(from una: SequenceNumber, to max: SequenceNumber) -> TCPSackBlock {
    var end = max
    for index in stride(from: count - 1, through: 0, by: -1) {
      if ranges[index].end < end { return TCPSackBlock(ranges[index].end, end) }
      end = ranges[index].start
    }
    return TCPSackBlock(una, end)
  }
}

/// From when on a hole counts as lost: DupThresh ranges behind it, or more octets than fit into one
/// segment less.
struct SackLoss {
  let ranges: Int
  let octets: Int
}

extension TCPSackBlock {
  init() { self.init(SequenceNumber(0), SequenceNumber(0)) }

  /// 0 or less when it makes no sense.
  @inline(__always)
  var length: Int { end - start }
}
