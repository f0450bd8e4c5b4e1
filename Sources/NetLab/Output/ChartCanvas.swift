// What all pictures over time have in common: the frame, the time axis, and the elements of SVG.
// Coordinates are tenths of a pixel, so the same run gives the same octets.
//
// A picture for a file brings its colours along; one for a page has classes, and the page's style
// says what they look like by day, by night and on paper.

/// Something that happened once, for a line across the pictures.
struct Landmark: Sendable {
  var at: Int64
  var text: String
}

struct ChartCanvas {
  enum Look {
    case file, page
  }

  static let width = 760.0
  static let left = 72.0
  static let right = 24.0
  static let foot = 34.0
  /// Colours that people who confuse red and green can tell apart (Okabe and Ito).
  private static let colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]

  let look: Look
  let time: ChartAxis
  private(set) var drawn = ""

  init(_ look: Look, time: ChartAxis) {
    self.look = look
    self.time = time
  }

  func x(_ place: Double) -> Double {
    let width = ChartCanvas.width - ChartCanvas.left - ChartCanvas.right
    return ChartCanvas.left + (place - time.low) / (time.high - time.low) * width
  }

  /// The whole picture.
  func svg(title: String, height: Double) -> String {
    let box = "viewBox=\"0 0 \(pixels(ChartCanvas.width)) \(pixels(height))\""
    let name = "<title>\(ChartCanvas.escaped(title))</title>"
    if look == .page {
      return "<svg class=\"chart\" \(box) role=\"img\">\n\(name)\n\(drawn)</svg>\n"
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" \(box) width="\(pixels(ChartCanvas.width))" \
      height="\(pixels(height))" font-family="sans-serif" role="img">
      \(name)
      <rect width="100%" height="100%" fill="#ffffff"/>
      \(drawn)</svg>

      """
  }

  // MARK: Axes

  /// The marks of the time axis below a panel.
  mutating func timeMarks(at bottom: Double) {
    for mark in time.marks where mark.place <= time.high {
      line(x(mark.place), bottom, x(mark.place), bottom + 4)
      text(x(mark.place), bottom + 17, mark.text, size: 11, anchor: "middle")
    }
  }

  /// Lines across, and what they stand for.
  mutating func valueMarks(_ marks: [(place: Double, text: String)], y: (Double) -> Double) {
    for mark in marks {
      let height = y(mark.place)
      line(ChartCanvas.left, height, ChartCanvas.width - ChartCanvas.right, height)
      text(ChartCanvas.left - 6, height + 4, mark.text, size: 11, anchor: "end")
    }
  }

  /// Lines down through a panel at moments that matter, with their names on top.
  mutating func landmarks(_ marks: [Landmark], top: Double, bottom: Double) {
    for mark in marks where Double(mark.at) >= time.low && Double(mark.at) <= time.high {
      let at = x(Double(mark.at))
      drawn += "<path class=\"mark\" d=\"M\(pixels(at)) \(pixels(top))V\(pixels(bottom))\"/>\n"
      let isRight = at + 6.2 * Double(mark.text.unicodeScalars.count) > ChartCanvas.width - 4
      text(
        at + (isRight ? -4 : 4), top - 4, mark.text, size: 11, anchor: isRight ? "end" : "start")
    }
  }

  /// A swatch and a name for each; returns how much room they took.
  mutating func legend(_ entries: [(name: String, swatch: String)], top: Double) -> Double {
    var (x, y) = (ChartCanvas.left, top + 12)
    for entry in entries {
      let length = 22 + 6.2 * Double(entry.name.unicodeScalars.count)
      if x > ChartCanvas.left, x + length > ChartCanvas.width - ChartCanvas.right {
        (x, y) = (ChartCanvas.left, y + 16)
      }
      drawn += "<rect x=\"\(pixels(x))\" y=\"\(pixels(y - 8))\" width=\"10\" height=\"10\" "
      drawn += entry.swatch + "/>\n"
      text(x + 15, y + 1, entry.name, size: 11)
      x += length + 10
    }
    return y - top + 14
  }

  // MARK: Elements

  /// The attribute that gives an area the colour of a series.
  func fill(_ member: Int) -> String {
    look == .page
      ? "class=\"fill s\(member % ChartCanvas.colours.count)\""
      : "fill=\"\(ChartCanvas.colours[member % ChartCanvas.colours.count])\""
  }

  mutating func stroke(_ path: String, _ member: Int) {
    if look == .page {
      drawn += "<path class=\"line s\(member % ChartCanvas.colours.count)\" "
    } else {
      let colour = ChartCanvas.colours[member % ChartCanvas.colours.count]
      drawn += "<path fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.5\" "
    }
    drawn += "d=\"\(path)\"/>\n"
  }

  mutating func element(_ text: String) { drawn += text + "\n" }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) {
    let colour = look == .page ? "class=\"grid\"" : "stroke=\"#dddddd\""
    drawn +=
      "<path \(colour) d=\"M\(pixels(x1)) \(pixels(y1))L\(pixels(x2)) \(pixels(y2))\"/>\n"
  }

  mutating func text(
    _ x: Double, _ y: Double, _ text: String, size: Int, weight: String = "normal",
    colour: String = "#222222", anchor: String = "start"
  ) {
    drawn += "<text x=\"\(pixels(x))\" y=\"\(pixels(y))\" font-size=\"\(size)\" "
    if look == .file { drawn += "font-weight=\"\(weight)\" fill=\"\(colour)\" " }
    drawn += "text-anchor=\"\(anchor)\">\(ChartCanvas.escaped(text))</text>\n"
  }

  /// To a tenth of a pixel.
  func pixels(_ length: Double) -> String {
    let tenths = Int((length * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
  }

  static func escaped(_ text: String) -> String {
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
