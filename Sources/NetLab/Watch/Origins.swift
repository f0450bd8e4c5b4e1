// Where the fields behind a failure come from: who set them, and what was set elsewhere instead.

import NetScript

extension Bench {
  /// " (std/presets:21)" or " (the default)" behind a field's value; nil for a measurement.
  func originText(_ id: NodeID, _ name: Symbol?) -> String? {
    guard let name, id.space == .tree, case .builtin(let kind) = tree[id].role,
      let word = words.word(name), Schema.field(word, of: kind) != nil
    else { return nil }
    guard let field = tree[id].fields.first(where: { $0.name == name }) else {
      return " (the default)"
    }
    return " (\(placeText(field)))"
  }

  private func placeText(_ field: FieldValue) -> String {
    if field.layer == .commandLine { return "--set" }
    return "\(program.files[field.span.file].name):\(line(of: field.span))"
  }

  /// Treatments that another host got and the hosts of this expectation did not: a setting on the
  /// wrong side of the connection looks like one that does not help.
  ///
  /// Only what a path set, in the case or a variant: blocks describe hosts, which differ.
  func elsewhere(_ site: StatementSite) -> [String] {
    var lines: [String] = []
    for host in hosts(of: site) {
      for number in 1..<tree.count where lines.count < 3 {
        let other = NodeID(.tree, number)
        guard case .builtin(let kind) = tree[other].role, Schema.groups.contains(kind),
          tree.owner(of: other) != host
        else { continue }
        for field in tree[other].fields where isTreatment(field) {
          guard let word = words.word(field.name),
            let line = untouched(word, kind, of: host, field, on: other), !lines.contains(line)
          else { continue }
          lines.append(line)
        }
      }
    }
    return lines
  }

  private func isTreatment(_ field: FieldValue) -> Bool {
    field.layer == .path || field.layer == .variant
  }

  private func untouched(
    _ word: Word, _ kind: Word, of host: NodeID, _ field: FieldValue, on other: NodeID
  ) -> String? {
    guard let group = tree.child(words.symbol(kind), of: host),
      let schema = Schema.field(word, of: kind)
    else { return nil }
    let own = tree[group].fields.first { $0.name == field.name }
    if let own, own.layer > .block { return nil }
    let value = fieldValue(group, schema)
    guard !vm.equal(value, field.value) else { return nil }
    return "\(path(of: group)).\(word.rawValue) is \(vm.text(value))"
      + "\(originText(group, field.name) ?? ""); your \(vm.text(field.value)) was set on "
      + "`\(path(of: other))`, \(placeText(field))"
  }

  /// The hosts whose state an expectation names.
  private func hosts(of site: StatementSite) -> [NodeID] {
    var found: [NodeID] = []
    for index in site.paths {
      guard let id = tree.child(program.paths[index].root, of: Tree.root),
        tree[id].role == .builtin(.host), !found.contains(id)
      else { continue }
      found.append(id)
    }
    return found
  }
}
