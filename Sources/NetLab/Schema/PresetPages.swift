// Pages of std/presets: what each stock system sets, and where the figure is from, read from the
// file itself: the comment behind an assignment is its source.

import NetScript

extension KindPages {
  static func presetPages() -> [KindPage] {
    let name = "std/presets"
    guard let octets = StandardLibrary.octets(of: name) else { return [] }
    var files = SourceFiles()
    let id = files.add(name: name, octets: octets)
    let file = files[id]
    var pages: [KindPage] = []
    for statement in Parser.parse(file).tree.statements {
      guard case .preset(let preset) = statement.form else { continue }
      pages.append(page(preset, meaning: statement.documentation ?? "", in: file))
    }
    return pages
  }

  private static func page(
    _ preset: PresetDeclaration, meaning: String, in file: SourceFile
  ) -> KindPage {
    let name = preset.name.text
    var about = meaning + "\n\nA preset: `import \"std/presets\"` brings it. "
    if let base = preset.base {
      about += "It is `\(file.text(base.span))` with what stands here."
    } else {
      about += "What it does not set is as the kinds have it."
    }
    var page = KindPage(
      name: name, meaning: about,
      example: """
        import "std/presets"
        lan bench { rate = 10Mbps }
        host box : presets.\(name) { nic eth0 { lan = bench; rx_ring = 8 } }
        run for 1s
        print box.eth0.rx.posted                                  # => 8
        """)
    var rows: [[String]] = []
    settings(preset.body, under: "", file, &rows)
    page.add("Sets", ["field", "value", "from"], rows)
    return page
  }

  /// One row for each assignment, by its path from the host.
  private static func settings(
    _ body: [Statement], under prefix: String, _ file: SourceFile, _ rows: inout [[String]]
  ) {
    for statement in body {
      switch statement.form {
      case .assignment(let assignment):
        rows.append([
          prefix + file.text(assignment.target.span), file.text(assignment.value.span),
          file.remark(behind: statement.span.end),
        ])
      case .declaration(let declaration):
        let kind = declaration.kind.map { $0.text }.joined(separator: ".")
        let place = declaration.name?.text ?? kind
        settings(declaration.body ?? [], under: prefix + place + ".", file, &rows)
      default: break
      }
    }
  }
}

extension SourceFile {
  /// What stands behind `#` on the line on which something ends, with no more than its annotation
  /// and a comma in between.
  func remark(behind end: Int) -> String {
    let line = lineRange(line(at: end - 1))
    guard end < line.upperBound else { return "" }
    let rest = Array(octets[end..<line.upperBound])
    guard let mark = rest.firstIndex(of: UInt8(ascii: "#")) else { return "" }
    let between = rest[..<mark]
    let comma = between.firstIndex(of: UInt8(ascii: ",")) ?? mark
    guard !between.contains(UInt8(ascii: "=")),
      between[comma...].dropFirst().allSatisfy({ $0 == UInt8(ascii: " ") })
    else { return "" }
    var text = Array(rest[(mark + 1)...])
    while let first = text.first, first == 32 || first == 35 { text.removeFirst() }
    while let last = text.last, last <= 32 { text.removeLast() }
    return String(decoding: text, as: UTF8.self)
  }
}
