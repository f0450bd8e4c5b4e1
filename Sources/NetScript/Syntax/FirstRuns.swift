// Where statements from outside the file go (`-e`, what is typed before time 0): in front of the
// first statement of a case that lets time pass, as far as the case's own lines show; else at its
// end.

/// Statements from outside the file.
public struct Addition: Sendable {
  /// Where they came from, as diagnostics say it.
  public var name: String
  public var text: String

  /// The option that they are given by.
  public static let option = "-e"

  public init(_ text: String, name: String = option) {
    self.text = text
    self.name = name
  }
}

/// What a text would do to a world that has not begun.
public struct LineShape: Sendable {
  /// It declares something of the world.
  public var declares = false
  /// Where the first statement begins that lets time pass, in octets.
  public var firstRun: Int?
  /// It has a `run`: more than a `step`.
  public var runs = false
}

extension Script {
  public static func shape(of text: String) -> LineShape {
    let tree = Parser.parse(
      SourceFile(id: SourceFileID(rawValue: 0), name: "", text: text)
    ).tree
    let run = tree.statements.first(where: SyntaxTree.letsTimePass)
    return LineShape(
      declares: tree.statements.contains { $0.contains { $0.isDeclaration } },
      firstRun: run.map { $0.span.start },
      runs: tree.statements.contains { $0.contains { $0.isRun } })
  }
}

extension Statement {
  fileprivate var isDeclaration: Bool {
    if case .declaration = form { return true }
    return false
  }

  fileprivate var isRun: Bool {
    if case .run = form { return true }
    return false
  }

  fileprivate var isOfFile: Bool {
    switch form {
    case .importFile, .kind, .policy, .preset: return true
    default: return false
    }
  }

  /// Whether it, or one in its branches and loops, is such a statement.
  fileprivate func contains(where isSuch: (Statement) -> Bool) -> Bool {
    if isSuch(self) { return true }
    func anyIs(_ body: [Statement]) -> Bool { body.contains { $0.contains(where: isSuch) } }
    switch form {
    case .conditional(let form):
      return form.branches.contains { anyIs($0.body) } || anyIs(form.otherwise ?? [])
    case .forLoop(let form): return anyIs(form.body)
    case .whileLoop(_, let body): return anyIs(body)
    case .match(let form): return form.arms.contains { anyIs($0.body) }
    default: return false
    }
  }
}

extension SyntaxTree {
  /// Puts statements into each case; into the file itself when it has no case. Imports,
  /// kinds, presets and policies go to the file's top, where alone they may stand.
  mutating func insertBeforeRuns(_ additions: [Statement]) {
    if additions.isEmpty { return }
    let ofFile = additions.filter { $0.isOfFile }
    let additions = additions.filter { !$0.isOfFile }
    var hasCase = false
    defer { statements.insert(contentsOf: ofFile, at: 0) }
    for index in statements.indices {
      guard case .caseBlock(var form) = statements[index].form else { continue }
      hasCase = true
      form.body.insert(contentsOf: additions, at: SyntaxTree.firstRun(in: form.body))
      statements[index].form = .caseBlock(form)
    }
    if !hasCase {
      statements.insert(contentsOf: additions, at: SyntaxTree.firstRun(in: statements))
    }
  }

  private static func firstRun(in statements: [Statement]) -> Int {
    statements.firstIndex(where: letsTimePass) ?? statements.endIndex
  }

  fileprivate static func letsTimePass(_ statement: Statement) -> Bool {
    statement.contains { statement in
      switch statement.form {
      case .run, .step: return true
      default: return false
      }
    }
  }
}
