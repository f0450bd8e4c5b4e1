// What tcpstat counts of segments and octets that go as they should; faults are in `Statistics`.
//
// 4.4BSD: netinet/tcp_var.h, counted where tcp_output.c, tcp_input.c and tcp_subr.c do: what is
// sent is counted before there is a buffer for it, so a failure is among it.

import Wire

/// The part of tcpstat that counts traffic.
public struct TCPTraffic: Sendable {
  /// tcps_sndpack, tcps_sndbyte: new data.
  public internal(set) var sent: Int64 = 0
  public internal(set) var sentOctets: Int64 = 0
  /// tcps_sndrexmitpack, tcps_sndrexmitbyte: data again; not a SYN or a FIN.
  public internal(set) var resent: Int64 = 0
  public internal(set) var resentOctets: Int64 = 0
  /// tcps_sndacks, tcps_sndctrl, tcps_sndurg, tcps_sndwinup: without data, by the reason.
  public internal(set) var sentAcks: Int64 = 0
  public internal(set) var sentControl: Int64 = 0
  public internal(set) var sentUrgent: Int64 = 0
  public internal(set) var sentUpdates: Int64 = 0
  /// tcps_sndprobe: one octet into a shut window.
  public internal(set) var sentProbes: Int64 = 0
  /// tcps_rcvackpack, but for those that were predicted; tcps_rcvackbyte.
  public internal(set) var slowAcks: Int64 = 0
  public internal(set) var ackedOctets: Int64 = 0
  /// tcps_rcvpack, but for those that were predicted; tcps_rcvbyte.
  public internal(set) var slowInOrder: Int64 = 0
  public internal(set) var inOrderOctets: Int64 = 0
  public internal(set) var duplicateOctets: Int64 = 0
  /// tcps_rcvpartduppack, tcps_rcvpartdupbyte.
  public internal(set) var partDuplicates: Int64 = 0
  public internal(set) var partDuplicateOctets: Int64 = 0
  public internal(set) var outOfOrderOctets: Int64 = 0
  public internal(set) var afterWindowOctets: Int64 = 0
  /// tcps_rcvwinupd: an ACK that only opens the window.
  public internal(set) var windowUpdates: Int64 = 0
  public internal(set) var attempts: Int64 = 0
  public internal(set) var closed: Int64 = 0
  /// tcps_segstimed, tcps_rttupdated.
  public internal(set) var timed: Int64 = 0
  public internal(set) var roundTrips: Int64 = 0
  public internal(set) var keepTimeouts: Int64 = 0
  /// tcps_cachedrtt (and tcps_cachedrttvar, which is always the same), tcps_cachedssthresh.
  public internal(set) var cachedRoundTrips: Int64 = 0
  public internal(set) var cachedThresholds: Int64 = 0
  /// tcps_ecn_shs, tcps_ecn_ce, tcps_ecn_rcwnd: agreed upon, marks that came, windows halved.
  public internal(set) var markHandshakes: Int64 = 0
  public internal(set) var marksReceived: Int64 = 0
  public internal(set) var markReductions: Int64 = 0
}

extension Kernel {
  /// The label send, before MGETHDR.
  @inline(__always)
  func countSegment(_ pcb: Int32, _ plan: TCPPlan) {
    let tcb = tcpcbs + Int(pcb)
    if plan.length == 0 {
      if tcb.pointee.flags.contains(.ackNow) {
        state.pointee.statistics.tcp.sentAcks &+= 1
      } else {
        countEmpty(pcb, plan.flags)
      }
    } else if tcb.pointee.force && plan.length == 1 {
      state.pointee.statistics.tcp.sentProbes &+= 1
    } else if tcb.pointee.sndNxt < tcb.pointee.sndMax {
      state.pointee.statistics.tcp.resent &+= 1
      state.pointee.statistics.tcp.resentOctets &+= Int64(plan.length)
    } else {
      state.pointee.statistics.tcp.sent &+= 1
      state.pointee.statistics.tcp.sentOctets &+= Int64(plan.length)
    }
  }

  @inline(never)
  private func countEmpty(_ pcb: Int32, _ flags: TCPFlags) {
    if !flags.isDisjoint(with: [.syn, .fin, .rst]) {
      state.pointee.statistics.tcp.sentControl &+= 1
    } else if tcpcbs[Int(pcb)].sndUp > tcpcbs[Int(pcb)].sndUna {
      state.pointee.statistics.tcp.sentUrgent &+= 1
    } else {
      state.pointee.statistics.tcp.sentUpdates &+= 1
    }
  }
}
