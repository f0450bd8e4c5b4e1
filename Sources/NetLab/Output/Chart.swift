// Series over time as a picture: one panel for each unit, time below, steps because a value holds
// until the next.

struct ChartSeries: Sendable {
  var name: String
  /// Of `Cell`: `ns`, `bit`, `bit/s`, `1/s` or none.
  var unit: String
  /// In nanoseconds, rising.
  var times: [Int64]
  var values: [Double?]
}

struct Chart {
  var title: String
  var subtitle: String
  var series: [ChartSeries]
  /// Where the picture begins, in nanoseconds.
  var start: Int64 = 0
  /// The end of the run in nanoseconds: the last value holds until there.
  var end: Int64
  var look = ChartCanvas.Look.file
  var landmarks: [Landmark] = []

  private static let head = 48.0
  private static let panel = 180.0

  private var units: [String] {
    series.reduce(into: []) { if !$0.contains($1.unit) { $0.append($1.unit) } }
  }

  var svg: String {
    var canvas = ChartCanvas(look, time: ChartAxis(from: start, to: end, marks: 8))
    var top = landmarks.isEmpty ? 4.0 : 16
    if look == .file {
      canvas.text(ChartCanvas.left, 20, title, size: 14, weight: "bold")
      canvas.text(ChartCanvas.left, 36, subtitle, size: 11, colour: "#666666")
      top = Chart.head
    }
    for unit in units {
      let members = series.indices.filter { series[$0].unit == unit }
      top += canvas.legend(members.map { (series[$0].name, canvas.fill($0)) }, top: top)
      if !landmarks.isEmpty { top += 14 }
      draw(members, unit: unit, on: &canvas, top: top)
      top += Chart.panel + ChartCanvas.foot
    }
    return canvas.svg(title: title, height: top)
  }

  private func draw(
    _ members: [Int], unit: String, on canvas: inout ChartCanvas, top: Double
  ) {
    let values = members.flatMap { series[$0].values.compactMap { $0 } }
    let axis = ChartAxis(
      values: (values.min() ?? 0)...(values.max() ?? 0), unit: unit, marks: 4)
    let bottom = top + Chart.panel
    func y(_ value: Double) -> Double {
      bottom - (value - axis.low) / (axis.high - axis.low) * Chart.panel
    }
    canvas.valueMarks(axis.marks, y: y)
    canvas.timeMarks(at: bottom)
    for member in members { canvas.stroke(path(series[member], canvas, y: y), member) }
    canvas.landmarks(landmarks, top: top, bottom: bottom)
  }

  /// A line of steps. All changes within one pixel become one stroke, from the least to the most.
  private func path(
    _ one: ChartSeries, _ canvas: ChartCanvas, y: (Double) -> Double
  ) -> String {
    var drawn = ""
    /// Where the pen is, as it was written last; nil while it is up.
    var pen: String?
    var place = 0
    while place < one.times.count {
      let at = canvas.x(Double(one.times[place]))
      let beginning = place
      while place < one.times.count,
        canvas.x(Double(one.times[place])).rounded(.down) == at.rounded(.down)
      {
        place += 1
      }
      let heights = one.values[beginning..<place].compactMap { $0 }
      let last = one.values[place - 1]
      if pen != nil { drawn += "H\(canvas.pixels(at))" }
      if let least = heights.min(), let most = heights.max() {
        for height in [heights[0], least, most, last ?? most].map({ canvas.pixels(y($0)) })
        where height != pen {
          drawn += pen == nil ? "M\(canvas.pixels(at)) \(height)" : "V\(height)"
          pen = height
        }
      }
      if last == nil { pen = nil }
    }
    return pen == nil ? drawn : drawn + "H\(canvas.pixels(canvas.x(Double(end))))"
  }
}
