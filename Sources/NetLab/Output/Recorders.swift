// `record`: series of values over time, into a file below --out: comma-separated values, or JSON
// Lines where the name ends so.
//
// Where nobody takes the values nothing is evaluated: a record cannot change a run. Equal
// neighbours are stored once; beyond the limit samples are thinned, and the file says how.

import NetScript
import NetSim
import NetStack

struct Recorder {
  /// nil: no file of its own, a plot draws it.
  var file: String?
  var title: String
  var observed: [Int]
  var names: [String]
  /// nil: at every change.
  var interval: TimeSpan?
  var next: Instant
  var times: [Instant] = []
  var rows: [[Cell]] = []
  var decimation = Decimation()
  /// How many there were, thinned ones too.
  var samples: Int64 = 0

  static let jsonLines = ".jsonl"

  /// Its series, with their units: nobody has to guess what a number counts.
  var columns: [String] {
    names.enumerated().map { place, name in
      let unit = rows.first { $0.count > place && !$0[place].unit.isEmpty }?[place].unit
      return unit.map { "\(name) [\($0)]" } ?? name
    }
  }

  var text: String {
    file?.hasSuffix(Recorder.jsonLines) == true ? jsonText : csvText
  }

  private var csvText: String {
    var text = thinning.map { "# decimated: \($0)\n" } ?? ""
    text += "time_ns"
    for column in columns { text += "," + CSV.field(column) }
    text += "\n"
    for (time, row) in zip(times, rows) {
      text += "\(time.nanoseconds)"
      for cell in row { text += "," + CSV.field(cell) }
      text += "\n"
    }
    return text
  }

  /// An object for each row; a first one says what was thinned, if something was.
  private var jsonText: String {
    var text = ""
    if let thinning {
      var json = JSONText()
      json.open("{")
      json.field("decimated", thinning)
      json.close("}")
      text += json.string + "\n"
    }
    let columns = columns
    for (time, row) in zip(times, rows) {
      var json = JSONText()
      json.open("{")
      json.field("time_ns", raw: "\(time.nanoseconds)")
      for (column, cell) in zip(columns, row) {
        json.name(column)
        json.cell(cell)
      }
      json.close("}")
      text += json.string + "\n"
    }
    return text
  }

  /// What became of the samples, if not all of them are here.
  var thinning: String? {
    guard decimation.span > 0 else { return nil }
    let span = QuantityText.time(nanoseconds: decimation.span)
    return "\(rows.count) of \(samples) changes: of each \(span) the first, the last, "
      + "the least and the greatest of each column"
  }
}

extension Bench {
  func addRecorder(_ site: StatementSite, _ operands: Arguments) throws(RuntimeError) {
    let interval = try optionalDuration(operands[0], of: "`every`", site)
    if let interval, interval <= .zero {
      throw RuntimeError("N423", "`every` needs a time above 0", at: site.span)
    }
    let name = site.label ?? "record-\(line(of: site.span))"
    let file = try newFile(
      name, suffix: name.hasSuffix(Recorder.jsonLines) ? Recorder.jsonLines : ".csv",
      at: site.span,
      help: "`as \"…\"` gives it a name of its own")
    let names = seriesNames(site, operands)
    watch.recordedNames += names
    if output.sink == nil { noteOnce("record: would write \(file) (--out DIR)") }
    guard output.sink != nil || sampler != nil else { return }
    let title = site.label ?? "record in line \(line(of: site.span))"
    startRecorder(
      file, title, names.indices.map { ($0, names[$0]) }, operands, every: interval, at: site.span)
  }

  /// The series of a record or a plot as written.
  func seriesNames(_ site: StatementSite, _ operands: Arguments) -> [String] {
    Array(site.texts.suffix(operands.positionalCount - 1))
  }

  /// Samples these series of the statement from now on.
  func startRecorder(
    _ file: String?, _ title: String, _ series: [(number: Int, name: String)],
    _ operands: Arguments, every interval: TimeSpan?, at span: SourceSpan
  ) {
    let observed = series.map { addObserved(operands[1 + $0.number], at: span) }
    watch.recorders.append(
      Recorder(
        file: file, title: title, observed: observed, names: series.map { $0.name },
        interval: interval, next: max(simulation.now, .zero)))
    askForLook()
  }

  func lookAtRecorders() throws(RuntimeError) {
    let now = simulation.now
    for index in watch.recorders.indices {
      if let interval = watch.recorders[index].interval {
        guard watch.recorders[index].next <= now else { continue }
        watch.recorders[index].next = watch.recorders[index].next + interval
      } else {
        watch.recorders[index].next = .never
        guard watch.recorders[index].observed.contains(where: isStale) else { continue }
      }
      var row: [Cell] = []
      for place in watch.recorders[index].observed { row.append(cell(try observe(place))) }
      store(row, in: index)
    }
  }

  private func store(_ row: [Cell], in index: Int) {
    let count = watch.recorders[index].rows.count
    if count > 0 && watch.recorders[index].rows[count - 1] == row { return }
    watch.recorders[index].samples += 1
    watch.recorders[index].rows.append(row)
    watch.recorders[index].times.append(simulation.now)
    if count >= plan.limits.samples { thin(index) }
  }

  /// Down to half of the limit: thinning takes time for each sample that there is.
  private func thin(_ index: Int) {
    let (rows, times) = (watch.recorders[index].rows, watch.recorders[index].times)
    let kept = watch.recorders[index].decimation.thin(
      times.map { $0.nanoseconds }, columns: watch.recorders[index].names.count,
      toAtMost: plan.limits.samples / 2
    ) { rows[$0][$1].height }
    watch.recorders[index].rows = kept.map { rows[$0] }
    watch.recorders[index].times = kept.map { times[$0] }
  }

  /// Writes what was recorded. Called once, when the run has ended well.
  func writeRecords() {
    for recorder in watch.recorders {
      guard let file = recorder.file else { continue }
      if let thinning = recorder.thinning { noteOnce("\(file): decimated to \(thinning)") }
      output.sink?.append(Array(recorder.text.utf8), to: file)
    }
  }

  func line(of span: SourceSpan) -> Int { program.files[span.file].line(at: span.start) }

  /// The file for a name; two statements of a run cannot write into one.
  func newFile(
    _ name: String, suffix: String, at span: SourceSpan, help: String
  ) throws(RuntimeError) -> String {
    let file = fileName(name, suffix: suffix)
    guard !output.files.contains(file) else {
      throw RuntimeError("N204", "`\(file)` would be written twice", at: span, help: help)
    }
    output.files.append(file)
    return file
  }

  /// A name that is safe in a folder: letters, digits, dots and dashes.
  private func fileName(_ text: String, suffix: String) -> String {
    var octets: [UInt8] = []
    for octet in text.utf8 {
      let isPlain =
        (octet >= 48 && octet <= 57) || (octet >= 65 && octet <= 90)
        || (octet >= 97 && octet <= 122) || octet == 46 || octet == 45 || octet == 95
      if isPlain { octets.append(octet) } else if octets.last != 45 { octets.append(45) }
    }
    while octets.first == 46 || octets.first == 45 { octets.removeFirst() }
    while octets.last == 45 { octets.removeLast() }
    let name = octets.isEmpty ? "unnamed" : String(decoding: octets.prefix(80), as: UTF8.self)
    return name.hasSuffix(suffix) ? name : name + suffix
  }
}

/// Fields of comma-separated values, RFC 4180.
enum CSV {
  static func field(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == 44 || $0 == 34 || $0 == 10 || $0 == 13 }) else {
      return text
    }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted += "\"" }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }

  static func field(_ cell: Cell) -> String {
    switch cell.number {
    case .none: return ""
    case .bool(let value): return value ? "true" : "false"
    case .int(let value): return "\(value)"
    case .real(let value): return JSONText.number(value)
    case .text: return field(cell.text)
    }
  }
}
