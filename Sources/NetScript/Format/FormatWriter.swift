// Lays the items out: which of them begin a line, how deep, and which blocks stay on one.

/// What is open at a place: a block, or a bracket.
private struct FormatFrame {
  var isBlock: Bool
  /// Columns before what stands in it.
  var content: Int
  /// Columns before its closing bracket, where that begins a line.
  var close: Int
  /// Columns before the last line that began in it.
  var lineIndent: Int
  /// A block of a statement, not of a function literal, and whether it has lines of its own.
  var isStatement = false
  var isOpened = false
  /// Whether the `if` that stands in it has opened its last block, and so will open the next.
  var isChainOpened = false
}

struct FormatWriter {
  private let file: SourceFile
  private let items: [FormatItem]
  /// Items that begin a line although the author did not say so.
  private var isForced: [Bool]
  private var frames = [FormatFrame(isBlock: true, content: 0, close: 0, lineIndent: 0)]
  private var lines = FormatLines()

  init(_ file: SourceFile, _ items: [FormatItem]) {
    self.file = file
    self.items = items
    isForced = Array(repeating: false, count: items.count)
  }

  mutating func write() -> [UInt8] {
    for index in items.indices { write(index) }
    precondition(frames.count == 1, "a bracket without its other half")
    return lines.finish()
  }

  private mutating func write(_ index: Int) {
    let item = items[index]
    let before = index > 0 ? items[index - 1] : nil
    writeComments(index)
    guard item.kind != .endOfFile else { return }
    var closed: FormatFrame?
    if item.isClosing { closed = frames.removeLast() }
    let top = frames.count - 1
    if item.startsStatement { frames[top].isChainOpened = false }
    if let closed, closed.isStatement { frames[top].isChainOpened = closed.isOpened }
    let beginsLine = before == nil || item.beganLine || isForced[index]
    if beginsLine {
      let isAtEnd = item.isClosing || isFirst(index, after: item.comments.count)
      let indent = closed?.close ?? indent(of: item)
      lines.begin(indent: indent, afterBlank: item.newlines == 2 && !isAtEnd)
      frames[top].lineIndent = indent
      if item.startsStatement { splitIfNeeded(index) }
    } else if let before, item.startsStatement, before.kind != .openBrace {
      lines.append("; ")
    } else if let before, item.isSpaced(from: before, before: following(index)) {
      lines.append(" ")
    }
    lines.append(file.octets[item.range])
    if beginsLine, item.beganLine || before == nil {
      lines.setSource(line: file.line(at: item.range.upperBound))
    }
    if item.isOpening { open(index) }
  }

  private func following(_ index: Int) -> FormatItem? {
    index + 1 < items.count ? items[index + 1] : nil
  }

  /// Columns before an item that begins a line, or before a comment above it.
  private func indent(of item: FormatItem) -> Int {
    let frame = frames[frames.count - 1]
    let isContinuation =
      frame.isBlock && !item.startsStatement && !item.isClosing && item.kind != .endOfFile
    return isContinuation ? frame.content + Formatter.indent : frame.content
  }

  private mutating func writeComments(_ index: Int) {
    for (place, comment) in items[index].comments.enumerated() {
      if comment.newlines == 0, index > 0, place == 0 {
        lines.setTrailing(comment.range, of: file)
        continue
      }
      let afterBlank = comment.newlines == 2 && !isFirst(index, after: place)
      lines.begin(indent: indent(of: items[index]), afterBlank: afterBlank)
      lines.append(comment: comment.range, of: file)
    }
  }

  /// Whether no line stands between the file's or bracket's beginning and what comes after the
  /// first `count` comments of an item.
  private func isFirst(_ index: Int, after count: Int) -> Bool {
    guard index > 0 else { return count == 0 }
    guard items[index - 1].isOpening else { return false }
    return items[index].comments.prefix(count).allSatisfy { $0.newlines == 0 }
  }

  // MARK: Brackets

  private mutating func open(_ index: Int) {
    let item = items[index]
    let frame = frames[frames.count - 1]
    guard item.kind == .openBrace else {
      let isHanging = items[index + 1].beganLine
      let content = isHanging ? frame.lineIndent + Formatter.indent : lines.column
      frames.append(
        FormatFrame(
          isBlock: false, content: content, close: frame.lineIndent,
          lineIndent: frame.lineIndent))
      return
    }
    // The block of a function literal belongs to its line, that of a statement to the statement.
    let isStatement = !isLiteral(index)
    let base = isStatement ? frame.content : frame.lineIndent
    var block = FormatFrame(
      isBlock: true, content: base + Formatter.indent, close: base,
      lineIndent: base + Formatter.indent, isStatement: isStatement)
    block.isOpened =
      isStatement && (frame.isChainOpened || hasLines(inChainFrom: index))
      || hasLines(index + 1...item.partner)
      || lines.column + rest(of: index) > Formatter.columns
    frames.append(block)
    let isEmpty = index + 1 == item.partner && !items[item.partner].beganLine
    if block.isOpened && !isEmpty {
      isForced[index + 1] = true
      isForced[item.partner] = true
    }
  }

  /// Whether the author had a line end in a block of the `if` from this one on.
  private func hasLines(inChainFrom brace: Int) -> Bool {
    var place = items[brace].partner + 1
    guard items[place].kind == .elseWord, !items[place].beganLine else { return false }
    while place < items.count - 1, !items[place].startsStatement, !items[place].isClosing {
      let end = items[place].isOpening ? items[place].partner : place
      if items[place].kind == .openBrace, hasLines(place + 1...end) { return true }
      place = end + 1
    }
    return false
  }

  private func isLiteral(_ index: Int) -> Bool {
    guard index > 0, items[index - 1].kind == .closeParenthesis else { return false }
    let opening = items[index - 1].partner
    return opening > 0 && items[opening - 1].kind == .fnWord
  }

  /// Whether the author had a line end somewhere in these items, or before the first.
  private func hasLines(_ range: ClosedRange<Int>) -> Bool {
    range.contains { items[$0].beganLine || items[$0].hasLines }
  }

  /// Columns of what follows the brace on its line, if all that can stays on it.
  private func rest(of brace: Int) -> Int {
    var width = 0
    var place = brace + 1
    while place < items.count - 1, !items[place].beganLine, !isForced[place],
      width <= Formatter.columns
    {
      width += flatWidth(place)
      if items[place].hasLines { break }
      if items[place].kind == .openBrace, hasLines(place + 1...max(place + 1, items[place].partner))
      {
        break
      }
      place += 1
    }
    return width
  }

  /// Columns of an item and of the space or `;` before it, within a line.
  private func flatWidth(_ index: Int) -> Int {
    let (item, before) = (items[index], items[index - 1])
    if item.startsStatement, before.kind != .openBrace { return item.width + 2 }
    return item.width + (item.isSpaced(from: before, before: following(index)) ? 1 : 0)
  }

  // MARK: Statements on one line

  /// Gives each statement that the author joined to this one its line, if one does not hold all.
  private mutating func splitIfNeeded(_ first: Int) {
    var others: [Int] = []
    var place = first
    while place < items.count - 1, !items[place].isClosing {
      if place > first, items[place].startsStatement {
        if items[place].beganLine || isForced[place] { break }
        others.append(place)
      }
      place = items[place].isOpening ? items[place].partner + 1 : place + 1
    }
    guard !others.isEmpty else { return }
    var width = lines.column + items[first].width
    var fits = !items[first].hasLines
    for index in first + 1..<place where fits {
      width += flatWidth(index)
      fits = width <= Formatter.columns && !items[index].beganLine && !items[index].hasLines
    }
    if !fits { for other in others { isForced[other] = true } }
  }
}
