// Interned names: members, methods, enumeration members (`.wait`) and errno names.
//
// The library's names come first and in a fixed order, so that the VM can switch over them, then
// those of the embedder's vocabulary, which so have the same numbers in all its programs; the rest
// are numbered as they are met. Names are looked up through a dictionary and never iterated.

/// An interned name. The top bit tells an errno name (`ENOBUFS`), which makes `failed(x)` one test.
public struct Symbol: Hashable, Sendable {
  public let rawValue: UInt32

  @inline(__always)
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  static let errorBit: UInt32 = 1 << 31

  @inline(__always)
  public var isError: Bool { rawValue & Symbol.errorBit != 0 }
  var index: Int { Int(rawValue & ~Symbol.errorBit) }
}

public struct SymbolTable: Sendable {
  private var names: [String] = []
  private var numbers: [String: UInt32] = [:]

  /// Begins with the names in `KnownName`, in that order, and with those of a vocabulary.
  public init(_ names: [String] = []) {
    for known in KnownName.allCases {
      let symbol = intern(known.text)
      precondition(symbol.rawValue == UInt32(known.rawValue), "a library name out of place")
    }
    for name in names { _ = intern(name) }
  }

  public var count: Int { names.count }

  public mutating func intern(_ name: String) -> Symbol {
    if let number = numbers[name] { return Symbol(rawValue: number) }
    var number = UInt32(names.count)
    if SymbolTable.isErrorName(name) { number |= Symbol.errorBit }
    names.append(name)
    numbers[name] = number
    return Symbol(rawValue: number)
  }

  public func name(_ symbol: Symbol) -> String { names[symbol.index] }

  /// Errno names are `E` and capitals or digits, three characters at least.
  static func isErrorName(_ name: String) -> Bool {
    var count = 0
    for octet in name.utf8 {
      let isCapital = octet >= 65 && octet <= 90
      let isAllowed = count == 0 ? octet == 69 : isCapital || Ascii.isDigit(octet)
      guard isAllowed else { return false }
      count += 1
    }
    return count >= 3
  }
}

/// Names that the VM itself understands as methods. Append only within a version.
enum KnownName: UInt8, CaseIterable {
  case first, last, push, drop, contains
  case get, keys, has
  case pad, split, upper, starts
  case values, join, reverse, lower, ends, find, replace, trim, slice, len, items, remove

  var text: String {
    switch self {
    case .first: return "first"
    case .last: return "last"
    case .push: return "push"
    case .drop: return "drop"
    case .contains: return "contains"
    case .get: return "get"
    case .keys: return "keys"
    case .has: return "has"
    case .pad: return "pad"
    case .split: return "split"
    case .upper: return "upper"
    case .starts: return "starts"
    case .values: return "values"
    case .join: return "join"
    case .reverse: return "reverse"
    case .lower: return "lower"
    case .ends: return "ends"
    case .find: return "find"
    case .replace: return "replace"
    case .trim: return "trim"
    case .slice: return "slice"
    case .len: return "len"
    case .items: return "items"
    case .remove: return "remove"
    }
  }
}
