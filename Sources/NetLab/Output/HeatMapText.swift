// A heat map in lines of text: shades and box drawing where a person looks on, letters and strokes
// of ASCII elsewhere.

extension HeatMap {
  public enum Look: Sendable {
    case shades, letters
  }

  /// - Parameter style: gives a square the colour of what it is.
  public func lines(
    _ look: Look, style: (String, _ isGood: Bool) -> String = { text, _ in text }
  ) -> [String] {
    let margin = max(upwards.values.map(TextTable.columns).max() ?? 0, 1)
    let width = squareWidth(margin)
    let indent = String(repeating: " ", count: margin + 4)
    var lines = [title, "  \(upwards.name) against \(across.name): \(meaning(look))"]
    for row in stride(from: upwards.values.count - 1, through: 0, by: -1) {
      let name = upwards.values[row]
      var line = String(repeating: " ", count: 2 + margin - TextTable.columns(name)) + name + "  "
      for column in across.values.indices {
        let square = square(row, column)
        let text = text(square, look, width)
        line += square.map { style(text, $0.isGood) } ?? text
        line += isWall(row, column) ? (look == .shades ? "│" : "|") : " "
      }
      lines.append(trimmed(line))
      let floor = floor(below: row, look, width)
      if !floor.isEmpty { lines.append(indent + floor) }
    }
    lines.append(trimmed(indent + scale(width)))
    return lines
  }

  private func meaning(_ look: Look) -> String {
    if let measure { return "\(measure); the line parts what always passes" }
    return look == .shades
      ? "dark fails, the line parts what always passes"
      : ". passes, # fails, 5 half of the runs"
  }

  /// As wide as its widest text, while all fits.
  private func squareWidth(_ margin: Int) -> Int {
    let room = (TextTable.lineWidth - margin - 4) / max(across.values.count, 1) - 1
    var wish = max(across.values.map(TextTable.columns).max() ?? 1, 2)
    for row in squares {
      for square in row { wish = max(wish, TextTable.columns(square?.value?.text ?? "")) }
    }
    return max(min(wish, room), 1)
  }

  private func text(_ square: Square?, _ look: Look, _ width: Int) -> String {
    guard let square else { return String(repeating: " ", count: width) }
    if let value = square.value, TextTable.columns(value.text) <= width {
      return centred(value.text, width)
    }
    let tenths = Int((square.shade * 10).rounded())
    if look == .letters {
      let letter = square.shade == 0 ? "." : square.shade == 1 ? "#" : "\(min(max(tenths, 1), 9))"
      return centred(letter, width)
    }
    let shade = square.shade == 0 ? "·" : ["░", "░", "▒", "▓", "█"][min(tenths * 4 / 10, 4)]
    return square.shade == 0 ? centred(shade, width) : String(repeating: shade, count: width)
  }

  private func centred(_ text: String, _ width: Int) -> String {
    let free = width - TextTable.columns(text)
    return String(repeating: " ", count: (free + 1) / 2) + text
      + String(repeating: " ", count: free / 2)
  }

  /// The frontier between a row and the one below it; empty where there is none.
  private func floor(below row: Int, _ look: Look, _ width: Int) -> String {
    guard across.values.indices.contains(where: { isFloor(row, $0) }) else { return "" }
    var line = ""
    for column in across.values.indices {
      let isFloor = isFloor(row, column)
      let stroke = isFloor ? (look == .shades ? "─" : "-") : " "
      line += String(repeating: stroke, count: width)
      line += corner(
        up: isWall(row, column), down: isWall(row - 1, column), left: isFloor,
        right: self.isFloor(row, column + 1), look)
    }
    return trimmed(line)
  }

  private func corner(up: Bool, down: Bool, left: Bool, right: Bool, _ look: Look) -> String {
    let place = (up ? 1 : 0) + (down ? 2 : 0) + (left ? 4 : 0) + (right ? 8 : 0)
    let boxes = [
      " ", "│", "│", "│", "─", "┘", "┐", "┤", "─", "└", "┌", "├", "─", "┴", "┬", "┼",
    ]
    if look == .shades { return boxes[place] }
    return switch place {
    case 0: " "
    case 1, 2, 3: "|"
    case 4, 8, 12: "-"
    default: "+"
    }
  }

  /// The values of the first param; where they are too long, the first and the last.
  private func scale(_ width: Int) -> String {
    let all = across.values
    if all.allSatisfy({ TextTable.columns($0) <= width }) {
      var line = ""
      for value in all { line += centred(value, width) + " " }
      return line
    }
    guard all.count > 1 else { return all.first ?? "" }
    let (first, last) = (all[0], all[all.count - 1])
    let room = all.count * (width + 1) - 1 - TextTable.columns(first) - TextTable.columns(last)
    return first + String(repeating: " ", count: max(room, 1)) + last
  }

  private func trimmed(_ text: String) -> String {
    var scalars = Array(text.unicodeScalars)
    while scalars.last == " " { scalars.removeLast() }
    var line = ""
    for scalar in scalars { line.unicodeScalars.append(scalar) }
    return line
  }
}
