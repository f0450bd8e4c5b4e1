// A list that is made once and stays as long as the program.

/// The tables of the schema lie in these: what runs on all cores share is read without taking a
/// count, which would go from core to core with each look. A list that is made is never freed: make
/// none but for what is there once.
struct FixedList<Element: Sendable>: RandomAccessCollection, ExpressibleByArrayLiteral,
  @unchecked Sendable
{
  private let start: UnsafePointer<Element>?
  let count: Int

  init(_ elements: [Element]) {
    count = elements.count
    guard count > 0 else {
      start = nil
      return
    }
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: count)
    memory.initialize(from: elements, count: count)
    start = UnsafePointer(memory)
  }

  init(arrayLiteral elements: Element...) { self.init(elements) }

  var startIndex: Int { 0 }
  var endIndex: Int { count }

  subscript(place: Int) -> Element {
    @inline(__always) unsafeAddress {
      precondition(place >= 0 && place < count, "no such place in the list")
      return start.unsafelyUnwrapped + place
    }
  }
}
