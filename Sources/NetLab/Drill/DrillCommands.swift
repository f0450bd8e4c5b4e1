// Commands of a packetdrill script: those that set the stack, and those that ask it something.
//
// No shell: sysctl, sockstat and tcpdrop are known, and of a pipe behind them grep, awk and wc.
// Anything else is named as not supported.

import NetScript
import NetSim
import NetStack
import Wire

extension Bench {
  func perform(_ number: Int, command text: String, at span: SourceSpan) {
    if let found = Bench.assignments(in: text) {
      let drill = programs.drills[number]
      guard drill.deeds.contains(drill.next) else { return }
      for assignment in found where !apply(assignment, number) {
        programs.drills[number].outcome = .unsupported(
          "`\(assignment.setting.name)` in the middle of a run", span)
      }
      return
    }
    let stages = text.split(separator: "|").map { DrillPipe.words(String($0)) }
    guard let first = stages.first?.first else { return }
    var lines: [String]
    switch first {
    case "sockstat": lines = sockstat(number, stages[0])
    case "tcpdrop":
      guard let isDone = tcpdrop(number, stages[0]) else { fallthrough }
      if !isDone { failDrill(number, span, "`tcpdrop` found no connection") }
      return
    default:
      programs.drills[number].outcome = .unsupported("the command `\(text)`", span)
      return
    }
    var isSuccess = true
    for stage in stages.dropFirst() {
      guard let result = DrillPipe.run(stage, lines) else {
        programs.drills[number].outcome = .unsupported("`\(stage.joined(separator: " "))`", span)
        return
      }
      (lines, isSuccess) = result
    }
    if !isSuccess { failDrill(number, span, "the command fails: `\(text)`") }
  }

  /// USER COMMAND PID FD PROTO LOCAL FOREIGN STATE, as FreeBSD's with `-s`. Who has no descriptor
  /// any more has no process either.
  private func sockstat(_ number: Int, _ words: [String]) -> [String] {
    let drill = programs.drills[number]
    let port = words.firstIndex(of: "-p").flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
    let stack = simulation.hosts[Int(drill.stack)]
    var lines = ["USER COMMAND PID FD PROTO LOCAL ADDRESS FOREIGN ADDRESS STATE"]
    for pcb in stack.connections {
      let inpcb = stack.pcb(pcb)
      if let port, String(inpcb.localPort) != port, String(inpcb.remotePort) != port { continue }
      let name = drill.descriptors.first { $0.socket == inpcb.socket }?.script
      let process = name.map { "root packetdril 1000 \($0)" } ?? "? ? ? ?"
      lines.append(
        "\(process) tcp4 \(inpcb.localAddress):\(inpcb.localPort) "
          + "\(inpcb.remoteAddress):\(inpcb.remotePort) "
          + DrillStates.sockstat(stack.tcpcb(pcb).state))
    }
    // A socket whose connection is gone is still listed, as closed.
    let own = String(drill.script.options.bindPort)
    for descriptor in drill.descriptors where port == nil || port == own {
      let socket = stack.socket(descriptor.socket)
      guard socket.inUse, socket.pcb < 0 else { continue }
      lines.append(
        "root packetdril 1000 \(descriptor.script) tcp4 \(drill.target):\(own) *:* CLOSED")
    }
    return lines
  }

  /// `tcpdrop -s STATE`, `tcpdrop -a`. nil: another use of it.
  private func tcpdrop(_ number: Int, _ words: [String]) -> Bool? {
    let stack = Int(programs.drills[number].stack)
    let state: String?
    switch (words.count, words.dropFirst().first) {
    case (3, "-s"): state = words[2]
    case (2, "-a"): state = nil
    default: return nil
    }
    var isDone = false
    for pcb in simulation.hosts[stack].connections {
      let name = DrillStates.sockstat(simulation.hosts[stack].tcpcb(pcb).state)
      guard name == state ?? name, name != "LISTEN" else { continue }
      simulation.drop(connection: pcb, host: programs.drills[number].station, &context)
      isDone = true
    }
    return isDone
  }
}

enum DrillStates {
  /// As FreeBSD's sockstat writes them.
  static func sockstat(_ state: TCPState) -> String {
    switch state {
    case .synReceived: "SYN_RCVD"
    default: state.name
    }
  }
}

/// The programs behind a pipe.
enum DrillPipe {
  /// Words of a command, quotes taken off.
  static func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var quote: Character?
    var isOpen = false
    for character in text {
      if let open = quote {
        if character == open { quote = nil } else { word.append(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        isOpen = true
      } else if character == " " || character == "\t" || character == "\n" {
        if isOpen || !word.isEmpty { words.append(word) }
        (word, isOpen) = ("", false)
      } else {
        word.append(character)
      }
    }
    if isOpen || !word.isEmpty { words.append(word) }
    return words
  }

  /// What it prints, and whether it says that it succeeded; nil: another program, or more of one
  /// than is known here.
  static func run(_ words: [String], _ lines: [String]) -> ([String], Bool)? {
    switch words.first {
    case "grep": return grep(Array(words.dropFirst()), lines)
    case "awk":
      guard words.count == 2, let field = printedField(words[1]) else { return nil }
      let printed = lines.map { line in
        let parts = line.split(separator: " ")
        return field == 0 ? line : field <= parts.count ? String(parts[field - 1]) : ""
      }
      return (printed, true)
    case "wc": return words == ["wc", "-l"] ? (["\(lines.count)"], true) : nil
    default: return nil
    }
  }

  private static func grep(_ words: [String], _ lines: [String]) -> ([String], Bool)? {
    var flags = ""
    var pattern: String?
    for word in words {
      if pattern == nil, word.hasPrefix("-") { flags += word.dropFirst() } else { pattern = word }
    }
    // No pattern that means more than its letters.
    guard let pattern, flags.allSatisfy({ "cvqF".contains($0) }),
      flags.contains("F") || !pattern.contains(where: { ".*[]^$\\".contains($0) })
    else { return nil }
    let isInverted = flags.contains("v")
    let found = lines.filter { holds($0, pattern) != isInverted }
    if flags.contains("c") { return (["\(found.count)"], !found.isEmpty) }
    return (flags.contains("q") ? [] : found, !found.isEmpty)
  }

  private static func holds(_ line: String, _ pattern: String) -> Bool {
    let text = Array(line.utf8)
    let wanted = Array(pattern.utf8)
    guard wanted.count <= text.count else { return false }
    return (0...(text.count - wanted.count)).contains { start in
      text[start..<start + wanted.count].elementsEqual(wanted)
    }
  }

  /// `{print $8}`.
  private static func printedField(_ program: String) -> Int? {
    let inner = program.filter { $0 != " " }
    guard inner.hasPrefix("{print$"), inner.hasSuffix("}") else { return nil }
    return Int(inner.dropFirst(7).dropLast())
  }
}
