// Statements of the syntax tree: one node type for all blocks.
//
// What may stand where (no `run` in a variant, no `host` in a function) is not the tree's concern:
// the parser accepts each statement in each block, and the checker explains the rule.

public struct Statement: Sendable {
  public var form: StatementForm
  public var span: SourceSpan
  /// The `##` lines above it, joined by line feeds, without the marks.
  public var documentation: String?

  public init(_ form: StatementForm, _ span: SourceSpan, documentation: String? = nil) {
    self.form = form
    self.span = span
    self.documentation = documentation
  }
}

public indirect enum StatementForm: Sendable {
  /// Could not be read; a diagnostic has been given.
  case malformed

  case binding(Binding)
  case function(FunctionDeclaration)
  case conditional(IfStatement)
  case forLoop(ForLoop)
  case whileLoop(condition: Expression, body: [Statement])
  case match(MatchStatement)
  case returnValue(Expression?)
  case breakLoop
  case continueLoop

  case importFile(ImportStatement)
  case caseBlock(CaseDeclaration)
  case variant(VariantDeclaration)
  case param(ParamDeclaration)
  case sweep([SweepAxis])
  case policy(TemplateDeclaration)
  case preset(PresetDeclaration)
  case kind(TemplateDeclaration)
  case hook(Hook)
  case expect(Expectation)
  case run(RunStatement)
  case step(count: Expression?, event: EventPattern?)
  case record(SeriesStatement)
  case plot(SeriesStatement)
  case report([Expression], label: Label?)
  case capture(Expression, file: Label?)
  case print([Expression])
  case show(Expression)
  case why(Expression)
  case pause
  case stop
  case fail(Expression)

  case declaration(Declaration)
  case assignment(Assignment)
  case expression(Expression)
}

/// `let` or `var`.
public struct Binding: Sendable {
  public var isMutable: Bool
  public var name: Name
  public var annotation: Name?
  public var value: Expression
}

public struct FunctionDeclaration: Sendable {
  public var name: Name
  public var shape: FunctionShape
}

/// `if … { } else if … { } else { }`: the chain is flat, so its length costs no depth.
public struct IfStatement: Sendable {
  public var branches: [IfBranch]
  public var otherwise: [Statement]?
}

public struct IfBranch: Sendable {
  public var condition: Expression
  public var body: [Statement]
}

/// `for x in list`, or `for index, x in list` and `for key, value in map`.
public struct ForLoop: Sendable {
  public var first: Name
  public var second: Name?
  public var sequence: Expression
  public var body: [Statement]
}

public struct MatchStatement: Sendable {
  public var subject: Expression
  public var arms: [MatchArm]
}

/// Any of `patterns` selects the arm; the name `_` matches everything.
public struct MatchArm: Sendable {
  public var patterns: [Expression]
  public var body: [Statement]
  public var span: SourceSpan
}

/// A string that must be constant: a title, a label, a file name.
public struct Label: Sendable {
  public var literal: StringLiteral
  public var span: SourceSpan
  /// The text; interpolations, which a diagnostic has refused, are left out.
  public var text: String {
    var text = ""
    for case .text(let piece) in literal.segments { text += piece }
    return text
  }
}

public struct ImportStatement: Sendable {
  public var path: Label
  public var alias: Name?
}

public struct CaseDeclaration: Sendable {
  public var title: Label
  public var body: [Statement]
}

public struct VariantDeclaration: Sendable {
  public var title: Label
  public var bases: [Label]
  public var body: [Statement]
}

public struct ParamDeclaration: Sendable {
  public var name: Name
  public var annotation: Name?
  public var value: Expression
  public var condition: Expression?
}

/// One `NAME in values`; the axes of one `sweep` move in lockstep.
public struct SweepAxis: Sendable {
  public var name: Name
  public var values: Expression
}

/// A `kind` or a `policy`: a named block with parameters.
public struct TemplateDeclaration: Sendable {
  public var name: Name
  public var parameters: [Parameter]
  public var body: [Statement]
}

public struct PresetDeclaration: Sendable {
  public var name: Name
  public var base: Expression?
  public var body: [Statement]
}

public struct Hook: Sendable {
  public var isOnce: Bool
  public var moment: HookMoment
  public var condition: Expression?
  public var body: [Statement]
  /// From the first word to before the block: what a trace quotes.
  public var headSpan: SourceSpan
}

public enum HookMoment: Sendable {
  case on(EventPattern)
  case when(Expression)
  case every(Expression)
  case at(Expression)
}

/// `server.pool.*`, `server.tcp.conn[*].drop(e)`.
public struct EventPattern: Sendable {
  public var root: Name
  public var steps: [EventStep]
  /// The names in parentheses that the event's fields are bound to.
  public var bindings: [Name]
  public var span: SourceSpan
}

public enum EventStep: Sendable {
  case member(Name)
  case anyMember(SourceSpan)
  case index(Expression)
  case anyIndex(SourceSpan)
}

public struct Expectation: Sendable {
  public var property: ExpectedProperty
  public var clauses: [ExpectClause]
  /// Where the last clause ends, before the label.
  public var end: Int
  public var label: Label?
}

public enum ExpectedProperty: Sendable {
  /// A plain `expect P`, checked where it stands.
  case now(Expression)
  case always(Expression)
  case never(Expression)
  case eventually(Expression)
  case finally(Expression)
  case whenever(Expression, then: Expression)
}

extension ExpectedProperty {
  /// Its word as a message names it, if it cannot take the clause: it would be ignored.
  func wordWithout(_ clause: ExpectClauseWord) -> String? {
    switch self {
    case .now: return "a plain `expect`"
    case .finally: return "`finally`"
    case .whenever: return clause == .lasting ? "`whenever`" : nil
    case .always, .never, .eventually: return nil
    }
  }

  /// What to write instead.
  func advice(without clause: ExpectClauseWord) -> String {
    if case .whenever = self { return "`whenever … then … within 3s`" }
    switch clause {
    case .within, .lasting: return "`expect eventually … \(clause.text) 5s`"
    case .after, .before: return "`expect always … \(clause.text) 5s`"
    }
  }
}

public enum ExpectClauseWord: UInt8, Sendable {
  case within, lasting, after, before

  /// As written: `lasting` is the clause `for`.
  public var text: String {
    switch self {
    case .within: return "within"
    case .lasting: return "for"
    case .after: return "after"
    case .before: return "before"
    }
  }
}

public struct ExpectClause: Sendable {
  public var word: ExpectClauseWord
  public var wordSpan: SourceSpan
  public var value: Expression
}

public enum RunStatement: Sendable {
  case duration(Expression)
  case until(Expression, within: Expression?)
}

/// What `record` and `plot` share.
public struct SeriesStatement: Sendable {
  public var paths: [Expression]
  public var interval: Expression?
  public var label: Label?
}

/// `kind NAME[index] : preset { … }`; without a name it is the unnamed child of that kind.
public struct Declaration: Sendable {
  /// `nic`, or `alias.kind`: never empty.
  public var kind: [Name]
  public var name: Name?
  public var index: Expression?
  public var preset: Expression?
  /// `nil` when no block was written, which is not the same as an empty one in a diagnostic only.
  public var body: [Statement]?
}

public enum AssignmentOperator: UInt8, Sendable {
  case set, add, subtract

  public var text: String {
    switch self {
    case .set: return "="
    case .add: return "+="
    case .subtract: return "-="
    }
  }
}

public struct Assignment: Sendable {
  /// A name, a member, an index or a selection: the parser has refused all else.
  public var target: Expression
  public var operation: AssignmentOperator
  public var operatorSpan: SourceSpan
  public var value: Expression
}

/// One parsed file.
public struct SyntaxTree: Sendable {
  public var file: SourceFileID
  public var statements: [Statement]
  public var span: SourceSpan
}
