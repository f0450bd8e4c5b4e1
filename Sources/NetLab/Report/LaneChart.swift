// What tasks did, a lane for each: in every column the states take the share of its height that
// they had of its time.

struct LaneChart {
  struct Lane {
    var name: String
    /// Nanoseconds in each state, column by column, as in `TimeShares`.
    var nanoseconds: [Int64]
    /// How long a column is.
    var span: Int64
  }

  var title: String
  var lanes: [Lane]
  var start: Int64
  var end: Int64
  var landmarks: [Landmark]

  private static let lane = 18.0
  private static let gap = 8.0
  /// From the bottom up: what stands still lies below, what moves above.
  fileprivate static let drawn: [Activeness] =
    [.lacksBuffer, .lacksLock, .lacksRoom, .ready, .runs]

  var svg: String {
    var canvas = ChartCanvas(.page, time: ChartAxis(from: start, to: end, marks: 8))
    var entries: [(name: String, swatch: String)] = []
    for state in Activeness.allCases where isSeen(state) {
      entries.append((state.name, "class=\"fill t-\(state)\""))
    }
    var top = landmarks.isEmpty ? 4.0 : 14
    top += canvas.legend(entries, top: top)
    top += landmarks.isEmpty ? 4 : 16
    let first = top
    for lane in lanes {
      // The name stands above its lane: some are longer than the margin.
      canvas.text(ChartCanvas.left + 6, top + 11, lane.name, size: 11)
      draw(lane, on: &canvas, top: top + 15)
      top += 15 + LaneChart.lane + LaneChart.gap
    }
    canvas.timeMarks(at: top)
    canvas.landmarks(landmarks, top: first, bottom: top)
    return canvas.svg(title: title, height: top + ChartCanvas.foot)
  }

  private func isSeen(_ state: Activeness) -> Bool {
    lanes.contains { lane in
      stride(from: Int(state.rawValue), to: lane.nanoseconds.count, by: TimeShares.kinds)
        .contains { lane.nanoseconds[$0] > 0 }
    }
  }

  private func draw(_ lane: Lane, on canvas: inout ChartCanvas, top: Double) {
    let bottom = top + LaneChart.lane
    var paths = [String](repeating: "", count: TimeShares.kinds)
    for column in 0..<lane.nanoseconds.count / TimeShares.kinds {
      let begin = start + Int64(column) * lane.span
      let (left, right) = (
        canvas.x(Double(begin)), canvas.x(Double(min(begin + lane.span, end)))
      )
      if right <= left { continue }
      func part(_ state: Activeness) -> Double {
        Double(lane.nanoseconds[column * TimeShares.kinds + Int(state.rawValue)])
          / Double(min(lane.span, end - begin))
      }
      func add(_ state: Activeness, _ y: Double, _ height: Double) {
        paths[Int(state.rawValue)] +=
          "M\(canvas.pixels(left)) \(canvas.pixels(y))H\(canvas.pixels(right))"
          + "v-\(canvas.pixels(height))H\(canvas.pixels(left))z"
      }
      // Who rests is a thin line, so that there is something to see the others against.
      let rest = part(.off) > 0.5 ? Activeness.off : part(.sleeps) > 0.5 ? .sleeps : .idles
      if part(.off) + part(.sleeps) + part(.idles) > 0 { add(rest, bottom, 2) }
      var y = bottom
      for state in LaneChart.drawn where part(state) > 0 {
        let height = max(part(state) * LaneChart.lane, 1)
        add(state, y, height)
        y -= height
      }
    }
    for state in Activeness.allCases where !paths[Int(state.rawValue)].isEmpty {
      canvas.element("<path class=\"fill t-\(state)\" d=\"\(paths[Int(state.rawValue)])\"/>")
    }
  }
}

extension LaneChart.Lane {
  /// A task over the whole run.
  init(_ task: TaskHistory) {
    name = task.name
    nanoseconds = task.shares.nanoseconds
    span = task.shares.span
  }

  /// A task between two times, from its changes: two columns of pixels each.
  init(_ task: TaskHistory, from start: Int64, to end: Int64) {
    name = task.name
    let count = 332
    span = max((end - start + Int64(count) - 1) / Int64(count), 1)
    nanoseconds = Array(repeating: 0, count: count * TimeShares.kinds)
    let rows = task.states.whole
    for row in 0..<rows.count {
      let until = row + 1 < rows.count ? rows.times[row + 1] : end
      var at = max(rows.times[row], start)
      while at < until {
        let column = Int((at - start) / span)
        let next = min(until, start + Int64(column + 1) * span)
        nanoseconds[column * TimeShares.kinds + Int(rows.value(row, 0))] += next - at
        at = next
      }
    }
  }

  /// It had the CPU or wanted it, or waited for what others have.
  var hasActed: Bool {
    LaneChart.drawn.contains { total($0) > 0 }
  }

  func total(_ state: Activeness) -> Int64 {
    stride(from: Int(state.rawValue), to: nanoseconds.count, by: TimeShares.kinds)
      .reduce(0) { $0 + nanoseconds[$1] }
  }
}
