// `capture server.eth0 "baseline.pcapng"`: the frames of an interface, as it puts them on the wire
// and as they come to it. `capture office "all.pcapng"`: those of all interfaces on a medium, each
// with a block of its own. `tcpdump(server.eth0)`: the same as lines of output.
//
// What comes to it is what is addressed to it or to a group, with the moment at which it was there
// whole; what it sends has the moment of its first octet. A frame that went no further says why.
// One that is lost later than it was put on the wire (in a switch, or as a link is cut) is recorded
// once more then, with its line in the comment and cut behind the addresses of IP: a tool that
// follows connections must not take it for a second transmission.

import NetScript
import NetSim
import NetStack
import Wire

extension Bench {
  func addCapture(_ site: StatementSite, _ operands: Arguments) throws(RuntimeError) {
    let id = try capturedNode(operands[0], at: site.span)
    let name = site.label ?? path(of: id)
    let file = try newFile(
      name, suffix: ".pcapng", at: site.span, help: "another name behind the interface")
    guard output.sink != nil else { return noteOnce("capture: would write \(file) (--out DIR)") }
    addCapture(of: operands[0], file: file)
  }

  /// `tcpdump(server.eth0)`: from now on each frame is a line of output.
  func startDump(_ arguments: Arguments) throws(RuntimeError) {
    _ = try capturedNode(arguments[0], at: arguments.span)
    addCapture(of: arguments[0], file: "")
  }

  private func addCapture(of node: Value, file: String) {
    output.captures.append(
      Capture(file: file, writer: PcapngWriter(application: RunResult.engine), node: node))
    if watch.hasBegun { openCaptures() }
  }

  private func capturedNode(_ value: Value, at span: SourceSpan) throws(RuntimeError) -> NodeID {
    if let raw = value.asNode, NodeID(rawValue: raw).space == .tree {
      switch tree[NodeID(rawValue: raw)].role {
      case .builtin(.nic), .builtin(.lan), .builtin(.link), .forward:
        return NodeID(rawValue: raw)
      default: break
      }
    }
    throw RuntimeError(
      FaultCode.wrongType, "an interface, a LAN or a link is captured, not \(vm.text(value))",
      at: span, help: "`capture server.eth0 \"server.pcapng\"`, `tcpdump(server.eth0)`")
  }

  /// Finds the ports, once the simulation is built.
  func openCaptures() {
    for index in output.captures.indices where !output.captures[index].isOpen {
      guard let raw = output.captures[index].node.asNode else { continue }
      let id = NodeID(rawValue: raw)
      for (port, nic) in ports(of: id) {
        let link = simulation.ports[Int(port)].link
        output.captures[index].link = link
        output.captures[index].ports.append(port)
        context.observedLinks |= Context.bit(link)
        let medium = stations.links[Int(link)]
        _ = output.captures[index].writer.addInterface(
          name: path(of: nic), description: "on \(path(of: medium))",
          speed: UInt64(simulation.links[Int(link)].rate))
      }
    }
  }

  /// The port of an interface, or all of a medium, with their interfaces.
  private func ports(of id: NodeID) -> [(port: Int32, nic: NodeID)] {
    var found: [(port: Int32, nic: NodeID)] = []
    for station in stations.records {
      for attachment in station.attachments
      where attachment.node == id
        || attachment.link >= 0 && stations.links[Int(attachment.link)] == id
      {
        found.append((port: attachment.port, nic: attachment.node))
      }
    }
    return found
  }

  /// Frames that were seen since the last call go to their files.
  func takeFrames() {
    guard !context.frames.isEmpty else { return }
    lookout.frames = context.frames
    for frame in context.frames.frames {
      witnessFrame(frame)
      for index in output.captures.indices where output.captures[index].link == frame.link {
        guard let place = output.captures[index].ports.firstIndex(of: frame.port) else { continue }
        if output.captures[index].file.isEmpty {
          dump(frame, into: index)
        } else if !output.captures[index].isFull {
          write(frame, UInt32(place), into: index)
        }
      }
    }
    context.frames.removeAll()
  }

  /// Octets of a frame up to where its ports would stand.
  private static let addresses = EthernetHeader.octetCount + IPv4Header.octetCount

  private func write(_ frame: ObservedFrame, _ interface: UInt32, into index: Int) {
    context.frames.octets.withUnsafeBytes { bytes in
      let whole = UnsafeRawBufferPointer(rebasing: bytes[frame.octets])
      let shown = frame.isLate ? min(whole.count, Self.addresses) : whole.count
      let octets = UnsafeRawBufferPointer(rebasing: whole[..<shown])
      var comment = comment(on: frame)
      if frame.isLate {
        let (who, what) = frameText(whole)
        comment += ": \(who) \(what)"
      }
      // A packet block has 32 octets around the frame, 8 around a comment, and up to 3 behind each
      // to fill a word.
      let size = output.captures[index].written + output.captures[index].writer.octets.count
      let block = octets.count + 35 + comment.utf8.count + 11
      guard size + block <= plan.limits.captureOctets else { return close(index) }
      output.captures[index].writer.add(
        octets, nanoseconds: UInt64(frame.at.nanoseconds), interface: interface, comment: comment,
        of: whole.count)
    }
    if output.captures[index].writer.octets.count >= 1 << 16 { flush(index) }
  }

  /// `0.012345678 IP 10.0.1.1.20 > 10.0.1.2.1024: Flags [S], …`
  private func dump(_ frame: ObservedFrame, into index: Int) {
    let line = context.frames.octets.withUnsafeBytes { bytes in
      output.captures[index].formatter.tcpdump(
        UnsafeRawBufferPointer(rebasing: bytes[frame.octets]))
    }
    let loss = frame.loss.map { " (\(text(of: $0)))" } ?? ""
    do throws(RuntimeError) {
      try tellLine("\(Self.seconds(frame.at.nanoseconds)) \(line)\(loss)")
    } catch {
      end(with: error)
    }
  }

  /// Seconds with nine digits behind the point.
  private static func seconds(_ nanoseconds: Int64) -> String {
    let rest = String(nanoseconds % 1_000_000_000)
    return "\(nanoseconds / 1_000_000_000)."
      + String(repeating: "0", count: 9 - rest.utf8.count) + rest
  }

  /// `event 1234; clusters 12/64 free, 2 wait; mbufs 440/512 free; dropped: no descriptor`.
  private func comment(on frame: ObservedFrame) -> String {
    var text = "event \(frame.event)"
    let stack = simulation.processors[Int(simulation.ports[Int(frame.port)].host)].stack
    if stack >= 0 {
      let state = simulation.hosts[Int(stack)].state
      let levels = frame.levels
      text += "; clusters \(levels.clusters)/\(state.clusterPool.total) free"
      if levels.clusterWaiters > 0 { text += ", \(levels.clusterWaiters) wait" }
      text += "; mbufs \(levels.mbufs)/\(state.mbufPool.total) free"
      if levels.mbufWaiters > 0 { text += ", \(levels.mbufWaiters) wait" }
    }
    if let loss = frame.loss { text += "; " + self.text(of: loss) }
    return text
  }

  private func text(of loss: FrameLoss) -> String {
    switch loss {
    case .overrun: "dropped: no receive descriptor"
    case .damaged: "dropped: bad CRC"
    case .tooLong: "dropped: too long"
    case .refused: "dropped: the hardware refused it"
    case .faulty: "dropped: a fault point of the interface"
    case .lost(let reason): "lost: \(LossReason(rawValue: reason)?.name ?? "?")"
    }
  }

  private func flush(_ index: Int) {
    if output.captures[index].file.isEmpty { return }
    let octets = output.captures[index].writer.take()
    output.captures[index].written += octets.count
    output.sink?.append(octets, to: output.captures[index].file)
  }

  private func close(_ index: Int) {
    output.captures[index].isFull = true
    noteOnce(
      "\(output.captures[index].file): stopped at \(amount(plan.limits.captureOctets))"
        + " (--limit capture=…)")
  }

  /// The run is over: what is still in memory goes to the files.
  func finishOutput() {
    takeFrames()
    guard output.sink != nil else { return }
    for index in output.captures.indices { flush(index) }
    writeRecords()
    writePlots()
  }
}
