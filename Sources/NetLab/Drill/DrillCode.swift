// `%{ assert tcpi_state == TCPI_ESTABLISHED }%`: comparisons of what TCP_INFO would tell.
//
// packetdrill runs Python; of it only assertions about fields and numbers are known here, joined
// by `and` and `or`. Sizes are octets, as FreeBSD has them.

import NetScript
import NetSim
import NetStack

extension Bench {
  func check(_ number: Int, code text: String, at span: SourceSpan) {
    for statement in DrillCode.statements(text) {
      guard let holds = evaluate(number, statement) else {
        programs.drills[number].outcome = .unsupported("`\(statement)`", span)
        return
      }
      if !holds {
        let fields = statement.split(separator: " ").map { String($0) }
          .compactMap { name in information(number, name).map { "`\(name)` is \($0)" } }
        let told = fields.isEmpty ? "" : ": " + fields.joined(separator: ", ")
        return failDrill(number, span, "`\(statement)` does not hold\(told)")
      }
    }
  }

  /// nil: not understood.
  private func evaluate(_ number: Int, _ statement: String) -> Bool? {
    var words = DrillCode.words(statement)
    guard words.first == "assert" else { return nil }
    words.removeFirst()
    // What follows a comma is the message.
    if let comma = words.firstIndex(of: ",") { words.removeSubrange(comma...) }
    var isAny = false
    for alternative in words.split(separator: "or", omittingEmptySubsequences: false) {
      var isAll = true
      for part in alternative.split(separator: "and", omittingEmptySubsequences: false) {
        guard let holds = compare(number, Array(part)) else { return nil }
        isAll = isAll && holds
      }
      isAny = isAny || isAll
    }
    return isAny
  }

  private func compare(_ number: Int, _ words: [String]) -> Bool? {
    guard words.count == 3, let left = value(number, words[0]), let right = value(number, words[2])
    else { return nil }
    switch words[1] {
    case "==": return left == right
    case "!=": return left != right
    case "<": return left < right
    case "<=": return left <= right
    case ">": return left > right
    case ">=": return left >= right
    default: return nil
    }
  }

  private func value(_ number: Int, _ word: String) -> Int64? {
    Int64(word) ?? DrillCode.state(word) ?? information(number, word)
  }

  /// A field of tcp_info of the connection under test; nil: it has none of that name, or there is
  /// no connection.
  private func information(_ number: Int, _ name: String) -> Int64? {
    let drill = programs.drills[number]
    let stack = simulation.hosts[Int(drill.stack)]
    let pcbs = stack.connections
    let own = pcbs.last { stack.pcb($0).remotePort == drill.connection.remotePort } ?? pcbs.last
    guard let own else { return name == "tcpi_state" ? 0 : nil }
    let tcb = stack.tcpcb(own)
    let beat = stack.state.slowBeatNanoseconds / 1000
    switch name {
    case "tcpi_state": return Int64(tcb.state.rawValue)
    case "tcpi_snd_cwnd": return Int64(tcb.cwnd)
    case "tcpi_snd_ssthresh": return Int64(tcb.ssthresh)
    case "tcpi_snd_mss": return Int64(tcb.mss)
    case "tcpi_snd_wnd": return Int64(tcb.sndWnd)
    case "tcpi_rcv_space": return Int64(tcb.rcvWnd)
    case "tcpi_rto": return Int64(tcb.rxtcur) * beat
    case "tcpi_rtt": return Int64(tcb.srtt) * beat / 32
    case "tcpi_rttvar": return Int64(tcb.rttvar) * beat / 16
    default: return nil
    }
  }
}

enum DrillCode {
  /// In the order of FreeBSD's tcp_fsm.h.
  private static let names = [
    "CLOSED", "LISTEN", "SYN_SENT", "SYN_RECEIVED", "ESTABLISHED", "CLOSE_WAIT", "FIN_WAIT_1",
    "CLOSING", "LAST_ACK", "FIN_WAIT_2", "TIME_WAIT",
  ]

  /// `TCPI_ESTABLISHED`, or `TCPS_…`.
  static func state(_ name: String) -> Int64? {
    guard name.hasPrefix("TCPI_") || name.hasPrefix("TCPS_") else { return nil }
    return names.firstIndex(of: String(name.dropFirst(5))).map { Int64($0) }
  }

  /// Statements end with their line, or with a semicolon.
  static func statements(_ text: String) -> [String] {
    text.split(whereSeparator: { $0 == "\n" || $0 == ";" || $0 == "\r\n" })
      .map { trimmed(String($0)) }.filter { !$0.isEmpty }
  }

  private static func trimmed(_ text: String) -> String {
    var octets = Array(text.utf8)[...]
    while let first = octets.first, first == 32 || first == 9 { octets.removeFirst() }
    while let last = octets.last, last == 32 || last == 9 { octets.removeLast() }
    return String(decoding: octets, as: UTF8.self)
  }

  /// Names, numbers, operators, commas.
  static func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    func isOperator(_ character: Character) -> Bool { "=!<>".contains(character) }
    for character in text {
      if character == " " || character == "\t" || character == "," || character == "("
        || character == ")"
      {
        if !word.isEmpty { words.append(word) }
        word = ""
        if character == "," { words.append(",") }
      } else if let last = word.last, isOperator(last) != isOperator(character) {
        words.append(word)
        word = String(character)
      } else {
        word.append(character)
      }
    }
    if !word.isEmpty { words.append(word) }
    return words
  }
}
