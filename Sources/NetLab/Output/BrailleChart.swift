// A series as a picture of text: braille dots, two across and four down in each character.

/// One panel: a line over time, with the marks of both axes.
struct BrailleChart {
  private static let columns = 60
  private static let rows = 6

  private let series: ChartSeries
  private let end: Int64
  private let values: ChartAxis
  private let time: ChartAxis

  init(_ series: ChartSeries, end: Int64) {
    self.series = series
    self.end = max(end, 1)
    let known = series.values.compactMap { $0 }
    values = ChartAxis(
      values: (known.min() ?? 0)...(known.max() ?? 0), unit: series.unit, marks: 2)
    time = ChartAxis(to: end, marks: 5)
  }

  var lines: [String] {
    var dots = [UInt8](repeating: 0, count: Self.columns * Self.rows)
    var last: (x: Int, y: Int)?
    for (sample, value) in series.values.enumerated() {
      guard let value else {
        last = nil
        continue
      }
      let (x, y) = (dot(at: series.times[sample]), height(of: value))
      if let last {
        // A value holds until the next; a jump reads as one.
        for between in last.x..<max(x, last.x) { set(between, last.y, in: &dots) }
        for dot in min(last.y, y)...max(last.y, y) { set(x, dot, in: &dots) }
      }
      set(x, y, in: &dots)
      last = (x, y)
    }
    return ["  " + series.name + (values.unit.isEmpty ? "" : " [\(values.unit)]")]
      + (0..<Self.rows).map { line($0, dots) } + [axis, marks]
  }

  /// In dots from the left.
  private func dot(at time: Int64) -> Int {
    let count = Int128(Self.columns * 2)
    return Int(min((Int128(time) * count + Int128(end / 2)) / Int128(end), count - 1))
  }

  /// In dots from the bottom.
  private func height(of value: Double) -> Int {
    let top = Double(Self.rows * 4 - 1)
    return Int(((value - values.low) / (values.high - values.low) * top).rounded())
  }

  private func set(_ x: Int, _ y: Int, in dots: inout [UInt8]) {
    let bits: [[UInt8]] = [[0x40, 0x04, 0x02, 0x01], [0x80, 0x20, 0x10, 0x08]]
    let row = Self.rows - 1 - y / 4
    dots[row * Self.columns + x / 2] |= bits[x % 2][y % 4]
  }

  private func line(_ row: Int, _ dots: [UInt8]) -> String {
    let bottom = (Self.rows - 1 - row) * 4
    let mark = values.marks.first { (bottom..<bottom + 4).contains(height(of: $0.place)) }
    var line = padded(mark?.text ?? "", 10) + (mark == nil ? " │" : " ┤")
    for dot in dots[row * Self.columns..<(row + 1) * Self.columns] {
      line.unicodeScalars.append(Unicode.Scalar(0x2800 + UInt32(dot)) ?? " ")
    }
    return line
  }

  private var axis: String {
    var line = padded("", 10) + " └"
    let places = time.marks.map { column(of: $0.place) }
    for column in 0..<Self.columns { line += places.contains(column) ? "┬" : "─" }
    return line
  }

  private var marks: String {
    var line = ""
    for mark in time.marks {
      let column = 12 + column(of: mark.place) - mark.text.count / 2
      guard column >= line.count, column + mark.text.count <= 78 else { continue }
      line += String(repeating: " ", count: column - line.count) + mark.text
    }
    return line
  }

  private func column(of place: Double) -> Int {
    Int((place / time.high * Double(Self.columns - 1)).rounded())
  }

  private func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(width - TextTable.columns(text), 0)) + text
  }
}
