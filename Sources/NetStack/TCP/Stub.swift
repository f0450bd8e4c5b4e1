import Wire

extension Kernel {
  func tcpInput(_ packet: Int32) { mFreem(packet) }
  func tcpOutput(_ pcb: Int32) -> SocketError? { nil }
  func tcpAttach(_ socket: Int32) -> SocketError? { nil }
  func tcpListen(_ pcb: Int32) {}
  func tcpConnect(_ pcb: Int32, to: IPv4Address, port: UInt16) -> SocketError? { nil }
  func tcpSend(_ socket: Int32, _ chain: Int32) -> SocketError? { mFreem(chain); return nil }
  func tcpReceived(_ pcb: Int32) {}
  func tcpDisconnect(_ pcb: Int32) {}
  func tcpShutdown(_ pcb: Int32) {}
  func tcpAbort(_ pcb: Int32) {}
  func tcpSlowTimeout() {}
  func slowTimeoutIsDue() -> Bool { false }
  func tcpFastTimeout() {}
}
