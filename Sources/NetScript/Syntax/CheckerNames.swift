// What the checker is told about the world outside of the file: names, and how they are called.
//
// The language knows no networking, so the embedder hands in the functions, kinds and global names
// it registers. An empty knownNames checks only what the text itself decides.

/// What a path comes to when it goes one step on.
public enum CheckerMember: Hashable, Sendable {
  /// A field or measurement that is always of this dimension, if it is anything.
  case measure(Dimension)
  /// One that is when it has an index: `held[.ring]`.
  case measures(Dimension)
  case bool
  /// Place in `CheckerNames.groups`; with or without an index.
  case group(Int)
}

public struct CheckerGroup: Sendable {
  public var members: [String: CheckerMember]
  /// Scripts declare things in it, such as nics in a host.
  public var isOpen: Bool

  public init(members: [String: CheckerMember] = [:], isOpen: Bool = false) {
    self.members = members
    self.isOpen = isOpen
  }
}

public struct CheckerNames: Sendable {
  /// The least and the most arguments of a function; `most` is `nil` when there is no bound.
  public struct Arity: Hashable, Sendable {
    public let least: Int
    public let most: Int?

    public init(_ least: Int, _ most: Int?) {
      precondition(least >= 0 && least <= most ?? Int.max, "an arity without a number in it")
      self.least = least
      self.most = most
    }
  }

  /// Library functions by name.
  public var functions: [String: Arity]
  /// Kinds of the engine and of the standard library.
  public var kinds: [String]
  /// Global values whose dimension is known, such as `now`.
  public var globals: [String: Dimension]
  /// Names that earlier lines of a session declared, and whether they may be set.
  public var sessionNames: [String: Bool]
  /// Members that hold symbols wherever they stand, such as `who`: a text never equals one.
  public var symbolMembers: Set<String>
  /// Functions of modules that are in scope everywhere; their names may be used again.
  public var preludeFunctions: Set<String> = []
  /// Whether these two have all there are: a call of any other name is a mistake.
  public var hasAllFunctions = false

  /// What stands below the embedder's kinds, and below the groups in them.
  public var groups: [CheckerGroup] = []
  /// Places in `groups`, by kind.
  public var kindGroups: [String: Int] = [:]
  /// Kinds of what any file of the program declares, by name: at the top of the world, and within
  /// something else. The empty text where a name is of several kinds.
  var rootKinds: [String: String] = [:]
  var innerKinds: [String: String] = [:]

  public init(
    functions: [String: Arity] = [:], kinds: [String] = [], globals: [String: Dimension] = [:],
    sessionNames: [String: Bool] = [:], symbolMembers: Set<String> = []
  ) {
    self.functions = functions
    self.kinds = kinds
    self.globals = globals
    self.sessionNames = sessionNames
    self.symbolMembers = symbolMembers
  }
}
