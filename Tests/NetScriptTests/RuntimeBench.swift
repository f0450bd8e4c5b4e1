// A small embedder that writes down what it is asked, and files that stand in a test.

import NetScript
import Testing

/// A tree of numbered nodes with named members; `wait_for` suspends.
final class Bench: Embedder {
  var log: [String] = []
  var nodes: [String] = ["?"]
  var members: [String: Value] = [:]
  var hooks: [Value] = []
  var instances: [(kind: Int, node: Value)] = []
  unowned(unsafe) var vm: VM?

  var machine: VM {
    guard let vm else { preconditionFailure("a bench without its machine") }
    return vm
  }

  func name(_ symbol: Symbol) -> String { machine.symbols.name(symbol) }

  func node(_ name: String) -> Value {
    if let known = nodes.firstIndex(of: name) { return .node(UInt32(known)) }
    nodes.append(name)
    return .node(UInt32(nodes.count - 1))
  }

  func root(_ name: Symbol, at span: SourceSpan) throws(RuntimeError) -> Value {
    node(self.name(name))
  }

  func member(
    of node: Value, _ name: Symbol, at span: SourceSpan
  ) throws(RuntimeError) -> Value {
    let path = describe(node) + "." + self.name(name)
    if let value = members[path] { return machine.read(value) }
    return self.node(path)
  }

  func setMember(
    of node: Value, _ name: Symbol, to value: Value, _ operation: PathOperation,
    at span: SourceSpan
  ) throws(RuntimeError) {
    let path = describe(node) + "." + self.name(name)
    members[path] = value
    log.append("\(path) = \(machine.text(value))")
  }

  func element(
    of node: Value, _ index: Value, at span: SourceSpan
  ) throws(RuntimeError) -> Value { self.node("\(describe(node))[\(machine.text(index))]") }

  func setElement(
    of node: Value, _ index: Value, to value: Value, _ operation: PathOperation,
    at span: SourceSpan
  ) throws(RuntimeError) { log.append("\(describe(node))[\(machine.text(index))] set") }

  func selectAll(of node: Value, at span: SourceSpan) throws(RuntimeError) -> Value {
    machine.makeList([self.node(describe(node) + "[0]"), self.node(describe(node) + "[1]")])
  }

  func call(
    _ node: Value, _ name: Symbol, _ arguments: Arguments
  ) throws(RuntimeError) -> Outcome {
    if self.name(name) == "write" { return .suspend }
    if let method = members[describe(node) + "." + self.name(name)] {
      return .value(try machine.call(method, budget: 1000))
    }
    log.append("\(describe(node)).\(self.name(name))(\(arguments.positionalCount))")
    return .value(.none)
  }

  func callNative(_ native: Int, _ arguments: Arguments) throws(RuntimeError) -> Outcome {
    let timeout = arguments.named(machine.intern("timeout"))
    log.append("wait_for \(machine.text(arguments[0])) \(timeout.map { machine.text($0) } ?? "-")")
    return .suspend
  }

  func declare(
    _ site: DeclarationSite, parent: Value, index: Value, preset: Value
  ) throws(RuntimeError) -> Value {
    let own = site.name.map { name($0) } ?? site.kindText
    let path = parent.isNone ? own : describe(parent) + "." + own
    log.append("\(site.kindText) \(path)\(index.isNone ? "" : "[\(machine.text(index))]")")
    return node(path)
  }

  func endDeclaration(_ site: DeclarationSite, node: Value) throws(RuntimeError) {
    guard case .script(let kind) = site.kind else { return }
    let template = machine.program.kinds[kind]
    for parameter in template.parameters {
      let path = describe(node) + "." + name(parameter.name)
      guard members[path] == nil, let value = parameter.defaultValue else { continue }
      members[path] = try machine.call(machine.closure(of: value), budget: 1000)
    }
    _ = try machine.call(machine.closure(of: template.body), node, budget: 10_000)
  }

  func bind(
    _ node: Value, _ name: Symbol, _ value: Value, isMutable: Bool
  ) throws(RuntimeError) {
    _ = machine.pin(value)
    members[describe(node) + "." + self.name(name)] = value
  }

  func perform(
    _ site: StatementSite, _ operands: Arguments
  ) throws(RuntimeError) -> Outcome {
    switch site.kind {
    case .print: log.append(machine.text(operands[0]))
    case .runFor:
      log.append("run \(machine.text(operands[0]))")
      return .suspend
    case .hookOn(let pattern, let bindings):
      log.append("on \(pattern.count) \(bindings.count)")
      hooks.append(operands[operands.positionalCount - 1])
      _ = machine.pin(hooks[hooks.count - 1])
    case .expectNever, .expectEventually:
      log.append("expect \(site.texts[0]) \(site.label ?? "-")")
    case .fail: throw RuntimeError(FaultCode.failed, machine.text(operands[0]))
    default: log.append("\(site.kind)")
    }
    return .value(.none)
  }

  func describe(_ node: Value) -> String { nodes[Int(node.asNode ?? 0)] }
}

extension Value {
  static func == (first: Value, second: Int64) -> Bool { first.asInt == second }
}

/// Files by name.
final class Texts: Loader {
  let texts: [String: String]
  init(_ texts: [String: String]) { self.texts = texts }

  func load(_ path: String, from importer: String) -> LoadedSource {
    guard let text = texts[path] else { return .missing(title: "no file `\(path)`", help: nil) }
    return .found(name: path, octets: Array(text.utf8))
  }
}

/// A machine for a script, with a bench around it.
func start(
  _ text: String, files: [String: String] = [:], prelude: [String] = [],
  names: CheckerNames = CheckerNames()
) throws -> (Bench, VM) {
  let vocabulary = Vocabulary(natives: ["wait_for", "select"], prelude: prelude, names: names)
  let result = Script.compile(text, loader: Texts(files), vocabulary: vocabulary)
  let program = try #require(
    result.program, "\(result.diagnostics.map { "\($0.code) \($0.title)" })")
  let bench = Bench()
  let vm = VM(program, embedder: bench)
  bench.vm = vm
  return (bench, vm)
}
