// The one canonical form of a script. `netsh fmt` writes it; the examples and `std/` are in it.
//
// The author decides where lines end; the formatter decides everything else:
//
// - Four spaces a level. A line that goes on with a statement stands one level deeper; within
//   brackets it stands under what follows the bracket, or, if nothing does, one level deeper.
// - One space round operators, `=` and `:` before a preset; none inside brackets, before `,` or
//   before the `:` of a type or a key; ranges are tight (`1..5`) unless a side is a calculation.
//   No columns but those of comments.
// - Statements joined by `;` and blocks on one line stay so if the author wrote them on one line
//   and it fits in 100 columns; else each statement has its line. `;` never ends a line. Of the
//   blocks of an `if` all or none are on one line.
// - At most one blank line in a row, none at the ends of a block or of the file.
// - A comment behind a statement stays in its column, two spaces behind the code at least;
//   neighbours that stood in one column move together. Other comments are indented as what follows.
//
// Tokens are never changed and comments never lost: the result parses to the same tree, and
// formatting it again changes nothing.

public enum Formatter {
  /// No line that the formatter joins or keeps is longer.
  static let columns = 100
  static let indent = 4

  /// The text in canonical form, or `nil` when the parser refuses it; its diagnostics tell why.
  public static func format(_ file: SourceFile) -> (text: [UInt8]?, diagnostics: [Diagnostic]) {
    let parsed = Parser.parse(file)
    guard !parsed.diagnostics.contains(where: { $0.severity == .error }) else {
      return (nil, parsed.diagnostics)
    }
    let items = FormatItems(file, FormatMarks(parsed.tree)).items
    var writer = FormatWriter(file, items)
    return (writer.write(), parsed.diagnostics)
  }
}
