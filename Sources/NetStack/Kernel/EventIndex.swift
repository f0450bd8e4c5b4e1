// When each kind of event last came to each host, and how often it came.
//
// Kept always, so that somebody who wants to go back to it need not search, and who first asks late
// is told all of it: two stores a record, and no part of the digest.

/// By kind and host: the number of the last event, 0 before the first, and the count of records.
public struct EventIndex: @unchecked Sendable {
  /// What it knows of one kind at one host.
  @usableFromInline
  struct Entry {
    @usableFromInline var last: Int64 = 0
    @usableFromInline var count: Int64 = 0

    init() {}

    @inlinable @inline(__always)
    mutating func note(_ event: Int64) {
      last = event
      count &+= 1
    }
  }

  /// So many kinds can be told apart.
  @usableFromInline static var kinds: Int { 64 }
  /// Hosts beyond share a row: what it says is then never too early.
  static let mostHosts = 1023

  private final class Memory {
    let base: UnsafeMutablePointer<Entry>
    let count: Int

    init(count: Int) {
      self.count = count
      base = .allocate(capacity: count)
      base.initialize(repeating: Entry(), count: count)
    }

    deinit { base.deallocate() }
  }

  private var memory: Memory
  /// The memory's own, read without touching its count of references.
  @usableFromInline var base: UnsafeMutablePointer<Entry>
  /// The row of everybody who has none of his own.
  @usableFromInline var commonRow: UInt32

  init(hosts: Int = 0) {
    let rows = min(hosts, EventIndex.mostHosts)
    memory = Memory(count: (rows + 1) * EventIndex.kinds)
    base = memory.base
    commonRow = UInt32(rows)
  }

  /// The entries of one host, by kind.
  @inlinable @inline(__always)
  func row(of host: Int32) -> UnsafeMutablePointer<Entry> {
    base + Int(min(UInt32(bitPattern: host), commonRow)) &* EventIndex.kinds
  }

  /// The last event of a kind at a host; with -1, at any.
  public func last(_ kind: TraceKind, host: Int32) -> Int64 {
    if host >= 0 { return row(of: host)[Int(kind.rawValue)].last }
    return entries(of: kind).reduce(0) { max($0, $1.last) }
  }

  /// How many records of a kind a host has left; with -1, all.
  public func count(_ kind: TraceKind, host: Int32) -> Int64 {
    if host >= 0 { return row(of: host)[Int(kind.rawValue)].count }
    return entries(of: kind).reduce(0) { $0 + $1.count }
  }

  private func entries(of kind: TraceKind) -> [Entry] {
    (0...commonRow).map { row(of: Int32($0))[Int(kind.rawValue)] }
  }

  /// What came before time 0 counts for nobody.
  public func forget() { base.update(repeating: Entry(), count: memory.count) }

  /// Whether a host has a row of its own.
  public func knows(host: Int32) -> Bool { UInt32(bitPattern: host) < commonRow }

  /// What it says now, for a checkpoint: the numbers of last events, each with its count.
  public var image: [Int64] {
    (0..<memory.count).flatMap { [base[$0].last, base[$0].count] }
  }

  /// Says again what it said.
  public func restore(_ image: [Int64]) {
    precondition(image.count == memory.count * 2, "an index of another run")
    for place in 0..<memory.count {
      base[place].last = image[place * 2]
      base[place].count = image[place * 2 + 1]
    }
  }
}
