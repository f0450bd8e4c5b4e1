// HTML under construction. What it makes is well-formed XML, too: every element is closed and every
// attribute has a value, so that a test can read it with any parser.

import NetScript

struct Markup {
  private(set) var text = ""

  /// An element with text in it.
  mutating func add(_ name: String, _ content: String, _ attributes: (String, String)...) {
    open(name, attributes)
    text += ChartCanvas.escaped(content)
    close(name)
  }

  /// An element with others in it.
  mutating func wrap(
    _ name: String, _ attributes: (String, String)..., content: (inout Markup) -> Void
  ) {
    open(name, attributes)
    content(&self)
    close(name)
  }

  /// Text that is markup already.
  mutating func raw(_ markup: String) { text += markup }

  mutating func words(_ content: String) { text += ChartCanvas.escaped(content) }

  /// Lines that stand as they are, reachable where they are wider than the page.
  mutating func lines(_ lines: [String], label: String) {
    open("pre", [("tabindex", "0"), ("role", "group"), ("aria-label", label)])
    for (index, line) in lines.enumerated() {
      text += (index > 0 ? "\n" : "") + ChartCanvas.escaped(line)
    }
    close("pre")
  }

  /// A frame that is reached with Tab and scrolled with the arrows where it is too narrow.
  mutating func scroll(_ label: String, content: (inout Markup) -> Void) {
    let attributes = [
      ("class", "scroll"), ("tabindex", "0"), ("role", "group"), ("aria-label", label),
    ]
    open("div", attributes)
    content(&self)
    close("div")
  }

  /// A table in such a frame.
  mutating func table(_ table: TextTable, caption: String) {
    scroll(caption) { frame in
      frame.wrap("table") { html in
        html.add("caption", caption)
        html.wrap("thead") { head in
          head.wrap("tr") { row in
            for (place, column) in table.columns.enumerated() {
              let isNumber = table.rows.contains { place < $0.count && $0[place].isNumber }
              row.add("th", column, ("scope", "col"), ("class", isNumber ? "n" : "t"))
            }
          }
        }
        html.wrap("tbody") { body in
          for cells in table.rows {
            body.wrap("tr") { row in
              for cell in cells {
                if cell.isNumber {
                  row.add("td", cell.text, ("class", "n"))
                } else {
                  row.add("td", cell.text)
                }
              }
            }
          }
        }
      }
    }
  }

  private mutating func open(_ name: String, _ attributes: [(String, String)]) {
    text += "<" + name
    for (key, value) in attributes { text += " \(key)=\"\(ChartCanvas.escaped(value))\"" }
    text += ">"
  }

  private mutating func close(_ name: String) {
    text += "</" + name + ">"
    if name != "th" && name != "td" { text += "\n" }
  }
}

extension Cell {
  var isNumber: Bool {
    switch number {
    case .int, .real: true
    case .none, .bool, .text: false
    }
  }

  static func whole(_ count: Int64) -> Cell { Cell(text: "\(count)", number: .int(count)) }

  static func time(_ nanoseconds: Int64) -> Cell {
    Cell(
      text: QuantityText.time(nanoseconds: nanoseconds), number: .real(Double(nanoseconds)),
      unit: "ns")
  }
}
