// Pages of the kinds that std/ declares: read from its files, since a kind in NetScript says itself
// what it takes, measures and does.

import NetScript

extension KindPages {
  static func scriptPages() -> [KindPage] {
    var pages: [KindPage] = []
    let live = liveParameters()
    for name in StandardLibrary.names {
      guard let octets = StandardLibrary.octets(of: name) else { continue }
      var files = SourceFiles()
      let id = files.add(name: name, octets: octets)
      let file = files[id]
      for statement in Parser.parse(file).tree.statements {
        guard case .kind(let kind) = statement.form else { continue }
        let isInScope = StandardLibrary.prelude.contains(name)
        let path = path(of: kind.name.text, in: name)
        // Several modules have a `stack`.
        let isShared = live.keys.contains { $0 != path && $0.hasSuffix("." + kind.name.text) }
        pages.append(
          KindReader(file: file, live: live[path] ?? []).page(
            kind, name: isShared ? path : kind.name.text,
            meaning: statement.documentation ?? "",
            source: isInScope ? "In scope everywhere." : "`import \"\(name)\"` brings it."))
      }
    }
    return pages
  }

  /// `nuttx.stack`: as a script that imports the module calls it.
  private static func path(of kind: String, in module: String) -> String {
    module.dropFirst("std/".count) + "." + kind
  }

  /// By kind, the parameters that may change while it runs: the compiler finds them.
  private static func liveParameters() -> [String: [String]] {
    var text = ""
    for name in StandardLibrary.names where !StandardLibrary.prelude.contains(name) {
      text += "import \"\(name)\"\n"
    }
    let planned = Planner.plan(name: "kinds", octets: Array(text.utf8), loader: NoImports())
    guard let program = planned.runs.first?.program else { return [:] }
    var found: [String: [String]] = [:]
    for kind in program.kinds {
      let path = path(of: kind.name, in: planned.files[kind.span.file].name)
      found[path, default: []] += []
      for parameter in kind.parameters where parameter.structuralUse == nil {
        found[path, default: []].append(
          planned.files[parameter.span.file].text(parameter.span))
      }
    }
    return found
  }
}

/// Reads one `kind` statement.
private struct KindReader {
  let file: SourceFile
  let live: [String]

  func page(
    _ kind: TemplateDeclaration, name: String, meaning: String, source: String
  ) -> KindPage {
    var page = KindPage(
      name: name, meaning: meaning + "\n\nWritten in NetScript. " + source,
      example: KindNotes.note(name).example)
    page.add(
      "Fields",
      [
        "field", "type", "default", "changes", "in BSD or RTEMS", "its unit", "its default",
        "meaning",
      ],
      kind.parameters.map { parameter in
        let original = KindNotes.original(name, parameter.name.text)
        return [
          parameter.name.text, type(parameter),
          parameter.defaultValue.map { file.text($0.span) } ?? "must be set",
          live.contains(parameter.name.text) ? "live" : "structural",
          original.name, original.unitText, original.standardText,
          file.remark(behind: (parameter.defaultValue?.span ?? parameter.name.span).end),
        ]
      } + KindReader.common)
    var parts: [[String]] = []
    var measurements: [[String]] = []
    var methods: [[String]] = []
    read(kind.body, &measurements, &methods, &parts)
    page.add("Paths", ["path", "at first", "meaning"], measurements)
    page.add("Methods", ["method", "does"], methods + KindReader.life)
    page.add("Made of", ["part", "is a"], parts)
    return page
  }

  /// What every kind with tasks has.
  private static let common = [
    ["starts", "time", "0s", "structural", "", "", "", "when its tasks begin"],
    ["active", "bool", "true", "live", "", "", "", "false: its tasks do not run"],
  ]
  private static let life = [
    ["start()", "calls `main` of its tasks afresh"], ["stop()", "ends its tasks where they wait"],
  ]

  private func read(
    _ body: [Statement], _ measurements: inout [[String]], _ methods: inout [[String]],
    _ parts: inout [[String]]
  ) {
    for statement in body {
      switch statement.form {
      case .binding(let binding):
        measurements.append([
          binding.name.text, file.text(binding.value.span), remark(statement),
        ])
      case .function(let function):
        let parameters = function.shape.parameters.map { file.text($0.name.span) }
        let call = function.name.text + "(" + parameters.joined(separator: ", ") + ")"
        methods.append([call, remark(statement)])
      case .declaration(let declaration):
        let index = declaration.index.map { "[" + file.text($0.span) + "]" } ?? ""
        let kind = declaration.kind.map { $0.text }.joined(separator: ".")
        parts.append([(declaration.name?.text ?? kind) + index, kind])
      case .forLoop(let loop): read(loop.body, &measurements, &methods, &parts)
      default: break
      }
    }
  }

  /// The doc comment above, or else what stands behind `#` at the end of the line.
  private func remark(_ statement: Statement) -> String {
    statement.documentation ?? file.remark(behind: statement.span.end)
  }

  /// What the annotation says, or what the default is. A symbol or `none` as the default leaves
  /// open what else it takes: the text above tells.
  private func type(_ parameter: Parameter) -> String {
    if let annotation = parameter.annotation {
      return annotation.text == "Freq" ? "frequency" : lowercased(annotation.text)
    }
    switch parameter.defaultValue?.form {
    case .int: return "count"
    case .bool: return "bool"
    case .string: return "text"
    case .call: return "distribution"
    case .quantity(let quantity):
      switch quantity.dimension {
      case .time: return "time"
      case .data: return "data"
      case .rate: return "rate"
      case .frequency: return "frequency"
      default: return "share"
      }
    default: return ""
    }
  }

  private func lowercased(_ text: String) -> String {
    String(decoding: text.utf8.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }, as: UTF8.self)
  }
}
