// Heat maps as one picture, a map below the other.

extension HeatMap {
  private static let height = 30.0
  /// What a letter takes at the size of labels.
  private static let letter = 6.4

  public static func svg(_ maps: [HeatMap]) -> String {
    var canvas = ChartCanvas(.file, time: ChartAxis(to: 1, marks: 1))
    var top = 8.0
    for map in maps { map.draw(on: &canvas, top: &top) }
    var titles = ""
    for map in maps where titles.isEmpty { titles = map.title }
    return canvas.svg(title: titles, height: top)
  }

  private func draw(on canvas: inout ChartCanvas, top: inout Double) {
    var longest = TextTable.columns(upwards.name)
    for value in upwards.values { longest = max(longest, TextTable.columns(value)) }
    let left = 20 + HeatMap.letter * Double(longest)
    let room = ChartCanvas.width - left - ChartCanvas.right
    let width = min(room / Double(max(across.values.count, 1)), 76)
    canvas.text(left, top + 14, title, size: 14, weight: "bold")
    top += 22
    top += canvas.legend(legend, top: top) + 6
    canvas.text(left - 8, top + 10, upwards.name, size: 11, weight: "bold", anchor: "end")
    top += 16
    let bottom = top + HeatMap.height * Double(upwards.values.count)
    func y(_ row: Int) -> Double { bottom - HeatMap.height * Double(row + 1) }
    for (row, name) in upwards.values.enumerated() {
      canvas.text(left - 8, y(row) + 19, name, size: 11, anchor: "end")
      for column in across.values.indices {
        guard let square = square(row, column) else { continue }
        draw(square, on: &canvas, x: left + width * Double(column), y: y(row), width: width)
      }
    }
    drawFrontier(on: &canvas, left: left, width: width, y: y)
    var (free, centre) = (left, left + width / 2)
    for name in across.values {
      // What would touch its neighbour is left out.
      let half = HeatMap.letter * Double(TextTable.columns(name)) / 2
      if centre - half >= free {
        canvas.text(centre, bottom + 15, name, size: 11, anchor: "middle")
        free = centre + half + 4
      }
      centre += width
    }
    canvas.text(left, bottom + 32, across.name, size: 11, weight: "bold")
    top = bottom + 52
  }

  private var legend: [(name: String, swatch: String)] {
    let ends = measure.map { ["little \($0)", "much"] } ?? ["all runs pass", "all fail"]
    return [
      (ends[0], fill(0)), (measure == nil ? "half of them" : "half", fill(0.5)), (ends[1], fill(1)),
      ("frontier of what always passes", "fill=\"#000000\""),
    ]
  }

  /// From a light grey to the red of a report's failures: light to dark also without colours.
  private func fill(_ share: Double) -> String {
    let (light, dark) = ([238, 241, 244], [179, 38, 30])
    var colour = "#"
    for (from, to) in zip(light, dark) {
      let level = from + Int((Double(to - from) * min(max(share, 0), 1)).rounded())
      colour += (level < 16 ? "0" : "") + String(level, radix: 16)
    }
    return "fill=\"\(colour)\""
  }

  private func draw(
    _ square: Square, on canvas: inout ChartCanvas, x: Double, y: Double, width: Double
  ) {
    canvas.element(
      "<rect x=\"\(canvas.pixels(x))\" y=\"\(canvas.pixels(y))\" width=\"\(canvas.pixels(width))\" "
        + "height=\"\(canvas.pixels(HeatMap.height))\" stroke=\"#ffffff\" \(fill(square.shade))/>")
    let text = square.value?.text ?? "\(square.passed)/\(square.runs)"
    if HeatMap.letter * Double(TextTable.columns(text)) > width { return }
    canvas.text(
      x + width / 2, y + 19, text, size: 11,
      colour: square.shade > 0.45 ? "#ffffff" : "#222222", anchor: "middle")
  }

  private func drawFrontier(
    on canvas: inout ChartCanvas, left: Double, width: Double, y: (Int) -> Double
  ) {
    var path = ""
    for row in upwards.values.indices {
      for column in across.values.indices {
        let right = left + width * Double(column + 1)
        if isWall(row, column) {
          path += "M\(canvas.pixels(right)) \(canvas.pixels(y(row)))"
          path += "v\(canvas.pixels(HeatMap.height))"
        }
        if isFloor(row, column) {
          path += "M\(canvas.pixels(right)) \(canvas.pixels(y(row) + HeatMap.height))"
          path += "h-\(canvas.pixels(width))"
        }
      }
    }
    if path.isEmpty { return }
    canvas.element(
      "<path fill=\"none\" stroke=\"#000000\" stroke-width=\"3\" stroke-linecap=\"square\" "
        + "d=\"\(path)\"/>")
  }
}
