// A kind as a page: what it is, its fields, paths, events and methods, and an example.
//
// One page, two renderings: Markdown for docs/kinds, plain columns for `netsh kinds`. A test holds
// the folder to this, so neither lags behind the schema.

import NetStack

/// What there is to know of one kind.
public struct KindPage: Sendable {
  public var name: String
  /// Sentences; in a script's kind its `##` comment.
  public var meaning: String
  public var sections: [Section] = []
  public var example: String
  /// The example needs no file, so that tests run it.
  var isRun = true

  /// A section without rows is left out, and so is a column that says nothing.
  mutating func add(_ title: String, _ columns: [String], _ rows: [[String]]) {
    let used = columns.indices.filter { column in rows.contains { !$0[column].isEmpty } }
    guard !rows.isEmpty else { return }
    sections.append(
      Section(
        title: title, columns: used.map { columns[$0] },
        rows: rows.map { row in used.map { row[$0] } }))
  }

  /// The first sentence of its meaning, up to a colon at most.
  var sentence: String {
    let joined = KindPage.split(meaning).prefix { !$0.isEmpty }.joined(separator: " ")
    var end = joined.endIndex
    for index in joined.indices where joined[index] == "." || joined[index] == ":" {
      let next = joined.index(after: index)
      // "4.4BSD" goes on.
      guard next == joined.endIndex || joined[next] == " " else { continue }
      end = index
      break
    }
    return String(joined[..<end])
  }

  /// For docs/kinds.
  public var markdown: String {
    var text = "# \(name)\n\n\(meaning)\n"
    for section in sections {
      text += "\n## \(section.title)\n\n"
      text += KindPage.row(section.columns) + KindPage.row(section.columns.map { _ in "---" })
      for row in section.rows {
        var cells = row.map(KindPage.escaped)
        cells[0] = "`\(row[0])`"
        text += KindPage.row(cells)
      }
    }
    return text + "\n## Example\n\n```\(isRun ? "ns" : "")\n\(example)\n```\n"
  }

  private static func row(_ cells: [String]) -> String {
    "| " + cells.joined(separator: " | ") + " |\n"
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      if scalar == "|" || scalar == "*" { result += "\\" }
      result.unicodeScalars.append(scalar)
    }
    return result
  }

  /// For a terminal.
  public var lines: [String] {
    var lines = [name, ""]
    var paragraph = ""
    for line in KindPage.split(meaning) + [""] {
      paragraph += line + " "
      guard line.isEmpty else { continue }
      let room = TextTable.lineWidth - 2
      lines += TextTable.wrapped(paragraph, columns: room).map { "  " + $0 } + [""]
      paragraph = ""
    }
    lines.removeLast()
    for section in sections {
      lines += ["", section.title] + section.lines
    }
    lines += ["", "Example"]
    for line in KindPage.split(example) { lines.append(line.isEmpty ? "" : "  " + line) }
    return lines
  }

  static func split(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
  }
}

/// All pages, and the schema as three lists.
public enum KindPages {
  /// The engine's kinds, those of std/, and its presets, each in the order in which they are
  /// declared.
  public static func all() -> [KindPage] {
    Schema.kinds.map(page) + scriptPages() + presetPages()
  }

  private static func page(_ kind: KindSchema) -> KindPage {
    let note = KindNotes.note(kind.word.rawValue)
    var page = KindPage(
      name: kind.word.rawValue, meaning: note.meaning + "\n\n" + standing(kind),
      example: note.example, isRun: !note.needsFile)
    page.add(
      "Fields",
      [
        "field", "type", "default", "range", "changes", "in BSD or RTEMS", "its unit",
        "its default", "meaning",
      ],
      fields(kind).map { path, field in
        [
          path, field.typeText, field.defaultText, field.rangeText,
          field.changeText, field.origin.name, field.origin.unitText, field.origin.standardText,
          field.meaning,
        ]
      })
    page.add(
      "Paths", ["path", "type", "meaning"],
      measurements(kind).map { [$0.path, $0.reading, $0.meaning] })
    page.add(
      "Events", ["event", "fields beside at and seq", "meaning"],
      events(kind).map { [$0.event, $0.fields.joined(separator: " "), $0.meaning] })
    page.add(
      "Methods", ["method", "does"],
      kind.methods.map { method in
        let note = KindNotes.method(method)
        return [note.call, note.meaning]
      })
    return page
  }

  /// Its fields, and those that stand in a group of measurements: `rx.fault`.
  static func fields(_ kind: KindSchema) -> [(path: String, field: FieldSchema)] {
    var found = kind.fields.map { (path: $0.word.rawValue, field: $0) }
    for place in kind.places {
      for field in place.fields {
        found.append((path: place.word.rawValue + "." + field.word.rawValue, field: field))
      }
    }
    return found
  }

  /// Where it may stand and whether it has a name.
  private static func standing(_ kind: KindSchema) -> String {
    let places = kind.parents.map {
      $0 == .root ? "in a case, a function or a kind" : "in a `host`"
    }
    let name = kind.isNamed ? "It has a name." : "It has no name: there is one in each host."
    return "Stands \(places.joined(separator: ", or ")). \(name)"
  }

  // MARK: Lists

  /// `netsh kinds`: each with the first sentence on it.
  public static func list(_ pages: [KindPage]) -> [String] {
    let rows = pages.map { [$0.name, $0.sentence] }
    return KindPage.Section(title: "Kinds", columns: ["kind", "is"], rows: rows).lines
  }

  /// For docs/reference.md: every kind of the engine, and the names of what it has.
  static func names() -> String {
    var text = ""
    for kind in Schema.kinds {
      text += "\n- `\(kind.word.rawValue)`\n"
      let parts: [(title: String, names: [String])] = [
        ("fields", fields(kind).map { $0.path }),
        ("paths", measurements(kind).map { $0.path }),
        ("events", events(kind).map { $0.event }),
        ("methods", kind.methods.map { $0.rawValue + "()" }),
      ]
      for part in parts where !part.names.isEmpty {
        let line = "\(part.title): `" + part.names.joined(separator: " ") + "`"
        let wrapped = TextTable.wrapped(line, columns: 94)
        text += "  - " + wrapped.joined(separator: "\n    ") + "\n"
      }
    }
    return text + "\n"
  }

  struct Measurement {
    var path: String
    var reading: String
    var meaning: String
  }

  /// The leaves below a kind; events apart.
  static func measurements(_ kind: KindSchema) -> [Measurement] {
    var found: [Measurement] = []
    for place in kind.places where !place.isEvent { collect(place, "", &found) }
    return found
  }

  private static func collect(
    _ place: PlaceSchema, _ prefix: String, _ found: inout [Measurement]
  ) {
    let index = place.word == .held ? "[.place]" : place.word == .sock ? "[port]" : "[i]"
    let path = prefix + place.word.rawValue + (place.isIndexed ? index : "")
    if place.isLeaf {
      found.append(
        Measurement(path: path, reading: place.reading.rawValue, meaning: place.meaning))
    }
    for child in place.children { collect(child, path + ".", &found) }
  }

  struct EventNote {
    var event: String
    var fields: [String]
    var meaning: String
  }

  static func events(_ kind: KindSchema) -> [EventNote] {
    var found: [EventNote] = []
    for place in kind.places where place.isEvent {
      let known = EventCatalogue.events.first {
        $0.owner == kind.word && $0.event == place.word
      }
      guard let known else { continue }
      let fields =
        known.kind == .console ? ["the line"] : EventCatalogue.fields(of: known.kind)
      found.append(
        EventNote(event: place.word.rawValue, fields: fields, meaning: place.meaning))
    }
    return found
  }

  /// `netsh paths`: what can be read, fields first.
  public static func paths() -> KindPage.Section {
    var rows: [[String]] = []
    for kind in Schema.kinds {
      let prefix = kind.word.rawValue + "."
      for (path, field) in fields(kind) {
        rows.append([
          prefix + path, field.typeText, field.defaultText, field.changeText, field.origin.text,
          field.meaning,
        ])
      }
      for one in measurements(kind) {
        rows.append([prefix + one.path, one.reading, "", "measured", "", one.meaning])
      }
    }
    return KindPage.Section(
      title: "Paths",
      columns: ["path", "type", "default", "changes", "in BSD or RTEMS", "meaning"], rows: rows)
  }

  /// `netsh events`: what `on` can name.
  public static func events() -> KindPage.Section {
    var rows: [[String]] = []
    for kind in Schema.kinds {
      for one in events(kind) {
        let fields = ["at", "seq"] + one.fields
        rows.append([
          kind.word.rawValue + "." + one.event,
          one.fields == ["the line"] ? "the line" : fields.joined(separator: " "), one.meaning,
        ])
      }
    }
    return KindPage.Section(title: "Events", columns: ["event", "fields", "meaning"], rows: rows)
  }
}
