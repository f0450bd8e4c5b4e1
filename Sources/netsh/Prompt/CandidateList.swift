// Candidates as somebody chooses from them: in columns, with their values where there is room.

import NetLab

enum CandidateList {
  /// - Parameter rows: of the screen; with values the list may fill it but for the line itself.
  static func lines(_ candidates: [Candidate], columns: Int, rows: Int) -> [String] {
    let width = candidates.map(\.text.count).max() ?? 0
    let told = candidates.map { candidate in
      candidate.note.isEmpty
        ? candidate.text : Columns.padded(candidate.text, width) + "  " + candidate.note
    }
    // A column stays free: some terminals wrap when the last one is filled.
    let room = max(columns - 1, 1)
    let fits = told.allSatisfy { $0.count <= room }
    let lines = arranged(told, room)
    if fits, lines.count < rows { return lines }
    return arranged(candidates.map(\.text), room)
  }

  /// Down the columns, as many of them as fit.
  private static func arranged(_ cells: [String], _ room: Int) -> [String] {
    let width = (cells.map(\.count).max() ?? 0) + 3
    let count = max((room + 3) / width, 1)
    let height = (cells.count + count - 1) / count
    return (0..<height).map { row in
      let places = stride(from: row, to: cells.count, by: height)
      return Columns.trimmed(places.map { Columns.padded(cells[$0], width) }.joined())
    }
  }
}
