// What the syntax tests share: parsing a text, naming what came out, finding files beside them.

import Testing

import class Foundation.FileManager
import struct Foundation.URL

@testable import NetScript

/// One file alone in a `SourceFiles`, parsed.
struct Sample {
  let files: SourceFiles
  let parsed: ParsedFile

  init(_ text: String, name: String = "sample.ns") {
    self.init(octets: Array(text.utf8), name: name)
  }

  init(octets: [UInt8], name: String = "sample.ns") {
    var files = SourceFiles()
    let id = files.add(name: name, octets: octets)
    self.files = files
    parsed = Parser.parse(files[id])
  }

  var file: SourceFile { files.files[0] }
  var codes: [String] { parsed.diagnostics.map(\.code) }
  /// What the checker says, with the names of a small library.
  var checked: CheckedFile {
    let names = CheckerNames(
      functions: ["len": .init(1, 1), "max": .init(1, nil), "range": .init(1, 3)],
      kinds: ["host"], globals: ["now": .time], sessionNames: ["total": true],
      symbolMembers: ["who"])
    return Checker.check(parsed.tree, of: files, knownNames: names)
  }

  var statements: [Statement] { parsed.tree.statements }

  /// The only expression of a text that is one expression statement or one `let`.
  var expression: Expression? {
    switch statements.first?.form {
    case .expression(let value): return value
    case .binding(let binding): return binding.value
    default: return nil
    }
  }
}

/// An expression with every grouping made visible: `a + b * c` is `(a + (b * c))`.
func grouped(_ text: String) -> String {
  let sample = Sample("let it = " + text)
  guard sample.codes.isEmpty, let expression = sample.expression else {
    return "error " + sample.codes.joined(separator: " ")
  }
  return describe(expression)
}

func describe(_ expression: Expression) -> String {
  switch expression.form {
  case .missing: return "?"
  case .int(let value): return "\(value)"
  case .real(let value): return "\(value)"
  case .quantity(let literal):
    return "\(literal.significand)e\(literal.exponent)'\(literal.unit.text)"
  case .string(let literal): return "\"\(describe(literal))\""
  case .bool(let value): return "\(value)"
  case .none: return "none"
  case .symbol(let name): return ".\(name)"
  case .name(let name): return name
  case .parenthesised(let inner): return describe(inner)
  case .prefix(.negate, let inner): return "(- \(describe(inner)))"
  case .prefix(.not, let inner): return "(not \(describe(inner)))"
  case .infix(let operation, operatorSpan: _, let left, let right):
    return "(\(describe(left)) \(operation.text) \(describe(right)))"
  case .member(let base, let name): return "\(describe(base)).\(name.text)"
  case .index(let base, let index): return "\(describe(base))[\(describe(index))]"
  case .selectAll(let base): return "\(describe(base))[*]"
  case .call(let callee, let arguments):
    let list = arguments.map { ($0.name.map { $0.text + "=" } ?? "") + describe($0.value) }
    return "\(describe(callee))(\(list.joined(separator: ", ")))"
  case .convert(let value, let unit, unitSpan: _): return "(\(describe(value)) -> \(unit.text))"
  case .list(let elements): return "[\(elements.map(describe).joined(separator: ", "))]"
  case .map(let entries):
    let list = entries.map { "\(describe($0.key)): \(describe($0.value))" }
    return "[\(list.isEmpty ? ":" : list.joined(separator: ", "))]"
  case .conditional(let condition, then: let first, otherwise: let second):
    return "(if \(describe(condition)) then \(describe(first)) else \(describe(second)))"
  case .function(let shape):
    let names = shape.parameters.map(\.name.text).joined(separator: ", ")
    guard case .expression(let body) = shape.body else { return "fn(\(names)) {…}" }
    return "fn(\(names)) => \(describe(body))"
  }
}

func describe(_ literal: StringLiteral) -> String {
  var text = ""
  for segment in literal.segments {
    switch segment {
    case .text(let piece): text += piece
    case .interpolation(let value, let width, let digits):
      text += "{\(describe(value))"
      if let width { text += ":\(width)" }
      if let digits { text += ".\(digits)" }
      text += "}"
    }
  }
  return text
}

/// The folder of the tests' sources, and the project's root above it.
enum TestFiles {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  static let root = folder.deletingLastPathComponent().deletingLastPathComponent()

  /// The `.ns` files of a folder beside the tests, by name.
  static func scripts(in name: String) throws -> [URL] {
    let all = try FileManager.default.contentsOfDirectory(
      at: folder.appendingPathComponent(name), includingPropertiesForKeys: nil)
    return all.filter { $0.pathExtension == "ns" }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
  }
}

/// Whether these tests were compiled with optimisation.
let isOptimised: Bool = {
  var isDebug = false
  assert(
    { () -> Bool in
      isDebug = true
      return true
    }())
  return !isDebug
}()
