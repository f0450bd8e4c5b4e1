// What can be set from outside, by its name.

import NetScript

/// A param or a field, with its present value.
struct Settable {
  var path: String
  var value: Value
  /// Octets of a buffer where a count may be given as memory.
  var unitSize: Int64?
}

extension Bench {
  /// What the question names: a param, a field, or the end of a field's path where that is enough.
  func settable(_ question: SearchQuestion) throws(DialMistake) -> Settable {
    let name = question.place.text
    let params = settableParams()
    if let param = params.first(where: { $0.path == name }) { return param }
    let fields = settableFields()
    let meant = fields.filter { $0.path == name || $0.path.hasSuffix("." + name) }
    if meant.count == 1 { return meant[0] }
    if let exact = meant.first(where: { $0.path == name }) { return exact }
    let named = meant.filter { field in
      let root = String(field.path.prefix { $0 != "." })
      return question.properties.contains { $0.mentions(root) }
    }
    if named.count == 1 { return named[0] }
    var all: [String] = []
    for one in params + fields { all.append(one.path) }
    let title: String
    let help: String
    if meant.isEmpty {
      let near = Spelling.nearest(to: name, among: all)
      title = "there is no `\(name)` to set"
      help =
        near.map { "did you mean `\($0)`?" }
        ?? "a param of the script, or a field: `netsh kinds` lists them"
    } else {
      var several: [String] = []
      for one in meant { several.append(one.path) }
      title = "`\(name)` is there \(meant.count) times"
      help = "one of " + listed(several)
    }
    throw DialMistake(
      Diagnostic(code: "N202", title: title, at: question.place.span, help: help))
  }

  private func settableParams() -> [Settable] {
    var found: [Settable] = []
    for param in program.root.params + plan.caseParams {
      found.append(Settable(path: param.name, value: vm.global(param.global)))
    }
    for use in program.root.imports {
      for param in program.modules[use.module].params {
        found.append(
          Settable(path: use.alias + "." + param.name, value: vm.global(param.global)))
      }
    }
    return found
  }

  /// Those of parts that nobody has named yet too.
  private func settableFields() -> [Settable] {
    for number in 0..<tree.count {
      let id = NodeID(.tree, number)
      guard tree[id].role == .builtin(.host), stacklessHost(of: id) == nil else { continue }
      for word in Schema.groups + Schema.engineTasks { _ = implicit(word, in: id) }
    }
    var found: [Settable] = []
    for number in 0..<tree.count {
      let id = NodeID(.tree, number)
      let path = path(of: id)
      // `--set` names no elements of families.
      if path.contains("[") { continue }
      switch tree[id].role {
      case .builtin(let kind):
        for field in Schema.kind(kind)?.fields ?? [] {
          found.append(
            Settable(
              path: path + "." + field.word.rawValue, value: fieldValue(id, field),
              unitSize: unitSize(field, in: id)))
        }
      case .instance(let kind):
        for parameter in program.kinds[kind].parameters {
          guard let value = ownField(id, parameter.name) else { continue }
          found.append(Settable(path: path + "." + name(parameter.name), value: value))
        }
      case .root, .forward, .family, .place, .event: break
      }
    }
    return found
  }
}

extension String {
  /// Whether it has this name as a word.
  fileprivate func mentions(_ name: String) -> Bool {
    let words = split { !($0.isLetter || $0.isNumber || $0 == "_") }
    return words.contains { $0 == name }
  }
}
