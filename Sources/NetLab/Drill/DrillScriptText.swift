// A whole packetdrill script in its own notation: option lines, then events, a line each.

import NetScript
import NetStack
import Wire

extension DrillScript {
  /// - Parameter comments: lines in front of everything, without their slashes.
  public func text(comments: [String] = []) -> String {
    var lines = comments.map { $0.isEmpty ? "//" : "// " + $0 }
    lines += options.lines
    lines.append("")
    for event in events { lines.append(event.text) }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension DrillOptions {
  /// Those that are not as packetdrill has them without a word.
  var lines: [String] {
    let standard = DrillOptions()
    var lines = ["--ip_version=ipv4"]
    if tolerance != standard.tolerance {
      lines.append("--tolerance_usecs=\(tolerance.nanoseconds / 1000)")
    }
    if mtu != standard.mtu { lines.append("--mtu=\(mtu)") }
    if localAddress != standard.localAddress { lines.append("--local_ip=\(localAddress)") }
    if prefixLength != standard.prefixLength {
      lines.append("--netmask_ip=\(IPv4Address.mask(prefixLength: Int(prefixLength)))")
    }
    if remoteAddress != standard.remoteAddress { lines.append("--remote_ip=\(remoteAddress)") }
    return lines
  }
}

extension DrillEvent {
  public var text: String {
    let what: String
    switch action {
    case .packet(let packet): what = packet.text
    case .call(let call): what = call.text
    case .command(let command): what = "`\(command)`"
    case .code(let code): what = "%{\(code)}%"
    case .unsupported(let name): what = name
    }
    let when = time.text
    return when.isEmpty ? what : when + " " + what
  }
}
