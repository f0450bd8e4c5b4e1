// `netstat -s`: each counter with the member of tcpstat, udpstat, ipstat or icmpstat that it is in
// 4.4BSD, and the words in which netstat prints it (usr.bin/netstat/inet.c).

import NetStack

/// One line of `netstat -s`.
struct CounterLine {
  var group: String
  /// `tcps_sndtotal`.
  var name: String
  var count: Int64
  /// Of a line with two: octets, or the other counter.
  var second: Int64?
  /// 1, or 2 for a part of the line above.
  var depth: Int
  var text: String

  static func all(_ statistics: Statistics) -> [CounterLine] {
    tcp(statistics) + udp(statistics) + ip(statistics) + icmp(statistics)
      + igmp(statistics) + arp(statistics)
  }
}

/// Lines of one protocol, in the making.
struct CounterList {
  let group: String
  private(set) var counters: [CounterLine] = []

  init(_ group: String) { self.group = group }

  /// In `words`, `%` is the count with an `s` at each `(s)` unless it is one, `#` the second count
  /// with one at each `[s]`.
  mutating func add(
    _ name: String, _ count: Int64, _ words: String, depth: Int = 1, second: Int64? = nil
  ) {
    var text = ""
    var rest = words[...]
    while let first = rest.first {
      if rest.hasPrefix("(s)") || rest.hasPrefix("[s]") {
        if (first == "(" ? count : second ?? 0) != 1 { text += "s" }
        rest = rest.dropFirst(3)
        continue
      }
      text += first == "%" ? "\(count)" : first == "#" ? "\(second ?? 0)" : String(first)
      rest = rest.dropFirst()
    }
    counters.append(
      CounterLine(
        group: group, name: name, count: count, second: second, depth: depth, text: text))
  }
}
