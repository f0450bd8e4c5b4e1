// A zip file in the one form in which this program writes it: entries stored as they are, in a
// given order, without times or attributes. Any unzip opens it.
//
// What is read has to be that form to the last octet: nothing is unpacked that could grow, nothing
// can hide between entries or behind the end, and the same content is the same file.
// (PKWARE's APPNOTE 4.3: local headers, central directory, end record.)

enum StoredZip {
  struct Entry: Equatable, Sendable {
    var name: String
    var octets: [UInt8]
  }

  /// More than a case has files, and fewer than the format's sixteen bits can count.
  static let mostEntries = 4096

  private static let localMark: UInt32 = 0x0403_4B50
  private static let centralMark: UInt32 = 0x0201_4B50
  private static let endMark: UInt32 = 0x0605_4B50
  /// 1 January 1980, the first day that the format knows.
  private static let day: UInt16 = 0x21
  private static let localCount = 30

  static func octets(of entries: [Entry]) -> [UInt8] {
    var file = Writer()
    var directory = Writer()
    for entry in entries {
      let offset = UInt32(file.octets.count)
      file.put(localMark)
      describe(entry, in: &file)
      file.octets += Array(entry.name.utf8) + entry.octets
      directory.put(centralMark)
      directory.put(UInt16(20))
      describe(entry, in: &directory)
      directory.octets += [UInt8](repeating: 0, count: 10)
      directory.put(offset)
      directory.octets += Array(entry.name.utf8)
    }
    let start = UInt32(file.octets.count)
    file.octets += directory.octets
    file.put(endMark)
    file.put(UInt32(0))
    file.put(UInt16(entries.count))
    file.put(UInt16(entries.count))
    file.put(UInt32(directory.octets.count))
    file.put(start)
    file.put(UInt16(0))
    return file.octets
  }

  /// Version 2.0, names in UTF-8, stored; what local header and directory have in common.
  private static func describe(_ entry: Entry, in writer: inout Writer) {
    writer.put(UInt16(20))
    writer.put(UInt16(1 << 11))
    writer.put(UInt16(0))
    writer.put(UInt16(0))
    writer.put(day)
    writer.put(CyclicRedundancy.checksum(entry.octets))
    writer.put(UInt32(entry.octets.count))
    writer.put(UInt32(entry.octets.count))
    writer.put(UInt16(entry.name.utf8.count))
    writer.put(UInt16(0))
  }

  /// Nil when the file is not in this form. Of more than `mostEntries`, one more is enough.
  static func entries(of octets: [UInt8]) -> [Entry]? {
    var entries: [Entry] = []
    var place = 0
    func number(_ offset: Int, _ count: Int) -> Int {
      (0..<count).reduce(0) { $0 | Int(octets[place + offset + $1]) << (8 * $1) }
    }
    while place + localCount <= octets.count, number(0, 4) == Int(localMark) {
      if entries.count > mostEntries { return entries }
      let (count, nameCount) = (number(18, 4), number(26, 2))
      let start = place + localCount + nameCount
      guard start + count <= octets.count,
        let name = String(validating: octets[(place + localCount)..<start], as: UTF8.self)
      else { return nil }
      entries.append(Entry(name: name, octets: Array(octets[start..<(start + count)])))
      place = start + count
    }
    return self.octets(of: entries) == octets ? entries : nil
  }

  /// Numbers with the low octet first.
  private struct Writer {
    var octets: [UInt8] = []

    mutating func put(_ number: some FixedWidthInteger) {
      withUnsafeBytes(of: number.littleEndian) { octets += $0 }
    }
  }
}

/// CRC-32 as zip files have it.
private enum CyclicRedundancy {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
    }
  }

  static func checksum(_ octets: [UInt8]) -> UInt32 {
    ~octets.reduce(~0) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ ($0 >> 8) }
  }
}
