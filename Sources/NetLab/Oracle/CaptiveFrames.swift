// The frames that lie in a receive ring behind a task that does not move, and what they would free.

import NetSim
import NetStack
import Wire

/// What was found in one interface's ring.
struct CaptiveFrames {
  var frames = 0
  /// Segments that acknowledge something, for whatever connection.
  var acknowledgments = 0
  /// Clusters that they would release, were they processed.
  var clustersFreed: Int32 = 0
}

extension WaitGraph {
  /// Reads the filled descriptors of an interface.
  func captiveFrames(on interface: Int32) -> CaptiveFrames {
    var found = CaptiveFrames()
    // The furthest acknowledgment for each connection that still exists.
    var furthest: [(pcb: Int32, octets: Int32)] = []
    let connections = stack.connections
    stack.forEachCaptiveFrame(on: interface) { frame in
      found.frames += 1
      guard let segment = acknowledgment(in: frame) else { return }
      found.acknowledgments += 1
      for pcb in connections {
        let address = stack.pcb(pcb)
        guard address.remoteAddress == segment.source, address.remotePort == segment.port,
          address.localPort == segment.localPort
        else { continue }
        let octets = Int32(clamping: segment.number - stack.tcpcb(pcb).sndUna)
        if let index = furthest.firstIndex(where: { $0.pcb == pcb }) {
          furthest[index].octets = max(furthest[index].octets, octets)
        } else {
          furthest.append((pcb, octets))
        }
      }
    }
    for entry in furthest where entry.octets > 0 {
      found.clustersFreed += stack.clustersReleased(
        ofSend: stack.pcb(entry.pcb).socket, byAcknowledging: entry.octets)
    }
    return found
  }

  private struct Acknowledgment {
    var source: IPv4Address
    var port: UInt16
    var localPort: UInt16
    var number: SequenceNumber
  }

  private func acknowledgment(in frame: UnsafeRawBufferPointer) -> Acknowledgment? {
    guard let ethernet = EthernetHeader(reading: frame), ethernet.type == EtherType.ipv4 else {
      return nil
    }
    let packet = UnsafeRawBufferPointer(rebasing: frame[EthernetHeader.octetCount...])
    guard let ip = IPv4Header(reading: packet), ip.protocolNumber == IPProtocol.tcp,
      packet.count >= Int(ip.headerOctets),
      let tcp = TCPHeader(
        reading: UnsafeRawBufferPointer(rebasing: packet[Int(ip.headerOctets)...])),
      tcp.flags.contains(.ack), !tcp.flags.contains(.rst)
    else { return nil }
    return Acknowledgment(
      source: ip.source, port: tcp.sourcePort, localPort: tcp.destinationPort,
      number: tcp.acknowledgment)
  }
}
