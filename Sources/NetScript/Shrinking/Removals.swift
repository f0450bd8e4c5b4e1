// Statements that go: in ever smaller pieces, or with all that mentions a thing.

extension ModuleText {
  /// Pieces of each block, from halves on; what the claim needs stays in each of them.
  func removals(_ claim: Claim) -> [TextEdit] {
    var edits: [TextEdit] = []
    for block in blocks {
      let free = block.filter { !claim.protects($0) }
      var size = max(1, free.count / 2)
      while size >= 1, !free.isEmpty {
        for start in stride(from: 0, to: free.count, by: size) {
          edits.append(TextEdit(removing: free[start..<min(start + size, free.count)]))
        }
        size /= 2
      }
    }
    return edits
  }

  /// Things with all that mentions them: again half of them, a quarter, down to each by itself.
  func removalsOfThings(_ claim: Claim) -> [TextEdit] {
    let dependence = Dependence(self, claim)
    var edits: [TextEdit] = []
    var size = max(1, dependence.things.count / 2)
    while size >= 1, !dependence.things.isEmpty {
      for start in stride(from: 0, to: dependence.things.count, by: size) {
        let things = dependence.things[start..<min(start + size, dependence.things.count)]
        edits.append(TextEdit(removing: dependence.statements(without: things)[...]))
      }
      size /= 2
    }
    return edits
  }

  /// All blocks, the file itself first.
  var blocks: [[Statement]] { [statements] + statements.all.flatMap { $0.blocks } }

  /// Without declarations that nothing needs; nil when all are needed.
  var withoutUnused: TextEdit? {
    let unused = Necessity([self], names: []).unused(of: self)
    return unused.isEmpty ? nil : TextEdit(removing: unused[...])
  }
}

extension TextEdit {
  init(removing statements: ArraySlice<Statement>) {
    self.init()
    for statement in statements { remove(statement.span) }
  }
}

/// Who mentions what.
private struct Dependence {
  private let all: [Statement]
  private let mentions: [Set<String>]
  private let isFree: [Bool]
  /// Names that are bound once: that another `eth0` is gone means nothing.
  private let unique: Set<String>
  /// Places of statements that bind a name and may go.
  let things: [Int]

  init(_ module: ModuleText, _ claim: Claim) {
    all = module.statements.all
    mentions = all.map { $0.ownMentions }
    isFree = all.map { !claim.protects($0) }
    var once: Set<String> = []
    var twice: Set<String> = []
    for name in all.compactMap({ $0.boundName }) where !once.insert(name.text).inserted {
      twice.insert(name.text)
    }
    unique = once.subtracting(twice)
    let free = isFree
    let statements = all
    things = statements.indices.filter { free[$0] && statements[$0].boundName != nil }
  }

  /// The things, all that mentions what they and their blocks bind, and so on.
  func statements(without things: ArraySlice<Int>) -> [Statement] {
    var isGone = [Bool](repeating: false, count: all.count)
    var names: Set<String> = []
    func remove(_ place: Int) {
      isGone[place] = true
      for name in [all[place]].all.compactMap({ $0.boundName }) where unique.contains(name.text) {
        names.insert(name.text)
      }
    }
    for place in things { remove(place) }
    var isGrowing = true
    while isGrowing {
      isGrowing = false
      for place in all.indices where !isGone[place] && isFree[place] {
        guard !mentions[place].isDisjoint(with: names) else { continue }
        remove(place)
        isGrowing = true
      }
    }
    return all.indices.filter { isGone[$0] }.map { all[$0] }
  }
}
