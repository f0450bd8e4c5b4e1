// Programs of the tests: one that sends a stream, one that reads it.

import NetSim
import NetStack
import Wire

final class Sender {
  var sent: Int64 = 0
  var errors: [SocketError] = []
  private var socket: Int32 = -1
  private var phase = 0
  private let to: IPv4Address
  private let write: Int32
  private let total: Int64
  private let cost: TimeSpan

  private let port: UInt16

  init(
    to: IPv4Address, port: UInt16 = 20, write: Int32, total: Int64, cost: TimeSpan = .zero
  ) {
    self.to = to
    self.port = port
    self.write = write
    self.total = total
    self.cost = cost
  }

  func next(_ result: CallResult) -> ProgramStep {
    switch phase {
    case 0:
      phase = 1
      return .call(.socket(.stream), timeout: nil)
    case 1:
      if case .socket(let index) = result { socket = index }
      phase = 2
      return .call(.connect(socket, to, port), timeout: nil)
    case 2:
      if case .error(let error) = result { return fail(error) }
      if case .octets(let count) = result { sent += Int64(count) }
      if sent >= total {
        phase = 4
        return .call(.close(socket), timeout: nil)
      }
      if cost > .zero {
        phase = 3
        return .compute(cost)
      }
      return .call(.write(socket, octets: write), timeout: nil)
    case 3:
      phase = 2
      return .call(.write(socket, octets: write), timeout: nil)
    case 4: return .end
    case 5:
      phase = 0
      return .sleep(.seconds(2))
    default: return .end
    }
  }

  private func fail(_ error: SocketError) -> ProgramStep {
    errors.append(error)
    phase = 5
    return .call(.close(socket), timeout: nil)
  }
}

final class Reader {
  var received: Int64 = 0
  var finished = 0
  private var door: Int32 = -1
  private var socket: Int32 = -1
  private var phase = 0
  private let port: UInt16

  init(port: UInt16 = 20) { self.port = port }

  func next(_ result: CallResult) -> ProgramStep {
    switch phase {
    case 0:
      phase = 1
      return .call(.socket(.stream), timeout: nil)
    case 1:
      if case .socket(let index) = result { door = index }
      phase = 2
      return .call(.bind(door, port), timeout: nil)
    case 2:
      phase = 3
      return .call(.listen(door, backlog: 5), timeout: nil)
    case 3:
      phase = 4
      return .call(.accept(door), timeout: nil)
    case 4:
      if case .socket(let index) = result { socket = index }
      phase = 5
      return .call(.read(socket, atMost: 8192), timeout: nil)
    default:
      if case .octets(let count) = result, count > 0 {
        received += Int64(count)
        return .call(.read(socket, atMost: 8192), timeout: nil)
      }
      finished += 1
      phase = 3
      return .call(.close(socket), timeout: nil)
    }
  }
}
