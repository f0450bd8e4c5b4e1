// Files that a declaration names by `file`: read before time 0, so that mistakes are found there.

import NetScript

/// What was read for a declaration.
struct InputFile {
  var field: FieldValue
  /// As the script writes it, and as the loader calls it.
  var path: String
  var name: String
  var octets: [UInt8]
}

extension Bench {
  /// The file of a replay or a drill; nil when there is none, and then that has been told.
  func inputFile(of id: NodeID) -> InputFile? {
    guard let field = tree[id].fields.first(where: { words.word($0.name) == .file }),
      let path = vm.string(field.value)
    else { return nil }
    switch plan.loader.load(path, from: program.root.path) {
    case .missing(let title, let help):
      reportFile(title, help, of: field)
      return nil
    case .found(let name, let octets):
      return InputFile(field: field, path: path, name: name, octets: octets)
    }
  }

  func reportFile(_ title: String, _ help: String? = nil, of field: FieldValue) {
    report(Diagnostic(code: "N463", title: title, at: field.span, help: help), of: field)
  }
}
