// A packetdrill script that is being run: where it stands, and what it has learnt of the stack.
//
// Plain data in the table of programs, so that a checkpoint of the bench is one of the script.

import NetScript
import NetSim
import NetStack
import Wire

/// How much of what the stack sends is compared. Each level leaves out more.
public enum DrillStrictness: UInt8, CaseIterable, Comparable, Sendable {
  case strict
  /// Options of SYN and SYN-ACK are not compared.
  case synOptions
  /// No options are.
  case options
  /// Nor are windows.
  case window

  public static func < (left: DrillStrictness, right: DrillStrictness) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// What became of a script.
public enum DrillOutcome: Sendable {
  case running
  case passed
  case failed(DrillFailure)
  /// What nobody here can do, and where the script asks for it.
  case unsupported(String, SourceSpan)

  public var isOver: Bool { if case .running = self { false } else { true } }
  public var isPassed: Bool { if case .passed = self { true } else { false } }
}

/// Why a script failed.
public struct DrillFailure: Sendable {
  /// What is wrong, in a few words: "the packet has another window".
  public var title: String
  public var span: SourceSpan
  /// What the script says, and what came, both in the script's numbers.
  public var expected: DrillPacket?
  public var actual: DrillPacket?
  /// In what they differ.
  public var field: DrillPacketField?
  /// Since the script's begin.
  public var at: TimeSpan
}

/// A part of a packet, as a script writes it.
public enum DrillPacketField: String, Sendable {
  case flags, sequence, length, acknowledgment, window, urgent, options, ip, payload, time
}

/// A packet that crossed, in the script's numbers.
public struct DrillLogEntry: Sendable {
  /// Since the script's begin.
  public var at: TimeSpan
  public var packet: DrillPacket
}

struct DrillRecord {
  enum Stage {
    case fresh
    /// Until its time comes.
    case waiting(Instant)
    /// It was done; what follows from it at once is under way.
    case settling
    /// A packet is to come: not before, not after.
    case expecting(from: Instant, to: Instant, limit: Instant)
    /// The call before it has not returned.
    case awaiting
  }

  let script: DrillScript
  let file: SourceFile
  var strictness = DrillStrictness.strict
  /// Packets that no line matches fail the script at its end.
  var refusesRest = false
  var node: NodeID
  /// Node and number of the host under test, and its stack.
  var host = NodeID.none
  var station: Int32 = -1
  var stack: Int32 = -1
  /// Where the script's own packets enter and leave, and from which to which address.
  var port: Int32 = -1
  var mac = MACAddress.broadcast
  var targetMAC = MACAddress.broadcast
  var target = IPv4Address.any
  var remote = IPv4Address.any
  /// The tasks that play the script, and that make its calls.
  var player: Int32 = -1
  var caller: Int32 = -1

  /// The event that is next, or under way.
  var next = 0
  var stage = Stage.fresh
  var began = Instant.never
  /// When the event before, if it was a packet of the script's own, was due.
  var inboundDue = Instant.never
  /// When the script says that the last event was: the measure of relative tolerance.
  var scripted = TimeSpan.zero
  var outcome = DrillOutcome.running
  var connection = DrillConnection()
  var nextPort: UInt16 = 40_001
  /// ip_id of what it sends next.
  var identification: UInt16 = 1
  /// What has come of a packet that the script has in one piece.
  var pieces: DrillSegment?
  /// Octets of each piece but the last, which may have fewer.
  var pieceOctets: Int32 = 0
  var call = DrillPendingCall()
  var descriptors: [DrillDescriptor] = []
  /// The last packets, oldest first.
  var log: [DrillLogEntry] = []

  static let logLimit = 8

  /// Events that are not commands: the first and the last. What is set before them all is part of
  /// what the host is built with, and what is set behind them shows nowhere.
  let deeds: ClosedRange<Int>

  init(_ script: DrillScript, _ file: SourceFile, node: NodeID) {
    self.script = script
    self.file = file
    self.node = node
    func isDeed(_ event: DrillEvent) -> Bool {
      if case .command = event.action { false } else { true }
    }
    let events = script.events
    let first = events.firstIndex(where: isDeed) ?? events.count
    deeds = first...(events.lastIndex(where: isDeed) ?? events.count)
  }

  mutating func note(_ packet: DrillPacket, at instant: Instant) {
    if log.count == DrillRecord.logLimit { log.removeFirst() }
    log.append(DrillLogEntry(at: instant - began, packet: packet))
  }
}

/// A descriptor as the script calls it.
struct DrillDescriptor {
  var script: Int64
  var socket: Int32
  var isNonblocking = false
  /// Octets written so far: what the next ones look like follows from it.
  var written: Int64 = 0
}

/// The call under way, or the last one.
struct DrillPendingCall {
  /// What some calls are in the engine is two: the result is the first one's.
  enum State { case none, posted, submitted, following, returned }

  var state = State.none
  /// Its place among the events.
  var event = 0
  /// What the task does next for it.
  var step: ProgramStep?
  /// Of a call that blocks: when it has to return.
  var returnsAt = Instant.never
  var began = Instant.never
  var isBlocking = false
  /// Somebody waits for it to return.
  var isAwaited = false
}
