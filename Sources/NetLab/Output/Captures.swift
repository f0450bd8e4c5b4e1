// `capture server.eth0 "baseline.pcapng"`: the frames of an interface, as they cross the wire.
//
// Frames it sends, and those addressed to it or to a group, with the moment their first octet was
// on the wire. What the ring has no descriptor for is in the capture all the same: it crossed the
// wire. Each frame has a comment: how its host's pool stood when the frame had crossed.

import NetScript
import NetSim
import NetStack
import Wire

extension Bench {
  func addCapture(_ site: StatementSite, _ operands: Arguments) throws(RuntimeError) {
    guard let raw = operands[0].asNode, NodeID(rawValue: raw).space == .tree,
      tree[NodeID(rawValue: raw)].role == .builtin(.nic)
        || tree[NodeID(rawValue: raw)].role == .forward
    else {
      throw RuntimeError(
        FaultCode.wrongType, "`capture` takes an interface, not \(vm.text(operands[0]))",
        at: site.span, help: "`capture server.eth0 \"server.pcapng\"`")
    }
    let name = site.label ?? path(of: NodeID(rawValue: raw))
    let file = try newFile(
      name, suffix: ".pcapng", at: site.span, help: "another name behind the interface")
    guard output.sink != nil else { return noteOnce("capture: would write \(file) (--out DIR)") }
    output.captures.append(
      Capture(
        file: file, writer: PcapngWriter(application: RunResult.engine), interface: 0, port: -1,
        link: -1, node: operands[0]))
    if watch.hasBegun { openCaptures() }
  }

  /// Finds the ports, once the simulation is built.
  func openCaptures() {
    for index in output.captures.indices where output.captures[index].port < 0 {
      guard let raw = output.captures[index].node.asNode else { continue }
      let id = NodeID(rawValue: raw)
      let node = tree[id]
      for port in simulation.ports.indices
      where simulation.ports[port].host == node.host
        && isPort(Int32(port), ofInterface: node.object, node.host)
      {
        let link = simulation.ports[port].link
        output.captures[index].port = Int32(port)
        output.captures[index].link = link
        context.observedLinks |= Context.bit(link)
      }
      output.captures[index].interface = output.captures[index].writer.addInterface(
        name: path(of: id))
    }
  }

  /// Ports of a host come in the order of its interfaces.
  private func isPort(_ port: Int32, ofInterface number: Int32, _ host: Int32) -> Bool {
    var before: Int32 = 0
    for index in 0..<Int(port) where simulation.ports[index].host == host { before += 1 }
    return before == number
  }

  /// Frames that have crossed observed links since the last call go to their files.
  func takeFrames() {
    guard !context.frames.isEmpty else { return }
    lookout.frames = context.frames
    for frame in context.frames.frames {
      for index in output.captures.indices where output.captures[index].link == frame.link {
        take(frame, into: index)
      }
    }
    context.frames.removeAll()
  }

  private func take(_ frame: ObservedFrame, into index: Int) {
    let port = output.captures[index].port
    guard port >= 0, !output.captures[index].isFull else { return }
    context.frames.octets.withUnsafeBytes { bytes in
      let octets = UnsafeRawBufferPointer(rebasing: bytes[frame.octets])
      if frame.port != port {
        guard let destination = EthernetHeader(reading: octets)?.destination,
          destination.isGroup || destination == simulation.ports[Int(port)].mac
        else { return }
      }
      let comment = poolComment(port: port)
      // A packet block has 32 octets around the frame, 8 around a comment, and up to 3 behind each
      // to fill a word.
      let size = output.captures[index].written + output.captures[index].writer.octets.count
      let block = octets.count + 35 + (comment.isEmpty ? 0 : comment.utf8.count + 11)
      guard size + block <= plan.limits.captureOctets else { return close(index) }
      output.captures[index].writer.add(
        octets, nanoseconds: UInt64(frame.at.nanoseconds),
        interface: output.captures[index].interface, comment: comment)
    }
    if output.captures[index].writer.octets.count >= 1 << 16 { flush(index) }
  }

  /// `clusters 12/64 free, 2 wait`; with mbufs when they run short.
  private func poolComment(port: Int32) -> String {
    let stack = simulation.processors[Int(simulation.ports[Int(port)].host)].stack
    if stack < 0 { return "" }
    let clusters = simulation.hosts[Int(stack)].pool(.clusters)
    let mbufs = simulation.hosts[Int(stack)].pool(.mbufs)
    var text = "clusters \(clusters.free)/\(clusters.total) free"
    if clusters.waiters > 0 { text += ", \(clusters.waiters) wait" }
    if mbufs.free == 0 || mbufs.waiters > 0 {
      text += "; mbufs \(mbufs.free)/\(mbufs.total) free"
      if mbufs.waiters > 0 { text += ", \(mbufs.waiters) wait" }
    }
    return text
  }

  private func flush(_ index: Int) {
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
