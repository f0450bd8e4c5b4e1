// `:save`: the world as a script of its own, which run by itself leads to the same digest.
//
// It is the script that was opened, up to the first `run` of the case at hand, and then what was
// done. What cannot be written so that it means the same is refused, with what to do about it.

import NetScript
import NetSim
import NetStack

public struct SavedScript: Sendable {
  public var text: String
  /// What is in it, in a line.
  public var summary: String
}

/// Why a world cannot be written.
struct Unwritable: Error {
  var why: String

  init(_ why: String) { self.why = why }
}

extension Workbench {
  /// The script, or why there is none.
  ///
  /// - Parameters:
  ///   - name: of the file that it will stand in.
  ///   - beside: its name if it stood beside the script that was opened, where it does not: what
  ///     names other files must stand there.
  public func savedScript(
    as name: String, beside: String? = nil
  ) -> (script: SavedScript?, reply: Reply) {
    let text: SavedText
    do throws(Unwritable) {
      text = try SavedText(self)
    } catch {
      return (nil, .refused(error.why))
    }
    if let beside, text.needsFolder {
      return (
        nil,
        .refused("it names files beside \(recipe.name), and must stand there: `:save \(beside)`")
      )
    }
    let octets = Array(text.text.utf8)
    var options = PlanOptions()
    options.limits = recipe.options.limits
    let planned = Planner.plan(
      name: name, octets: octets, loader: recipe.loader, options: options)
    var reply = Reply()
    reply.diagnostics = planned.diagnostics
    reply.files = planned.files
    if reply.diagnostics.isEmpty, planned.runs.count != 1 {
      return (nil, .refused("what would be written has \(planned.runs.count) runs, not this one"))
    }
    if let plan = planned.runs.first, reply.diagnostics.isEmpty {
      let fresh = Bench(plan)
      if !fresh.prepare() {
        reply.diagnostics = fresh.diagnostics
        if case .fault(let fault, _)? = fresh.ending { reply.fault = fault }
      }
    }
    guard !reply.isMistake else {
      reply.note = "what was done cannot stand in one file as it is; nothing was written"
      return (nil, reply)
    }
    return (SavedScript(text: text.text, summary: text.summary), Reply())
  }
}

/// Puts the script together.
struct SavedText {
  private(set) var text = ""
  var needsFolder = false
  private(set) var summary = ""
  private let bench: Bench
  let file: SourceFile
  private let tree: SyntaxTree
  /// What must stand at the file's top: imports, kinds, policies, presets that were typed.
  var top: [String] = []
  var lines: [String] = []
  var changes = 0
  var expectations = 0
  var runs = 0

  init(_ workbench: Workbench) throws(Unwritable) {
    bench = workbench.bench
    let recipe = workbench.recipe
    file = SourceFile(
      id: bench.program.root.file, name: recipe.name, octets: recipe.octets)
    tree = Parser.parse(file).tree
    let body = body
    let own = SavedStatements(file: file, body: body)
    let first = try own.place(of: workbench.firstStop)
    for addition in recipe.additions { add(addition.text) }
    try add(workbench.journal, from: workbench.firstStop, own)
    compose(workbench, body, upTo: first)
  }

  /// The statements of the case at hand, or of a script without any.
  private var body: [Statement] {
    guard let index = bench.plan.caseIndex else { return tree.statements }
    var cases: [CaseDeclaration] = []
    for statement in tree.statements {
      if case .caseBlock(let form) = statement.form { cases.append(form) }
    }
    return cases[index].body
  }

  private var caseStatement: Statement? {
    guard let index = bench.plan.caseIndex else { return nil }
    return tree.statements.filter {
      if case .caseBlock = $0.form { return true }
      return false
    }[index]
  }

  // MARK: The text

  private mutating func compose(
    _ workbench: Workbench, _ body: [Statement], upTo first: Int
  ) {
    let moment = workbench.moment
    text = "# \(workbench.recipe.name) and what was done at it, up to "
    text += "\(TimeText.text(moment.now)), event \(Spelling.grouped(moment.event)).\n"
    text += "# Digest \(Self.hexadecimal(workbench.digest)).\n"
    for line in top { text += line + "\n" }
    text += "\n"
    for statement in tree.statements { noteFiles(statement) }
    if bench.tree.nodes.contains(where: { $0.role == .builtin(.replay) }) { needsFolder = true }
    if let caseStatement, case .caseBlock(let form) = caseStatement.form {
      addFile(caseStatement)
      text += "case \(file.text(form.title.span)) {\n"
      addBody(body, upTo: first, from: form.title.span.end, indent: "    ")
      text += "}\n"
    } else {
      addBody(body, upTo: first, from: 0, indent: "")
    }
    summary = "the world of \(workbench.recipe.name)"
    for (count, one) in [(changes, "change"), (expectations, "expectation"), (runs, "run")]
    where count > 0 { summary += ", \(count) \(one)\(count == 1 ? "" : "s")" }
  }

  /// What stands around the case: everything but other cases, and what is chosen below.
  private mutating func addFile(_ own: Statement) {
    var end = 0
    for statement in tree.statements {
      let start = end
      end = statement.span.end
      if case .caseBlock = statement.form {
        // What is said above it belongs to it.
        if statement.span.start == own.span.start { addComments(start, statement.span.start) }
        continue
      }
      if statement.isChoice { continue }
      text += Self.trimmed(file.text(start..<end)) + "\n"
    }
  }

  private mutating func addComments(_ start: Int, _ end: Int) {
    let comments = Self.trimmed(file.text(start..<end))
    if !comments.isEmpty { text += "\n" + comments + "\n" }
  }

  private mutating func addBody(_ body: [Statement], upTo first: Int, from: Int, indent: String) {
    var end = from
    for (place, statement) in body.enumerated() {
      let start = end
      end = statement.span.end
      if statement.isChoice || place >= first && !statement.standsAnywhere { continue }
      var piece = Self.trimmed(file.text(start..<end))
      while piece.first == "{" || piece.first == ";" {
        piece = Self.trimmed(String(piece.dropFirst()))
      }
      text += indent + piece + "\n"
    }
    for choice in choices() { text += indent + choice + "\n" }
    for line in lines { text += indent + line + "\n" }
  }

  /// The one variant, the params and the seed of this run.
  private func choices() -> [String] {
    var found: [String] = []
    let swept = bench.plan.sweeps.flatMap { $0.axes.map { $0.name } }
    let given = bench.plan.settings.map { $0.name }
    let own = bench.plan.caseParams
    let others = bench.program.root.params.filter { param in
      !own.contains { $0.name == param.name }
    }
    for param in others + own where swept.contains(param.name) || given.contains(param.name) {
      guard let value = bench.literal(bench.vm.global(param.global)) else { continue }
      found.append("sweep \(param.name) in [\(value)]")
    }
    if bench.plan.seed != 1 { found.append("sweep seed in [\(bench.plan.seed)]") }
    guard let variant = bench.plan.variant else { return found }
    var block = "variant \"\(variant.title)\" {"
    for link in bench.plan.variantChain {
      block += members(of: link, isOwn: link.title == variant.title)
    }
    found.append(block + "\n    }")
    return found
  }

  /// What a variant brings: of its bases only what they set and declare.
  private func members(of variant: VariantTemplate, isOwn: Bool) -> String {
    var text = ""
    for statement in tree.statements + body {
      guard case .variant(let form) = statement.form, form.title.text == variant.title else {
        continue
      }
      for member in form.body {
        switch member.form {
        case .assignment, .declaration: text += "\n        " + file.text(member.span)
        case .sweep: break
        default: if isOwn { text += "\n        " + file.text(member.span) }
        }
      }
      return text
    }
    return text
  }

  static func trimmed(_ text: String) -> String {
    var rest = text[...]
    while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
    while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
    return String(rest)
  }

  private static func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension Statement {
  /// One run is written: what chooses among several is written anew.
  fileprivate var isChoice: Bool {
    switch form {
    case .variant, .sweep: return true
    default: return false
    }
  }

  /// Collected before the case runs, wherever it stands.
  var standsAnywhere: Bool {
    switch form {
    case .param, .function, .kind, .policy, .preset, .importFile: return true
    default: return false
    }
  }
}

extension Bench {
  /// A value as a script writes it, exactly; nil for what has no literal.
  func literal(_ value: Value) -> String? {
    vm.literal(value) { node in
      guard let raw = node.asNode, case let id = NodeID(rawValue: raw), id.space == .tree else {
        return nil
      }
      return path(of: id)
    }
  }
}
