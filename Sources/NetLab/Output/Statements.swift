// The statements that tell something: print, show, why, report, record, plot, capture; and those
// that end or halt a run.

import NetScript
import NetSim
import NetStack

extension Bench {
  func tell(_ site: StatementSite, _ operands: Arguments) throws(RuntimeError) {
    switch site.kind {
    case .print:
      // The text comes first, what it was made of behind it.
      let lines = operands.positionalCount == 2 ? tableLines(operands[1]) : nil
      for line in lines ?? [vm.string(operands[0]) ?? vm.text(operands[0])] {
        try tellLine(line, at: site.span)
      }
    case .show: for line in shown(operands[0]) { try tellLine(line, at: site.span) }
    case .why:
      let lines = try oracleWhy(operands[0])
      let nothing = ["\(vm.text(operands[0])): nothing here waits for what cannot come"]
      for line in lines.isEmpty ? nothing : lines { try tellLine(line, at: site.span) }
    case .report: try addRow(site, operands)
    case .record: try addRecorder(site, operands)
    case .plot: try addPlot(site, operands)
    case .capture: try addCapture(site, operands)
    default: preconditionFailure("a statement that tells nothing")
    }
  }

  func control(_ site: StatementSite, _ operands: Arguments) throws(RuntimeError) -> Outcome {
    switch site.kind {
    case .pause where isDriven && phase >= .run:
      isHalted = true
      return activity == .script ? suspendHere() : .value(.none)
    case .pause:
      try tellLine("pause at \(moment(simulation.now)): without -i the run goes on", at: site.span)
    case .stop:
      guard phase >= .run else {
        throw RuntimeError("N301", "there is nothing to stop before the first `run`", at: site.span)
      }
      if ending == nil { ending = .stopped }
    case .fail:
      let message = vm.string(operands[0]) ?? vm.text(operands[0])
      guard phase >= .run else { throw RuntimeError(FaultCode.failed, message, at: site.span) }
      if ending == nil { ending = .failed(message, at: simulation.now, span: site.span) }
    default: preconditionFailure("a statement that controls nothing")
    }
    // The statements behind it in the case are not reached; a hook or a task runs to its next stop.
    return activity == .script && ending != nil ? .suspend : .value(.none)
  }

  /// The statements behind this one follow when somebody lets them.
  func suspendHere() -> Outcome {
    runRequest = .events(simulation.events)
    return .suspend
  }

  // MARK: report

  /// One more row in the table of this label.
  private func addRow(_ site: StatementSite, _ operands: Arguments) throws(RuntimeError) {
    var values: [Value] = []
    for index in 0..<operands.positionalCount { values.append(operands[index]) }
    if values.count == 1, let rows = recordRows(values[0]) {
      for row in rows.rows { try chargeOutput(Self.octets(of: row), at: site.span) }
      output.reports.append(
        ReportTable(label: site.label ?? site.texts.first, columns: rows.columns, rows: rows.rows))
      return
    }
    let row = values.map(cell)
    try chargeOutput(Self.octets(of: row), at: site.span)
    for index in output.reports.indices
    where output.reports[index].label == site.label && output.reports[index].columns == site.texts {
      output.reports[index].rows.append(row)
      return
    }
    output.reports.append(ReportTable(label: site.label, columns: site.texts, rows: [row]))
  }

  private static func octets(of row: [Cell]) -> Int {
    row.reduce(0) { $0 + $1.text.utf8.count + 1 }
  }

  func tableLines(_ value: Value) -> [String]? {
    recordRows(value).map { TextTable(columns: $0.columns, rows: $0.rows).lines }
  }

  /// A list of records is a table by itself.
  func recordRows(_ value: Value) -> (columns: [String], rows: [[Cell]])? {
    guard let list = vm.list(value), let first = list.first, vm.isRecord(first) else { return nil }
    let fields = vm.fields(first)
    var rows: [[Cell]] = []
    for record in list where vm.isRecord(record) {
      rows.append(fields.map { cell(vm.field(record, $0) ?? .none) })
    }
    return (fields.map { vm.symbols.name($0) }, rows)
  }
}
