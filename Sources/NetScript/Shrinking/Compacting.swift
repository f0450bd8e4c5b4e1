// The lines of a small script: short blocks on one line, as people write them.

extension ModuleText {
  /// No line that is joined is longer.
  private static var columns: Int { 80 }

  /// The same script in fewer lines.
  public var compacted: ModuleText {
    var edit = TextEdit()
    join(statements, depth: 0, &edit)
    return (applying(edit) ?? self).withoutBlankLines.formatted
  }

  private func join(_ block: [Statement], depth: Int, _ edit: inout TextEdit) {
    for statement in block {
      let columns = ModuleText.columns - depth * Formatter.indent
      if let line = line(of: statement), line.utf8.count <= columns {
        edit.replace(statement.span, with: line)
      } else {
        for inner in statement.blocks { join(inner, depth: depth + 1, &edit) }
      }
    }
  }

  /// On one line; nil when nobody would write it so.
  private func line(of statement: Statement) -> String? {
    let text = text(statement.span)
    guard text.contains("\n") else { return text }
    switch statement.form {
    case .declaration, .hook, .preset, .function: break
    default: return nil
    }
    guard statement.blocks.count == 1, let range = statement.blocks[0].range else { return nil }
    let body = statement.blocks[0]
    let isPlain = body.allSatisfy { $0.blocks.isEmpty }
    guard body.count == 1 || isPlain else { return nil }
    var lines: [String] = []
    for inner in body {
      guard let line = line(of: inner) else { return nil }
      lines.append(line)
    }
    let head = file.text(statement.span.start..<range.lowerBound)
    let tail = file.text(range.upperBound..<statement.span.end)
    guard let open = head.lastIndex(of: "{"), !head[..<open].contains("\n") else { return nil }
    let end = tail.drop { $0 == " " || $0 == "\n" }
    guard end == "}" else { return nil }
    return head[...open] + " " + lines.joined(separator: "; ") + " }"
  }
}
