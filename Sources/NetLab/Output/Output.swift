// What a run has told so far.

import NetScript
import NetStack
import Wire

/// Where files go: netsh has one below `--out`; without it nothing is recorded. A sink keeps files
/// back until the run has ended well, so that an error leaves none behind.
public protocol OutputSink: AnyObject {
  func append(_ octets: [UInt8], to file: String)
}

/// Frames of one interface, or of all on a medium, on their way into a file or to whoever reads
/// along.
struct Capture {
  /// Empty: each frame is a line of output.
  var file: String
  var writer: PcapngWriter
  var formatter = FrameFormatter()
  var node: Value
  /// Known when the simulation is built: the medium, and its ports that are looked at, in the order
  /// of their blocks in the file.
  var link: Int32 = -1
  var ports: [Int32] = []
  var written = 0
  var isFull = false
  var isOpen: Bool { link >= 0 }
}

struct Output {
  var lines: [String] = []
  var octets = 0
  var notes: [String] = []
  var reports: [ReportTable] = []
  var plain: [PlainVerdict] = []
  var captures: [Capture] = []
  /// Names of the files that captures and records have taken.
  var files: [String] = []
  var sink: (any OutputSink)?

  init() {}
}

extension Bench {
  /// A line of output, or several.
  func tellLine(_ text: String, at span: SourceSpan? = nil) throws(RuntimeError) {
    try chargeOutput(text.utf8.count + 1, at: span)
    output.lines.append(text)
    if isDriven { lookout.tell(text, .printed) }
  }

  /// What is printed, and rows of reports, count against the limit `output`.
  func chargeOutput(_ octets: Int, at span: SourceSpan?) throws(RuntimeError) {
    output.octets += octets
    guard output.octets <= plan.limits.outputOctets else {
      throw RuntimeError(
        "N443", "the run has printed more than \(amount(plan.limits.outputOctets))", at: span,
        help: "`--limit output=…` raises it", isLimit: true)
    }
  }

  /// A limit as it is usually set.
  func amount(_ octets: Int) -> String {
    octets >= 1 << 20 ? "\(octets >> 20) MiB" : "\(octets) B"
  }

  /// Something that belongs on standard error, once.
  func noteOnce(_ text: String) {
    if !output.notes.contains(text) { output.notes.append(text) }
  }

  /// A value as a cell: shown as the script would print it, counted in base units.
  func cell(_ value: Value) -> Cell {
    let text = vm.text(value)
    if value.isNone { return Cell(text: text, number: .none) }
    if let bool = value.asBool { return Cell(text: text, number: .bool(bool)) }
    if let int = value.asInt { return Cell(text: text, number: .int(int)) }
    if let real = value.asReal { return Cell(text: text, number: .real(real)) }
    guard let dimension = value.dimension else { return Cell(text: text) }
    let base = vm.baseUnits(value, dimension) ?? 0
    let number = dimension == .none ? Double(base) / 1e9 : Double(base)
    return Cell(text: text, number: .real(number), unit: Bench.baseUnit(dimension))
  }

  static func baseUnit(_ dimension: Dimension) -> String {
    switch dimension {
    case .time: return "ns"
    case .data: return "bit"
    case .rate: return "bit/s"
    case .frequency: return "1/s"
    default: return ""
    }
  }
}
