// A tree as text without its places: two texts that say the same have the same outline.

@testable import NetScript

struct TreeOutline {
  private(set) var text = ""

  init(_ statements: [Statement]) {
    add(statements)
  }

  private mutating func add(_ value: Any) {
    switch value {
    case is SourceSpan: return
    case let value as String: text += "\"\(value)\" "
    case let value as Int: text += "\(value) "
    case let value as Int64: text += "\(value) "
    case let value as Double: text += "\(value) "
    case let value as Bool: text += value ? "yes " : "no "
    case let value as InfixOperator: text += value.text + " "
    default: addParts(of: value)
    }
  }

  private mutating func addParts(of value: Any) {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .enum, mirror.children.isEmpty { text += "\(value) " }
    for child in mirror.children {
      let label = child.label ?? ""
      // Places that are numbers, and what follows from the rest.
      if label == "depth" || label == "end" && value is Expectation { continue }
      if mirror.displayStyle == .enum { text += label }
      text += "("
      add(child.value)
      text += ")"
    }
  }
}
