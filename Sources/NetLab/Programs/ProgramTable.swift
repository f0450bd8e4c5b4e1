// The programs of a run: one record for each task that a script wrote, and the sockets they hold.

import NetScript
import NetSim
import NetStack

/// How the result of a program's call becomes a value.
enum ResultForm: UInt8 {
  case none, socket, data, datagram, line, option, select, wait, item, offer, buffer, frame,
    sending
}

struct ProgramRecord {
  /// The task's node in the tree, and its number in the simulation.
  var node: NodeID
  var task: Int32
  /// Pin of `main`.
  var main: Int
  var fiber: Fiber? = nil
  /// The capture that it plays, or -1: it has no fiber then.
  var replay = -1
  /// The packetdrill script that it plays, or makes the calls of; or -1.
  var drill = -1
  var makesDrillCalls = false
  var form = ResultForm.none
  /// The call that follows the CPU time of the task's own `cost`.
  var deferred: ProgramStep? = nil
  /// CPU time before each call, the task's `cost`.
  var cost = TimeSpan.zero
  var draws: RandomStream
  /// Before `main` begins.
  var starts = Instant.zero
  var isActive = true
  /// `stop()` was called while it could not be ended at once.
  var isStopping = false
  /// `start()` came while it was stopping.
  var startsAgain = false
  /// The option that the call in progress asks for.
  var askedOption = SocketOption.error
  /// What kind of socket the call in progress makes.
  var socketKind = SocketKind.stream
  /// The pool that the call in progress takes a buffer from.
  var allocatesFrom: Int32 = -1
  /// How many it asked for, where it said so: they come as a list.
  var allocates: Int32?
  /// Lists given to the select in progress, as pins, or -1.
  var selection = (read: -1, write: -1)
  /// The frame that it waits for.
  var reception: Reception? = nil
  /// What it waits to send.
  var transmission: Transmission? = nil
  /// It has ended, and `exit_closes` still closes its sockets.
  var isClosing = false
}

/// `recv`: where, what passes (the test's pin, or -1), up to which frame it was tried, until when.
struct Reception {
  var port: Int32
  var test: Int
  var tested: Int64
  var deadline: Instant
}

/// A socket as scripts hold it: it stays the same thing when the kernel uses the entry again.
struct SocketHandle {
  var host: Int32
  var stack: Int32
  var index: Int32
  var generation: UInt32
  var kind: SocketKind
}

struct ProgramTable {
  var records: [ProgramRecord] = []
  /// By task number: place in `records` plus one, or 0 for the engine's own tasks.
  var places: [Int32] = []
  var sockets: [SocketHandle] = []
  /// Further pools, by their numbers in the engine.
  var pools: [PoolHandle] = []
  /// What calls of `alloc` have said of themselves: `who`, and the `conn` it is for.
  var requesters: [PoolRequester] = []
  var replays: [ReplayRecord] = []
  var drills: [DrillRecord] = []
  /// The program whose fiber runs; -1 outside of tasks.
  var current = -1
  /// When a program ran last.
  var lastInstant = Instant.never
  /// Steps since time last moved (N401).
  var stepsAtInstant: Int64 = 0
}
