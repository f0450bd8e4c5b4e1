// Which of the engine's calls a call of a packetdrill script is.

import NetScript
import NetSim
import NetStack
import Wire

extension DrillValue {
  /// Names that are joined by `|`, or one.
  var names: [String] { if case .symbols(let names) = self { names } else { [] } }
}

extension Bench {
  /// What follows for the connection under test from a call being made.
  func noteConnection(_ number: Int, _ call: DrillCall) {
    switch call.name {
    case "listen":
      programs.drills[number].connection = DrillConnection()
      programs.drills[number].connection.state = .listening
    case "connect":
      guard case .integer(let name)? = call.arguments.first else { return }
      // Asked again, connect only tells how the handshake stands.
      if programs.drills[number].connection.descriptor == name { return }
      programs.drills[number].connection = DrillConnection()
      programs.drills[number].connection.state = .connecting
      programs.drills[number].connection.descriptor = name
      programs.drills[number].connection.remotePort =
        programs.drills[number].script.options.connectPort
    case "close":
      guard case .integer(let name)? = call.arguments.first else { return }
      if programs.drills[number].connection.descriptor == name {
        programs.drills[number].connection.descriptor = nil
      }
    default: break
    }
  }

  func deed(_ number: Int, _ call: DrillCall) -> DrillDeed {
    let arguments = call.arguments
    if call.name == "socket" { return socketDeed(arguments) }
    if call.name == "poll" { return pollDeed(number, call) }
    guard DrillConstants.calls.contains(call.name) else { return .unsupported("`\(call.name)`") }
    guard case .integer(let name)? = arguments.first else {
      return .unsupported("`\(call.name)` without a descriptor")
    }
    guard let place = programs.drills[number].descriptors.firstIndex(where: { $0.script == name })
    else { return .answer(.error(.EBADF)) }
    let descriptor = programs.drills[number].descriptors[place]
    let socket = descriptor.socket
    func step(_ call: Call) -> DrillDeed { .engine(.call(call, timeout: nil)) }
    func count(_ index: Int) -> Int32 {
      Int32(clamping: DrillConstants.value(of: arguments, index) ?? 0)
    }
    let options = programs.drills[number].script.options
    switch call.name {
    case "bind": return step(.bind(socket, options.bindPort))
    case "listen": return step(.listen(socket, backlog: count(1)))
    case "accept", "accept4": return step(.accept(socket))
    case "connect":
      return step(.connect(socket, programs.drills[number].remote, options.connectPort))
    case "read", "readv", "recv", "recvfrom", "recvmsg":
      let flags = DrillConstants.messageFlags(call.flags)
      let most = Int32(clamping: DrillConstants.octets(call))
      return step(.read(socket, atMost: most, flags: flags))
    case "write", "writev", "send", "sendto", "sendmsg":
      let flags = DrillConstants.messageFlags(call.flags)
      let octets = Int32(clamping: DrillConstants.octets(call))
      return step(.write(socket, octets: octets, flags: flags))
    case "shutdown": return shutdownDeed(socket, arguments)
    case "close":
      programs.drills[number].descriptors.remove(at: place)
      return step(.close(socket))
    case "fcntl": return fcntlDeed(number, place, arguments)
    case "ioctl": return ioctlDeed(number, place, arguments)
    case "setsockopt": return setDeed(socket, arguments)
    case "getsockopt": return getDeed(socket, arguments)
    default: return .unsupported("`\(call.name)`")
    }
  }

  private func socketDeed(_ arguments: [DrillValue]) -> DrillDeed {
    let type = arguments.dropFirst().first?.names.first ?? ""
    switch type {
    case "SOCK_STREAM": return .engine(.call(.socket(.stream), timeout: nil))
    default: return .unsupported("sockets of type `\(type)`")
    }
  }

  private func shutdownDeed(_ socket: Int32, _ arguments: [DrillValue]) -> DrillDeed {
    let side: ShutdownSide
    switch arguments.dropFirst().first?.names.first {
    case "SHUT_RD": side = .read
    case "SHUT_RDWR": side = .both
    default: side = .write
    }
    return .engine(.call(.shutdown(socket, side), timeout: nil))
  }

  private func fcntlDeed(_ number: Int, _ place: Int, _ arguments: [DrillValue]) -> DrillDeed {
    let socket = programs.drills[number].descriptors[place].socket
    switch arguments.dropFirst().first?.names.first {
    case "F_GETFL":
      let isNonblocking = programs.drills[number].descriptors[place].isNonblocking
      return .answer(.value(2 | (isNonblocking ? 4 : 0)))
    case "F_SETFL":
      let isNonblocking = arguments.dropFirst(2).first?.names.contains("O_NONBLOCK") ?? false
      programs.drills[number].descriptors[place].isNonblocking = isNonblocking
      return .engine(
        .call(.setOption(socket, .nonblocking, isNonblocking ? 1 : 0), timeout: nil))
    default: return .unsupported("this use of `fcntl`")
    }
  }

  private func ioctlDeed(_ number: Int, _ place: Int, _ arguments: [DrillValue]) -> DrillDeed {
    let socket = programs.drills[number].descriptors[place].socket
    switch arguments.dropFirst().first?.names.first {
    case "FIONREAD", "SIOCINQ":
      return .engine(.call(.getOption(socket, .readable), timeout: nil))
    case "FIONBIO":
      let value = DrillConstants.value(of: arguments, 2) ?? 1
      programs.drills[number].descriptors[place].isNonblocking = value != 0
      return .engine(.call(.setOption(socket, .nonblocking, value), timeout: nil))
    default: return .unsupported("this use of `ioctl`")
    }
  }

  private func setDeed(_ socket: Int32, _ arguments: [DrillValue]) -> DrillDeed {
    guard arguments.count > 3, let name = arguments[2].names.first else {
      return .unsupported("this use of `setsockopt`")
    }
    guard let option = DrillConstants.options.first(where: { $0.name == name }),
      let value = DrillConstants.option(name, value: arguments[3])
    else { return .unsupported("`\(name)`") }
    return .engine(.call(.setOption(socket, option.option, value), timeout: nil))
  }

  private func getDeed(_ socket: Int32, _ arguments: [DrillValue]) -> DrillDeed {
    guard arguments.count > 3, let name = arguments[2].names.first,
      let option = DrillConstants.options.first(where: { $0.name == name })
    else { return .unsupported("`\(arguments.dropFirst(2).first?.names.first ?? "getsockopt")`") }
    return .engine(.call(.getOption(socket, option.option), timeout: nil))
  }
}
