// Errors of the socket calls, as a script names them or by their numbers on a BSD.

import NetScript
import NetStack

extension DrillConstants {
  /// sys/errno.h of 4.4BSD, which FreeBSD kept.
  private static let errorNumbers: [(number: Int64, error: SocketError)] = [
    (1, .EPERM), (6, .ENXIO), (9, .EBADF), (13, .EACCES), (22, .EINVAL), (32, .EPIPE), (33, .EDOM),
    (35, .EAGAIN), (36, .EINPROGRESS), (37, .EALREADY), (39, .EDESTADDRREQ), (40, .EMSGSIZE),
    (42, .ENOPROTOOPT), (45, .EOPNOTSUPP), (48, .EADDRINUSE), (49, .EADDRNOTAVAIL),
    (53, .ECONNABORTED), (54, .ECONNRESET), (55, .ENOBUFS), (56, .EISCONN), (57, .ENOTCONN),
    (60, .ETIMEDOUT), (61, .ECONNREFUSED), (64, .EHOSTDOWN), (65, .EHOSTUNREACH),
  ]

  /// An error that the stack never reports.
  private static let foreign: Int64 = 256

  /// What SO_ERROR has to be; -1 for none.
  static func errorValue(_ written: DrillValue) -> Int64? {
    var one = written
    if case .list(let items) = written, let first = items.first { one = first }
    if let name = one.names.first {
      let error = SocketError(named: name == "EWOULDBLOCK" ? "EAGAIN" : name)
      return error.map { Int64($0.rawValue) } ?? foreign
    }
    guard let number = value(of: one) else { return nil }
    if number == 0 { return -1 }
    let error = errorNumbers.first { $0.number == number }?.error
    return error.map { Int64($0.rawValue) } ?? foreign
  }

  static func errorText(_ value: Int64) -> String {
    if value < 0 { return "0" }
    return UInt8(exactly: value).flatMap { SocketError(rawValue: $0)?.name } ?? "another error"
  }
}
