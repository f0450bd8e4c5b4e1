// Who had the buffers of a pool: one area above the other, a step at each change. Where many
// changes fall into one pixel the areas show the last, and the line above them the most in use.

struct AreaChart {
  var title: String
  /// Names and places of the columns that are drawn, the lowest first.
  var layers: [(name: String, column: Int)]
  var rows: SampledRows
  var total: Int64
  /// The column of buffers that nobody has.
  var free: Int
  var start: Int64
  var end: Int64
  var landmarks: [Landmark]

  private static let panel = 190.0

  /// What is drawn of one column of pixels.
  private struct Column {
    var x: Double
    var row: Int
    var most: Int64
  }

  var svg: String {
    var canvas = ChartCanvas(.page, time: ChartAxis(from: start, to: end, marks: 8))
    var entries: [(name: String, swatch: String)] = []
    for layer in layers.reversed() {
      entries.append((layer.name, "class=\"fill h-\(layer.name)\""))
    }
    entries.append(("free", "class=\"fill h-free\""))
    var top = landmarks.isEmpty ? 4.0 : 14
    top += canvas.legend(entries, top: top)
    if !landmarks.isEmpty { top += 14 }
    let bottom = top + AreaChart.panel
    let axis = ChartAxis(values: 0...Double(total), unit: "", marks: 4)
    func y(_ value: Double) -> Double { bottom - value / Double(total) * AreaChart.panel }
    let (left, right) = (ChartCanvas.left, ChartCanvas.width - ChartCanvas.right)
    canvas.element(
      "<rect class=\"fill h-free\" x=\"\(canvas.pixels(left))\" y=\"\(canvas.pixels(top))\" "
        + "width=\"\(canvas.pixels(right - left))\" height=\"\(canvas.pixels(bottom - top))\"/>")
    let columns = columns(canvas)
    // The highest first: what lies below covers it.
    for place in layers.indices.reversed() {
      let path = path(columns, canvas, bottom: bottom) { column in
        y(Double(sum(column.row, upTo: place)))
      }
      canvas.element("<path class=\"fill h-\(layers[place].name)\" d=\"\(path)\"/>")
    }
    drawMost(columns, &canvas, y: y)
    canvas.valueMarks(axis.marks.filter { $0.place <= Double(total) }, y: y)
    canvas.timeMarks(at: bottom)
    for place in layers.indices { label(place, columns, &canvas, y: y) }
    canvas.landmarks(landmarks, top: top, bottom: bottom)
    return canvas.svg(title: title, height: bottom + ChartCanvas.foot)
  }

  private func columns(_ canvas: ChartCanvas) -> [Column] {
    var columns: [Column] = []
    for row in 0..<rows.count where rows.times[row] <= end {
      let x = canvas.x(Double(max(rows.times[row], start)))
      let used = total - rows.value(row, free)
      if let last = columns.last, last.x.rounded(.down) == x.rounded(.down) {
        columns[columns.count - 1].row = row
        columns[columns.count - 1].most = max(last.most, used)
      } else {
        columns.append(Column(x: x, row: row, most: used))
      }
    }
    return columns
  }

  /// Buffers in a layer and in those below it.
  private func sum(_ row: Int, upTo place: Int) -> Int64 {
    layers[...place].reduce(0) { $0 + rows.value(row, $1.column) }
  }

  private func path(
    _ columns: [Column], _ canvas: ChartCanvas, bottom: Double, height: (Column) -> Double
  ) -> String {
    guard let first = columns.first else { return "" }
    var path = "M\(canvas.pixels(first.x)) \(canvas.pixels(bottom))"
    var pen = ""
    for column in columns {
      let next = canvas.pixels(height(column))
      if next == pen { continue }
      path += (pen.isEmpty ? "" : "H\(canvas.pixels(column.x))") + "V\(next)"
      pen = next
    }
    return path + "H\(canvas.pixels(canvas.x(Double(end))))V\(canvas.pixels(bottom))Z"
  }

  /// The most that was in use within each column of pixels, where that is more than its last.
  private func drawMost(
    _ columns: [Column], _ canvas: inout ChartCanvas, y: (Double) -> Double
  ) {
    guard let first = columns.first else { return }
    var path = "M\(canvas.pixels(first.x)) \(canvas.pixels(y(Double(first.most))))"
    var pen = ""
    for (place, column) in columns.enumerated() {
      // What held at the left edge of the pixel is in it, too.
      let before = place > 0 ? total - rows.value(columns[place - 1].row, free) : 0
      for height in [max(column.most, before), total - rows.value(column.row, free)] {
        let next = canvas.pixels(y(Double(height)))
        if next == pen { continue }
        path += "H\(canvas.pixels(column.x))V\(next)"
        pen = next
      }
    }
    path += "H\(canvas.pixels(canvas.x(Double(end))))"
    canvas.element("<path class=\"most\" d=\"\(path)\"/>")
  }

  /// The layer's name where it is thickest, if it fits.
  private func label(
    _ place: Int, _ columns: [Column], _ canvas: inout ChartCanvas, y: (Double) -> Double
  ) {
    var best: (x: Double, y: Double, height: Double)?
    let width = 6.4 * Double(layers[place].name.utf8.count) + 8
    let right = ChartCanvas.width - ChartCanvas.right
    for (index, column) in columns.enumerated() {
      let next = index + 1 < columns.count ? columns[index + 1].x : right
      guard next - column.x >= width else { continue }
      let upper = y(Double(sum(column.row, upTo: place)))
      let height = y(Double(place > 0 ? sum(column.row, upTo: place - 1) : 0)) - upper
      if height >= 13, height > best?.height ?? 0 {
        best = ((column.x + next) / 2, upper + height / 2 + 4, height)
      }
    }
    guard let best else { return }
    canvas.element("<g class=\"label\">")
    canvas.text(best.x, best.y, layers[place].name, size: 11, anchor: "middle")
    canvas.element("</g>")
  }
}
