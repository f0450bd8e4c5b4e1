// What the checker knows of a value: its dimension, or what else it is.

/// What is known about a value before it exists.
enum StaticType: Equatable {
  case unknown
  /// A number, count, ratio or quantity.
  case measure(Dimension)
  case bool, string, symbol, list, map, range, function
  /// None of these, and no number: `none`, a node.
  case other

  /// For a sentence: "a condition cannot be …". Nothing while it is not known; nor for a symbol,
  /// which may be an error that a call gave: the run tells which call.
  var phrase: String? {
    switch self {
    case .unknown, .other, .symbol: return nil
    case .measure(.none): return "a number"
    case .measure(.data): return "data"
    case .measure(let dimension): return "a \(dimension.name)"
    case .bool: return "true or false"
    case .string: return "a text"
    case .list: return "a list"
    case .map: return "a map"
    case .range: return "a range"
    case .function: return "a function"
    }
  }

  /// `data (KiB)`: the dimension, and the unit where the expression is a literal.
  func text(for expression: Expression) -> String {
    guard case .measure(let dimension) = self else { return "?" }
    guard let unit = StaticType.unit(of: dimension, in: expression) else { return dimension.name }
    return "\(dimension.name) (\(unit))"
  }

  /// The unit that the author wrote somewhere in the expression for that dimension.
  private static func unit(of dimension: Dimension, in expression: Expression) -> String? {
    switch expression.form {
    case .quantity(let literal):
      return literal.dimension == dimension ? literal.unit.text : nil
    case .parenthesised(let inner), .prefix(_, let inner): return unit(of: dimension, in: inner)
    case .infix(_, operatorSpan: _, let left, let right):
      return unit(of: dimension, in: left) ?? unit(of: dimension, in: right)
    default: return nil
    }
  }

  init(annotation: String?) {
    switch annotation {
    case "Time": self = .measure(.time)
    case "Data": self = .measure(.data)
    case "Rate": self = .measure(.rate)
    case "Freq": self = .measure(.frequency)
    case "Int", "Count", "Ratio", "Real": self = .measure(.none)
    case "Bool": self = .bool
    case "String": self = .string
    case "Symbol": self = .symbol
    case "List": self = .list
    case "Map": self = .map
    case "Range": self = .range
    case "Fn": self = .function
    case "Node": self = .other
    default: self = .unknown
    }
  }
}
