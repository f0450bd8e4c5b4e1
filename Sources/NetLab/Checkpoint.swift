// A moment of a run, to go back to: the engine's state, the script's, and what was seen so far.
//
// The simulation is a value whose memory a copy shares until the next step. What a restored run
// does is what the first one did, to the digest and the printed line.

import NetScript
import NetSim
import NetStack

public struct BenchCheckpoint {
  fileprivate let machine: VMCheckpoint
  fileprivate let simulation: Simulation
  fileprivate let context: Context
  fileprivate let lastEvents: [Int64]
  fileprivate let tree: Tree
  fileprivate let stations: StationTable
  fileprivate let programs: ProgramTable
  fileprivate let scriptDraws: RandomStream
  fileprivate let datagramCount: UInt16
  fileprivate let progress: ProgressTable
  fileprivate let verdicts: OracleCache
  fileprivate let watch: Watch
  fileprivate let policies: ScriptPolicies.State?
  fileprivate let faults: ScriptFaults.State?
  fileprivate let connectionNodes: [UInt64: NodeID]
  fileprivate let elementNodes: [UInt64: NodeID]
  fileprivate let main: Fiber?
  fileprivate let runRequest: RunRequest?
  fileprivate let turns: Int
  fileprivate let output: Output
  fileprivate let auditAt: Instant
  fileprivate let isMidInstant: Bool

  /// When it was taken.
  public var now: Instant { simulation.now }
}

extension Bench {
  /// The run as it stands after `prepare` or a `run(until:)` that said false. Not of a run that
  /// writes files: what has gone there cannot be called back.
  public func checkpoint() -> BenchCheckpoint {
    precondition(phase == .run && ending == nil, "a checkpoint of a run that does not run")
    precondition(output.sink == nil, "a checkpoint of a run that writes files")
    return BenchCheckpoint(
      machine: vm.checkpoint(), simulation: simulation, context: context,
      lastEvents: context.lastEvents.image, tree: tree,
      stations: stations, programs: programs, scriptDraws: scriptDraws,
      datagramCount: datagramCount, progress: progress, verdicts: verdicts, watch: watch,
      policies: watch.policies?.state.pointee, faults: watch.faults?.state.pointee,
      connectionNodes: connectionNodes,
      elementNodes: elementNodes, main: main, runRequest: runRequest,
      turns: turns, output: output, auditAt: auditAt, isMidInstant: isMidInstant)
  }

  /// Goes back, also from the end of the run. The checkpoint may be used again.
  public func restore(_ checkpoint: BenchCheckpoint) {
    vm.restore(checkpoint.machine)
    simulation = checkpoint.simulation
    context = checkpoint.context
    context.lastEvents.restore(checkpoint.lastEvents)
    tree = checkpoint.tree
    stations = checkpoint.stations
    programs = checkpoint.programs
    scriptDraws = checkpoint.scriptDraws
    datagramCount = checkpoint.datagramCount
    progress = checkpoint.progress
    verdicts = checkpoint.verdicts
    let monitor = watch.monitor
    watch = checkpoint.watch
    watch.monitor = monitor
    if let policies = checkpoint.policies { watch.policies?.state.pointee = policies }
    if let faults = checkpoint.faults { watch.faults?.state.pointee = faults }
    connectionNodes = checkpoint.connectionNodes
    elementNodes = checkpoint.elementNodes
    main = checkpoint.main
    runRequest = checkpoint.runRequest
    turns = checkpoint.turns
    output = checkpoint.output
    auditAt = checkpoint.auditAt
    isMidInstant = checkpoint.isMidInstant
    isHalted = false
    hasFailed = false
    ending = nil
    phase = .run
    activity = .script
    readLog = nil
    arm()
  }
}
