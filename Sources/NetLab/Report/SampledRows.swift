// Whole numbers over time, a row at each change: of the whole run as many as a picture can show,
// and of the last changes every one.

/// Rows of equal length. A value holds until the next row.
struct SampledRows: Sendable {
  let columns: Int
  private(set) var times: [Int64] = []
  /// Row after row.
  private(set) var values: [Int64] = []

  init(columns: Int) { self.columns = columns }

  var count: Int { times.count }

  func value(_ row: Int, _ column: Int) -> Int64 { values[row * columns + column] }

  func row(_ row: Int) -> ArraySlice<Int64> { values[row * columns..<(row + 1) * columns] }

  /// Adds a row; several at one instant are the last of them.
  mutating func append(_ row: [Int64], at time: Int64) {
    if times.last == time { removeLast() }
    times.append(time)
    values += row
  }

  private mutating func removeLast() {
    times.removeLast()
    values.removeLast(columns)
  }

  mutating func removeFirst(_ count: Int) {
    times.removeFirst(count)
    values.removeFirst(count * columns)
  }

  func keeping(_ places: [Int]) -> SampledRows {
    var kept = SampledRows(columns: columns)
    for place in places {
      kept.times.append(times[place])
      kept.values += row(place)
    }
    return kept
  }

  /// What held when the span began, and all changes in it.
  func within(_ from: Int64, _ until: Int64) -> SampledRows {
    var kept = SampledRows(columns: columns)
    for place in 0..<count where times[place] <= until {
      if times[place] <= from, kept.count > 0 { kept.removeLast() }
      kept.times.append(max(times[place], from))
      kept.values += row(place)
    }
    return kept
  }
}

/// What is kept of one thing's values while a run goes on.
struct Track: Sendable {
  /// Rows of the whole run, and of the last changes. Twice as many while they are gathered.
  static let mostRows = 1500
  static let mostRecent = 1500

  private(set) var whole: SampledRows
  private(set) var decimation = Decimation()
  private(set) var recent: SampledRows
  /// The recent rows begin here; before that some were dropped.
  private(set) var recentFrom: Int64 = 0
  /// A person will want to see what stands in `recent`: nothing is dropped from it.
  var isHeld = false
  private var last: [Int64] = []

  init(columns: Int) {
    whole = SampledRows(columns: columns)
    recent = SampledRows(columns: columns)
  }

  /// How things stand at the end of an instant.
  mutating func note(_ row: [Int64], at time: Int64) {
    if row == last { return }
    last = row
    whole.append(row, at: time)
    if whole.count > 2 * Track.mostRows { thin() }
    if recent.count >= 2 * Track.mostRecent && !isHeld {
      recent.removeFirst(recent.count - Track.mostRecent)
      recentFrom = recent.times[0]
    }
    if recent.count < 4 * Track.mostRecent { recent.append(row, at: time) }
  }

  /// Only the recent rows of a span of time, as if they were all there is.
  mutating func enlarge(_ from: Int64, _ until: Int64) {
    whole = recent.within(from, until)
    recent = SampledRows(columns: recent.columns)
    decimation = Decimation()
  }

  private mutating func thin() {
    let rows = whole
    whole = rows.keeping(
      decimation.thin(rows.times, columns: rows.columns, toAtMost: Track.mostRows) {
        Double(rows.value($0, $1))
      })
  }
}
