// A switched LAN: each station has a cable of its own, full duplex. The switch takes a frame in
// whole, looks at its addresses, and queues it at the output of the station that it is for.
//
// Tail drop at each output. Left out on purpose: addresses that grow old (no station moves), and
// flow control by pause frames.

import NetStack
import Wire

/// What stands between the cables.
public struct Switch: Sendable {
  /// Frames that one output holds.
  let outputQueue: Int
  let learns: Bool
  /// Where a station was heard.
  private var table: [(address: MACAddress, port: Int32)] = []
  /// Frames that found their output's queue full.
  public internal(set) var drops: Int64 = 0
  /// Frames in all queues, and the most that one has held.
  public internal(set) var queued: Int32 = 0
  public internal(set) var peak: Int32 = 0

  /// More stations than that are not remembered: their frames go everywhere.
  private static let tableLimit = 1024

  init(outputQueue: Int, learns: Bool) {
    self.outputQueue = outputQueue
    self.learns = learns
  }

  mutating func learn(_ address: MACAddress, at port: Int32) {
    guard learns, !address.isGroup else { return }
    for index in table.indices where table[index].address == address {
      table[index].port = port
      return
    }
    if table.count < Switch.tableLimit { table.append((address, port)) }
  }

  func port(of address: MACAddress) -> Int32? {
    table.first { $0.address == address }?.port
  }
}

/// A frame in a switch.
struct SwitchedFrame: Sendable {
  var slot: Int32
  var sender: Int32
}

extension Simulation {
  /// A frame has come into the switch whole.
  mutating func bridge(_ slot: Int32, from sender: Int32, _ context: inout Context) {
    let number = Int(ports[Int(sender)].link)
    guard links[number].isUp else { return lose(slot, from: sender, .down, &context) }
    guard let header = EthernetHeader(reading: frames.front(slot)) else {
      return frames.give(slot)
    }
    links[number].bridge?.learn(header.source, at: sender)
    var outputs: [Int32] = []
    if let known = knownPort(of: header.destination, on: number) {
      if known != sender { outputs.append(known) }
      if isCut(sender, known) { return lose(slot, from: sender, .partition, &context) }
    } else {
      for port in links[number].ports where port != sender && !isCut(sender, port) {
        outputs.append(port)
      }
    }
    guard let last = outputs.popLast() else { return frames.give(slot) }
    for output in outputs { enqueue(copied(slot), from: sender, at: output, &context) }
    enqueue(slot, from: sender, at: last, &context)
  }

  /// The one output that a frame is for; nil when it goes to all.
  private func knownPort(of address: MACAddress, on link: Int) -> Int32? {
    guard !address.isGroup, let bridge = links[link].bridge else { return nil }
    if bridge.learns { return bridge.port(of: address) }
    return links[link].ports.first { ports[Int($0)].mac == address }
  }

  private mutating func enqueue(
    _ slot: Int32, from sender: Int32, at output: Int32, _ context: inout Context
  ) {
    let port = ports.place(Int(output))
    let link = links.place(Int(port.pointee.link))
    // A station that is unplugged has no cable to send on.
    guard port.pointee.isUp else { return frames.give(slot) }
    guard port.pointee.output.count < link.pointee.bridge?.outputQueue ?? 0 else {
      link.pointee.bridge?.drops += 1
      return lose(slot, from: sender, .queueFull, &context)
    }
    port.pointee.output.append(SwitchedFrame(slot: slot, sender: sender))
    link.pointee.bridge?.queued += 1
    let length = Int32(port.pointee.output.count)
    link.pointee.bridge?.peak = max(link.pointee.bridge?.peak ?? 0, length)
    if !port.pointee.isOutputBusy { sendOutput(output, &context) }
  }

  /// The output's cable is free: the next of its queue goes to the station.
  mutating func sendOutput(_ output: Int32, _ context: inout Context) {
    let port = ports.place(Int(output))
    let link = links.place(Int(port.pointee.link))
    port.pointee.isOutputBusy = false
    guard !port.pointee.output.isEmpty else { return }
    let frame = port.pointee.output.removeFirst()
    link.pointee.bridge?.queued -= 1
    let octets = frames.octetCount(frame.slot) + Framing.preamble + Framing.crc
    let withGap = link.pointee.time(forOctets: octets + Framing.gap)
    port.pointee.isOutputBusy = true
    port.pointee.outputTime = port.pointee.outputTime + withGap
    queue.schedule(.outputFree, at: now + withGap, output)
    let end = now + link.pointee.time(forOctets: octets)
    queue.schedule(
      .arrival, at: arrival(at: output, after: end), output, detail: frame.slot,
      generation: UInt32(bitPattern: frame.sender))
  }

  /// A frame reaches one station, which takes what is for it.
  mutating func arrive(
    _ slot: Int32, from sender: Int32, at port: Int32, _ context: inout Context
  ) {
    guard links[Int(ports[Int(port)].link)].isUp else {
      return lose(slot, from: sender, .down, &context)
    }
    let destination = EthernetHeader(reading: frames.front(slot))?.destination ?? .zero
    if ports[Int(port)].isUp, destination.isGroup || ports[Int(port)].mac == destination {
      take(slot, at: port, &context)
    }
    frames.give(slot)
  }
}
