// The tree of what is on the bench: declared things, their groups, and places that are measured.
//
// A node's number is what the VM carries in a `Value`. Numbers of other spaces (sockets,
// collectors) share the type and are told apart by their top bits.

import NetScript

/// A node as the VM knows it.
public struct NodeID: Hashable, Sendable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Where a number belongs.
  public enum Space: UInt8, Sendable {
    /// The tree: `Tree.subscript`.
    case tree
    /// Handles of sockets that scripts hold: `ProgramTable.sockets`.
    case socket
    /// hist(), counter(), watch(): numbered by whoever makes them.
    case collector
    /// Buffers of further pools: `ProgramTable.pools`.
    case buffer
  }

  public init(_ space: Space, _ number: Int) {
    precondition(number >= 0 && number < 1 << 28, "too many nodes")
    rawValue = UInt32(space.rawValue) << 28 | UInt32(number)
  }

  @inline(__always)
  var isSocket: Bool { rawValue >> 28 == UInt32(Space.socket.rawValue) }
  public var space: Space { Space(rawValue: UInt8(rawValue >> 28)) ?? .tree }
  @inline(__always)
  var isOfTree: Bool { rawValue >> 28 == UInt32(Space.tree.rawValue) }
  public var number: Int { Int(rawValue & 0xFFF_FFFF) }
  public var value: Value { .node(rawValue) }

  static let none = NodeID(rawValue: .max)
}

/// What a node stands for.
public enum NodeRole: Hashable, Sendable {
  /// The tree's own top.
  case root
  /// Mentioned, and not declared yet; an error if it still is at the end of elaboration.
  case forward
  /// `peer` of `peer[1]`, `peer[2]`: its children are the elements in order of declaration.
  case family
  /// A kind of the engine's schema.
  case builtin(Word)
  /// An instance of a script's kind: its place in `Program.kinds`.
  case instance(Int)
  /// A group of measurements, or one with an index: `clusters` of a pool, `conn[2]` of tcp.
  case place(Word)
  /// An event of its parent: `drop` of tcp. Has `.count` and `.last`.
  case event(Word)
}

/// Who set a field; a later layer wins, in the order of language 3.2.
public enum Layer: UInt8, Comparable, Sendable {
  case standard, block, path, variant, commandLine, live

  public static func < (left: Layer, right: Layer) -> Bool { left.rawValue < right.rawValue }
}

/// A field that somebody set.
public struct FieldValue: Sendable {
  public var name: Symbol
  public var value: Value
  /// Its pin in the VM, if the value lives in the heap.
  var pin: Int32 = -1
  public var layer: Layer
  public var span: SourceSpan
}

/// A variable or function that stands directly in a declaration's block.
public struct BoundMember: Sendable {
  public var name: Symbol
  /// A cell, a plain value or a closure.
  public var value: Value
  var pin: Int32
  public var isMutable: Bool
}

public struct Node: Sendable {
  public var role: NodeRole
  public var parent: NodeID
  public var name: Symbol
  /// `peer[3]`: Int or String; else `none`.
  public var index: Value = .none
  /// Where it was declared, or first mentioned.
  public var span: SourceSpan?
  public var children: [NodeID] = []
  public var fields: [FieldValue] = []
  public var members: [BoundMember] = []
  /// Station of the simulation that it belongs to; -1 for what belongs to none.
  public var host: Int32 = -1
  /// What it is there: a task's, link's or interface's number, a connection's serial.
  public var object: Int32 = -1

  init(_ role: NodeRole, parent: NodeID, name: Symbol) {
    self.role = role
    self.parent = parent
    self.name = name
  }
}

public struct Tree {
  private(set) var nodes: [Node] = []

  init() {}

  init(root: Symbol) {
    nodes.append(Node(.root, parent: .none, name: root))
  }

  static let root = NodeID(.tree, 0)

  var count: Int { nodes.count }

  public subscript(_ id: NodeID) -> Node {
    _read {
      precondition(id.isOfTree, "a node of another space")
      yield nodes[id.number]
    }
    _modify {
      precondition(id.isOfTree, "a node of another space")
      yield &nodes[id.number]
    }
  }

  mutating func add(
    _ role: NodeRole, parent: NodeID, name: Symbol, index: Value = .none, span: SourceSpan? = nil
  ) -> NodeID {
    let id = NodeID(.tree, nodes.count)
    var node = Node(role, parent: parent, name: name)
    node.index = index
    node.span = span
    node.host = nodes[parent.number].host
    nodes.append(node)
    nodes[parent.number].children.append(id)
    return id
  }

  /// The child with this name; elements of families are found by `element`.
  func child(_ name: Symbol, of parent: NodeID) -> NodeID? {
    for id in nodes[parent.number].children where nodes[id.number].name == name { return id }
    return nil
  }

  /// What a node belongs to as people say it: neither its family nor the list it is an element of.
  func owner(of id: NodeID) -> NodeID {
    let own = nodes[id.number]
    var at = own.parent
    if at != .none, !own.index.isNone, nodes[at.number].name == own.name,
      case .place = nodes[at.number].role
    {
      at = nodes[at.number].parent
    }
    while at != .none, nodes[at.number].role == .family { at = nodes[at.number].parent }
    return at
  }
}
