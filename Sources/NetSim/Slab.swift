// A growable table behind one pointer: value semantics, without a question at every access.
//
// An array asks at each write whether it is alone; the scheduler writes some three hundred times a
// packet, and the asking cost a quarter of a run. A slab is asked once a step (`makeUnique`), as a
// host's arena is once an event.
//
// A record that is longer than a line of a cache begins one, so that it lies in as few as it can:
// with thousands of them each line comes from far away.

public struct Slab<Element>: @unchecked Sendable {
  /// Octets from one record to the next.
  @inlinable @inline(__always)
  static var stride: Int {
    let octets = MemoryLayout<Element>.stride
    return octets <= lineOctets ? octets : (octets + lineOctets - 1) & ~(lineOctets - 1)
  }

  @inlinable @inline(__always)
  static var lineOctets: Int { 64 }

  private final class Owner {
    let base: UnsafeMutableRawPointer
    let capacity: Int
    var count: Int

    init(capacity: Int) {
      base = .allocate(byteCount: capacity * Slab.stride, alignment: Slab.lineOctets)
      self.capacity = capacity
      count = 0
    }

    func place(_ index: Int) -> UnsafeMutablePointer<Element> {
      (base + index * Slab.stride).assumingMemoryBound(to: Element.self)
    }

    deinit {
      for index in 0..<count { place(index).deinitialize(count: 1) }
      base.deallocate()
    }
  }

  private var owner: Owner
  /// The owner's memory: read without touching the owner's count of references.
  @usableFromInline private(set) var base: UnsafeMutableRawPointer
  public private(set) var count = 0
  private var capacity: Int

  init(capacity: Int = 16) {
    owner = Owner(capacity: capacity)
    base = owner.base
    self.capacity = capacity
  }

  public var indices: Range<Int> { 0..<count }

  @inlinable
  public subscript(index: Int) -> Element {
    unsafeAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "outside the slab")
      return UnsafePointer(record(index))
    }
    unsafeMutableAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "outside the slab")
      return record(index)
    }
  }

  @inlinable @inline(__always)
  func record(_ index: Int) -> UnsafeMutablePointer<Element> {
    (base + index &* Self.stride).assumingMemoryBound(to: Element.self)
  }

  /// Where an element lies, for a series of accesses; good until the slab grows.
  @inline(__always)
  func place(_ index: Int) -> UnsafeMutablePointer<Element> {
    precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "outside the slab")
    return record(index)
  }

  /// Copies the memory when a checkpoint shares it. Once before a series of writes.
  @inline(__always)
  mutating func makeUnique() {
    if !isKnownUniquelyReferenced(&owner) { copy(capacity: capacity) }
  }

  /// The memory must be unique.
  @inline(__always)
  mutating func append(_ element: Element) {
    if count == capacity { copy(capacity: capacity * 2) }
    record(count).initialize(to: element)
    count += 1
    owner.count = count
  }

  /// The memory must be unique.
  mutating func removeLast() -> Element {
    precondition(count > 0, "nothing to remove")
    count -= 1
    owner.count = count
    return record(count).move()
  }

  /// The memory must be unique.
  mutating func removeAll() {
    for index in 0..<count { record(index).deinitialize(count: 1) }
    count = 0
    owner.count = 0
  }

  @inline(never)
  private mutating func copy(capacity: Int) {
    let fresh = Owner(capacity: capacity)
    if Self.stride == MemoryLayout<Element>.stride {
      fresh.place(0).initialize(from: record(0), count: count)
    } else {
      for index in 0..<count { fresh.place(index).initialize(from: record(index), count: 1) }
    }
    fresh.count = count
    owner = fresh
    base = fresh.base
    self.capacity = capacity
  }
}
