// Expectations on the time axis: a line for each, with a sign where it was decided.

import NetStack

struct VerdictChart {
  var title: String
  var expectations: [ExpectationResult]
  var start: Int64 = 0
  var end: Int64
  var landmarks: [Landmark]

  private static let line = 22.0

  var svg: String {
    var canvas = ChartCanvas(.page, time: ChartAxis(from: start, to: end, marks: 8))
    var top = landmarks.isEmpty ? 8.0 : 28
    let first = top
    for (number, one) in expectations.enumerated() {
      let y = top + VerdictChart.line / 2
      canvas.text(ChartCanvas.left - 10, y + 4, "\(number + 1)", size: 11, anchor: "end")
      canvas.line(ChartCanvas.left, y, ChartCanvas.width - ChartCanvas.right, y)
      draw(one, on: &canvas, y: y)
      top += VerdictChart.line
    }
    canvas.timeMarks(at: top)
    canvas.landmarks(landmarks, top: first, bottom: top)
    return canvas.svg(title: title, height: top + ChartCanvas.foot)
  }

  /// A disc holds, a cross failed, a ring is open or vacuous: shapes, not colours alone.
  private func draw(_ one: ExpectationResult, on canvas: inout ChartCanvas, y: Double) {
    let at = canvas.x(Double(min(max(one.at.nanoseconds, start), end)))
    let (x, height) = (canvas.pixels(at), canvas.pixels(y))
    switch one.verdict {
    case .pass: canvas.element("<circle class=\"good\" cx=\"\(x)\" cy=\"\(height)\" r=\"5\"/>")
    case .fail:
      let (left, up) = (canvas.pixels(at - 5), canvas.pixels(y - 5))
      canvas.element(
        "<path class=\"bad\" d=\"M\(left) \(up)l10 10m0 -10l-10 10\"/>")
    case .vacuous, .open:
      canvas.element("<circle class=\"open\" cx=\"\(x)\" cy=\"\(height)\" r=\"4.5\"/>")
    }
  }
}
