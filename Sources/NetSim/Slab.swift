// A growable table behind one pointer: value semantics, without a question at every access.
//
// An array asks at each write whether it is alone; the scheduler writes some three hundred times a
// packet, and the asking cost a quarter of a run. A slab is asked once a step (`makeUnique`), as a
// host's arena is once an event.

public struct Slab<Element>: @unchecked Sendable {
  private final class Owner {
    let base: UnsafeMutablePointer<Element>
    let capacity: Int
    var count: Int

    init(capacity: Int) {
      base = .allocate(capacity: capacity)
      self.capacity = capacity
      count = 0
    }

    deinit {
      base.deinitialize(count: count)
      base.deallocate()
    }
  }

  private var owner: Owner
  /// The owner's memory: read without touching the owner's count of references.
  private var base: UnsafeMutablePointer<Element>
  public private(set) var count = 0
  private var capacity: Int

  init(capacity: Int = 16) {
    owner = Owner(capacity: capacity)
    base = owner.base
    self.capacity = capacity
  }

  public var indices: Range<Int> { 0..<count }

  public subscript(index: Int) -> Element {
    unsafeAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "outside the slab")
      return UnsafePointer(base + index)
    }
    unsafeMutableAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "outside the slab")
      return base + index
    }
  }

  /// Where an element lies, for a series of accesses; good until the slab grows.
  @inline(__always)
  func place(_ index: Int) -> UnsafeMutablePointer<Element> {
    precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "outside the slab")
    return base + index
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
    (base + count).initialize(to: element)
    count += 1
    owner.count = count
  }

  /// The memory must be unique.
  mutating func removeLast() -> Element {
    precondition(count > 0, "nothing to remove")
    count -= 1
    owner.count = count
    return (base + count).move()
  }

  /// The memory must be unique.
  mutating func removeAll() {
    base.deinitialize(count: count)
    count = 0
    owner.count = 0
  }

  @inline(never)
  private mutating func copy(capacity: Int) {
    let fresh = Owner(capacity: capacity)
    fresh.base.initialize(from: base, count: count)
    fresh.count = count
    owner = fresh
    base = fresh.base
    self.capacity = capacity
  }
}
