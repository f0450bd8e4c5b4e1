// A script as text and tree, and what changes one into another: pieces of text that others take the
// place of. The tree tells where they are, the formatter puts the result in order.
//
// There is no printer of trees: what no edit touches stays as its author wrote it.

public struct ModuleText: Sendable {
  public let file: SourceFile
  public let tree: SyntaxTree

  /// Nil when the parser refuses the text.
  public init?(_ octets: [UInt8], name: String = "") {
    self.init(SourceFile(id: SourceFileID(rawValue: 0), name: name, octets: octets))
  }

  public init?(_ file: SourceFile) {
    let parsed = Parser.parse(file)
    guard !parsed.diagnostics.contains(where: { $0.severity == .error }) else { return nil }
    self.file = file
    tree = parsed.tree
  }

  public var octets: [UInt8] { file.octets }
  public var text: String { file.text(0..<file.octets.count) }
  public var statements: [Statement] { tree.statements }

  /// In canonical form.
  public var formatted: ModuleText {
    guard let text = Formatter.format(file).text else { return self }
    return ModuleText(text, name: file.name) ?? self
  }

  /// The formatted result of an edit; nil when that is no script.
  public func applying(_ edit: TextEdit) -> ModuleText? {
    ModuleText(edit.applied(to: file), name: file.name)?.formatted
  }

  func text(_ span: SourceSpan) -> String { file.text(span) }

  /// Without comments.
  public var bare: ModuleText {
    var edit = TextEdit()
    for item in FormatItems(file, FormatMarks(tree)).items {
      for comment in item.comments { edit.remove(comment.range) }
    }
    return applying(edit) ?? self
  }

  var withoutBlankLines: ModuleText {
    var edit = TextEdit()
    let items = FormatItems(file, FormatMarks(tree)).items
    for (index, item) in items.enumerated() where item.newlines == 2 {
      let start = index == 0 ? 0 : items[index - 1].range.upperBound
      edit.replace(start..<item.range.lowerBound, with: "\n")
    }
    return ModuleText(edit.applied(to: file), name: file.name) ?? self
  }
}

/// Places of a text and what comes there.
public struct TextEdit: Sendable {
  struct Change: Sendable {
    var range: Range<Int>
    var text: String
  }
  private(set) var changes: [Change] = []

  init() {}

  mutating func remove(_ range: Range<Int>) { changes.append(Change(range: range, text: "")) }

  mutating func remove(_ span: SourceSpan) { remove(span.start..<span.end) }

  mutating func replace(_ range: Range<Int>, with text: String) {
    changes.append(Change(range: range, text: text))
  }

  mutating func replace(_ span: SourceSpan, with text: String) {
    replace(span.start..<span.end, with: text)
  }

  mutating func insert(_ text: String, at place: Int) { replace(place..<place, with: text) }

  func touches(_ range: Range<Int>) -> Bool {
    changes.contains { $0.range.overlaps(range) }
  }

  /// The text of a part of the file after those changes that lie in it. Of two that overlap the
  /// outer one counts.
  func applied(to file: SourceFile, in part: Range<Int>) -> [UInt8] {
    let inside = changes.filter {
      part.lowerBound <= $0.range.lowerBound && $0.range.upperBound <= part.upperBound
    }
    // Stable: insertions at one place keep their order.
    let order = inside.indices.sorted { one, other in
      let (first, second) = (inside[one].range, inside[other].range)
      if first.lowerBound != second.lowerBound { return first.lowerBound < second.lowerBound }
      if first.isEmpty != second.isEmpty { return first.isEmpty }
      return first.count == second.count ? one < other : first.count > second.count
    }
    var result: [UInt8] = []
    var place = part.lowerBound
    for index in order where inside[index].range.lowerBound >= place {
      result += file.octets[place..<inside[index].range.lowerBound]
      result += Array(inside[index].text.utf8)
      place = inside[index].range.upperBound
    }
    return result + file.octets[place..<part.upperBound]
  }

  func applied(to file: SourceFile) -> [UInt8] { applied(to: file, in: 0..<file.octets.count) }
}
