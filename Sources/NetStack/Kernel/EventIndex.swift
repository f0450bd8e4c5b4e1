// When each kind of event last came to each host: the number of the engine's event.
//
// Kept always, so that somebody who wants to go back to it need not search: one store a record,
// and no part of the digest.

/// The number of the last event by kind and host; 0 before the first.
public struct EventIndex: @unchecked Sendable {
  /// So many kinds can be told apart.
  @usableFromInline static let kinds: UInt32 = 64
  /// Hosts beyond share a row: what it says is then never too early.
  static let mostHosts = 1023

  private final class Memory {
    let base: UnsafeMutablePointer<Int64>
    let count: Int

    init(count: Int) {
      self.count = count
      base = .allocate(capacity: count)
      base.initialize(repeating: 0, count: count)
    }

    deinit { base.deallocate() }
  }

  private var memory: Memory
  /// The memory's own, read without touching its count of references.
  private var base: UnsafeMutablePointer<Int64>
  /// The row of everybody who has none of his own.
  private var commonRow: UInt32

  init(hosts: Int = 0) {
    let rows = min(hosts, EventIndex.mostHosts)
    memory = Memory(count: (rows + 1) * Int(EventIndex.kinds))
    base = memory.base
    commonRow = UInt32(rows)
  }

  @inline(__always)
  func note(_ kind: TraceKind, host: Int32, event: Int64) {
    base[place(kind, host)] = event
  }

  @inline(__always)
  private func place(_ kind: TraceKind, _ host: Int32) -> Int {
    Int(min(UInt32(bitPattern: host), commonRow) * EventIndex.kinds + UInt32(kind.rawValue))
  }

  /// The last event of a kind at a host; with -1, at any.
  public func last(_ kind: TraceKind, host: Int32) -> Int64 {
    if host >= 0 { return base[place(kind, host)] }
    var latest: Int64 = 0
    for row in 0...Int(commonRow) {
      latest = max(latest, base[row * Int(EventIndex.kinds) + Int(kind.rawValue)])
    }
    return latest
  }

  /// Whether a host has a row of its own.
  public func knows(host: Int32) -> Bool { UInt32(bitPattern: host) < commonRow }

  /// What it says now, for a checkpoint.
  public var image: [Int64] { Array(UnsafeBufferPointer(start: base, count: memory.count)) }

  /// Says again what it said.
  public func restore(_ image: [Int64]) {
    precondition(image.count == memory.count, "an index of another run")
    for place in image.indices { base[place] = image[place] }
  }
}
