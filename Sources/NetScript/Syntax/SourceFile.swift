// Source text: octets, lines and the places in them that everything else points at.
//
// A span is 12 octets without references, so each node of the tree and each instruction of the
// VM can afford one. Columns count Unicode scalars, as editors do; widths of wide characters are
// left out on purpose: the excerpt then drifts, the position never does.

/// Names one file among the `SourceFiles` of a run.
public struct SourceFileID: Hashable, Sendable {
  public let rawValue: UInt16

  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }
}

/// The octets `start ..< end` of one file. An empty span is a place between two octets.
public struct SourceSpan: Hashable, Sendable {
  public let file: SourceFileID
  private let startOffset: Int32
  private let endOffset: Int32

  public var start: Int { Int(startOffset) }
  public var end: Int { Int(endOffset) }

  public init(file: SourceFileID, start: Int, end: Int) {
    precondition(start >= 0 && start <= end, "a span ends before it starts")
    precondition(end <= SourceFile.octetLimit, "a span outside of every file")
    self.file = file
    startOffset = Int32(start)
    endOffset = Int32(end)
  }

  /// Its first octets: the word that a statement begins with.
  func prefix(_ count: Int) -> SourceSpan {
    SourceSpan(file: file, start: start, end: start + count)
  }

  /// The smallest span that covers both; `other` may come first.
  public func union(_ other: SourceSpan) -> SourceSpan {
    precondition(file == other.file, "spans of two files have no union")
    return SourceSpan(file: file, start: min(start, other.start), end: max(end, other.end))
  }
}

/// One line and column, both counted from 1.
public struct SourcePosition: Hashable, Sendable {
  public let line: Int
  public let column: Int
}

/// The text of one script and where its lines begin.
public struct SourceFile: Sendable {
  /// No script is longer: spans are 32 bits, and nobody writes 16 MiB by hand.
  public static let octetLimit = 16 << 20

  public let id: SourceFileID
  public let name: String
  public let octets: [UInt8]
  /// Set when the text was longer than `octetLimit` and its end was dropped.
  public let isTruncated: Bool
  private let lineStarts: [Int]

  public init(id: SourceFileID, name: String, octets: [UInt8]) {
    self.id = id
    self.name = name
    isTruncated = octets.count > SourceFile.octetLimit
    self.octets = isTruncated ? Array(octets.prefix(SourceFile.octetLimit)) : octets
    var starts = [0]
    for (offset, octet) in self.octets.enumerated() where octet == Ascii.lineFeed {
      starts.append(offset + 1)
    }
    lineStarts = starts
  }

  public init(id: SourceFileID, name: String, text: String) {
    self.init(id: id, name: name, octets: Array(text.utf8))
  }

  /// The line, from 1, in which an octet stands; the place after the last octet has one too.
  public func line(at offset: Int) -> Int {
    precondition(offset >= 0 && offset <= octets.count, "an offset outside of the file")
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low + 1
  }

  public func position(at offset: Int) -> SourcePosition {
    let line = line(at: offset)
    return SourcePosition(line: line, column: width(from: lineStarts[line - 1], to: offset) + 1)
  }

  /// The octets of one line, without its line end.
  public func lineRange(_ line: Int) -> Range<Int> {
    precondition(line >= 1 && line <= lineStarts.count, "no such line")
    let start = lineStarts[line - 1]
    var end = line < lineStarts.count ? lineStarts[line] - 1 : octets.count
    if end > start && octets[end - 1] == Ascii.carriageReturn { end -= 1 }
    return start..<end
  }

  /// Columns between two offsets of one line: Unicode scalars, not octets.
  public func width(from start: Int, to end: Int) -> Int {
    var count = 0
    for offset in start..<max(start, end) where octets[offset] & 0xC0 != 0x80 { count += 1 }
    return count
  }

  /// The text of a range; malformed UTF-8 is shown as U+FFFD.
  public func text(_ range: Range<Int>) -> String {
    String(decoding: octets[range], as: UTF8.self)
  }

  public func text(_ span: SourceSpan) -> String {
    precondition(span.file == id, "a span of another file")
    return text(span.start..<span.end)
  }
}

/// All files of a run: the root scripts, what they import, and lines typed at the prompt.
public struct SourceFiles: Sendable {
  public private(set) var files: [SourceFile] = []

  public init() {}

  public mutating func add(name: String, octets: [UInt8]) -> SourceFileID {
    precondition(files.count < Int(UInt16.max), "too many source files in one run")
    let id = SourceFileID(rawValue: UInt16(files.count))
    files.append(SourceFile(id: id, name: name, octets: octets))
    return id
  }

  public mutating func add(name: String, text: String) -> SourceFileID {
    add(name: name, octets: Array(text.utf8))
  }

  public subscript(id: SourceFileID) -> SourceFile { files[Int(id.rawValue)] }
}

/// The octets that the lexer and the renderer know by name.
enum Ascii {
  static let tab: UInt8 = 9
  static let lineFeed: UInt8 = 10
  static let carriageReturn: UInt8 = 13
  static let space: UInt8 = 32
  static let quote: UInt8 = 34
  static let hash: UInt8 = 35
  static let dollar: UInt8 = 36
  static let percent: UInt8 = 37
  static let apostrophe: UInt8 = 39
  static let plus: UInt8 = 43
  static let minus: UInt8 = 45
  static let dot: UInt8 = 46
  static let slash: UInt8 = 47
  static let zero: UInt8 = 48
  static let less: UInt8 = 60
  static let equals: UInt8 = 61
  static let greater: UInt8 = 62
  static let underscore: UInt8 = 95
  static let backslash: UInt8 = 92
  static let openParenthesis: UInt8 = 40
  static let openBrace: UInt8 = 123
  static let closeBrace: UInt8 = 125

  static func isDigit(_ octet: UInt8) -> Bool { octet >= 48 && octet <= 57 }

  static func isLetter(_ octet: UInt8) -> Bool {
    (octet >= 65 && octet <= 90) || (octet >= 97 && octet <= 122)
  }

  /// Whether a text is a NAME.
  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, isNameStart(first) else { return false }
    return text.utf8.allSatisfy(isNamePart)
  }

  /// May begin a NAME.
  static func isNameStart(_ octet: UInt8) -> Bool { isLetter(octet) || octet == underscore }

  /// May continue a NAME.
  static func isNamePart(_ octet: UInt8) -> Bool { isNameStart(octet) || isDigit(octet) }

  static func lowercased(_ octet: UInt8) -> UInt8 {
    octet >= 65 && octet <= 90 ? octet + 32 : octet
  }

  static func hexadecimalValue(_ octet: UInt8) -> UInt8? {
    switch octet {
    case 48...57: return octet - 48
    case 65...70: return octet - 55
    case 97...102: return octet - 87
    default: return nil
    }
  }
}
