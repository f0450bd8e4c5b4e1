// Series over time as a picture: one panel for each unit, time below, steps because a value holds
// until the next. Coordinates are tenths of a pixel, so the same run gives the same octets.

struct ChartSeries {
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
  /// The end of the run in nanoseconds: the last value holds until there.
  var end: Int64

  private static let width = 760.0
  private static let left = 72.0
  private static let right = 24.0
  private static let head = 48.0
  private static let panel = 180.0
  private static let foot = 34.0
  /// Colours that people who confuse red and green can tell apart (Okabe and Ito).
  private static let colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]

  private var units: [String] {
    series.reduce(into: []) { if !$0.contains($1.unit) { $0.append($1.unit) } }
  }

  var svg: String {
    let time = ChartAxis(time: end, marks: 8)
    var body = text(Chart.left, 20, title, size: 14, weight: "bold")
    body += text(Chart.left, 36, subtitle, size: 11, colour: "#666666")
    var top = Chart.head
    for unit in units {
      let members = series.indices.filter { series[$0].unit == unit }
      let legend = self.legend(members, top: top)
      body += legend.text
      top += legend.height
      body += drawing(members, unit: unit, time: time, top: top)
      top += Chart.panel + Chart.foot
    }
    let size = "\(pixels(Chart.width)) \(pixels(top))"
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size)" width="\(pixels(Chart.width))" \
      height="\(pixels(top))" font-family="sans-serif" role="img">
      <title>\(escaped(title))</title>
      <rect width="100%" height="100%" fill="#ffffff"/>
      \(body)</svg>

      """
  }

  /// A swatch and a name for each series; as many lines as they need.
  private func legend(_ members: [Int], top: Double) -> (text: String, height: Double) {
    var (x, y, drawn) = (Chart.left, top + 12, "")
    for member in members {
      let name = series[member].name
      let length = 22 + 6.2 * Double(name.unicodeScalars.count)
      if x > Chart.left, x + length > Chart.width - Chart.right { (x, y) = (Chart.left, y + 16) }
      drawn += "<rect x=\"\(pixels(x))\" y=\"\(pixels(y - 8))\" width=\"10\" height=\"10\" "
      drawn += "fill=\"\(colour(member))\"/>\n"
      drawn += text(x + 15, y + 1, name, size: 11)
      x += length + 10
    }
    return (drawn, y - top + 14)
  }

  private func drawing(_ members: [Int], unit: String, time: ChartAxis, top: Double) -> String {
    let values = members.flatMap { series[$0].values.compactMap { $0 } }
    let axis = ChartAxis(
      values: (values.min() ?? 0)...(values.max() ?? 0), unit: unit, marks: 4)
    let bottom = top + Chart.panel
    func x(_ place: Double) -> Double {
      Chart.left + place / time.high * (Chart.width - Chart.left - Chart.right)
    }
    func y(_ value: Double) -> Double {
      bottom - (value - axis.low) / (axis.high - axis.low) * Chart.panel
    }
    var drawn = ""
    for mark in axis.marks {
      drawn += line(Chart.left, y(mark.place), Chart.width - Chart.right, y(mark.place))
      drawn += text(Chart.left - 6, y(mark.place) + 4, mark.text, size: 11, anchor: "end")
    }
    for mark in time.marks where mark.place <= time.high {
      drawn += line(x(mark.place), bottom, x(mark.place), bottom + 4)
      drawn += text(x(mark.place), bottom + 17, mark.text, size: 11, anchor: "middle")
    }
    for member in members {
      drawn += "<path fill=\"none\" stroke=\"\(colour(member))\" stroke-width=\"1.5\" "
      drawn += "d=\"\(path(series[member], x: x, y: y))\"/>\n"
    }
    return drawn
  }

  /// A line of steps. All changes within one pixel become one stroke, from the least to the most.
  private func path(
    _ one: ChartSeries, x: (Double) -> Double, y: (Double) -> Double
  ) -> String {
    var drawn = ""
    /// Where the pen is, as it was written last; nil while it is up.
    var pen: String?
    var place = 0
    while place < one.times.count {
      let at = x(Double(one.times[place]))
      let beginning = place
      while place < one.times.count,
        x(Double(one.times[place])).rounded(.down) == at.rounded(.down)
      {
        place += 1
      }
      let heights = one.values[beginning..<place].compactMap { $0 }
      let last = one.values[place - 1]
      if pen != nil { drawn += "H\(pixels(at))" }
      if let least = heights.min(), let most = heights.max() {
        for height in [heights[0], least, most, last ?? most].map({ pixels(y($0)) })
        where height != pen {
          drawn += pen == nil ? "M\(pixels(at)) \(height)" : "V\(height)"
          pen = height
        }
      }
      if last == nil { pen = nil }
    }
    return pen == nil ? drawn : drawn + "H\(pixels(x(Double(end))))"
  }

  // MARK: Elements

  private func colour(_ member: Int) -> String { Chart.colours[member % Chart.colours.count] }

  private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
    "<path stroke=\"#dddddd\" d=\"M\(pixels(x1)) \(pixels(y1))L\(pixels(x2)) \(pixels(y2))\"/>\n"
  }

  private func text(
    _ x: Double, _ y: Double, _ text: String, size: Int, weight: String = "normal",
    colour: String = "#222222", anchor: String = "start"
  ) -> String {
    "<text x=\"\(pixels(x))\" y=\"\(pixels(y))\" font-size=\"\(size)\" font-weight=\"\(weight)\" "
      + "fill=\"\(colour)\" text-anchor=\"\(anchor)\">\(escaped(text))</text>\n"
  }

  /// To a tenth of a pixel.
  private func pixels(_ length: Double) -> String {
    let tenths = Int((length * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
  }

  private func escaped(_ text: String) -> String {
    var safe = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": safe += "&amp;"
      case "<": safe += "&lt;"
      case ">": safe += "&gt;"
      case "\"": safe += "&quot;"
      case _ where scalar.value < 32: safe += " "
      default: safe.unicodeScalars.append(scalar)
      }
    }
    return safe
  }
}
