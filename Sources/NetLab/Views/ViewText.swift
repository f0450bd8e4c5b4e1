// How `show` prints the views of Views.swift: line for line as the originals do.

import NetScript

extension Bench {
  /// The lines of a view; nil for a list that is none.
  func viewLines(_ value: Value) -> [String]? {
    guard let list = vm.list(value), let first = list.first, vm.isRecord(first) else { return nil }
    let names = vm.fields(first).map { vm.symbols.name($0) }
    guard let view = View.allCases.first(where: { $0.fields == names }) else { return nil }
    let fields = vm.fields(first)
    let rows = list.map { record in fields.map { vm.field(record, $0) ?? .none } }
    switch view {
    case .counters: return counterLines(rows)
    case .memory: return rows.map { plain($0[3]) }
    case .mbufStatistics: return mbufStatisticsLines(rows)
    case .sockets: return socketLines(rows)
    case .interfaces: return interfaceLines(rows)
    case .routes: return routeLines(rows)
    case .neighbours: return neighbourLines(rows)
    }
  }

  /// A value without its quotes, dots and units.
  private func plain(_ value: Value) -> String {
    if value.isNone { return "" }
    if let string = vm.string(value) { return string }
    if let symbol = value.asSymbol { return name(symbol) }
    if value.dimension == .data { return "\((value.asBaseUnits ?? 0) / 8)" }
    return vm.text(value)
  }

  private func left(_ value: Value, _ width: Int) -> String {
    let text = plain(value)
    return text + String(repeating: " ", count: max(0, width - text.utf8.count))
  }

  private func right(_ value: Value, _ width: Int) -> String {
    let text = plain(value)
    return String(repeating: " ", count: max(0, width - text.utf8.count)) + text
  }

  private func heading(_ parts: [(String, Int)]) -> String {
    var line = ""
    for (text, width) in parts {
      let space = String(repeating: " ", count: max(0, abs(width) - text.utf8.count))
      line += width < 0 ? text + space : space + text
    }
    return trimmed(line)
  }

  private func trimmed(_ line: String) -> String {
    var octets = Array(line.utf8)
    while octets.last == 32 { octets.removeLast() }
    return String(decoding: octets, as: UTF8.self)
  }

  /// `tcp:`, and its lines behind one tab or two.
  private func counterLines(_ rows: [[Value]]) -> [String] {
    var lines: [String] = []
    var group = ""
    for row in rows {
      if plain(row[0]) != group {
        group = plain(row[0])
        lines.append(group + ":")
      }
      lines.append(String(repeating: "\t", count: Int(row[4].asInt ?? 1)) + plain(row[5]))
    }
    return lines
  }

  /// rtems_showmbuf.c: three lines, then four types a line.
  private func mbufStatisticsLines(_ rows: [[Value]]) -> [String] {
    func value(_ name: String) -> Value {
      rows.first { plain($0[0]) == name }?[1] ?? .int(0)
    }
    var lines = [
      "************ MBUF STATISTICS ************",
      "mbufs:\(right(value("mbufs"), 4))    clusters:\(right(value("clusters"), 4))"
        + "    free:\(right(value("free clusters"), 4))",
      "drops:\(right(value("drops"), 4))       waits:\(right(value("waits"), 4))"
        + "  drains:\(right(value("drains"), 4))",
    ]
    var line = ""
    var printed = 0
    for row in rows.dropFirst(MbufStatistics.headCount) {
      line += right(row[0], 10) + ":" + left(row[1], 8)
      printed += 1
      if printed % 4 == 0 {
        lines.append(trimmed(line))
        line = ""
      }
    }
    return line.isEmpty ? lines : lines + [trimmed(line)]
  }

  private func socketLines(_ rows: [[Value]]) -> [String] {
    [
      "Active Internet connections (including servers)",
      heading([
        ("Proto ", -6), ("Recv-Q ", -7), ("Send-Q  ", -8), ("Local Address", -23),
        ("Foreign Address", -23), ("(state)", -7),
      ]),
    ]
      + rows.map { row in
        trimmed(
          left(row[0], 5) + " " + right(row[1], 6) + " " + right(row[2], 6) + "  "
            + left(row[3], 22) + " " + left(row[4], 22) + " " + upper(plain(row[5])))
      }
  }

  private func upper(_ text: String) -> String {
    String(decoding: text.utf8.map { $0 >= 97 && $0 <= 122 ? $0 - 32 : $0 }, as: UTF8.self)
  }

  private func interfaceLines(_ rows: [[Value]]) -> [String] {
    [
      heading([
        ("Name", -6), ("Mtu", -6), ("Network", -12), ("Address", -15), ("Ipkts", 9), ("Ierrs", 6),
        ("Opkts", 9), ("Oerrs", 6), ("Coll", 5), ("Drop", 5),
      ])
    ]
      + rows.map { row in
        left(row[0], 6) + left(row[1], 6) + left(row[2], 12) + left(row[3], 15) + right(row[4], 9)
          + right(row[5], 6) + right(row[6], 9) + right(row[7], 6) + right(row[8], 5)
          + right(row[9], 5)
      }
  }

  private func routeLines(_ rows: [[Value]]) -> [String] {
    [
      "Routing tables", "", "Internet:",
      heading([
        ("Destination", -19), ("Gateway", -19), ("Flags", -9), ("Netif", -8), ("Expire", 6),
      ]),
    ]
      + rows.map { row in
        trimmed(
          left(row[0], 19) + left(row[1], 19) + left(row[2], 9) + left(row[3], 8)
            + seconds(row[4], 6))
      }
  }

  private func seconds(_ value: Value, _ width: Int) -> String {
    guard let time = value.asBaseUnits else { return "" }
    return right(.int((time + 999_999_999) / 1_000_000_000), width)
  }

  private func neighbourLines(_ rows: [[Value]]) -> [String] {
    rows.map { row in
      let host = row[0].isNone ? "?" : vm.text(row[0])
      let mac = row[2].isNone ? "(incomplete)" : plain(row[2])
      return "\(host) (\(plain(row[1]))) at \(mac)"
    }
  }
}
