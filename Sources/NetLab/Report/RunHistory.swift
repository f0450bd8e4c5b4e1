// What a run looked like, as values: everything that a report draws, and nothing of the engine.

import NetScript
import NetStack

/// A pool, and where its buffers lay.
struct PoolHistory: Sendable {
  var name: String
  var total: Int64
  /// Names of the places, in the order of the track's columns; behind them free buffers, and tasks
  /// that wait for one.
  var places: [String]
  var track: Track
}

/// Descriptors of a receive ring: posted, and filled.
struct RingHistory: Sendable {
  var name: String
  var total: Int64
  var track: Track
}

/// A TCP connection as one of its ends sees it.
struct ConnectionHistory: Sendable {
  /// In the order of the columns. Sequence numbers count from the first of the connection.
  static let columns = ["snd_una", "snd_nxt", "snd_una + snd_wnd", "cwnd", "snd_wnd", "rcv_wnd"]
  var name: String
  var track: Track
  /// When it was gone; nil while it lasts.
  var endedAt: Int64?
}

/// The moment that a person will want to see enlarged.
struct Focus: Sendable {
  /// In rising order of interest.
  enum Reason: UInt8, Sendable { case empty, stall, wedge }
  var reason: Reason
  var at: Int64
  var text: String
}

/// The recent rows of all tracks about a focus.
struct CloseUp: Sendable {
  var focus: Focus
  var from: Int64
  var until: Int64
  var history: Tracks
}

/// All that is sampled.
struct Tracks: Sendable {
  var pools: [PoolHistory] = []
  var rings: [RingHistory] = []
  var connections: [ConnectionHistory] = []
  var tasks: [TaskHistory] = []
}

/// `why` of a host at one moment.
struct Certificate: Sendable {
  var host: String
  var at: Int64
  var isWedged: Bool
  var lines: [String]
}

public struct RunHistory: Sendable {
  var end: Int64 = 0
  var tracks = Tracks()
  var closeUp: CloseUp?
  var landmarks: [Landmark] = []
  /// When hosts wedged, and how things stood at the end.
  var wedges: [Certificate] = []
  var standing: [Certificate] = []
  /// What the script recorded, statement by statement.
  var records: [RecordHistory] = []
  /// What there was too much of.
  var leftOut: [String] = []

  /// Said once.
  mutating func leaveOut(_ text: String) {
    if !leftOut.contains(text) { leftOut.append(text) }
  }
}

/// The series of one `record` or `plot`.
struct RecordHistory: Sendable {
  var title: String
  var series: [ChartSeries]
  /// Of each span of so many nanoseconds a few samples were kept; 0: all.
  var span: Int64
}

extension Bench {
  /// What the script's own statements have sampled.
  func recordHistories() -> [RecordHistory] {
    watch.recorders.map { recorder in
      let series = recorder.names.indices.map { column in
        ChartSeries(
          name: recorder.names[column],
          unit: recorder.rows.first { !$0[column].unit.isEmpty }?[column].unit ?? "",
          times: recorder.times.map { $0.nanoseconds },
          values: recorder.rows.map { $0[column].height })
      }
      return RecordHistory(
        title: recorder.title, series: series, span: recorder.decimation.span)
    }
  }
}
