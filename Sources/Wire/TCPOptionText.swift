// The options of a segment as tcpdump writes them, in the order in which they stand.
//
//     mss 1460,nop,wscale 0,sackOK,TS val 12 ecr 0
//     nop,nop,sack 2 {4345:5793}{1449:2897}
//
// What cannot be read is named, never refused: `[bad opt]` is where the reader stopped.

struct TCPOptionText {
  private(set) var text = ""
  private let origin: UInt32

  /// - Parameter origin: from where the ranges of SACK are counted.
  init(_ octets: UnsafeRawBufferPointer, countingFrom origin: UInt32) {
    self.origin = origin
    guard let base = octets.baseAddress else { return }
    var offset = 0
    while offset < octets.count {
      let kind = base.octet(at: offset)
      if kind == TCPOptions.Kind.end {
        add("eol")
        return
      }
      if kind == TCPOptions.Kind.noOperation {
        add("nop")
        offset += 1
        continue
      }
      let length = offset + 1 < octets.count ? Int(base.octet(at: offset + 1)) : 0
      guard length >= 2, length <= octets.count - offset else {
        add("[bad opt]")
        return
      }
      addOption(kind, length, at: base + offset)
      offset += length
    }
  }

  private mutating func add(_ word: String) { text += text.isEmpty ? word : "," + word }

  private mutating func addOption(_ kind: UInt8, _ length: Int, at base: UnsafeRawPointer) {
    var option = TCPOptions()
    option.take(kind: kind, length: length, at: base)
    if option.isMalformed { return add("[bad opt]") }
    if let size = option.maximumSegmentSize {
      add("mss \(size)")
    } else if let shift = option.windowScale {
      add("wscale \(shift)")
    } else if let timestamps = option.timestamps {
      add("TS val \(timestamps.value) ecr \(timestamps.echo)")
    } else if option.connectionCount != 0 {
      add((option.connectionCountIsNew ? "ccnew " : "cc ") + "\(option.connectionCount)")
    } else if option.connectionCountEcho != 0 {
      add("ccecho \(option.connectionCountEcho)")
    } else if option.sackPermitted {
      add("sackOK")
    } else if option.sack.count > 0 {
      var ranges = "sack \(option.sack.count) "
      for index in 0..<option.sack.count {
        let block = option.sack[index]
        ranges += "{\(block.start.rawValue &- origin):\(block.end.rawValue &- origin)}"
      }
      add(ranges)
    } else {
      add("unknown-\(kind)")
    }
  }
}
