// How long buffers have been out: a few coarse classes, as short text.

import NetStack

/// Counts of buffers by their age.
struct Ages {
  private static let classes: [(name: String, limit: Int64)] = [
    ("<10ms", 10_000_000), ("<1s", 1_000_000_000), ("<1min", 60_000_000_000),
    ("<1h", 3_600_000_000_000),
  ]

  private var counts = [Int](repeating: 0, count: Ages.classes.count + 1)
  /// The time since the first one of them was taken; nil without any.
  private(set) var oldest: TimeSpan?

  mutating func add(_ age: TimeSpan) {
    oldest = max(oldest ?? age, age)
    let index = Ages.classes.firstIndex { age.nanoseconds < $0.limit }
    counts[index ?? Ages.classes.count] += 1
  }

  /// `<1s:2 <1min:30`: the classes that have any, the youngest first.
  var text: String {
    var text = ""
    for (index, count) in counts.enumerated() where count > 0 {
      let name = index < Ages.classes.count ? Ages.classes[index].name : "older"
      text += (text.isEmpty ? "" : " ") + "\(name):\(count)"
    }
    return text
  }
}
