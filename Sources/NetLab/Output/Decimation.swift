// Which samples of a long series stay: of each span of time the first, the last, and the least and
// the greatest of every column. What was extreme stays extreme, however long the run.
//
// Spans are 1, 5, 10, 50, 100 … ns, each a multiple of the one before, so that thinning what was
// thinned before gives what thinning everything at once would have given.

struct Decimation {
  /// Of each span of so many nanoseconds a few samples are kept; 0: everything is.
  private(set) var span: Int64 = 0

  /// Places of the samples that stay, at most `most` of them if that can be had.
  ///
  /// - Parameter value: what is compared of a sample, by its place and column; nil where there is
  ///   nothing to compare.
  mutating func thin(
    _ times: [Int64], columns: Int, toAtMost most: Int, value: (Int, Int) -> Double?
  ) -> [Int] {
    var kept = times.indices.map { $0 }
    if span > 0 { kept = Decimation.kept(of: kept, times, span, columns, value) }
    while kept.count > most, span < 1 << 60 {
      span = wider
      kept = Decimation.kept(of: kept, times, span, columns, value)
    }
    return kept
  }

  private var wider: Int64 {
    if span == 0 { return 1 }
    var unit = span
    while unit % 10 == 0 { unit /= 10 }
    return unit == 5 ? span * 2 : span * 5
  }

  private static func kept(
    of places: [Int], _ times: [Int64], _ span: Int64, _ columns: Int,
    _ value: (Int, Int) -> Double?
  ) -> [Int] {
    var kept: [Int] = []
    var first = 0
    while first < places.count {
      let number = times[places[first]] / span
      var end = first + 1
      while end < places.count, times[places[end]] / span == number { end += 1 }
      if end - first <= 2 {
        kept += places[first..<end]
      } else {
        kept += extremes(of: places[first..<end], columns, value)
      }
      first = end
    }
    return kept
  }

  private static func extremes(
    of places: ArraySlice<Int>, _ columns: Int, _ value: (Int, Int) -> Double?
  ) -> [Int] {
    var chosen = [places[places.startIndex], places[places.endIndex - 1]]
    for column in 0..<columns {
      var (least, most): (Int?, Int?) = (nil, nil)
      var (low, high) = (0.0, 0.0)
      for place in places {
        guard let height = value(place, column) else { continue }
        if least == nil || height < low { (least, low) = (place, height) }
        if most == nil || height > high { (most, high) = (place, height) }
      }
      if let least, !chosen.contains(least) { chosen.append(least) }
      if let most, !chosen.contains(most) { chosen.append(most) }
    }
    return chosen.sorted()
  }
}
