// A frame in a few words, hosts by name: `server.20 > client.1024 Flags [P.], seq 1:301, ack 1, …`.

import NetScript
import NetSim
import NetStack
import Wire

extension Bench {
  /// From whom to whom, and what it is.
  func frameText(_ octets: UnsafeRawBufferPointer) -> (who: String, what: String) {
    guard let frame = FrameFields(reading: octets) else {
      return ("a frame", "\(octets.count)B, neither ARP nor IPv4")
    }
    let (source, target) = (hostText(frame.source), hostText(frame.target))
    switch frame.proto {
    case .tcp:
      return ("\(source).\(frame.sport) > \(target).\(frame.port)", segmentText(frame))
    case .udp:
      return ("\(source).\(frame.sport) > \(target).\(frame.port)", "UDP \(frame.length)B")
    case .icmp:
      let name = frame.port == 8 ? "echo request" : frame.port == 0 ? "echo reply" : "\(frame.port)"
      return ("\(source) > \(target)", "ICMP \(name) \(frame.sequence) \(frame.length)B")
    case .arp:
      let isReply = frame.port == ARPOperation.reply
      return ("\(source) > \(target)", isReply ? "ARP is-at" : "ARP who-has")
    case .ip:
      let part = frame.fragmentOffset > 0 ? " from \(frame.fragmentOffset)B" : ""
      return ("\(source) > \(target)", "IP \(frame.port) \(frame.length)B" + part)
    }
  }

  private func segmentText(_ frame: FrameFields) -> String {
    let (iss, irs) = firstNumbers(frame)
    return FrameFormatter.segment(
      frame.flags, sequence: frame.sequence &- iss, length: frame.length,
      acknowledgment: frame.acknowledgment &- irs, window: Int(frame.window))
  }

  /// What both sides began to count at, where one of them still knows; else 0.
  private func firstNumbers(_ frame: FrameFields) -> (iss: UInt32, irs: UInt32) {
    for station in stations.records where station.stack >= 0 {
      let stack = simulation.hosts[Int(station.stack)]
      for pcb in stack.connections {
        let record = stack.pcb(pcb)
        let block = stack.tcpcb(pcb)
        if record.localAddress == frame.source && record.localPort == frame.sport
          && record.remoteAddress == frame.target && record.remotePort == frame.port
        {
          return (block.iss.rawValue, block.irs.rawValue)
        }
        if record.localAddress == frame.target && record.localPort == frame.port
          && record.remoteAddress == frame.source && record.remotePort == frame.sport
        {
          return (block.irs.rawValue, block.iss.rawValue)
        }
      }
    }
    return (0, 0)
  }

  /// A host by its name, an address that nobody has as it is.
  func hostText(_ address: IPv4Address) -> String {
    if address == .broadcast { return "all" }
    for station in stations.records {
      for attachment in station.attachments where attachment.address == address {
        return path(of: station.node)
      }
    }
    return address.description
  }
}
