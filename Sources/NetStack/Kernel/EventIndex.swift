// When each kind of event last came to each host, and how often it came.
//
// Kept always, so that somebody who wants to go back to it need not search, and who first asks late
// is told all of it: two stores a record, and no part of the digest.

/// By kind and host: the number of the last event, 0 before the first, and the count of records.
public struct EventIndex: @unchecked Sendable {
  /// So many kinds can be told apart.
  static let kinds: UInt32 = 64
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

  private let memory: Memory
  /// The memory's own, read without touching its count of references.
  let base: UnsafeMutablePointer<Int64>
  /// The row of everybody who has none of his own.
  let commonRow: UInt32

  init(hosts: Int = 0) {
    let rows = min(hosts, EventIndex.mostHosts)
    memory = Memory(count: (rows + 1) * Int(EventIndex.kinds) * 2)
    base = memory.base
    commonRow = UInt32(rows)
  }

  /// Two words for each kind: the last event, and the count.
  func row(of host: Int32) -> UnsafeMutablePointer<Int64> {
    base + Int(min(UInt32(bitPattern: host), commonRow) &* EventIndex.kinds) &* 2
  }

  @inline(__always)
  private func place(_ kind: TraceKind, _ host: Int32) -> Int {
    Int(min(UInt32(bitPattern: host), commonRow) * EventIndex.kinds + UInt32(kind.rawValue)) * 2
  }

  /// The last event of a kind at a host; with -1, at any.
  public func last(_ kind: TraceKind, host: Int32) -> Int64 {
    if host >= 0 { return base[place(kind, host)] }
    return rows(of: kind).reduce(0) { max($0, base[$1]) }
  }

  /// How many records of a kind a host has left; with -1, all.
  public func count(_ kind: TraceKind, host: Int32) -> Int64 {
    if host >= 0 { return base[place(kind, host) + 1] }
    return rows(of: kind).reduce(0) { $0 + base[$1 + 1] }
  }

  private func rows(of kind: TraceKind) -> [Int] {
    (0...commonRow).map { place(kind, Int32($0)) }
  }

  /// What came before time 0 counts for nobody.
  public func forget() { base.update(repeating: 0, count: memory.count) }

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
