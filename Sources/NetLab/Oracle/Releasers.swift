// What would make a holder give its buffers back, in words: one source for `why`, `holders` and
// `leaks`.

import NetScript
import NetSim
import NetStack

extension WaitGraph {
  /// "an ACK or a close"; nil when nothing ever does.
  func releaser(of place: Place, _ holder: Int32) -> String? {
    switch place {
    case .ring: return "rx passes a frame up"
    case .sndbuf: return sendReleaser(holder)
    case .rcvbuf: return "its owner reads"
    case .reass: return state.isReassembling ? "the fragment timer" : "the gap is filled"
    case .arphold: return "ARP is answered"
    case .ifq: return "tx takes it"
    case .txring: return "something is sent"
    case .ipq, .arpq: return "ntwk takes it"
    case .hand: return "its task goes on"
    case .leaked: return nil
    }
  }

  /// Acknowledgments come while there is a connection; a drop frees once nobody has the descriptor,
  /// or where the stack is told to.
  private func sendReleaser(_ holder: Int32) -> String {
    guard holder >= 0, Int(holder) < sockets.count else { return "an ACK or a close" }
    let socket = sockets[Int(holder)]
    if socket.pcb < 0 { return "a close" }
    if socket.state.contains(.noDescriptor) { return "an ACK or a drop" }
    return state.tunables.dropFrees ? "an ACK, a drop or a close" : "an ACK or a close"
  }
}
