// `:load FILE`: what a script declares and does, in this session. Again after an edit, and it tells
// which names are new, changed and gone.

import NetScript

/// What a file brought when it was loaded last: its names, each with the text that gives it.
struct LoadedFile {
  var name: String
  var declarations: [Declared]

  struct Declared {
    var name: String
    var text: String
  }
}

extension Workbench {
  /// The text of a file as if it had been typed; its cases, which only a run of their own can
  /// run, are left out.
  public func load(_ name: String, _ octets: [UInt8]) -> Reply {
    let file = SourceFile(id: SourceFileID(rawValue: 0), name: name, octets: octets)
    let parsed = Parser.parse(file)
    var text = file.octets
    var declared: [LoadedFile.Declared] = []
    var caseCount = 0
    for statement in parsed.tree.statements {
      if case .caseBlock = statement.form {
        caseCount += 1
        // Blanks, so that lines keep their numbers.
        for place in statement.span.start..<statement.span.end where text[place] != 10 {
          text[place] = 32
        }
      } else if let name = statement.givenName {
        declared.append(LoadedFile.Declared(name: name, text: file.text(statement.span)))
      }
    }
    let before = loads.first { $0.name == name }
    fileName = name
    let shown = String(decoding: text, as: UTF8.self)
    // Before time 0 it takes the place of what it said before.
    var reply = before != nil && mayBuild ? build(shown) : type(shown)
    fileName = nil
    if reply.isMistake || reply.note != nil { return reply }
    loads.removeAll { $0.name == name }
    loads.append(LoadedFile(name: name, declarations: declared))
    reply.lines += Self.report(before?.declarations ?? [], declared)
    if caseCount > 0 {
      reply.lines.append(
        "left out: \(caseCount) case\(caseCount == 1 ? "" : "s"), which `netsh \(name)` runs")
    }
    return reply
  }

  private static func report(
    _ before: [LoadedFile.Declared], _ after: [LoadedFile.Declared]
  ) -> [String] {
    var (added, changed, removed): ([String], [String], [String]) = ([], [], [])
    for one in after {
      guard let old = before.first(where: { $0.name == one.name }) else {
        added.append(one.name)
        continue
      }
      if old.text != one.text { changed.append(one.name) }
    }
    for one in before where !after.contains(where: { $0.name == one.name }) {
      removed.append(one.name)
    }
    var lines: [String] = []
    for (what, names) in [("added", added), ("changed", changed), ("removed", removed)]
    where !names.isEmpty {
      lines.append("\(what): " + names.joined(separator: ", "))
    }
    return lines.isEmpty ? ["nothing has changed"] : lines
  }
}

extension Statement {
  /// The name that it gives to something.
  fileprivate var givenName: String? {
    switch form {
    case .binding(let form): return form.name.text
    case .function(let form): return form.name.text
    case .kind(let form), .policy(let form): return form.name.text
    case .preset(let form): return form.name.text
    case .declaration(let form): return form.name?.text
    default: return nil
    }
  }
}
